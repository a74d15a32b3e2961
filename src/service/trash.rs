//! The trash: what was deleted, by whom, when and why, what hangs below, and what stands in the way of bringing it back;
//! bringing back many things at once; and what a deletion would do before it is made.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    Applied, Bulk, BulkOutcome, Changed, Conflict, Deletion, Permit, ServiceError, Services,
    audit::actor_name,
    bulk::AT_ONCE_MAX,
    changes,
    impact::CategoryImpact,
    jobs::new_job,
    restoring::{Restoring, restore_item},
};
use crate::{
    domain::{Fault, HiddenBy, Kind, Noun, Task},
    store::{Below, StoreError, Transaction, TrashItem, WithDeleted},
};

/// A deleted thing with names.
#[derive(Debug)]
pub struct TrashLine {
    /// The thing.
    pub item: TrashItem,
    /// Who deleted it, by name.
    pub deleter: String,
    /// What must be restored first, with its name.
    pub blocked_by: Option<(HiddenBy, String)>,
    /// Why it cannot be restored as it lies there; also that it has to be confirmed.
    pub obstacle: Option<ServiceError>,
}

/// What deleting something would do.
#[derive(Debug)]
pub struct DeletionPreview {
    /// What people know it by.
    pub name: String,
    /// What goes out of sight with it.
    pub below: Below,
    /// Categories in which marks go out of sight, with the places that change.
    pub changes: Vec<CategoryImpact>,
    /// Why it cannot be deleted.
    pub obstacle: Option<ServiceError>,
}

impl Services {
    /// How many things lie in the trash of all tenants, by kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn trash_sizes(&self) -> Result<BTreeMap<Kind, usize>, ServiceError> {
        self.store.read_with_deleted(|view| Ok(view.trash_sizes()?)).await
    }

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
            .rehearse(permit.stamp(), |transaction| {
                let wanted = |found: Kind| kind.is_none_or(|kind| kind == found);
                let items = transaction.with_deleted().trash(permit.tenant(), before, limit, wanted)?;
                let next = items.last().map(|item| item.version).filter(|_| items.len() == limit);
                let mut lines = Vec::with_capacity(items.len());
                for item in items.into_iter().filter(|item| permit.covers(&item.lineage)) {
                    let tried =
                        tried(transaction, |part| restore_item(part, permit, &item, Restoring::default()));
                    lines.push(named(&transaction.with_deleted(), permit, item, tried.err())?);
                }
                Ok((lines, next))
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
                let item = found(view, permit, version)?;
                Ok(view.below(item.lineage.tenant(), item.kind, item.id)?)
            })
            .await
    }

    /// Restores what these changes deleted, all or none; what came back with them comes back, too.
    ///
    /// # Errors
    /// There are too many.
    pub async fn restore_many(
        &self,
        permit: &Permit,
        versions: Vec<u64>,
        how: Restoring,
        dry_run: bool,
    ) -> Result<BulkOutcome, ServiceError> {
        if versions.len() > AT_ONCE_MAX {
            let message = format!("must not be more than {AT_ONCE_MAX}");
            return Err(ServiceError::invalid(vec![Fault::new("/versions", message)]));
        }
        let holder = permit.clone();
        let restore = move |transaction: &mut Transaction<'_>| {
            let restore = |version: &u64| {
                let item = found(&transaction.with_deleted(), &holder, *version)?;
                let (kind, id) = (item.kind, item.id);
                transaction.attempt(|part| restore_item(part, &holder, &item, how))?;
                Ok(Changed { kind, id })
            };
            versions.iter().map(restore).collect::<Vec<Applied>>()
        };
        if dry_run {
            let applied =
                self.store.rehearse(permit.stamp(), |part| Ok::<_, StoreError>(restore(part))).await?;
            return Ok(BulkOutcome::Rehearsed(applied));
        }
        let job = new_job(
            permit,
            Task::Bulk { name: Bulk::RESTORE.to_owned(), confirmed: how.confirmed, makes: None },
        );
        self.all_or_none(permit, job, None, restore).await
    }

    /// What deleting something would do.
    ///
    /// # Errors
    /// There is no such thing in reach.
    pub async fn preview_deletion<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
    ) -> Result<DeletionPreview, ServiceError> {
        self.store
            .rehearse(permit.stamp(), |transaction| {
                let mut delete = |confirmed| {
                    let deletion = Deletion { confirmed, ..Deletion::default() };
                    tried(transaction, |part| changes::delete::<N>(part, permit, id, &deletion))
                };
                let (changes, obstacle) = match delete(false) {
                    Err(error @ ServiceError::NotFound(_)) => return Err(error),
                    Err(ServiceError::Conflict(Conflict::ConfirmationRequired(changes))) => {
                        (changes, delete(true).err())
                    }
                    other => (Vec::new(), other.err()),
                };
                let view = transaction.with_deleted();
                Ok(DeletionPreview {
                    name: view.full_label(permit.tenant(), N::KIND, id)?.unwrap_or_default(),
                    below: view.below(permit.tenant(), N::KIND, id)?,
                    changes,
                    obstacle,
                })
            })
            .await
    }
}

/// Tries something and leaves nothing of it.
fn tried<T>(
    transaction: &mut Transaction<'_>,
    run: impl FnOnce(&mut Transaction<'_>) -> Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    match transaction.attempt(|part| Err::<(), _>(run(part))) {
        Ok(()) => Err(ServiceError::Internal("an attempt was kept".to_owned())),
        Err(outcome) => outcome,
    }
}

fn found(view: &WithDeleted<'_>, permit: &Permit, version: u64) -> Result<TrashItem, ServiceError> {
    let item = view.trash_item(permit.tenant(), version)?;
    item.filter(|item| permit.covers(&item.lineage)).ok_or(ServiceError::NotInTrash)
}

fn named(
    view: &WithDeleted<'_>,
    permit: &Permit,
    item: TrashItem,
    obstacle: Option<ServiceError>,
) -> Result<TrashLine, ServiceError> {
    let deleter = actor_name(view, permit.tenant(), &item.tombstone.deleted_by)?;
    let blocked_by = match item.blocked_by {
        Some(hidden) => {
            let label = view.full_label(permit.tenant(), hidden.kind, hidden.id)?;
            Some((hidden, label.unwrap_or_default()))
        }
        None => None,
    };
    Ok(TrashLine { item, deleter, blocked_by, obstacle })
}
