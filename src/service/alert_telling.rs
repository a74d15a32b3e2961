//! Who is told of alerts and by which ways: messages of an alert, still to be written.

use std::time::Duration;

use super::{ServiceError, Services, messages::Letter};
use crate::{
    domain::{
        Actor, AlertNotice, AlertRecord, Delivery, Email, MessageContent, OutboundService, Phone, Recipient,
    },
    telemetry::context::{CorrelationId, RequestContext},
};

/// Who is told of alerts, and how often.
#[derive(Clone, Debug, Default)]
pub struct AlertTelling {
    /// These addresses, by mail.
    pub mail: Vec<Email>,
    /// These numbers, by text message.
    pub sms: Vec<Phone>,
    /// How often it is looked whether something is wrong.
    pub every: Duration,
    /// After which time whoever was told is told again, as long as nobody has acknowledged it.
    pub again_after: Duration,
}

impl Services {
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
}
