//! Keys of blobs: what keeps each, and what is known of it in object storage.

use uuid::Uuid;

use super::{KeyBuilder, Table};
use crate::domain::{BlobHash, TenantId};

/// That something keeps a blob.
pub fn blob_use(tenant: TenantId, blob: &BlobHash, id: Uuid) -> Vec<u8> {
    let mut key = blob_uses(tenant, blob);
    key.extend_from_slice(id.as_bytes());
    key
}

/// Everything that keeps a blob.
pub fn blob_uses(tenant: TenantId, blob: &BlobHash) -> Vec<u8> {
    of_blob(Table::BlobUse, tenant, blob)
}

/// What is known of a blob in object storage.
pub fn stored_blob(tenant: TenantId, blob: &BlobHash) -> Vec<u8> {
    of_blob(Table::StoredBlob, tenant, blob)
}

fn of_blob(table: Table, tenant: TenantId, blob: &BlobHash) -> Vec<u8> {
    KeyBuilder::new(table as u8).id(tenant.uuid()).bytes(&blob.0).0
}

/// Which blob of whom a key of either kind is of.
pub fn blob_of(key: &[u8]) -> Option<(TenantId, BlobHash)> {
    let tenant = Uuid::from_slice(key.get(1..17)?).ok()?;
    Some((TenantId::new(tenant), BlobHash(key.get(17..49)?.try_into().ok()?)))
}
