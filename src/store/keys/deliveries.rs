//! Keys of deliveries: their place in a queue. Keys of suppressed addresses.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{KeyBuilder, Table};
use crate::domain::{TenantId, Timestamp};

/// A delivery in its queue. What the queue is called is hashed, so that all keys are of one length.
pub fn queued_delivery(place: &DeliveryPlace<'_>) -> Vec<u8> {
    let mut key = delivery_queue(place.service, place.queue);
    key.push(place.urgency);
    key.extend_from_slice(&u64::try_from(place.due.millis()).unwrap_or(0).to_be_bytes());
    key.extend_from_slice(place.id.as_bytes());
    key
}

/// Where a delivery stands.
pub struct DeliveryPlace<'a> {
    /// Number of its service.
    pub service: u8,
    /// Its queue.
    pub queue: &'a str,
    /// Its urgency; the least comes first.
    pub urgency: u8,
    /// When it is due.
    pub due: Timestamp,
    /// Which one.
    pub id: Uuid,
}

/// Bytes of the hash that stands for a queue or a correlation ID.
pub(super) const SHORT_HASH: usize = 16;

pub(super) fn short_hash(text: &str) -> [u8; SHORT_HASH] {
    let hash = Sha256::digest(text.as_bytes());
    std::array::from_fn(|index| hash.get(index).copied().unwrap_or_default())
}

/// An address that gets no more mail.
pub fn suppression(tenant: TenantId, address: &str) -> Vec<u8> {
    let address = short_hash(&address.to_lowercase());
    KeyBuilder::new(Table::Suppression as u8).id(tenant.uuid()).bytes(&address).0
}

/// All queues of a service.
pub fn delivery_queues(service: u8) -> Vec<u8> {
    KeyBuilder::new(Table::DeliveryQueue as u8).byte(service).0
}

/// All of a queue.
pub fn delivery_queue(service: u8, queue: &str) -> Vec<u8> {
    KeyBuilder::new(Table::DeliveryQueue as u8).byte(service).bytes(&short_hash(queue)).0
}

/// The part of a queued delivery's key that names its queue, urgency, due time and delivery.
pub fn delivery_queue_parts(key: &[u8]) -> Option<(&[u8], u8, Timestamp, Uuid)> {
    let (queue, rest) = key.split_at_checked(2 + SHORT_HASH)?;
    let (urgency, rest) = rest.split_first()?;
    let (due, id) = rest.split_at_checked(8)?;
    let due = i64::try_from(u64::from_be_bytes(due.try_into().ok()?)).ok()?;
    Some((queue, *urgency, Timestamp::from_millis(due), Uuid::from_slice(id).ok()?))
}
