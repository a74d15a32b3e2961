//! Alerts as they come, are told and end: what is wrong is compared with what is on record, and whoever is to be told is told
//! in the same operation. Looking at them, acknowledging them, and keeping them silent.

use std::{collections::BTreeMap, time::Duration};

use uuid::Uuid;

use super::{Conflict, Cursor, Page, Permit, ServiceError, Services, messages::Letter};
use crate::{
    domain::{
        Acknowledgement, Actor, AlertId, AlertNotice, AlertRecord, AlertRule, CircuitState, Condition,
        Delivery, Email, Facts, Kind, MessageContent, OutboundService, Phone, Recipient, SYSTEM_TENANT,
        Silence, SilenceId, Timestamp, Verb,
    },
    resilience::Circuit,
    store::{Live, Transaction},
    telemetry::context::{CorrelationId, RequestContext},
};

/// Most queues that are looked at for what is overdue.
const QUEUES_MAX: usize = 1_000;

/// Most alerts that are forgotten at once.
const FORGOTTEN_MAX: usize = 100;

/// Who is told of alerts, and how often.
#[derive(Clone, Debug, Default)]
pub struct AlertTelling {
    /// These addresses, by mail.
    pub mail: Vec<Email>,
    /// These numbers, by text message.
    pub sms: Vec<Phone>,
    /// After which time whoever was told is told again, as long as nobody has acknowledged it.
    pub again_after: Duration,
}

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

    /// Messages of an alert, still to be written: by whatever is set up and does not itself fail. If only that is set up, by
    /// that: late is better than never.
    ///
    /// # Errors
    /// When there is no randomness to seal them with.
    pub fn alert_deliveries(
        &self,
        context: &RequestContext,
        alert: &AlertRecord,
        telling: &AlertTelling,
    ) -> Result<Vec<Delivery>, ServiceError> {
        let is_set_up = |service| self.ensure_set_up(service).is_ok();
        let mail = !telling.mail.is_empty() && is_set_up(OutboundService::Email);
        let sms = !telling.sms.is_empty() && is_set_up(OutboundService::Sms);
        let fails = |service| alert.service == Some(service);
        let by_mail = mail && !(fails(OutboundService::Email) && sms);
        let by_sms = sms && !(fails(OutboundService::Sms) && mail);
        let content = MessageContent::Alert(self.notice(alert));
        let by = Actor::System { os_user: None };
        let letter = |address: String| {
            let to = Recipient { name: String::new(), address };
            Letter { to, content: content.clone(), language: None, bulk: false }
        };
        let correlated = match CorrelationId::parse(&alert.correlation_id) {
            Ok(id) => context.clone().correlated_with(id),
            Err(_) => context.clone(),
        };
        let mut deliveries = Vec::new();
        for address in telling.mail.iter().filter(|_| by_mail) {
            deliveries.push(self.mail(&correlated, by.clone(), letter(address.to_string()))?);
        }
        for number in telling.sms.iter().filter(|_| by_sms) {
            deliveries.push(self.text(&correlated, by.clone(), letter(number.to_string()), None)?);
        }
        Ok(deliveries)
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

    /// Since when the longest that is due and could be sent has been so, by service. What waits for a circuit is left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn overdue_deliveries(
        &self,
        now: Timestamp,
    ) -> Result<BTreeMap<OutboundService, Timestamp>, ServiceError> {
        let resting = self.breakers().views().into_iter().filter(|view| view.state != CircuitState::Closed);
        let resting: Vec<Circuit> = resting.map(|view| view.circuit).collect();
        let waits = |delivery: &Delivery| {
            let service = delivery.service();
            let of_host = matches!(service, OutboundService::Webhook | OutboundService::ExternalApi);
            let mut of_service = resting.iter().filter(|circuit| circuit.service == service);
            of_service.any(|circuit| !of_host || *circuit.key == *delivery.queue)
        };
        self.store
            .read(|view| {
                let mut overdue: BTreeMap<OutboundService, Timestamp> = BTreeMap::new();
                for queue in view.due_queues(None, now, QUEUES_MAX, 1)? {
                    let Some(first) = queue.due.first() else { continue };
                    let delivery = view.delivery(first.tenant, first.id)?;
                    let Some(delivery) = delivery.filter(|delivery| !waits(delivery)) else { continue };
                    let oldest = overdue.entry(delivery.service()).or_insert(delivery.due_at);
                    *oldest = (*oldest).min(delivery.due_at);
                }
                Ok(overdue)
            })
            .await
    }

    /// An alert in words.
    fn notice(&self, alert: &AlertRecord) -> AlertNotice {
        let base = self.outside().public_url.as_ref().map(|url| url.trim_end_matches('/').to_owned());
        let title = alert.rule.title();
        AlertNotice {
            severity: alert.rule.severity(),
            title: if alert.resolved_at.is_some() { format!("Over: {title}") } else { title.to_owned() },
            what: alert.what.clone(),
            since: alert.since,
            place: base.clone().unwrap_or_else(|| "event-manager".to_owned()),
            what_to_do: Some(alert.rule.remedy().to_owned()).filter(|_| alert.resolved_at.is_none()),
            url: base.map(|base| format!("{base}/#/alerts")),
            correlation_id: Some(alert.correlation_id.clone()),
        }
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

    /// The silences that are not over.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn silences(&self, permit: &Permit) -> Result<Vec<Silence>, ServiceError> {
        let now = permit.context().clock().now();
        let silences = self.store.read(|view| view.silences()).await?;
        Ok(silences.into_iter().filter(|silence| now < silence.until).collect())
    }

    /// Keeps alerts of a rule or a part, or all, from being told until a time.
    ///
    /// # Errors
    /// The time is over.
    pub async fn silence_alerts(
        &self,
        permit: &Permit,
        (rule, subject): (Option<AlertRule>, Option<String>),
        until: Timestamp,
        reason: String,
    ) -> Result<Silence, ServiceError> {
        let clock = permit.context().clock();
        let (id, at, by) = (SilenceId::new(clock.new_uuid()), clock.now(), permit.principal().actor.clone());
        if until <= at {
            return Err(ServiceError::fault("invalid", "/until", "must be in the future"));
        }
        let silence = Silence { id, rule, subject, until, reason, by, at };
        self.write(permit, move |transaction| {
            transaction.put_silence(&silence, at)?;
            let facts = Facts::Reason(silence.reason.clone());
            transaction.record(SYSTEM_TENANT, Verb::Silenced, (Kind::Alert, id.uuid()), facts, None)?;
            Ok(silence.clone())
        })
        .await
    }

    /// Ends a silence.
    ///
    /// # Errors
    /// There is none.
    pub async fn end_silence(&self, permit: &Permit, id: SilenceId) -> Result<(), ServiceError> {
        self.write(permit, move |transaction| {
            if !transaction.end_silence(id)? {
                return Err(ServiceError::NotFound(Kind::Alert));
            }
            transaction.record(
                SYSTEM_TENANT,
                Verb::Unsilenced,
                (Kind::Alert, id.uuid()),
                Facts::None,
                None,
            )?;
            Ok(())
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
