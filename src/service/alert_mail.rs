//! Mail that says that something is wrong on the machine. What is told is written with what it is about, so that neither is
//! without the other.

use super::{ServiceError, Services, messages::Letter};
use crate::{
    domain::{Alert, Delivery, MessageContent, Recipient, TenantId},
    store::{StoreError, Transaction},
    telemetry::context::RequestContext,
};

/// Mails of an alert, still to be written.
#[derive(Clone, Debug)]
pub struct AlertMails(Vec<Delivery>);

impl Services {
    /// Mails of an alert, one for each address. They are made before the operation that writes them, because that may run
    /// again.
    ///
    /// # Errors
    /// No mail goes out, or there is no randomness to seal them with.
    pub fn alert_mails(
        &self,
        context: &RequestContext,
        alert: &Alert,
        to: &[Recipient],
    ) -> Result<AlertMails, ServiceError> {
        self.ensure_mail()?;
        let mail = |to: &Recipient| {
            let content = MessageContent::Alert(alert.clone());
            let letter = Letter { to: to.clone(), content, language: None, bulk: false };
            self.mail(context, context.actor().clone(), letter)
        };
        Ok(AlertMails(to.iter().map(mail).collect::<Result<_, _>>()?))
    }
}

impl AlertMails {
    /// Puts them into the queue of a tenant, in whose language and wording they are.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn queue(&self, transaction: &mut Transaction<'_>, tenant: TenantId) -> Result<(), StoreError> {
        self.0.iter().try_for_each(|delivery| transaction.add_delivery(tenant, delivery))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OutsideSetUp, ServiceError, tests::Venue};
    use crate::domain::{Action, Alert, AlertSeverity, MessageContent, MessageKind, Recipient};

    fn alert(venue: &Venue) -> Alert {
        Alert {
            severity: AlertSeverity::Critical,
            title: "Mail cannot be sent".to_owned(),
            what: "The relay does not answer.".to_owned(),
            since: venue.clock.clock().now(),
            place: "scores.example.org".to_owned(),
            what_to_do: None,
            url: None,
            correlation_id: Some("c-1".to_owned()),
        }
    }

    #[tokio::test]
    async fn an_alert_is_queued_for_each_address_with_what_it_is_written_with() {
        let mut venue = Venue::new();
        venue.set_up().await;
        let to: Vec<Recipient> = ["ann@example.org", "ben@example.org"]
            .map(|address| Recipient { name: String::new(), address: address.to_owned() })
            .into();
        let refused = venue.services.alert_mails(&venue.context(), &alert(&venue), &to);
        assert!(matches!(refused, Err(ServiceError::Conflict(_))), "no mail goes out");

        venue.services = venue.services.with_outside(OutsideSetUp { mail: true, ..OutsideSetUp::default() });
        let permit = venue.permit(Action::ReadDeliveries).await;
        let mails = venue.services.alert_mails(permit.context(), &alert(&venue), &to).unwrap();
        let queue = |fails: bool| {
            let (mails, tenant) = (mails.clone(), permit.tenant());
            venue.services.write(&permit, move |transaction| {
                mails.queue(transaction, tenant)?;
                if fails { Err(ServiceError::Unauthenticated("it fails")) } else { Ok(()) }
            })
        };
        queue(true).await.unwrap_err();
        let queued = async || {
            let page = venue.services.deliveries(&permit, &Default::default(), None, 9).await.unwrap();
            page.items
        };
        assert!(queued().await.is_empty(), "neither is there without the other");
        queue(false).await.unwrap();
        let deliveries = queued().await;
        let messages: Vec<_> = deliveries.iter().filter_map(|delivery| delivery.what.message()).collect();
        assert_eq!((messages.len(), messages[0].kind, messages[0].bulk), (2, MessageKind::Alert, false));
        let content = venue.services.message_content(messages[0]).unwrap();
        assert!(content == MessageContent::Alert(alert(&venue)));
    }
}
