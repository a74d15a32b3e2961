//! Which deliveries somebody looks for, and the ways to find them without looking at all. Uses the store.

use uuid::Uuid;

use super::{ServiceError, deliveries::CHAIN_MAX};
use crate::{
    domain::{Delivery, DeliveryId, DeliveryState, OutboundService, TenantId, Timestamp},
    store::{Cursor, DeliverySpan, Live, Page, StoreError},
};

/// Most deliveries that are looked at for a page.
const LOOKED_MAX: usize = 5_000;

/// By how much the time of an id may differ from that of its delivery, in milliseconds: it may be drawn a little earlier.
const CLOCKS_APART_MS: i64 = 60_000;

/// Which deliveries are wanted.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those of this service.
    pub service: Option<OutboundService>,
    /// Only messages to people.
    pub messages: bool,
    /// Only those for this webhook or action.
    pub hook: Option<Uuid>,
    /// Only those that are this: a type of event, or a kind of message.
    pub title: Option<String>,
    /// Only those that were caused since.
    pub since: Option<Timestamp>,
    /// Only those that were caused before.
    pub until: Option<Timestamp>,
    /// Only those of this correlation ID.
    pub correlation_id: Option<String>,
    /// Only those that their receivers know by this name.
    pub message_id: Option<MessageName>,
    /// Only messages to somebody whose name or address has this in it.
    pub recipient: Option<String>,
    /// Only those in which any of these is so: the recipient has it, or title, correlation ID or message ID are it.
    pub text: Option<String>,
}

/// The name by which a receiver knows a delivery, as it stands in it or in a mail: `msg_…`, `<msg_…@example.org>`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageName(DeliveryId);

impl MessageName {
    /// The name in a text; nothing if there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>');
        let name = text.split_once('@').map_or(text, |(name, _)| name);
        let id = Uuid::try_parse(name.strip_prefix("msg_")?).ok()?;
        Some(Self(DeliveryId::new(id)))
    }

    fn is_of(self, delivery: &Delivery) -> bool {
        delivery.origin.unwrap_or(delivery.id) == self.0
    }
}

impl DeliveryFilter {
    /// Whether a delivery is wanted.
    pub fn passes(&self, delivery: &Delivery) -> bool {
        self.state.is_none_or(|state| state == delivery.state)
            && self.service.is_none_or(|service| service == delivery.service())
            && (!self.messages || delivery.what.message().is_some())
            && self.hook.is_none_or(|hook| delivery.what.hook() == Some(hook))
            && self.title.as_ref().is_none_or(|title| title == delivery.what.title())
            && self.since.is_none_or(|since| since <= delivery.created_at)
            && self.until.is_none_or(|until| delivery.created_at < until)
            && self.correlation_id.as_ref().is_none_or(|id| *id == delivery.correlation_id)
            && self.message_id.is_none_or(|name| name.is_of(delivery))
            && self.recipient.as_ref().is_none_or(|text| is_to(delivery, text))
            && self.text.as_ref().is_none_or(|text| is_found_by(delivery, text.trim()))
    }

    /// Where all that it lets pass lies.
    pub(super) fn span(&self, after: Option<Cursor>, limit: usize, looked_max: usize) -> DeliverySpan {
        let since = self.since.map(|since| since.plus_millis(-CLOCKS_APART_MS));
        let until = self.until.map(|until| until.plus_millis(CLOCKS_APART_MS));
        DeliverySpan { after, since, until, limit, looked_max }
    }
}

fn is_to(delivery: &Delivery, text: &str) -> bool {
    let to = delivery.what.message().map(|message| &message.to);
    let has = |value: &str| value.to_lowercase().contains(&text.to_lowercase());
    to.is_some_and(|to| has(&to.name) || has(&to.address))
}

fn is_found_by(delivery: &Delivery, text: &str) -> bool {
    text == delivery.what.title()
        || text == delivery.correlation_id
        || MessageName::parse(text).is_some_and(|name| name.is_of(delivery))
        || is_to(delivery, text)
}

/// A page of what a filter lets pass, newest first. It may be short although more are behind its cursor.
pub(super) fn page(
    view: &Live<'_>,
    tenant: TenantId,
    filter: &DeliveryFilter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<Delivery>, ServiceError> {
    let wanted = |delivery: &Delivery| filter.passes(delivery);
    if let Some(id) = &filter.correlation_id {
        let items = view.deliveries_of_correlation(tenant, id, CHAIN_MAX)?;
        return Ok(Page { items: items.into_iter().filter(wanted).collect(), next: None });
    }
    if let Some(MessageName(origin)) = filter.message_id {
        let items = repeats(view, tenant, origin)?;
        return Ok(Page { items: items.into_iter().filter(wanted).collect(), next: None });
    }
    Ok(view.deliveries(tenant, filter.span(after, limit, LOOKED_MAX), wanted)?)
}

/// A delivery and those that repeat it, newest first.
fn repeats(view: &Live<'_>, tenant: TenantId, origin: DeliveryId) -> Result<Vec<Delivery>, StoreError> {
    let (mut found, mut next) = (Vec::new(), Some(origin));
    while let Some(delivery) = next.map(|id| view.delivery(tenant, id)).transpose()?.flatten() {
        next = delivery.replayed_by.filter(|_| found.len() < CHAIN_MAX);
        found.insert(0, delivery);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::{
        causing::{Cause, new_delivery},
        tests::Venue,
    };
    use super::{DeliveryFilter, DeliverySpan, MessageName, Page};
    use crate::domain::{
        Action, Delivery, MessageKind, Outgoing, OutgoingMessage, Recipient, Timestamp, Urgency,
    };

    /// A venue from which a mail was sent to each of some addresses, a minute and a half apart.
    async fn mails(to: &[&str]) -> (Venue, Vec<Delivery>) {
        let venue = Venue::new();
        venue.set_up().await;
        let mut sent = Vec::new();
        for address in to {
            let context = venue.context();
            let message = OutgoingMessage {
                to: Recipient { name: "Somebody".to_owned(), address: (*address).to_owned() },
                kind: MessageKind::Message,
                language: None,
                sealed: vec![1],
                bulk: false,
                or_mail: None,
            };
            let what = Outgoing::Mail(Box::new(message));
            let (clock, cause) = (context.clock().clone(), Cause::of(&context));
            let mut delivery = new_delivery(&clock, what, "mail".to_owned(), Urgency::Now, cause);
            delivery.cancel(clock.now());
            let permit = venue.permit(Action::ManageDeliveries).await;
            sent.push(venue.services.deliver(&permit, delivery).await.unwrap());
            venue.clock.advance(std::time::Duration::from_secs(90));
        }
        (venue, sent)
    }

    async fn found(venue: &Venue, filter: DeliveryFilter) -> Vec<String> {
        let permit = venue.permit(Action::ReadDeliveries).await;
        let page = venue.services.deliveries(&permit, &filter, None, 50).await.unwrap();
        page.items.iter().map(|found| found.what.message().unwrap().to.address.clone()).collect()
    }

    #[tokio::test]
    async fn what_was_caused_in_a_span_of_time_is_found_whatever_lies_around_it() {
        let (venue, sent) = mails(&["a@x.example", "b@x.example", "c@x.example"]).await;
        let between = |since: Option<Timestamp>, until: Option<Timestamp>| {
            found(&venue, DeliveryFilter { since, until, ..DeliveryFilter::default() })
        };
        let at = |index: usize| Some(sent[index].created_at);
        assert_eq!(between(at(1), at(2)).await, ["b@x.example"]);
        assert_eq!(between(at(1), None).await, ["c@x.example", "b@x.example"]);
        assert_eq!(between(None, at(1)).await, ["a@x.example"]);
        assert!(between(at(2), at(0)).await.is_empty());
    }

    #[tokio::test]
    async fn a_message_is_found_by_its_name_as_it_stands_in_a_mail_and_with_what_repeats_it() {
        let (venue, sent) = mails(&["a@x.example", "b@x.example"]).await;
        let permit = venue.permit(Action::ManageDeliveries).await;
        let again = venue.services.replay_delivery(&permit, sent[0].id).await.unwrap();
        let named = format!("<{}@house.example>", sent[0].message_id());
        let filter =
            |name: &str| DeliveryFilter { message_id: MessageName::parse(name), ..Default::default() };
        let page = venue.services.deliveries(&permit, &filter(&named), None, 50).await.unwrap();
        let ids: Vec<_> = page.items.iter().map(|found| found.id).collect();
        assert_eq!(ids, [again.id, sent[0].id]);
        let text = |text: &str| DeliveryFilter { text: Some(text.to_owned()), ..Default::default() };
        assert_eq!(found(&venue, text(&named)).await.len(), 2);
        assert_eq!(found(&venue, text(" B@X ")).await, ["b@x.example"]);
        assert_eq!(found(&venue, text(&sent[1].correlation_id)).await, ["b@x.example"]);
        assert_eq!(found(&venue, text("message")).await.len(), 3);
        assert!(found(&venue, text("msg_")).await.is_empty());
    }

    #[tokio::test]
    async fn a_look_that_finds_little_stops_and_goes_on_behind_its_cursor() {
        let (venue, sent) = mails(&["a@x.example", "b@x.example", "c@x.example"]).await;
        let tenant = venue.permit(Action::ReadDeliveries).await.tenant();
        let oldest = sent[0].id;
        let look = |after| {
            let span = DeliverySpan { after, since: None, until: None, limit: 5, looked_max: 2 };
            venue.services.store.read(move |view| view.deliveries(tenant, span, |found| found.id == oldest))
        };
        let Page { items, next } = look(None).await.unwrap();
        assert!(items.is_empty() && next.is_some());
        let Page { items, next } = look(next).await.unwrap();
        assert_eq!((items[0].id, next), (oldest, None));
    }
}
