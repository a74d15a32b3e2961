//! Rows of requests to unlock: at most one an event or contest, until it is decided. They are used up, not soft-deleted.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{StoreError, identity::read, keys, live::Live, transaction::Transaction};
use crate::domain::{Actor, TenantId, Timestamp};

/// That somebody wants something unlocked, and another one has to approve.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnlockRequest {
    /// The number of the change that made it.
    pub version: u64,
    /// Who asks.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Until when it can be decided.
    pub expires_at: Timestamp,
    /// Why.
    pub reason: String,
}

impl Live<'_> {
    /// The request to unlock an event or contest, be it expired or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unlock_request(&self, tenant: TenantId, id: Uuid) -> Result<Option<UnlockRequest>, StoreError> {
        read(self.reader(), &keys::unlock_request(tenant, id))
    }
}

impl Transaction<'_> {
    /// Opens a request to unlock, in place of the one there is.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn open_unlock_request(
        &mut self,
        tenant: TenantId,
        id: Uuid,
        request: &UnlockRequest,
    ) -> Result<(), StoreError> {
        self.put(keys::unlock_request(tenant, id), request)
    }

    /// Closes the request to unlock, if there is one.
    pub fn close_unlock_request(&mut self, tenant: TenantId, id: Uuid) {
        self.overlay().delete(keys::unlock_request(tenant, id));
    }
}
