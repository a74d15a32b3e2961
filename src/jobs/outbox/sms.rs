//! Text messages: what a message is made of is worded, and goes to the provider if the number is one. What may have arrived
//! is never sent again by itself.

use std::sync::Arc;

use super::carrier::{Passage, arrived, failed, ids_of, refused, with_fault};
use crate::{
    domain::{AttemptEnd, Delivery, OutboundService, OutgoingMessage, TenantId},
    integrations::{
        Blame, Failure, Next,
        sms::{Accepted, Gateway, TextMessage},
    },
    jobs::call::call,
    resilience::{Breakers, Permit, Rejected},
    service::{Services, Worded, worded},
    telemetry::{context::RequestContext, spawn},
    text::{PhoneNumber, Rendered, TemplateFault},
};

/// The way by which text messages leave.
pub struct SmsPort {
    /// The provider.
    pub gateway: Arc<Gateway>,
    /// The time zone in which times are told.
    pub zone: String,
}

impl SmsPort {
    /// Whether the circuit of the provider lets a message pass.
    pub fn admit(&self, breakers: &Breakers, context: &RequestContext) -> Result<Passage, Rejected> {
        let breaker = breakers.of(OutboundService::Sms, self.gateway.key());
        Ok(Passage::by(breaker.admit(context.correlation_id())?))
    }

    /// Makes an attempt.
    pub async fn carry(
        &self,
        services: &Services,
        context: &RequestContext,
        (tenant, delivery): (TenantId, &Delivery),
        message: &OutgoingMessage,
        passage: Passage,
    ) -> AttemptEnd {
        let (text, fault) = match self.written(services, (tenant, delivery), message).await {
            Ok(written) => written,
            Err(end) => return end,
        };
        let Some(permit) = passage.permit else {
            return refused("not_set_up", "text messages are not set up on this server");
        };
        let via = Some(self.gateway.key().to_owned());
        let end = match self.hand_over(text, context, permit).await {
            Ok(Accepted { status, id }) => {
                let detail = id.map_or_else(|| "accepted".to_owned(), |id| format!("accepted as {id}"));
                arrived(Some(status), detail, via)
            }
            Err(failure) => failed(&failure, via),
        };
        with_fault(end, fault.as_ref())
    }

    async fn written(
        &self,
        services: &Services,
        (tenant, delivery): (TenantId, &Delivery),
        message: &OutgoingMessage,
    ) -> Result<(TextMessage, Option<TemplateFault>), AttemptEnd> {
        let number = PhoneNumber::parse(&message.to.address)
            .map_err(|why| refused("recipient", &format!("this is no number for text messages: {why}")))?;
        let sender = services.sender_of(tenant, message).await.map_err(|error| {
            failed(&Failure::new(Blame::Call, Next::Retry, "store", error.to_string()), None)
        })?;
        let content = services.message_content(message);
        let content = content.map_err(|error| refused("sealed", &error.to_string()))?;
        let Worded { rendered, fault, .. } = worded(sender, message, content, &self.zone)
            .map_err(|fault| refused("wording", &fault.to_string()))?;
        let Rendered { sms: Some(text), .. } = rendered else {
            return Err(refused("wording", "messages of this kind do not go to telephones"));
        };
        let text = TextMessage {
            to: number.as_str().to_owned(),
            text,
            reference: delivery.message_id(),
            report_to: services.sms_report_address(tenant, delivery.id),
        };
        Ok((text, fault))
    }

    /// Hands a message to the provider, on a thread that may block, where the permit goes along.
    async fn hand_over(
        &self,
        text: TextMessage,
        context: &RequestContext,
        permit: Permit,
    ) -> Result<Accepted, Failure> {
        let (gateway, ids) = (Arc::clone(&self.gateway), ids_of(context));
        let now = context.clock().now().millis();
        let sent = spawn::spawn_blocking(move || call(permit, "sms", || gateway.send(&text, &ids, now)));
        let panicked = |_| {
            Failure::new(Blame::Call, Next::Unknown, "panic", "the program failed while it was sending this")
        };
        sent.await.map_err(panicked)?
    }
}
