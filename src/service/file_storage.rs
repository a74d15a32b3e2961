//! Contents of files in object storage, where each is kept once besides on this machine: stored when a file may be given
//! out, deleted when nothing has it any more, fetched back when it is missing here. Each is a delivery, written in the
//! operation that causes it. Uses the store and deliveries.

use std::sync::Arc;

use super::{
    ServiceError, Services,
    backups::{Spooled, UPLOADS},
    causing::{Cause, drawn_delivery},
    uploads::on_disk,
};
use crate::{
    domain::{
        BlobAct, BlobEnd, BlobHash, BlobPlace, BlobStep, Delivery, DeliveryId, DeliveryState, File, Noun,
        OutboundService, Outgoing, ScanState, StoredBlob, TenantId, Urgency,
    },
    store::{Live, StoreError, Transaction},
    telemetry::context::RequestContext,
};

/// The queue of what is deleted: that waits for every target, and nothing else is to wait for it.
const DELETIONS: &str = "storage-deletions";
/// Most blobs of a file: its content, and the small form of an image.
const OF_A_FILE: usize = 2;
/// Rows that are looked at in one piece.
const AT_ONCE: usize = 256;

/// Where the content of a file is kept besides on this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileStorage {
    /// Nowhere: no object storage keeps files, or the scanner did not pass it.
    Off,
    /// Nowhere yet; by this delivery, once that was caused.
    Waiting(Option<DeliveryId>),
    /// There.
    Kept(BlobPlace),
    /// It is missing on this machine, and is fetched back.
    Fetching(DeliveryId),
    /// Nowhere: this delivery was given up or stopped, and may be forgotten since.
    Failed(DeliveryId),
}

/// What deliveries of an operation are made of: drawn before it.
pub(super) struct Drawn {
    ids: Vec<DeliveryId>,
    cause: Cause,
}

impl Drawn {
    /// For so many deliveries.
    pub(super) fn some(context: &RequestContext, count: usize) -> Self {
        let ids = (0..count).map(|_| DeliveryId::new(context.clock().new_uuid())).collect();
        Self { ids, cause: Cause::of(context) }
    }

    /// One after the other: its id, and what it comes of.
    pub(super) fn each(&self) -> impl Iterator<Item = (DeliveryId, &Cause)> {
        self.ids.iter().map(|id| (*id, &self.cause))
    }
}

impl Services {
    /// What is drawn for storing a file; nothing if files are not stored.
    pub(super) fn drawn_for_file(&self, context: &RequestContext) -> Option<Drawn> {
        self.outside().files_stored.then(|| Drawn::some(context, OF_A_FILE))
    }

    /// Where the content of a file is kept besides on this machine.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn file_storage(&self, tenant: TenantId, file: &File) -> Result<FileStorage, ServiceError> {
        let files_stored = self.outside().files_stored;
        self.store
            .read(|view| {
                let Some(known) = view.stored_blob(tenant, file.sha256)? else {
                    let policy = view.tenant(tenant)?.map(|row| row.body().settings.file_scan);
                    let is_open = policy.is_some_and(|policy| file.scan.is_open(policy));
                    let is_awaited = files_stored && (is_open || file.scan == ScanState::Pending);
                    return Ok(if is_awaited { FileStorage::Waiting(None) } else { FileStorage::Off });
                };
                if let Some(fetch) = newest(view, tenant, known.fetched_by)?.filter(Delivery::is_queued) {
                    return Ok(FileStorage::Fetching(fetch.id));
                }
                let stored = known.moved.filter(|moved| moved.act == BlobAct::Store);
                let last = newest(view, tenant, stored.map(|moved| moved.delivery))?;
                Ok(match (known.kept, last, stored) {
                    (Some(place), ..) => FileStorage::Kept(place),
                    (None, Some(store), _) if store.is_queued() => FileStorage::Waiting(Some(store.id)),
                    (None, Some(store), _) => FileStorage::Failed(store.id),
                    (None, None, Some(forgotten)) => FileStorage::Failed(forgotten.delivery),
                    // It came again while it was deleted, and is stored afterwards.
                    (None, None, None) => FileStorage::Waiting(None),
                })
            })
            .await
    }

    /// A content as it lies on this machine; nothing if it is missing.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub async fn spooled_content(
        &self,
        tenant: TenantId,
        blob: BlobHash,
    ) -> Result<Option<Spooled>, ServiceError> {
        let blobs = Arc::clone(&self.files.blobs);
        let found = on_disk(move || Ok(blobs.find(tenant, blob)?)).await?;
        Ok(found.map(|(path, bytes)| Spooled { path, sha256: blob.0, bytes }))
    }

    /// Whether anything has a content, live or in the trash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn is_content_used(&self, tenant: TenantId, blob: BlobHash) -> Result<bool, ServiceError> {
        Ok(self.store.read(|view| view.is_blob_used(tenant, blob)).await?)
    }

    /// Has what nothing has any more deleted in object storage. Returns how much.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn delete_unused_contents(&self, context: &RequestContext) -> Result<usize, ServiceError> {
        if !self.outside().has(OutboundService::Storage) {
            return Ok(0);
        }
        let (mut behind, mut count) = (None, 0);
        loop {
            let known = self.store.read(|view| view.stored_blobs(behind, AT_ONCE)).await?;
            let Some((tenant, blob, _)) = known.last() else { break };
            behind = Some((*tenant, *blob));
            let unused = self
                .store
                .read(|view| {
                    let mut unused = Vec::new();
                    for (tenant, blob, known) in &known {
                        if is_left_over(view, known, (*tenant, *blob))? {
                            unused.push((*tenant, *blob));
                        }
                    }
                    Ok::<_, StoreError>(unused)
                })
                .await?;
            if unused.is_empty() {
                continue;
            }
            let drawn = Drawn::some(context, unused.len());
            count += self
                .write_as(context, context.actor().clone(), move |transaction| {
                    let mut begun = 0;
                    for (of, (id, cause)) in unused.iter().zip(drawn.each()) {
                        let Some(known) = transaction.live().stored_blob(of.0, of.1)? else { continue };
                        if is_left_over(&transaction.live(), &known, *of)? {
                            begin(transaction, known, (id, BlobAct::Delete), *of, cause)?;
                            begun += 1;
                        }
                    }
                    Ok(begun)
                })
                .await?;
            self.delivery_queued.notify_one();
        }
        Ok(count)
    }
}

/// Stores what a file has, unless that is there, or on its way, already.
pub(super) fn store_file(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    file: &File,
    drawn: &Drawn,
) -> Result<(), StoreError> {
    for (blob, (id, cause)) in file.blobs().into_iter().zip(drawn.each()) {
        let known = transaction.live().stored_blob(tenant, blob)?.unwrap_or_default();
        if is_lacking(&transaction.live(), &known, tenant)? {
            begin(transaction, known, (id, BlobAct::Store), (tenant, blob), cause)?;
        }
    }
    Ok(())
}

/// Takes down how something has ended that was begun with a content, and begins what follows.
pub(super) fn follow_content(
    transaction: &mut Transaction<'_>,
    delivery: &Delivery,
    fresh: DeliveryId,
) -> Result<(), StoreError> {
    let Outgoing::Blob { act, tenant, blob } = delivery.what else { return Ok(()) };
    if delivery.is_queued() {
        return Ok(());
    }
    let Some(mut known) = transaction.live().stored_blob(tenant, blob)? else { return Ok(()) };
    let is_used = transaction.live().is_blob_used(tenant, blob)?;
    let via = delivery.attempts.last().and_then(|attempt| attempt.end.as_ref()?.via.clone());
    let end = match (delivery.state, via) {
        (DeliveryState::Done, Some(target)) => {
            BlobEnd::Done(BlobPlace { target, at: transaction.stamp().at })
        }
        (DeliveryState::Done, None) => BlobEnd::Unneeded,
        _ => BlobEnd::Failed,
    };
    match known.end(act, end, is_used) {
        BlobStep::Note => transaction.put_stored_blob(tenant, blob, &known)?,
        BlobStep::Forget => transaction.forget_stored_blob(tenant, blob),
        BlobStep::Begin(next) => {
            begin(transaction, known, (fresh, next), (tenant, blob), &Cause::same_as(delivery))?;
        }
    }
    Ok(())
}

/// Begins something with a content, of which this is known so far.
pub(super) fn begin(
    transaction: &mut Transaction<'_>,
    mut known: StoredBlob,
    (id, act): (DeliveryId, BlobAct),
    (tenant, blob): (TenantId, BlobHash),
    cause: &Cause,
) -> Result<(), StoreError> {
    let (queue, urgency) = match act {
        BlobAct::Store => (UPLOADS, Urgency::Soon),
        BlobAct::Fetch => (UPLOADS, Urgency::Now),
        BlobAct::Delete => (DELETIONS, Urgency::Bulk),
    };
    let (what, at) = (Outgoing::Blob { act, tenant, blob }, transaction.stamp().at);
    let delivery = drawn_delivery((id, at), what, queue.to_owned(), urgency, cause.clone());
    known.begin(act, id);
    transaction.put_stored_blob(tenant, blob, &known)?;
    transaction.add_delivery(act.holder(tenant), &delivery)
}

/// Whether a content is to be stored: it is not kept, and nothing was begun that will see to it. What was given up is a dead
/// letter, which somebody looks at; what is being deleted is stored afterwards.
pub(super) fn is_lacking(view: &Live<'_>, known: &StoredBlob, tenant: TenantId) -> Result<bool, StoreError> {
    let Some(moved) = known.moved.filter(|_| known.kept.is_none()) else { return Ok(known.kept.is_none()) };
    let newest = newest(view, moved.act.holder(tenant), Some(moved.delivery))?;
    Ok(newest.is_none_or(|delivery| !delivery.is_queued() && moved.act == BlobAct::Delete))
}

/// Whether a content is to be deleted: nothing has it, nothing is under way with it, and no deletion was given up.
fn is_left_over(
    view: &Live<'_>,
    known: &StoredBlob,
    (tenant, blob): (TenantId, BlobHash),
) -> Result<bool, StoreError> {
    if view.is_blob_used(tenant, blob)? {
        return Ok(false);
    }
    let Some(moved) = known.moved else { return Ok(true) };
    let newest = newest(view, moved.act.holder(tenant), Some(moved.delivery))?;
    Ok(newest.is_none_or(|delivery| !delivery.is_queued() && moved.act == BlobAct::Store))
}

/// The newest of the deliveries that repeat one.
pub(super) fn newest(
    view: &Live<'_>,
    holder: TenantId,
    first: Option<DeliveryId>,
) -> Result<Option<Delivery>, StoreError> {
    let mut newest = None;
    let mut next = first;
    while let Some(delivery) = next.map(|id| view.delivery(holder, id)).transpose()?.flatten() {
        next = delivery.replayed_by;
        newest = Some(delivery);
    }
    Ok(newest)
}

#[cfg(test)]
pub(super) mod tests;
