//! Alerts as they come, are told and end: what is wrong is compared with what is on record, and whoever is to be told is told
//! in the same operation. Looking at them, acknowledging them, and keeping them silent.

use std::time::Duration;

use uuid::Uuid;

use super::{Conflict, Cursor, Page, Permit, ServiceError, Services, alert_telling::AlertTelling};
use crate::{
    domain::{
        Acknowledgement, Actor, AlertId, AlertRecord, AlertRule, Condition, Facts, Kind, SYSTEM_TENANT,
        Timestamp, Verb,
    },
    store::{Live, Transaction},
    telemetry::context::RequestContext,
};

/// Most alerts that are forgotten at once.
const FORGOTTEN_MAX: usize = 100;

/// What a look has changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AlertChanges {
    /// Alerts that are new, or told again.
    pub told: Vec<AlertRecord>,
    /// Alerts that are over.
    pub resolved: Vec<AlertRecord>,
}

/// Which alerts are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlertFilter {
    /// Those that are not over, or those that are.
    pub firing: Option<bool>,
    /// Those of a rule.
    pub rule: Option<AlertRule>,
}

impl Services {
    /// Compares what is wrong with what is on record, writes what has changed, and has it told.
    ///
    /// # Errors
    /// When it cannot be written: nobody has been told then.
    pub async fn note_alerts(
        &self,
        context: &RequestContext,
        conditions: &[Condition],
        telling: &AlertTelling,
    ) -> Result<AlertChanges, ServiceError> {
        let read = |view: &Live<'_>| Ok::<_, ServiceError>((view.firing_alerts()?, view.silences()?));
        let (firing, silences) = self.store.read(read).await?;
        let now = context.clock().now();
        let is_silent = |rule: AlertRule, subject: &str| {
            silences.iter().any(|silence| silence.covers(rule, subject, now))
        };
        let mut changes = AlertChanges::default();
        let mut written = Vec::new();
        for condition in conditions {
            let silent = is_silent(condition.rule, &condition.subject);
            let told_at = Some(now).filter(|_| !silent);
            match firing.iter().find(|alert| alert.is_of(condition)) {
                None if condition.held => {
                    let alert = new_alert(context, condition, told_at);
                    changes.told.extend(Some(alert.clone()).filter(|_| !silent));
                    written.push((alert, Some(Verb::Fired)));
                }
                Some(alert) if !silent && is_due(alert, now, telling.again_after) => {
                    let alert = AlertRecord { told_at, what: condition.what.clone(), ..alert.clone() };
                    changes.told.push(alert.clone());
                    written.push((alert, None));
                }
                _ => {}
            }
        }
        for alert in firing.iter().filter(|alert| !conditions.iter().any(|condition| alert.is_of(condition)))
        {
            let alert = AlertRecord { resolved_at: Some(now), ..alert.clone() };
            changes.resolved.extend(Some(alert.clone()).filter(|alert| alert.told_at.is_some()));
            written.push((alert, Some(Verb::Resolved)));
        }
        if written.is_empty() {
            return Ok(changes);
        }
        let mut deliveries = Vec::new();
        for alert in changes.told.iter().chain(&changes.resolved) {
            deliveries.extend(self.alert_deliveries(context, alert, telling)?);
        }
        let told = changes.clone();
        self.write_as(context, Actor::System { os_user: None }, move |transaction| {
            for (alert, verb) in &written {
                write(transaction, alert.clone(), *verb)?;
            }
            for delivery in &deliveries {
                transaction.add_delivery(SYSTEM_TENANT, delivery)?;
            }
            Ok(told.clone())
        })
        .await?;
        self.delivery_queued.notify_one();
        Ok(changes)
    }

    /// Forgets some of the alerts that have been over for long. Returns how many.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn forget_old_alerts(
        &self,
        context: &RequestContext,
        kept: Duration,
    ) -> Result<usize, ServiceError> {
        let before = context.clock().now().minus(kept);
        let forget =
            move |transaction: &mut Transaction<'_>| Ok(transaction.forget_alerts(before, FORGOTTEN_MAX)?);
        self.write_as(context, Actor::System { os_user: None }, forget).await
    }

    /// An alert that is not on record.
    pub fn unwritten_alert(&self, context: &RequestContext, condition: &Condition) -> AlertRecord {
        new_alert(context, condition, None)
    }

    /// A page of alerts, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn alerts(
        &self,
        _permit: &Permit,
        filter: AlertFilter,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<AlertRecord>, ServiceError> {
        let wanted = |alert: &AlertRecord| {
            filter.firing.is_none_or(|firing| firing == alert.resolved_at.is_none())
                && filter.rule.is_none_or(|rule| rule == alert.rule)
        };
        Ok(self.store.read(|view| view.alerts(after, limit, wanted)).await?)
    }

    /// Says that somebody looks after an alert, which is told no more.
    ///
    /// # Errors
    /// There is no such alert, or it is over.
    pub async fn acknowledge_alert(
        &self,
        permit: &Permit,
        id: AlertId,
        note: Option<String>,
    ) -> Result<AlertRecord, ServiceError> {
        let by = permit.principal().actor.clone();
        self.write(permit, move |transaction| {
            let alert = transaction.live().alert(id)?.ok_or(ServiceError::NotFound(Kind::Alert))?;
            if alert.resolved_at.is_some() {
                return Err(Conflict::AlertOver.into());
            }
            let at = transaction.stamp().at;
            let acknowledged = Some(Acknowledgement { by: by.clone(), at, note: note.clone() });
            write(transaction, AlertRecord { acknowledged, ..alert }, Some(Verb::Acknowledged))
        })
        .await
    }
}

/// Whether whoever was told is to be told again: nobody has said that they look after it.
fn is_due(alert: &AlertRecord, now: Timestamp, again_after: Duration) -> bool {
    alert.acknowledged.is_none() && alert.told_at.is_none_or(|told| told.plus(again_after) <= now)
}

fn new_alert(context: &RequestContext, condition: &Condition, told_at: Option<Timestamp>) -> AlertRecord {
    let Condition { rule, subject, service, what, since, .. } = condition.clone();
    AlertRecord {
        id: AlertId::new(context.clock().new_uuid()),
        rule,
        subject,
        service,
        what,
        since,
        fired_at: context.clock().now(),
        told_at,
        acknowledged: None,
        resolved_at: None,
        correlation_id: context.correlation_id().to_string(),
        version: 0,
    }
}

/// Writes an alert, with a record of what has become of it.
fn write(
    transaction: &mut Transaction<'_>,
    mut alert: AlertRecord,
    verb: Option<Verb>,
) -> Result<AlertRecord, ServiceError> {
    if let Some(verb) = verb {
        let facts = Facts::Alert {
            rule: alert.rule,
            subject: alert.subject.clone(),
            what: alert.what.clone(),
            since: alert.since,
        };
        let what: (Kind, Uuid) = (Kind::Alert, alert.id.uuid());
        alert.version = transaction.record(SYSTEM_TENANT, verb, what, facts, None)?;
    }
    transaction.put_alert(&alert)?;
    Ok(alert)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use super::{
        AlertFilter, AlertRecord, AlertRule, AlertTelling, Condition, Conflict, SYSTEM_TENANT, ServiceError,
        Services, Timestamp,
    };
    use crate::{
        domain::{Action, DeliveryState, OutboundService},
        service::{
            OutsideSetUp, Permit,
            tests::{Venue, run},
        },
        store::DeliverySpan,
    };

    const HOUR: Duration = Duration::from_secs(3_600);

    /// A box that sends mail and text messages.
    async fn venue() -> (Venue, AlertTelling) {
        let mut venue = Venue::new();
        venue.set_up().await;
        let targets: BTreeMap<OutboundService, Vec<String>> =
            [OutboundService::Email, OutboundService::Sms].map(|service| (service, Vec::new())).into();
        venue.services = venue.services.with_outside(OutsideSetUp { targets, ..OutsideSetUp::default() });
        let telling = AlertTelling {
            mail: vec!["ops@example.org".parse().unwrap()],
            sms: vec!["+4915112345678".parse().unwrap()],
            every: Duration::from_secs(15),
            again_after: 4 * HOUR,
        };
        (venue, telling)
    }

    fn condition(venue: &Venue, service: Option<OutboundService>, held: bool) -> Condition {
        let (rule, since) = (AlertRule::CircuitBreakerOpen, venue.clock.clock().now());
        let subject = "email/relay".to_owned();
        Condition { rule, subject, service, what: "relay fails".to_owned(), since, held }
    }

    /// How many are told of it, in words: `told resolved`.
    async fn noted(venue: &Venue, telling: &AlertTelling, conditions: &[Condition]) -> (usize, usize) {
        let changes = venue.services.note_alerts(&venue.context(), conditions, telling).await.unwrap();
        (changes.told.len(), changes.resolved.len())
    }

    /// The services that messages to operators wait to leave by, newest first.
    async fn sent(services: &Services) -> Vec<OutboundService> {
        let span = DeliverySpan { after: None, since: None, until: None, limit: 99, looked_max: 99 };
        let page = services.store.read(|view| view.deliveries(SYSTEM_TENANT, span, |_| true)).await.unwrap();
        assert!(page.items.iter().all(|delivery| delivery.state == DeliveryState::Waiting));
        page.items.iter().map(|delivery| delivery.what.service()).collect()
    }

    async fn operator(venue: &Venue, action: Action) -> Permit {
        let principal = venue.services.principal_of_operator(None, Some("system")).await.unwrap();
        venue.services.permit(venue.context(), principal, action).unwrap()
    }

    async fn all(venue: &Venue) -> Vec<AlertRecord> {
        let permit = operator(venue, Action::ReadAlerts).await;
        venue.services.alerts(&permit, AlertFilter::default(), None, 9).await.unwrap().items
    }

    #[test]
    fn an_alert_is_told_once_by_ways_that_do_not_fail_and_so_is_its_end() {
        run(async {
            let (venue, telling) = venue().await;
            let email = Some(OutboundService::Email);
            assert_eq!(noted(&venue, &telling, &[condition(&venue, email, false)]).await, (0, 0));
            assert!(all(&venue).await.is_empty(), "it has not lasted long enough");
            assert_eq!(noted(&venue, &telling, &[condition(&venue, email, true)]).await, (1, 0));
            assert_eq!(sent(&venue.services).await, [OutboundService::Sms]);
            venue.clock.advance(HOUR);
            // After a restart it has not lasted long enough again, and is the same all the same.
            assert_eq!(noted(&venue, &telling, &[condition(&venue, email, false)]).await, (0, 0));
            assert_eq!(noted(&venue, &telling, &[]).await, (0, 1));
            assert_eq!(sent(&venue.services).await.len(), 2);
            assert_eq!(noted(&venue, &telling, &[]).await, (0, 0));
            let alerts = all(&venue).await;
            assert_eq!(alerts.len(), 1);
            assert_eq!(alerts[0].resolved_at, Some(venue.clock.clock().now()));
        });
    }

    #[test]
    fn where_only_what_fails_is_set_up_it_is_told_by_that() {
        run(async {
            let (venue, telling) = venue().await;
            let mail_only = AlertTelling { sms: Vec::new(), ..telling };
            noted(&venue, &mail_only, &[condition(&venue, Some(OutboundService::Email), true)]).await;
            assert_eq!(sent(&venue.services).await, [OutboundService::Email]);
        });
    }

    #[test]
    fn it_is_told_again_every_few_hours_until_somebody_acknowledges_it() {
        run(async {
            let (venue, telling) = venue().await;
            let wrong = [condition(&venue, None, true)];
            assert_eq!(noted(&venue, &telling, &wrong).await, (1, 0));
            assert_eq!(sent(&venue.services).await.len(), 2, "by mail and by text message");
            venue.clock.advance(4 * HOUR);
            assert_eq!(noted(&venue, &telling, &wrong).await, (1, 0));
            let permit = operator(&venue, Action::ManageAlerts).await;
            let id = all(&venue).await[0].id;
            let note = Some("on it".to_owned());
            let mine = venue.services.acknowledge_alert(&permit, id, note.clone()).await.unwrap();
            assert_eq!(mine.acknowledged.unwrap().note, note);
            venue.clock.advance(5 * HOUR);
            assert_eq!(noted(&venue, &telling, &wrong).await, (0, 0));
            assert_eq!(noted(&venue, &telling, &[]).await, (0, 1));
            let late = venue.services.acknowledge_alert(&permit, id, None).await;
            assert!(matches!(late, Err(ServiceError::Conflict(Conflict::AlertOver))));
        });
    }

    #[test]
    fn what_is_kept_silent_is_noted_and_told_once_the_silence_is_over() {
        run(async {
            let (venue, telling) = venue().await;
            let permit = operator(&venue, Action::ManageAlerts).await;
            let of = (Some(AlertRule::CircuitBreakerOpen), Some("email/relay".to_owned()));
            let until = |hours: u32| -> Timestamp { venue.clock.clock().now().plus(hours * HOUR) };
            let past =
                venue.services.silence_alerts(&permit, of.clone(), until(0), "x".to_owned(), None).await;
            assert!(matches!(past, Err(ServiceError::Invalid { .. })));
            venue
                .services
                .silence_alerts(&permit, of, until(1), "maintenance".to_owned(), None)
                .await
                .unwrap();
            let wrong = [condition(&venue, None, true)];
            assert_eq!(noted(&venue, &telling, &wrong).await, (0, 0));
            assert_eq!((all(&venue).await.len(), sent(&venue.services).await.len()), (1, 0));
            venue.clock.advance(HOUR);
            assert!(venue.services.silences(&permit).await.unwrap().is_empty());
            assert_eq!(noted(&venue, &telling, &wrong).await, (1, 0));
        });
    }
}
