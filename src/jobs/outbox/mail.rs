//! Mail: what a message is made of is worded, and goes to a relay. What that one cannot take now, the next one takes at once,
//! but never what may have arrived.

use std::sync::Arc;

use super::{
    carrier::{Passage, arrived, failed, ids_of, refused, with_fault},
    ways::Ways,
};
use crate::{
    domain::{AttemptEnd, Delivery, OutgoingMessage, SuppressedWhy, TenantId},
    integrations::{
        Blame, Failure, Next,
        email::{Mail, Person, Relay},
    },
    jobs::call::call,
    resilience::{Breakers, Permit},
    service::{Services, Worded, worded},
    telemetry::{context::RequestContext, spawn},
    text::{Rendered, TemplateFault},
};

/// The relays by which mail leaves, and what it says of where it comes from.
pub struct MailPort {
    /// The relays.
    pub relays: Ways<Relay>,
    /// The address that mail comes from.
    pub from: String,
    /// The name that it comes from, where the tenant has none to show.
    pub from_name: String,
    /// The time zone in which times are told.
    pub zone: String,
}

impl MailPort {
    /// Makes an attempt.
    pub async fn carry(
        &self,
        services: &Services,
        context: &RequestContext,
        (tenant, delivery): (TenantId, &Delivery),
        message: &OutgoingMessage,
        passage: (Passage, &Breakers),
    ) -> AttemptEnd {
        let (mail, fault) = match self.written(services, (tenant, delivery), message).await {
            Ok((mail, fault)) => (Arc::new(mail), fault),
            Err(end) => return end,
        };
        // Never what may have arrived, and nothing that speaks of this one mail.
        let may_go_elsewhere = |failure: &Failure| {
            failure.blame == Blame::Service && matches!(failure.next, Next::Retry | Next::RetryAfter(_))
        };
        let hand_over = |relay, permit, context| hand_over(relay, Arc::clone(&mail), context, permit);
        let end = self.relays.attempt(passage, context, may_go_elsewhere, hand_over).await;
        with_fault(end, fault.as_ref())
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
    relay: Arc<Relay>,
    mail: Arc<Mail>,
    context: RequestContext,
    permit: Permit,
) -> Result<AttemptEnd, Failure> {
    let ids = ids_of(&context);
    let sent = spawn::spawn_blocking(move || {
        let accepted = call(permit, "mail", || relay.send(&mail, &ids));
        accepted.map(|accepted| arrived(Some(250), accepted.response, Some(relay.key())))
    });
    let panicked =
        |_| Failure::new(Blame::Call, Next::Unknown, "panic", "the program failed while it was sending this");
    sent.await.map_err(panicked)?
}
