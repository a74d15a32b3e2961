//! The carrier: knows by which port each kind of delivery leaves, asks the circuit breaker there, and carries it.

use std::{sync::Arc, time::Duration};

use super::{
    http_calls::{carry_action, carry_webhook},
    mail::MailPort,
    probes::carry_probe,
    scan::carry_scan,
    sms::SmsPort,
    uploads::StoragePort,
};
use crate::{
    domain::{AttemptEnd, BlobAct, Delivery, OutboundService, Outcome, Outgoing, TenantId},
    integrations::{CallIds, Failure, HttpClient, Next, redis::RedisPeer, virus_scan::Scanner},
    resilience::{Breakers, Permit},
    service::Services,
    telemetry::context::RequestContext,
    text::TemplateFault,
};

/// The longest that a queue rests whose circuit lets nothing pass: somebody may close it.
const REST_MAX: Duration = Duration::from_secs(2);
/// The shortest, so that nobody turns round and round.
const REST_MIN: Duration = Duration::from_millis(20);
/// What is not set up is not before the next start: looking for it would be for nothing.
const REST_WHERE_NOTHING_CHANGES: Duration = Duration::from_secs(60 * 60);

/// The ports by which deliveries leave.
pub struct Carrier {
    /// Webhooks and actions.
    pub http: HttpClient,
    /// Mail, if it is set up.
    pub mail: Option<MailPort>,
    /// Object storage, if it is set up.
    pub storage: Option<StoragePort>,
    /// Text messages, if they are set up.
    pub sms: Option<SmsPort>,
    /// The scanner for viruses, if one is set up.
    pub scanner: Option<Arc<dyn Scanner>>,
    /// The Redis that is told what happens, if that is set up.
    pub redis: Option<Arc<RedisPeer>>,
    /// The circuit breakers of all ports.
    pub breakers: Arc<Breakers>,
}

/// The permission to make an attempt.
pub struct Passage {
    /// Of the circuit breaker; it goes where the call goes. None where nothing is set up that could be called.
    pub permit: Option<Permit>,
    /// The way that lets it pass.
    pub route: Route,
    /// The permissions of all ways behind that one, where all are to be gone.
    pub further: Vec<Permit>,
}

impl Passage {
    /// By the usual way.
    pub fn by(permit: Permit) -> Self {
        Self { permit: Some(permit), ..Self::nowhere() }
    }

    /// Where nothing is set up.
    pub const fn nowhere() -> Self {
        Self { permit: None, route: Route(0), further: Vec::new() }
    }
}

/// Which of several ways a delivery goes, the usual one first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Route(pub usize);

/// Why a delivery has to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// Its circuit lets nothing pass.
    Circuit {
        /// After which time it is worth asking again, if that is known.
        retry_after: Option<Duration>,
    },
    /// There is no scanner that the file could go to.
    NotSetUp,
}

impl Wait {
    /// How long its queue is left alone.
    pub fn rest(self) -> Duration {
        match self {
            Self::Circuit { retry_after } => retry_after.unwrap_or(REST_MAX).clamp(REST_MIN, REST_MAX),
            Self::NotSetUp => REST_WHERE_NOTHING_CHANGES,
        }
    }
}

impl Carrier {
    /// Whether a delivery may be attempted now.
    ///
    /// # Errors
    /// Why it has to wait.
    pub fn admit(&self, delivery: &Delivery, context: &RequestContext) -> Result<Passage, Wait> {
        let by = |service: OutboundService, key: &str| {
            Ok(Passage::by(self.breakers.of(service, key).admit(context.correlation_id())?))
        };
        let nowhere = Passage::nowhere();
        let admitted = match &delivery.what {
            Outgoing::Mail(_) => {
                self.mail.as_ref().map_or(Ok(nowhere), |mail| mail.relays.admit(&self.breakers, context))
            }
            Outgoing::Sms(_) => {
                self.sms.as_ref().map_or(Ok(nowhere), |sms| sms.admit(&self.breakers, context))
            }
            Outgoing::Blob { act: BlobAct::Delete, .. } => self
                .storage
                .as_ref()
                .map_or(Ok(nowhere), |storage| storage.targets.admit_everywhere(&self.breakers, context)),
            Outgoing::Upload { .. } | Outgoing::Blob { .. } | Outgoing::StorageProbe => self
                .storage
                .as_ref()
                .map_or(Ok(nowhere), |storage| storage.targets.admit(&self.breakers, context)),
            Outgoing::Scan { .. } => match &self.scanner {
                Some(scanner) => by(delivery.service(), &scanner.key()),
                None => return Err(Wait::NotSetUp),
            },
            Outgoing::ScanProbe => match &self.scanner {
                Some(scanner) => by(delivery.service(), &scanner.key()),
                None => Ok(nowhere),
            },
            Outgoing::RedisProbe => match &self.redis {
                Some(redis) => by(delivery.service(), &redis.key()),
                None => Ok(nowhere),
            },
            Outgoing::Webhook { .. } | Outgoing::Action { .. } => by(delivery.service(), &delivery.queue),
        };
        admitted.map_err(|rejected| Wait::Circuit { retry_after: rejected.retry_after })
    }

    /// Makes an attempt.
    pub async fn carry(
        &self,
        services: &Services,
        context: &RequestContext,
        tenant: TenantId,
        delivery: &Delivery,
        passage: Passage,
    ) -> AttemptEnd {
        match &delivery.what {
            Outgoing::Webhook { webhook, body, .. } => {
                carry_webhook(&self.http, services, context, (tenant, delivery), (*webhook, body), passage)
                    .await
            }
            Outgoing::Action { action, body, .. } => {
                carry_action(&self.http, services, context, (tenant, delivery), (*action, body), passage)
                    .await
            }
            Outgoing::Mail(message) => match &self.mail {
                Some(mail) => {
                    mail.carry(services, context, (tenant, delivery), message, (passage, &self.breakers))
                        .await
                }
                None => refused("not_set_up", "mail is not set up on this server"),
            },
            Outgoing::Upload { backup } => match &self.storage {
                Some(storage) => {
                    storage.carry_backup(services, context, backup, (passage, &self.breakers)).await
                }
                None => refused("not_set_up", "storage is not set up on this server"),
            },
            Outgoing::Blob { act, tenant, blob } => match &self.storage {
                Some(storage) => {
                    let passage = (passage, &*self.breakers);
                    storage.carry_content(services, context, *act, (*tenant, *blob), passage).await
                }
                None => refused("not_set_up", "storage is not set up on this server"),
            },
            Outgoing::StorageProbe => match &self.storage {
                Some(storage) => storage.carry_probe(context, (passage, &self.breakers)).await,
                None => refused("not_set_up", "storage is not set up on this server"),
            },
            Outgoing::Sms(message) => match &self.sms {
                Some(sms) => sms.carry(services, context, (tenant, delivery), message, passage).await,
                None => refused("not_set_up", "text messages are not set up on this server"),
            },
            Outgoing::Scan { file } => match &self.scanner {
                Some(scanner) => {
                    carry_scan(scanner, services, context, (tenant, delivery), *file, passage).await
                }
                None => refused("not_set_up", "no scanner is set up on this server"),
            },
            Outgoing::ScanProbe | Outgoing::RedisProbe => {
                let circuit = passage.permit.as_ref().map(Permit::circuit);
                match circuit.and_then(|circuit| Some((circuit.key.to_string(), self.question(circuit)?))) {
                    Some((key, question)) => carry_probe(context, passage.permit, key, question).await,
                    None => refused("not_set_up", "this is not set up on this server"),
                }
            }
        }
    }
}

/// The ids of an attempt, as they are sent along.
pub fn ids_of(context: &RequestContext) -> CallIds {
    CallIds {
        request_id: context.request_id().to_string(),
        correlation_id: context.correlation_id().to_string(),
        traceparent: context.trace().to_string(),
    }
}

/// An attempt that arrived.
pub fn arrived(status: Option<u16>, detail: String, via: Option<String>) -> AttemptEnd {
    AttemptEnd { took_ms: 0, outcome: Outcome::Arrived, class: "ok".to_owned(), status, detail, via }
}

/// An attempt that failed.
pub fn failed(failure: &Failure, via: Option<String>) -> AttemptEnd {
    let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let outcome = match failure.next {
        Next::Retry => Outcome::Failed { after_ms: None },
        Next::RetryAfter(span) => Outcome::Failed { after_ms: Some(millis(span)) },
        Next::Pause(span) => Outcome::Paused { for_ms: millis(span) },
        Next::GiveUp => Outcome::Refused,
        Next::Unknown => Outcome::Unknown,
    };
    AttemptEnd {
        took_ms: 0,
        outcome,
        class: failure.class.to_owned(),
        status: failure.status,
        detail: failure.detail.clone(),
        via,
    }
}

/// An attempt of which nothing was sent, because there is nobody to send it to.
pub fn refused(class: &str, detail: &str) -> AttemptEnd {
    AttemptEnd {
        took_ms: 0,
        outcome: Outcome::Refused,
        class: class.to_owned(),
        status: None,
        detail: detail.to_owned(),
        via: None,
    }
}

/// How an attempt ended, with a word on wording that did not do.
pub fn with_fault(end: AttemptEnd, fault: Option<&TemplateFault>) -> AttemptEnd {
    let Some(fault) = fault else { return end };
    let instead = "the organisation's own wording did not do, so the built-in text took its place";
    AttemptEnd { detail: format!("{}; {instead}: {fault}", end.detail), ..end }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{REST_MAX, REST_MIN, Wait};

    #[test]
    fn an_open_circuit_is_asked_again_soon_and_what_is_not_set_up_is_not_looked_for() {
        let rest = |retry_after| Wait::Circuit { retry_after }.rest();
        let second = Duration::from_secs(1);
        assert_eq!(rest(Some(second)), second);
        assert_eq!(
            [rest(None), rest(Some(60 * second)), rest(Some(Duration::ZERO))],
            [REST_MAX, REST_MAX, REST_MIN]
        );
        assert!(Wait::NotSetUp.rest() >= 600 * second);
    }
}
