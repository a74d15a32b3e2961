//! Counters of what is locked beneath an event or contest, so that the guard of a delete takes constant time.

use uuid::Uuid;

use super::{
    StoreError,
    codec::{self, CodecError},
    keys,
    lineage::Lineage,
    live::RowState,
    rows,
    transaction::Transaction,
};
use crate::domain::{Kind, TenantId};

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

    /// Something that is locked beneath an event or contest, the topmost on the way to it; none if nothing is. Looks
    /// at rows only if there is something to be found.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn locked_beneath(&self, above: &Lineage) -> Result<Option<Lineage>, StoreError> {
        let (tenant, id) = (above.tenant(), above.id());
        if self.get::<u64>(&keys::counter(tenant, id))?.unwrap_or(0) == 0 {
            return Ok(None);
        }
        let kind = if above.kind() == Kind::Event { Kind::Contest } else { Kind::Category };
        let children = rows::scan(self.reader(), &keys::children(kind, tenant, id), |key, value| {
            let state: RowState = codec::decode(value)?;
            Ok(keys::id_of(key).map(|id| (above.child(kind, id), state.locked_at.is_some())))
        })?;
        for (child, is_locked) in children {
            let found = if is_locked { Some(child) } else { self.locked_beneath(&child)? };
            if found.is_some() {
                return Ok(found);
            }
        }
        Err(CodecError::new(format!("a counter of locks at {id}")).into())
    }
}
