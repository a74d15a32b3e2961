//! Submitting a score sheet: all of it or nothing, final for the judge.

use super::{
    Conflict, Permit, ServiceError, Services, SheetAddress, SheetView, field_faults, guards,
    sheets::{judged_category, own_judge},
};
use crate::{
    domain::{
        AssignmentStatus, Category, CategoryId, Criterion, Entrant, EntrantRule, Entry, EntryId, Fault, Kind,
        Sheet, SheetState, Submission, Verb, noun::UniqueField,
    },
    store::{Live, LiveRow, StoreError, Transaction},
};

/// What became of a submission.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The sheet as it is stored now.
    pub view: SheetView,
    /// Whether it is the first for this entrant.
    pub first: bool,
}

impl Services {
    /// Submits the signed-in judge's sheet for an entrant: all of it or nothing.
    ///
    /// # Errors
    /// The category is deleted, locked or archived; the entry takes no part; marks break rules; the stored sheet is
    /// final, or another version than the judge saw.
    pub async fn submit_sheet(
        &self,
        permit: &Permit,
        category: CategoryId,
        entry: EntryId,
        submission: Submission,
    ) -> Result<Submitted, ServiceError> {
        let faults = field_faults(&submission);
        if !faults.is_empty() {
            return Err(invalid_marks(faults));
        }
        let holder = permit.clone();
        self.write(permit, move |transaction| submit(transaction, &holder, category, entry, &submission))
            .await
    }
}

fn submit(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    category: CategoryId,
    entry: EntryId,
    submission: &Submission,
) -> Result<Submitted, ServiceError> {
    let view = transaction.live();
    let row = judged_category(&view, permit, category)?;
    let (judge, judge_name) = own_judge(&view, permit)?;
    let assignment = view.assignment(&row, judge)?.ok_or(ServiceError::NotFound(Kind::Category))?;
    let address = SheetAddress { category, entry, judge };
    let key = address.key(permit.tenant());
    guards::ensure_open(&view, row.lineage())?;
    if assignment.body().status != AssignmentStatus::Active {
        return Err(Conflict::SheetState("your assignment to this category has ended").into());
    }
    ensure_entrant(&view, &row, entry)?;
    let criteria: Vec<_> =
        view.children::<Criterion>(&row.place())?.into_iter().map(|row| row.into_parts().0).collect();
    let marks = submission.marks(&criteria).map_err(invalid_marks)?;
    let stored = view.stored_sheet(&key)?;
    let answer = |sheet: Sheet, first| Submitted {
        view: SheetView { address, judge_name: judge_name.clone(), sheet, tombstone: None },
        first,
    };
    // Sent twice, or by two devices: the judge's will is done already. Only handing in a reopened sheet that the judge
    // has seen is a change, even if no mark is another.
    let is_done = |stored: &&Sheet| {
        stored.same_content(&marks, submission.comment.as_ref())
            && (stored.state == SheetState::Submitted || submission.version != Some(stored.version))
    };
    if let Some(stored) = stored.as_ref().filter(is_done) {
        return Ok(answer(stored.clone(), false));
    }
    match &stored {
        Some(stored) if submission.version != Some(stored.version) => {
            let sent = Box::new(submission.clone());
            return Err(Conflict::StaleSheet { stored: Box::new(stored.clone()), sent }.into());
        }
        Some(stored) if stored.state == SheetState::Submitted => return Err(Conflict::SheetFinal.into()),
        Some(stored) => transaction.keep_sheet_version(&key, stored)?,
        None => {}
    }
    let sheet = Sheet {
        version: 0,
        state: SheetState::Submitted,
        submitted_at: transaction.stamp().at,
        marks,
        comment: submission.comment.clone(),
        reopening: None,
    };
    let sheet = transaction.put_sheet(&key, Verb::Submitted, sheet, None)?;
    Ok(answer(sheet, stored.is_none()))
}

fn invalid_marks(faults: Vec<Fault>) -> ServiceError {
    ServiceError::Invalid {
        code: "invalid_marks",
        detail: "the sheet breaks rules; see errors".to_owned(),
        faults,
    }
}

/// The entry takes part in the category.
fn ensure_entrant(view: &Live<'_>, category: &LiveRow<Category>, entry: EntryId) -> Result<(), ServiceError> {
    let tenant = category.lineage().tenant();
    let row = view.find::<Entry>(tenant, entry.uuid())?;
    let same_contest = row.is_some_and(|row| row.lineage().parent() == category.lineage().parent());
    let listed = || match category.body().entrants {
        EntrantRule::All => Ok(true),
        EntrantRule::Listed => {
            let holder = view.holder(tenant, category.id(), UniqueField::Entry, &entry.to_string())?;
            let entrant = holder.map(|id| view.find::<Entrant>(tenant, id)).transpose()?.flatten();
            Ok::<bool, StoreError>(entrant.is_some())
        }
    };
    if same_contest && listed()? {
        Ok(())
    } else {
        Err(ServiceError::fault("not_entered", "", "this entry does not take part in the category"))
    }
}
