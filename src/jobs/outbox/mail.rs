//! Mail: what a message is made of is worded, and goes to the first relay whose circuit lets it pass. What that one cannot
//! take now, the next one takes at once, but never what may have arrived.

use std::sync::Arc;

use super::{
    carrier::{Passage, Route, failed, ids_of, refused, verdict},
    wording::{Worded, with_fault, worded},
};
use crate::{
    domain::{AttemptEnd, Delivery, OutboundService, Outcome, OutgoingMessage, SuppressedWhy, TenantId},
    integrations::{
        Blame, CallIds, Failure, Next,
        email::{Mail, Person, Relay},
    },
    resilience::{Breakers, Permit, Rejected, Verdict},
    service::Services,
    telemetry::{context::RequestContext, metrics, spawn},
    text::{Rendered, TemplateFault},
};

/// The relays by which mail leaves, and what it says of where it comes from.
pub struct MailPort {
    /// In the order in which they are tried; at least one.
    pub relays: Vec<Arc<Relay>>,
    /// The address that mail comes from.
    pub from: String,
    /// The name that it comes from, where the tenant has none to show.
    pub from_name: String,
    /// The time zone in which times are told.
    pub zone: String,
}

impl MailPort {
    /// The first relay whose circuit lets a mail pass.
    pub fn admit(&self, breakers: &Breakers, context: &RequestContext) -> Result<Passage, Rejected> {
        self.admit_from(0, breakers, context)
    }

    fn admit_from(
        &self,
        first: usize,
        breakers: &Breakers,
        context: &RequestContext,
    ) -> Result<Passage, Rejected> {
        let mut rejected = None;
        for (index, relay) in self.relays.iter().enumerate().skip(first) {
            match breakers.of(OutboundService::Email, &relay.key()).admit(context.correlation_id()) {
                Ok(permit) => {
                    if index > first || first > 0 {
                        ::metrics::counter!(
                            metrics::BREAKER_FALLBACKS, "service" => "email", "outcome" => "second_relay"
                        )
                        .increment(1);
                    }
                    return Ok(Passage { permit: Some(permit), route: Route(index) });
                }
                Err(error) => rejected = rejected.or(Some(error)),
            }
        }
        match rejected {
            Some(rejected) => Err(rejected),
            None => Ok(Passage { permit: None, route: Route(0) }),
        }
    }

    /// Makes an attempt.
    pub async fn carry(
        &self,
        services: &Services,
        context: &RequestContext,
        (tenant, delivery): (TenantId, &Delivery),
        message: &OutgoingMessage,
        (passage, breakers): (Passage, &Breakers),
    ) -> AttemptEnd {
        let (mail, fault) = match self.written(services, (tenant, delivery), message).await {
            Ok((mail, fault)) => (Arc::new(mail), fault),
            Err(end) => return end,
        };
        let end = self.carried(&mail, context, (passage, breakers)).await;
        with_fault(end, fault.as_ref())
    }

    /// Hands a mail to the relay that lets it pass, and to the next one if that one cannot take it now.
    async fn carried(
        &self,
        mail: &Arc<Mail>,
        context: &RequestContext,
        (passage, breakers): (Passage, &Breakers),
    ) -> AttemptEnd {
        let (Passage { permit: Some(permit), route: Route(first) }, Some(relay)) =
            (passage, self.relays.first())
        else {
            return refused("not_set_up", "mail is not set up on this server");
        };
        let relay = self.relays.get(first).unwrap_or(relay);
        let end = hand_over(relay, mail, context, permit).await;
        let Err(failure) = &end else { return told(end, relay) };
        let may_go_elsewhere =
            failure.blame == Blame::Service && matches!(failure.next, Next::Retry | Next::RetryAfter(_));
        if !may_go_elsewhere || first + 1 >= self.relays.len() {
            return told(end, relay);
        }
        match self.admit_from(first + 1, breakers, context) {
            Ok(Passage { permit: Some(permit), route: Route(next) }) => {
                let Some(other) = self.relays.get(next) else { return told(end, relay) };
                let second = hand_over(other, mail, &context.child(), permit).await;
                let mut after = told(second, other);
                after.detail =
                    format!("{} failed ({failure}); then {}: {}", relay.key(), other.key(), after.detail);
                after
            }
            _ => told(end, relay),
        }
    }

    async fn written(
        &self,
        services: &Services,
        (tenant, delivery): (TenantId, &Delivery),
        message: &OutgoingMessage,
    ) -> Result<(Mail, Option<TemplateFault>), AttemptEnd> {
        let unread = |error: &dyn std::fmt::Display| {
            failed(&Failure::new(Blame::Call, Next::Retry, "store", error.to_string()), None)
        };
        let address = &message.to.address;
        let sender = services.sender_of(tenant, message).await.map_err(|error| unread(&error))?;
        let is_barred = |why| why == SuppressedWhy::Bounced || message.bulk;
        if let Some(suppression) = sender.suppression.as_ref().filter(|found| is_barred(found.why)) {
            let detail = format!("this address gets no more mail: {}", suppression.detail);
            return Err(refused("suppressed", &detail));
        }
        let content = services.message_content(message);
        let content = content.map_err(|error| refused("sealed", &error.to_string()))?;
        let Worded { shown, rendered, fault } = worded(sender, message, content, &self.zone)
            .map_err(|fault| refused("wording", &fault.to_string()))?;
        let unsubscribe = if message.bulk { unsubscribe(services, tenant, address) } else { None };
        let Rendered { subject, text, html, language, .. } = rendered;
        let domain = self.from.rsplit('@').next().unwrap_or("localhost");
        let mail = Mail {
            from: Person {
                name: shown.unwrap_or_else(|| self.from_name.clone()),
                address: self.from.clone(),
            },
            reply_to: None,
            to: Person { name: message.to.name.clone(), address: address.clone() },
            subject,
            text,
            html: Some(html),
            message_id: format!("<{}@{domain}>", delivery.message_id()),
            date_ms: u64::try_from(delivery.created_at.millis()).unwrap_or(0),
            language: language.as_str().to_owned(),
            unsubscribe,
            attachments: Vec::new(),
        };
        Ok((mail, fault))
    }
}

/// The address by which whoever gets a mail to many ends such mail; mail programs want https.
fn unsubscribe(services: &Services, tenant: TenantId, address: &str) -> Option<String> {
    let base = services.outside().public_url.as_ref().filter(|base| base.starts_with("https://"))?;
    let token = services.unsubscribe_token(tenant, address).ok()?;
    Some(format!("{base}/unsubscribe?token={token}"))
}

/// Hands a mail to a relay, on a thread that may block, where the permit goes along.
async fn hand_over(
    relay: &Arc<Relay>,
    mail: &Arc<Mail>,
    context: &RequestContext,
    permit: Permit,
) -> Result<String, Failure> {
    let (relay, mail, ids): (_, _, CallIds) = (Arc::clone(relay), Arc::clone(mail), ids_of(context));
    let sent = spawn::spawn_blocking(move || {
        let end = relay.send(&mail, &ids);
        match &end {
            Ok(_) => permit.finish(Verdict::Ok, None),
            Err(failure) => permit.finish(verdict(failure), Some(failure.class)),
        }
        end.map(|accepted| accepted.response)
    });
    let panicked =
        |_| Failure::new(Blame::Call, Next::Unknown, "panic", "the program failed while it was sending this");
    sent.await.map_err(panicked)?
}

fn told(end: Result<String, Failure>, relay: &Relay) -> AttemptEnd {
    match end {
        Ok(response) => AttemptEnd {
            took_ms: 0,
            outcome: Outcome::Arrived,
            class: "ok".to_owned(),
            status: Some(250),
            detail: response,
            via: Some(relay.key()),
        },
        Err(failure) => failed(&failure, Some(relay.key())),
    }
}
