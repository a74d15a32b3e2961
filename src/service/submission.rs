//! Submitting a score sheet: all of it or nothing, final for the judge but for marks that it lacks, because their
//! criterion came later or an official took them off.

use std::sync::Arc;

use super::{Conflict, Permit, ServiceError, Services, SheetAddress, SheetView, field_faults, seats::Seat};
use crate::{
    domain::{CategoryId, EntryId, Fault, Mark, Sheet, SheetState, Submission, Verb, Visibility},
    store::Transaction,
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
        // The seat is checked here, beside the writer; the writer checks again only if anything but sheets has changed.
        let as_of = self.store.settled(permit.tenant())?;
        let seat = self.seat(permit, category, entry, as_of).await?;
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let seat = if transaction.settled(holder.tenant())? == as_of {
                Arc::clone(&seat)
            } else {
                Arc::new(Seat::take(&transaction.live(), &holder, category, entry)?.0)
            };
            submit(
                transaction,
                &holder,
                &seat,
                SheetAddress { category, entry, judge: seat.judge },
                &submission,
            )
        })
        .await
    }

    async fn seat(
        &self,
        permit: &Permit,
        category: CategoryId,
        entry: EntryId,
        as_of: u64,
    ) -> Result<Arc<Seat>, ServiceError> {
        if let Some(seat) = self.seats.find(permit, category, entry, as_of) {
            return Ok(seat);
        }
        let (seat, entrants) = self.store.read(|view| Seat::take(view, permit, category, entry)).await?;
        let seat = Arc::new(seat);
        self.seats.keep(permit, category, as_of, &seat, entrants);
        Ok(seat)
    }
}

fn submit(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    seat: &Seat,
    address: SheetAddress,
    submission: &Submission,
) -> Result<Submitted, ServiceError> {
    let key = address.key(permit.tenant());
    let mut marks = submission.marks(&seat.criteria).map_err(invalid_marks)?;
    let stored = transaction.live().stored_sheet(&key)?;
    // Marks of deleted criteria are out of sight, not gone: they come back with their criteria.
    let is_judged = |mark: &Mark| seat.criteria.iter().any(|row| row.id == mark.criterion.uuid());
    marks.extend(stored.iter().flat_map(|stored| &stored.marks).filter(|mark| !is_judged(mark)));
    let in_sight = |mut sheet: Sheet| {
        sheet.marks.retain(is_judged);
        sheet
    };
    let answer = |sheet: Sheet, first| Submitted {
        view: SheetView {
            address,
            judge_name: seat.judge_name.clone(),
            sheet: in_sight(sheet),
            visibility: Visibility::Live,
        },
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
            return Err(Conflict::StaleSheet { stored: Box::new(in_sight(stored.clone())), sent }.into());
        }
        // A criterion that came later leaves a submitted sheet open for its mark, and for nothing else.
        Some(stored)
            if stored.state == SheetState::Submitted
                && !(stored.is_filled_by(&marks) && stored.comment == submission.comment) =>
        {
            return Err(Conflict::SheetFinal.into());
        }
        Some(stored) => transaction.keep_sheet_version(&key, stored)?,
        None => {}
    }
    let still_asked = stored.as_ref().filter(|stored| stored.state == SheetState::Submitted);
    let sheet = Sheet {
        version: 0,
        state: SheetState::Submitted,
        submitted_at: transaction.stamp().at,
        marks,
        comment: submission.comment.clone(),
        reopening: still_asked.and_then(|stored| stored.reopening.clone()),
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
