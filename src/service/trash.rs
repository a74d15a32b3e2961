//! The trash: what was deleted, by whom, when and why, what hangs below, and what must be restored first.

use super::{Permit, ServiceError, Services, audit::actor_name};
use crate::{
    domain::{HiddenBy, Kind},
    store::{Below, StoreError, TrashItem, WithDeleted},
};

/// A deleted thing with names.
#[derive(Clone, Debug)]
pub struct TrashLine {
    /// The thing.
    pub item: TrashItem,
    /// Who deleted it, by name.
    pub deleter: String,
    /// What must be restored first, with its name.
    pub blocked_by: Option<(HiddenBy, String)>,
}

impl Services {
    /// The deleted things in reach, newest first, deleted before the change `before`. A page may be short although more
    /// follow; the number is where the next one starts, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn trash(
        &self,
        permit: &Permit,
        kind: Option<Kind>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<TrashLine>, Option<u64>), ServiceError> {
        self.store
            .read_with_deleted(|view| {
                let wanted = |found: Kind| kind.is_none_or(|kind| kind == found);
                let items = view.trash(permit.tenant(), before, limit, wanted)?;
                let next = items.last().map(|item| item.version).filter(|_| items.len() == limit);
                let in_reach = items.into_iter().filter(|item| permit.covers(&item.lineage));
                let lines = in_reach.map(|item| named(view, permit, item));
                Ok((lines.collect::<Result<Vec<_>, StoreError>>()?, next))
            })
            .await
    }

    /// What hangs below the thing that a change deleted.
    ///
    /// # Errors
    /// It is not in the trash.
    pub async fn below_deleted(&self, permit: &Permit, version: u64) -> Result<Below, ServiceError> {
        self.store
            .read_with_deleted(|view| {
                let item = view.trash_item(permit.tenant(), version)?;
                let item = item.filter(|item| permit.covers(&item.lineage));
                let item = item.ok_or(ServiceError::NotFound(Kind::Tenant))?;
                Ok(view.below(item.lineage.tenant(), item.kind, item.id)?)
            })
            .await
    }
}

fn named(view: &WithDeleted<'_>, permit: &Permit, item: TrashItem) -> Result<TrashLine, StoreError> {
    let deleter = actor_name(view, permit.tenant(), &item.tombstone.deleted_by)?;
    let blocked_by = match item.blocked_by {
        Some(hidden) => {
            let label = view.label(permit.tenant(), hidden.kind, hidden.id)?;
            Some((hidden, label.unwrap_or_default()))
        }
        None => None,
    };
    Ok(TrashLine { item, deleter, blocked_by })
}
