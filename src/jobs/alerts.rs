//! Looks again and again at what is wrong with the box and has it told. What cannot be queued, because nothing can be written,
//! is sent at once.

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use tracing::Instrument;

use super::outbox::Carrier;
use crate::{
    domain::{AlertRecord, BreakerMode, CircuitState, Condition, OutboundService, Outcome, SYSTEM_TENANT},
    service::{AlertTelling, ServiceError, Services},
    telemetry::{
        alerts::{AlertJudge, CircuitReading, Measured, Readings},
        clock::Clock,
        context::RequestContext,
        metrics::MetricsHandle,
    },
};

/// After which time what was sent at once is sent again, as long as nothing can be written.
const AGAIN: Duration = Duration::from_secs(15 * 60);

/// Watches the box.
pub struct AlertWatch {
    services: Data<Services>,
    clock: Clock,
    carrier: Arc<Carrier>,
    telling: AlertTelling,
    metrics: MetricsHandle,
    judge: AlertJudge,
    /// When somebody was last told at once, by the monotonic clock.
    told_at_once: Option<Duration>,
}

impl AlertWatch {
    /// A watch that tells by these ways.
    pub fn new(
        services: Data<Services>,
        clock: Clock,
        carrier: Arc<Carrier>,
        telling: AlertTelling,
        metrics: MetricsHandle,
    ) -> Self {
        Self { services, clock, carrier, telling, metrics, judge: AlertJudge::default(), told_at_once: None }
    }

    /// Looks for ever.
    pub async fn run(mut self) {
        loop {
            tokio::time::sleep(self.telling.every).await;
            let context = RequestContext::system(self.clock.clone(), "alerts");
            let span = context.span("alerts");
            self.look(&context).instrument(span).await;
        }
    }

    async fn look(&mut self, context: &RequestContext) {
        let readings = match self.readings().await {
            Ok(readings) => readings,
            Err(error) => return tracing::error!(%error, "it cannot be told whether something is wrong"),
        };
        let conditions = self.judge.judge(self.clock.now(), self.clock.monotonic(), &readings);
        match self.services.note_alerts(context, &conditions, &self.telling).await {
            Ok(changes) => {
                self.told_at_once = None;
                for AlertRecord { rule, subject, what, .. } in &changes.told {
                    let rule = rule.word();
                    tracing::warn!(rule, subject, what, "alert");
                }
                for AlertRecord { rule, subject, .. } in &changes.resolved {
                    tracing::info!(rule = rule.word(), subject, "alert is over");
                }
            }
            Err(error) => self.tell_at_once(context, &conditions, &error).await,
        }
    }

    async fn readings(&self) -> Result<Readings, ServiceError> {
        let modes = self.services.outbound_services();
        let mode_of =
            |service| modes.iter().find(|status| status.service == service).map(|status| status.mode);
        let views = self.services.breakers().views();
        let mut circuits = Vec::new();
        // Nothing of an event depends on a collector: OtlpExportFailing tells of one that fails.
        for view in views.into_iter().filter(|view| view.circuit.service != OutboundService::Otlp) {
            let watched_only = match mode_of(view.circuit.service) {
                Some(BreakerMode::Enforce) => false,
                Some(BreakerMode::Monitor) => true,
                // Somebody has decided that it is not to be called, or not to be watched.
                Some(BreakerMode::ForcedOpen | BreakerMode::Disabled) | None => continue,
            };
            let idle = view.state == CircuitState::HalfOpen
                && self.carrier.question(&view.circuit).is_none()
                && !self.services.is_waited_for(&view.circuit).await?;
            circuits.push(CircuitReading {
                service: view.circuit.service,
                key: view.circuit.key.to_string(),
                state: view.state,
                idle,
                watched_only,
                opened: view.totals.opened,
                last_error: view.errors.first().map(|error| error.what.to_owned()),
            });
        }
        let health = self.services.backup_health(&self.clock);
        let backups = health.is_bad().then(|| {
            let newest = health.newest_at.map_or_else(|| "none".to_owned(), |at| at.to_string());
            let why = health.reason.map(|why| format!(" The last one failed: {why}.")).unwrap_or_default();
            format!("The newest sound backup: {newest}.{why}")
        });
        let dead_letters = self.services.dead_letters().await?;
        Ok(Readings {
            overdue: self.services.overdue_deliveries(self.clock.now()).await?,
            circuits,
            dead_letters: u64::try_from(dead_letters.values().sum::<usize>()).unwrap_or(u64::MAX),
            read_only: self.services.store().trouble().map(|trouble| trouble.to_string()),
            backups,
            measured: Measured::of(&self.metrics.reading()),
        })
    }

    /// Sends what cannot be queued. Nothing of it is on record, so it is sent again from time to time.
    async fn tell_at_once(
        &mut self,
        context: &RequestContext,
        conditions: &[Condition],
        error: &ServiceError,
    ) {
        let now = self.clock.monotonic();
        let held: Vec<&Condition> = conditions.iter().filter(|condition| condition.held).collect();
        if held.is_empty() || self.told_at_once.is_some_and(|told| now.saturating_sub(told) < AGAIN) {
            return tracing::warn!(%error, "alerts cannot be written down");
        }
        self.told_at_once = Some(now);
        for condition in held {
            tracing::error!(
                rule = condition.rule.word(),
                what = condition.what,
                "alert, which cannot be written down"
            );
            let alert = self.services.unwritten_alert(context, condition);
            let deliveries = match self.services.alert_deliveries(context, &alert, &self.telling) {
                Ok(deliveries) => deliveries,
                Err(error) => {
                    tracing::error!(%error, "nobody could be told of it");
                    continue;
                }
            };
            for delivery in deliveries {
                let context = context.child();
                let Ok(passage) = self.carrier.admit(&delivery, &context) else { continue };
                let carrying =
                    self.carrier.carry(&self.services, &context, SYSTEM_TENANT, &delivery, passage);
                let end = carrying.instrument(context.span("delivery")).await;
                if end.outcome != Outcome::Arrived {
                    tracing::error!(class = end.class, reason = end.detail, "somebody was not told of it");
                }
            }
        }
    }
}
