//! Deleting and restoring sheets, and single marks of them.

use super::{
    Permit, ServiceError, Services, SheetAddress, SheetView, Versions,
    sheets::{open_category, open_sheet, view_of},
};
use crate::{
    domain::{CriterionId, Kind, TenantId},
    store::Transaction,
};

impl Services {
    /// Deletes a sheet.
    ///
    /// # Errors
    /// It is not there, or the category is not open.
    pub async fn delete_sheet(
        &self,
        permit: &Permit,
        address: SheetAddress,
        reason: Option<String>,
        expected: Option<Versions>,
    ) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let (key, sheet) = open_sheet(transaction, &holder, address, expected.as_ref())?;
            let label = label(transaction, key.tenant, address)?;
            Ok(transaction.delete_sheet(&key, &sheet, label, reason.as_deref())?)
        })
        .await?;
        super::resources::count_deletion(Kind::Sheet, "delete");
        Ok(())
    }

    /// Restores the sheet that was deleted last. A live one is given back unchanged.
    ///
    /// # Errors
    /// None was deleted, or the category is not open.
    pub async fn restore_sheet(
        &self,
        permit: &Permit,
        address: SheetAddress,
    ) -> Result<SheetView, ServiceError> {
        let holder = permit.clone();
        let view =
            self.write(permit, move |transaction| restore_sheet_in(transaction, &holder, address)).await?;
        super::resources::count_deletion(Kind::Sheet, "restore");
        Ok(view)
    }

    /// Deletes one mark of a sheet. `expected` are the versions of the sheet that were seen.
    ///
    /// # Errors
    /// It is not there, the sheet is another than was seen, or the category is not open.
    pub async fn delete_mark(
        &self,
        permit: &Permit,
        address: SheetAddress,
        criterion: CriterionId,
        reason: Option<String>,
        expected: Option<Versions>,
    ) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let (key, sheet) = open_sheet(transaction, &holder, address, expected.as_ref())?;
            let label = format!("mark of {}", label(transaction, key.tenant, address)?);
            let sheet = transaction.delete_mark(&key, sheet, criterion, label, reason.as_deref())?;
            sheet.map(drop).ok_or(ServiceError::NotFound(Kind::Mark))
        })
        .await?;
        super::resources::count_deletion(Kind::Mark, "delete");
        Ok(())
    }

    /// Restores a deleted mark of a sheet.
    ///
    /// # Errors
    /// None was deleted, a newer one is there, or the category is not open.
    pub async fn restore_mark(
        &self,
        permit: &Permit,
        address: SheetAddress,
        criterion: CriterionId,
    ) -> Result<SheetView, ServiceError> {
        let holder = permit.clone();
        let view = self
            .write(permit, move |transaction| restore_mark_in(transaction, &holder, address, criterion))
            .await?;
        super::resources::count_deletion(Kind::Mark, "restore");
        Ok(view)
    }
}

/// Restores a sheet within an operation; a live one stays as it is.
pub(super) fn restore_sheet_in(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    address: SheetAddress,
) -> Result<SheetView, ServiceError> {
    let category = open_category(&transaction.live(), permit, address.category)?;
    let key = address.key(permit.tenant());
    let sheet = match transaction.live().sheet(&category, address.judge, address.entry)? {
        Some(sheet) => sheet,
        None => transaction.restore_sheet(&key)?.ok_or(ServiceError::NotFound(Kind::Sheet))?,
    };
    view_of(&transaction.live(), permit.tenant(), address, sheet)
}

/// Restores a mark within an operation; one that is there stays as it is.
pub(super) fn restore_mark_in(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    address: SheetAddress,
    criterion: CriterionId,
) -> Result<SheetView, ServiceError> {
    let (key, sheet) = open_sheet(transaction, permit, address, None)?;
    let sheet = if sheet.lacks(criterion) {
        let restored = transaction.restore_mark(&key, sheet, criterion)?;
        restored.ok_or(ServiceError::NotFound(Kind::Mark))?
    } else {
        sheet
    };
    view_of(&transaction.live(), permit.tenant(), address, sheet)
}

fn label(
    transaction: &Transaction<'_>,
    tenant: TenantId,
    address: SheetAddress,
) -> Result<String, ServiceError> {
    let view = transaction.with_deleted();
    let judge = view.label(tenant, Kind::Judge, address.judge.uuid())?.unwrap_or_default();
    let entry = view.full_label(tenant, Kind::Entry, address.entry.uuid())?.unwrap_or_default();
    Ok(format!("{judge}, {entry}"))
}
