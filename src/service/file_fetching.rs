//! Contents of files that are missing on this machine, because its disk was lost or a backup lacked them: fetched back from
//! object storage, and taken only if they are what they were. Uses the store and deliveries.

use std::{sync::Arc, time::Duration};

use super::{
    Permit, ServiceError, Services,
    file_storage::{Drawn, begin, newest},
};
use crate::{
    domain::{BlobAct, BlobHash, Delivery, DeliveryState, File, StoredBlob, TenantId, Timestamp},
    store::{Blobs, Incoming, Live, StoreError},
};

/// How soon it is worth asking again for what is being fetched back, in seconds.
const FETCHED_WITHIN_S: u32 = 10;
/// How long a fetch that was given up is left at that, in seconds.
const FETCHED_AGAIN_AFTER_S: u32 = 60 * 60;
/// Most bytes of the small form of an image: its pixels as they are take a quarter of it.
const THUMBNAIL_BYTES_MAX: u64 = 4 << 20;

/// A content on its way back.
pub struct Refetch {
    blobs: Arc<Blobs>,
    tenant: TenantId,
    blob: BlobHash,
    /// More than these are not it.
    pub bytes_max: u64,
}

impl Refetch {
    /// A place for what is fetched.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn sink(&self) -> Result<Incoming, StoreError> {
        self.blobs.incoming()
    }

    /// Puts what was fetched into its place; false if it is something else.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn keep(&self, fetched: Incoming) -> Result<bool, StoreError> {
        if fetched.hash() != self.blob {
            return Ok(false);
        }
        self.blobs.keep(self.tenant, fetched).map(|_| true)
    }
}

impl Services {
    /// Has a content fetched back that is missing on this machine, unless that is under way or was given up lately. Returns
    /// what to tell whoever wants it; nothing if it was never stored elsewhere.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) async fn fetch_back(
        &self,
        permit: &Permit,
        blob: BlobHash,
    ) -> Result<Option<ServiceError>, ServiceError> {
        if !self.outside().files_stored {
            return Ok(None);
        }
        let (tenant, drawn) = (permit.tenant(), Drawn::some(permit.context(), 1));
        let fetch = self
            .write(permit, move |transaction| {
                let (at, live) = (transaction.stamp().at, transaction.live());
                let Some(known) = live.stored_blob(tenant, blob)? else { return Ok(None) };
                if let Some(fetch) = fetch_of(&live, &known, tenant, at)? {
                    return Ok(Some((fetch.id, fetch.is_queued())));
                }
                let Some((id, cause)) = drawn.each().next() else { return Ok(None) };
                begin(transaction, known, (id, BlobAct::Fetch), (tenant, blob), cause)?;
                Ok(Some((id, true)))
            })
            .await?;
        self.delivery_queued.notify_one();
        Ok(fetch.map(|(delivery, is_coming)| {
            let retry_after_s = if is_coming { FETCHED_WITHIN_S } else { FETCHED_AGAIN_AFTER_S };
            ServiceError::ContentAway { delivery, is_coming, retry_after_s }
        }))
    }

    /// A content that is to be fetched back; nothing if nothing has it any more.
    ///
    /// # Errors
    /// The store cannot be read, or there is no room for it.
    pub async fn content_to_fetch(
        &self,
        tenant: TenantId,
        blob: BlobHash,
    ) -> Result<Option<Refetch>, ServiceError> {
        let file = self
            .store
            .read_with_deleted(|all| {
                let holder = all.live().holder_of_blob(tenant, blob)?;
                let file = holder.map(|id| all.find::<File>(tenant, id)).transpose()?;
                Ok::<_, StoreError>(file.flatten())
            })
            .await?;
        let Some(file) = file.map(|found| found.row.body) else { return Ok(None) };
        let bytes_max = if file.sha256 == blob { file.bytes } else { THUMBNAIL_BYTES_MAX };
        self.store.ensure_room_for(bytes_max)?;
        Ok(Some(Refetch { blobs: Arc::clone(&self.files.blobs), tenant, blob, bytes_max }))
    }
}

/// The delivery that fetches a content back, or that was given up so lately that none takes its place yet.
pub(super) fn fetch_of(
    view: &Live<'_>,
    known: &StoredBlob,
    tenant: TenantId,
    now: Timestamp,
) -> Result<Option<Delivery>, StoreError> {
    let lately = now.minus(Duration::from_secs(FETCHED_AGAIN_AFTER_S.into()));
    let holds = |fetch: &Delivery| match fetch.finished_at {
        Some(ended) => fetch.state != DeliveryState::Done && lately < ended,
        None => true,
    };
    Ok(newest(view, tenant, known.fetched_by)?.filter(holds))
}
