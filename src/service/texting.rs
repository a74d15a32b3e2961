//! Text messages: what goes to telephones, the mail that takes its place, and what a provider reports of it later.

use super::{
    Permit, ServiceError, Services,
    causing::{Cause, new_delivery},
    messages::{Letter, MAIL_QUEUE},
};
use crate::{
    domain::{
        Actor, Delivery, DeliveryId, DeliveryReport, Kind, MessageContent, OutboundService, Outgoing,
        OutgoingMessage, Phone, Recipient, ReportedStatus, TenantId, Timestamp, Urgency, User,
    },
    security,
    store::{StoreError, Transaction},
    telemetry::context::RequestContext,
};

/// The queue of all text messages.
const SMS_QUEUE: &str = "sms";

/// A report as it came.
pub struct SmsReport<'a> {
    /// Whose delivery it is about, and which one.
    pub of: (TenantId, DeliveryId),
    /// The fields.
    pub fields: &'a [(String, String)],
    /// The signature that came with it.
    pub signature: &'a str,
}

impl Services {
    /// A delivery of a text message, still to be written; by mail to somebody if it has certainly not arrived and whoever sends
    /// it allows that.
    pub(super) fn text(
        &self,
        context: &RequestContext,
        by: Actor,
        letter: Letter,
        or_mail: Option<Recipient>,
    ) -> Result<Delivery, ServiceError> {
        let message = OutgoingMessage { or_mail, ..self.sealed_message(letter)? };
        let cause = Cause { by, ..Cause::of(context) };
        let what = Outgoing::Sms(Box::new(message));
        Ok(new_delivery(context.clock(), what, SMS_QUEUE.to_owned(), Urgency::Now, cause))
    }

    /// Sends a test to a telephone.
    ///
    /// # Errors
    /// No text messages go out.
    pub async fn text_test(&self, permit: &Permit, to: &Phone) -> Result<Delivery, ServiceError> {
        self.ensure_set_up(OutboundService::Sms)?;
        let by = permit.principal().actor.clone();
        let name = self
            .store
            .read(|view| match by.user_id() {
                Some(user) => {
                    let row = view.find::<User>(permit.tenant(), user.uuid())?;
                    Ok::<_, ServiceError>(row.map(|row| row.body().name.clone()))
                }
                None => Ok(None),
            })
            .await?
            .unwrap_or_default();
        let to = Recipient { name: name.clone(), address: to.to_string() };
        let content = MessageContent::Test { asked_by: name, at: permit.context().clock().now() };
        let letter = Letter { to, content, language: None, bulk: false };
        let delivery = self.text(permit.context(), by, letter, None)?;
        self.deliver(permit, delivery).await
    }

    /// Where a provider is to report what became of a message; nowhere, if it could not reach us or would not sign.
    pub fn sms_report_address(&self, tenant: TenantId, delivery: DeliveryId) -> Option<String> {
        let outside = self.outside();
        outside.sms_reports_signed_with.as_ref()?;
        let base = outside.public_url.as_ref()?.trim_end_matches('/');
        Some(format!("{base}/callbacks/sms/{tenant}/{delivery}"))
    }

    /// Takes down what a provider reports.
    ///
    /// # Errors
    /// No reports are wanted, the signature is wrong, or there is no such delivery.
    pub async fn note_sms_report(
        &self,
        context: &RequestContext,
        report: SmsReport<'_>,
    ) -> Result<(), ServiceError> {
        let (tenant, id) = report.of;
        let signs = self.outside().sms_reports_signed_with.as_ref();
        let (Some(secret), Some(address)) = (signs, self.sms_report_address(tenant, id)) else {
            return Err(ServiceError::NotFound(Kind::Delivery));
        };
        let right = security::twilio_signature(secret.expose(), &address, report.fields);
        if !security::same_secret(right.as_bytes(), report.signature.as_bytes()) {
            return Err(ServiceError::WronglySigned);
        }
        let field = |name: &str| {
            report.fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
        };
        let status = field("MessageStatus").and_then(ReportedStatus::of_word);
        let is_code = |code: &&str| code.len() <= 20 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let code = field("ErrorCode").filter(is_code).map(ToOwned::to_owned);
        let request_id = Some(context.request_id().to_string());
        self.write_as(context, Actor::Anonymous, move |transaction| {
            let before = transaction.live().delivery(tenant, id)?;
            let before = before.filter(|delivery| matches!(delivery.what, Outgoing::Sms(_)));
            let before = before.ok_or(ServiceError::NotFound(Kind::Delivery))?;
            let Some(status) = status else { return Ok(()) };
            let mut delivery = before.clone();
            let (at, code, request_id) = (transaction.stamp().at, code.clone(), request_id.clone());
            if delivery.reported(DeliveryReport { status, at, code, request_id }) {
                transaction.put_delivery(tenant, &before, &delivery)?;
            }
            Ok(())
        })
        .await
    }
}

/// Sends by mail what has not arrived as a text message and never will, if somebody is to get it so. Returns the delivery
/// as it is then stored.
pub(super) fn take_over(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    delivery: Delivery,
    (fresh, at): (DeliveryId, Timestamp),
) -> Result<Delivery, StoreError> {
    let Some(mail) = delivery.as_mail(fresh, MAIL_QUEUE, at) else { return Ok(delivery) };
    let taken = Delivery { taken_over_by: Some(fresh), ..delivery.clone() };
    transaction.put_delivery(tenant, &delivery, &taken)?;
    transaction.add_delivery(tenant, &mail)?;
    Ok(taken)
}
