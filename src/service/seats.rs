//! Seats: what a judge must have to hand in a sheet (a live, open category, an assignment at work, an entry that takes
//! part), checked once and good for as long as nothing but sheets changes in the tenant.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    Conflict, Permit, ServiceError,
    conflicts::entries_barred,
    guards,
    scorer::Scorer,
    sheets::{entries_of, judged_category, own_judge},
};
use crate::{
    domain::{AssignmentStatus, CategoryId, Criterion, EntryId, JudgeId, Kind, Row, TenantId},
    store::{Lineage, Live},
};

/// Most categories whose seats are kept.
const KEPT_MAX: usize = 1_024;

/// A judge before an entrant in an open category: everything but the sheet itself.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    /// Where the category hangs.
    lineage: Lineage,
    /// The judge.
    pub judge: JudgeId,
    /// The judge's name.
    pub judge_name: String,
    /// What a whole sheet answers, in order.
    pub criteria: Vec<Row<Criterion>>,
    /// The entries that the judge must not score, because of a conflict of interest.
    barred: HashSet<EntryId>,
}

impl Seat {
    /// Checks everything in a state. Beside the seat are all who take part, as they had to be read anyway.
    ///
    /// # Errors
    /// The category is deleted, locked, archived or out of reach; nobody is signed in as a judge, or the judge is not
    /// at work there; the entry takes no part; there is a conflict of interest.
    pub(super) fn take(
        view: &Live<'_>,
        permit: &Permit,
        category: CategoryId,
        entry: EntryId,
    ) -> Result<(Self, HashSet<EntryId>), ServiceError> {
        let row = judged_category(view, permit, category)?;
        let (judge, judge_name) = own_judge(view, permit)?;
        let assignment = view.assignment(&row, judge)?.ok_or(ServiceError::NotFound(Kind::Category))?;
        guards::ensure_open(view, row.lineage())?;
        if assignment.body().status != AssignmentStatus::Active {
            return Err(Conflict::SheetState("your assignment to this category has ended").into());
        }
        let entries = entries_of(view, &row)?;
        let entrants: HashSet<_> = entries.iter().map(|entry| EntryId::new(entry.id())).collect();
        if !entrants.contains(&entry) {
            let detail = "this entry does not take part in the category";
            return Err(ServiceError::fault("not_entered", "", detail));
        }
        let barred = entries_barred(view, permit.tenant(), judge, &entries)?;
        if barred.contains(&entry) {
            return Err(Conflict::OfInterest { rule: row.body().conflict_rule }.into());
        }
        let criteria = view.children::<Criterion>(&row.place())?;
        let criteria = criteria.into_iter().map(|row| row.into_parts().0).collect();
        Ok((Self { lineage: row.lineage().clone(), judge, judge_name, criteria, barred }, entrants))
    }
}

/// Seats that were taken before.
#[derive(Default)]
pub struct Seats(RwLock<HashMap<(TenantId, CategoryId), Taken>>);

/// The seats of a category in one state of everything but sheets.
struct Taken {
    /// The tenant's newest change beside sheets when they were taken, or one before.
    as_of: u64,
    judges: HashMap<Scorer, Arc<Seat>>,
    entrants: HashSet<EntryId>,
}

impl Seats {
    /// The seat of the signed-in judge before an entrant, if it was taken at the change `as_of` already.
    pub(super) fn find(
        &self,
        permit: &Permit,
        category: CategoryId,
        entry: EntryId,
        as_of: u64,
    ) -> Option<Arc<Seat>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let taken = kept.get(&(permit.tenant(), category)).filter(|taken| taken.as_of == as_of)?;
        let seat = taken.judges.get(&Scorer::of(permit.principal())?)?;
        let may = taken.entrants.contains(&entry) && !seat.barred.contains(&entry);
        (may && permit.covers(&seat.lineage)).then(|| Arc::clone(seat))
    }

    /// Keeps a seat, and who takes part, as they were taken in a state not older than the change `as_of`.
    pub(super) fn keep(
        &self,
        permit: &Permit,
        category: CategoryId,
        as_of: u64,
        seat: &Arc<Seat>,
        entrants: HashSet<EntryId>,
    ) {
        let Some(scorer) = Scorer::of(permit.principal()) else { return };
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        let fresh = || Taken { as_of, judges: HashMap::new(), entrants: HashSet::new() };
        let taken = kept.entry((permit.tenant(), category)).or_insert_with(fresh);
        if taken.as_of != as_of {
            *taken = fresh();
        }
        taken.judges.insert(scorer, Arc::clone(seat));
        taken.entrants = entrants;
    }
}
