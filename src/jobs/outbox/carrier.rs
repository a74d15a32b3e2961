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
    domain::{AttemptEnd, Delivery, OutboundService, Outcome, Outgoing, TenantId},
    integrations::{Blame, CallIds, Failure, HttpClient, Next, redis::RedisPeer, virus_scan::Scanner},
    resilience::{Breakers, Permit, Verdict},
    service::Services,
    telemetry::context::RequestContext,
};
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
}

/// Which of several ways a delivery goes, the usual one first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Route(pub usize);

impl Carrier {
    /// Whether a delivery may be attempted now.
    ///
    /// # Errors
    /// It may not: its circuit lets nothing pass, or there is no scanner that a file could wait for. With the time after
    /// which it is worth asking again, if that is known.
    pub fn admit(&self, delivery: &Delivery, context: &RequestContext) -> Result<Passage, Option<Duration>> {
        let by = |service: OutboundService, key: &str| {
            let permit = self.breakers.of(service, key).admit(context.correlation_id());
            Ok(Passage { permit: Some(permit.map_err(|rejected| rejected.retry_after)?), route: Route(0) })
        };
        let nowhere = Passage { permit: None, route: Route(0) };
        match &delivery.what {
            Outgoing::Mail(_) => self.mail.as_ref().map_or(Ok(nowhere), |mail| {
                mail.admit(&self.breakers, context).map_err(|rejected| rejected.retry_after)
            }),
            Outgoing::Sms(_) => self.sms.as_ref().map_or(Ok(nowhere), |sms| {
                sms.admit(&self.breakers, context).map_err(|rejected| rejected.retry_after)
            }),
            Outgoing::Upload { .. } | Outgoing::StorageProbe => {
                self.storage.as_ref().map_or(Ok(nowhere), |storage| {
                    storage.admit(&self.breakers, context).map_err(|rejected| rejected.retry_after)
                })
            }
            Outgoing::Scan { .. } => match &self.scanner {
                Some(scanner) => by(delivery.service(), &scanner.key()),
                None => Err(None),
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
        }
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
            Outgoing::ScanProbe => match self.scanner.clone() {
                Some(scanner) => {
                    carry_probe(context, passage.permit, scanner.key(), move |ids| scanner.probe(ids)).await
                }
                None => refused("not_set_up", "no scanner is set up on this server"),
            },
            Outgoing::RedisProbe => match self.redis.clone() {
                Some(redis) => {
                    let key = redis.key();
                    let ask = move |_: &CallIds| redis.check().map(|version| format!("Redis {version}"));
                    carry_probe(context, passage.permit, key, ask).await
                }
                None => refused("not_set_up", "no Redis is set up on this server"),
            },
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

/// What a failure is for the circuit breaker.
pub const fn verdict(failure: &Failure) -> Verdict {
    match failure.blame {
        Blame::Service => Verdict::Fail,
        Blame::Call => Verdict::Ignored,
    }
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
