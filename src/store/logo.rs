//! Rows of logos: one a tenant, apart from the tenant's own row, which is read far more often. They are replaced and
//! removed, not soft-deleted.

use serde::{Deserialize, Serialize};

use super::{
    StoreError,
    identity::read,
    keys::{self, Table},
    live::Live,
    rows::bytes,
    transaction::Transaction,
};
use crate::domain::{ImageType, TenantId};

/// The logo of a tenant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Logo {
    /// What it is.
    pub image: ImageType,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// The image itself.
    #[serde(with = "bytes")]
    pub bytes: Vec<u8>,
}

impl Live<'_> {
    /// The logo of a tenant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn logo(&self, tenant: TenantId) -> Result<Option<Logo>, StoreError> {
        read(self.reader(), &keys::by_id(Table::Logo, tenant.uuid()))
    }
}

impl Transaction<'_> {
    /// Sets the logo of a tenant, or removes it.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn set_logo(&mut self, tenant: TenantId, logo: Option<&Logo>) -> Result<(), StoreError> {
        let key = keys::by_id(Table::Logo, tenant.uuid());
        match logo {
            Some(logo) => self.put(key, logo),
            None => {
                self.overlay().delete(key);
                Ok(())
            }
        }
    }
}
