//! Rows of blobs in object storage, and which blobs there are that should be there.

use std::ops::ControlFlow;

use uuid::Uuid;

use super::{
    StoreError,
    blobs::is_used,
    codec,
    engine::Direction,
    identity::read,
    keys::{
        self, Table,
        blobs::{blob_of, blob_use, blob_uses, stored_blob},
    },
    live::Live,
    remains::first_keys,
    rows,
    transaction::Transaction,
};
use crate::domain::{BlobHash, StoredBlob, TenantId};

/// That something keeps a blob.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlobUse {
    /// Whose the blob is.
    pub tenant: TenantId,
    /// Which one.
    pub blob: BlobHash,
    /// What keeps it, live or in the trash.
    pub by: Uuid,
}

impl Live<'_> {
    /// What is known of a blob in object storage; nothing if nothing was ever begun with it there.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stored_blob(&self, tenant: TenantId, blob: BlobHash) -> Result<Option<StoredBlob>, StoreError> {
        read(self.reader(), &stored_blob(tenant, &blob))
    }

    /// Whether anything of a tenant, live or in the trash, keeps a blob.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_blob_used(&self, tenant: TenantId, blob: BlobHash) -> Result<bool, StoreError> {
        Ok(is_used(self.reader(), tenant, blob)?)
    }

    /// One of the things that keep a blob, live or in the trash; nothing if none does.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn holder_of_blob(&self, tenant: TenantId, blob: BlobHash) -> Result<Option<Uuid>, StoreError> {
        let first = first_keys(self.reader(), &blob_uses(tenant, &blob), 1, |_| true)?;
        Ok(first.first().and_then(|key| keys::id_of(key)))
    }

    /// What keeps blobs, of all tenants, behind one of them; at most so many.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn blob_uses(&self, behind: Option<BlobUse>, limit: usize) -> Result<Vec<BlobUse>, StoreError> {
        let behind = behind.map(|last| blob_use(last.tenant, &last.blob, last.by));
        self.of_blobs(Table::BlobUse, behind, limit, |key, _| {
            let kept = blob_of(key).zip(keys::id_of(key));
            Ok(kept.map(|((tenant, blob), by)| BlobUse { tenant, blob, by }))
        })
    }

    /// What is known of blobs in object storage, of all tenants, behind one of them; at most so many.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stored_blobs(
        &self,
        behind: Option<(TenantId, BlobHash)>,
        limit: usize,
    ) -> Result<Vec<(TenantId, BlobHash, StoredBlob)>, StoreError> {
        let behind = behind.map(|(tenant, blob)| stored_blob(tenant, &blob));
        self.of_blobs(Table::StoredBlob, behind, limit, |key, value| {
            let Some((tenant, blob)) = blob_of(key) else { return Ok(None) };
            Ok(Some((tenant, blob, codec::decode(value)?)))
        })
    }

    fn of_blobs<T>(
        &self,
        table: Table,
        behind: Option<Vec<u8>>,
        limit: usize,
        take: impl Fn(&[u8], &[u8]) -> Result<Option<T>, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let all = keys::table(table);
        let from = behind.map_or_else(|| all.clone(), |last| keys::behind(&last));
        let mut found = Vec::new();
        rows::walk(self.reader(), (&from, &keys::end_of(&all)), Direction::Forward, &mut |key, value| {
            found.extend(take(key, value)?);
            Ok(if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(found)
    }
}

impl Transaction<'_> {
    /// Writes down what is known of a blob in object storage.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_stored_blob(
        &mut self,
        tenant: TenantId,
        blob: BlobHash,
        known: &StoredBlob,
    ) -> Result<(), StoreError> {
        self.put(stored_blob(tenant, &blob), known)
    }

    /// Forgets a blob that is in no object storage any more.
    pub fn forget_stored_blob(&mut self, tenant: TenantId, blob: BlobHash) {
        self.overlay().delete(stored_blob(tenant, &blob));
    }
}
