//! Counters of what is locked beneath an event or contest, so that the guard of a delete takes constant time.

use uuid::Uuid;

use super::{StoreError, keys, transaction::Transaction};
use crate::domain::TenantId;

impl Transaction<'_> {
    /// Changes a counter of what is locked beneath an event or contest.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_locked(&mut self, tenant: TenantId, id: Uuid, change: i64) -> Result<(), StoreError> {
        let key = keys::counter(tenant, id);
        let count = self.get::<u64>(&key)?.unwrap_or(0).saturating_add_signed(change);
        self.put(key, &count)
    }

    /// How much is locked beneath an event or contest.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn locked_below(&self, tenant: TenantId, id: Uuid) -> Result<u64, StoreError> {
        Ok(self.get(&keys::counter(tenant, id))?.unwrap_or(0))
    }
}
