//! Reopening a submitted sheet: the judge asks with a reason, an official grants or refuses. The version that was
//! submitted is kept.

use super::{
    Conflict, Permit, ServiceError, Services, SheetAddress, SheetView, guards,
    sheets::{judged_category, open_sheet, own_judge, view_of},
};
use crate::domain::{CategoryId, EntryId, Reopening, SheetState, Verb};

impl Services {
    /// The signed-in judge asks to change a submitted sheet.
    ///
    /// # Errors
    /// There is no such sheet, it is open already, or the category is not open.
    pub async fn request_reopening(
        &self,
        permit: &Permit,
        category: CategoryId,
        entry: EntryId,
        reason: String,
    ) -> Result<SheetView, ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let view = transaction.live();
            let row = judged_category(&view, &holder, category)?;
            guards::ensure_open(&view, row.lineage())?;
            let (judge, _) = own_judge(&view, &holder)?;
            let address = SheetAddress { category, entry, judge };
            let (key, mut sheet) = open_sheet(transaction, &holder, address, None)?;
            if sheet.state == SheetState::Reopened {
                return Err(Conflict::SheetState("the sheet is open already").into());
            }
            sheet.reopening = Some(Reopening {
                reason: reason.clone(),
                requested_at: transaction.stamp().at,
                requested_by: transaction.stamp().actor.clone(),
            });
            let sheet = transaction.put_sheet(&key, Verb::ReopeningRequested, sheet, Some(&reason))?;
            view_of(&transaction.live(), holder.tenant(), address, sheet)
        })
        .await
    }

    /// An official lets the judge change a submitted sheet, asked or not.
    ///
    /// # Errors
    /// There is no such sheet, it is open already, or the category is not open.
    pub async fn reopen_sheet(
        &self,
        permit: &Permit,
        address: SheetAddress,
        reason: String,
    ) -> Result<SheetView, ServiceError> {
        self.decide(permit, address, reason, Verb::Reopened).await
    }

    /// An official refuses a judge's request to change a submitted sheet.
    ///
    /// # Errors
    /// There is no open request, or the category is not open.
    pub async fn refuse_reopening(
        &self,
        permit: &Permit,
        address: SheetAddress,
        reason: String,
    ) -> Result<SheetView, ServiceError> {
        self.decide(permit, address, reason, Verb::ReopeningRefused).await
    }

    async fn decide(
        &self,
        permit: &Permit,
        address: SheetAddress,
        reason: String,
        verb: Verb,
    ) -> Result<SheetView, ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let (key, mut sheet) = open_sheet(transaction, &holder, address, None)?;
            match verb {
                Verb::Reopened if sheet.state == SheetState::Reopened => {
                    return Err(Conflict::SheetState("the sheet is open already").into());
                }
                Verb::Reopened => {
                    transaction.keep_sheet_version(&key, &sheet)?;
                    sheet.state = SheetState::Reopened;
                }
                _ if sheet.reopening.is_none() => {
                    return Err(Conflict::SheetState("nobody asked to reopen this sheet").into());
                }
                _ => {}
            }
            sheet.reopening = None;
            let sheet = transaction.put_sheet(&key, verb, sheet, Some(&reason))?;
            view_of(&transaction.live(), holder.tenant(), address, sheet)
        })
        .await
    }
}
