//! Rows of addresses that get no more mail. They are lifted, not soft-deleted.

use super::{
    StoreError, codec,
    identity::read,
    keys::{self, Table, deliveries::suppression},
    live::Live,
    rows,
    transaction::Transaction,
};
use crate::domain::{Suppression, TenantId};

impl Live<'_> {
    /// Why an address gets no more mail, if it does not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn suppression(&self, tenant: TenantId, address: &str) -> Result<Option<Suppression>, StoreError> {
        read(self.reader(), &suppression(tenant, address))
    }

    /// All addresses of a tenant that get no more mail.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn suppressions(&self, tenant: TenantId) -> Result<Vec<Suppression>, StoreError> {
        let prefix = keys::of_tenant(Table::Suppression, tenant);
        rows::scan(self.reader(), &prefix, |_, value| Ok(Some(codec::decode(value)?)))
    }
}

impl Transaction<'_> {
    /// Keeps an address from getting more mail.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn suppress(&mut self, tenant: TenantId, row: &Suppression) -> Result<(), StoreError> {
        self.put(suppression(tenant, &row.address), row)
    }

    /// Lets an address get mail again.
    pub fn lift_suppression(&mut self, tenant: TenantId, address: &str) {
        self.overlay().delete(suppression(tenant, address));
    }
}
