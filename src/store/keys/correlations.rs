//! Keys of what belongs to a correlation ID, so that all of it is found by one look-up.

use uuid::Uuid;

use super::{
    KeyBuilder, Table,
    deliveries::{SHORT_HASH, short_hash},
};
use crate::domain::{DeliveryId, JobId, TenantId};

/// What belongs to a correlation ID. The numbers are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Correlated {
    /// Changes of one operation, by the number of the first.
    Changes = 1,
    /// A job.
    Job = 2,
    /// A delivery.
    Delivery = 3,
}

/// Everything of a sort that belongs to a correlation ID.
pub fn correlated(tenant: TenantId, correlation: &str, what: Correlated) -> Vec<u8> {
    all(tenant, correlation, what).0
}

/// Changes, by the number of the first.
pub fn correlated_changes(tenant: TenantId, correlation: &str, first: u64) -> Vec<u8> {
    all(tenant, correlation, Correlated::Changes).number(first).0
}

/// A job.
pub fn correlated_job(tenant: TenantId, correlation: &str, id: JobId) -> Vec<u8> {
    all(tenant, correlation, Correlated::Job).id(id.uuid()).0
}

/// A delivery.
pub fn correlated_delivery(tenant: TenantId, correlation: &str, id: DeliveryId) -> Vec<u8> {
    all(tenant, correlation, Correlated::Delivery).id(id.uuid()).0
}

fn all(tenant: TenantId, correlation: &str, what: Correlated) -> KeyBuilder {
    let place = place(correlation);
    KeyBuilder::new(Table::Correlated as u8).id(tenant.uuid()).bytes(&place).byte(what as u8)
}

/// A UUID stands for itself, so that the rows of requests that come one after the other lie one behind the other: writing
/// them is cheap. For any other ID its hash does.
fn place(correlation: &str) -> [u8; SHORT_HASH] {
    match Uuid::try_parse(correlation) {
        Ok(id) => id.into_bytes(),
        Err(_) => short_hash(correlation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_come_one_after_the_other_lie_one_behind_the_other() {
        let tenant = TenantId::new(Uuid::from_u128(1));
        let key = |correlation: &str| correlated_changes(tenant, correlation, 1);
        let drawn = ["01a21557-4caa-7072-8cdb-06ba3abc22b3", "01a21557-4cc0-7631-b6b2-4adf6a120ec1"];
        assert!(key(drawn[0]) < key(drawn[1]));
        assert_ne!(key("the-finale"), key("the-opening"));
        assert_eq!(key("the-finale").len(), key(drawn[0]).len());
    }
}
