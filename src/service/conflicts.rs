//! Conflicts of interest: which judges must not score which entries of a category, and how a judge declares one.

use std::{any::Any, collections::HashSet};

use super::{
    Conflict, Permit, ServiceError, Services,
    changes::insert,
    guards,
    resources::live,
    sheets::{entries_of, judged_category, own_judge},
};
use crate::{
    domain::{
        Action, Assignment, Category, CategoryId, ConflictOfInterest, Entry, EntryId, JudgeId, Kind, Noun,
        TenantId,
    },
    store::{Found, Live, LiveRow, Transaction},
};

/// The entries among these that a judge has a conflict with.
pub(super) fn entries_barred(
    view: &Live<'_>,
    tenant: TenantId,
    judge: JudgeId,
    entries: &[LiveRow<Entry>],
) -> Result<HashSet<EntryId>, ServiceError> {
    let conflicts = view.referrers::<ConflictOfInterest>(tenant, judge.uuid())?;
    let with: HashSet<_> = conflicts.iter().map(|conflict| conflict.body().contestant_id).collect();
    let barred = entries.iter().filter(|entry| with.contains(&entry.body().contestant_id));
    Ok(barred.map(|entry| EntryId::new(entry.id())).collect())
}

/// The pairs of judge and entry of a category between which there is a conflict.
pub(super) fn pairs_barred(
    view: &Live<'_>,
    assignments: &[LiveRow<Assignment>],
    entries: &[LiveRow<Entry>],
) -> Result<HashSet<(JudgeId, EntryId)>, ServiceError> {
    let mut pairs = HashSet::new();
    for assignment in assignments {
        let judge = assignment.body().judge_id;
        let barred = entries_barred(view, assignment.lineage().tenant(), judge, entries)?;
        pairs.extend(barred.into_iter().map(|entry| (judge, entry)));
    }
    Ok(pairs)
}

/// The categories in which the two meet, with the entry as which the contestant takes part.
pub(super) fn meetings(
    view: &Live<'_>,
    tenant: TenantId,
    conflict: &ConflictOfInterest,
) -> Result<Vec<(LiveRow<Category>, EntryId)>, ServiceError> {
    let mut met = Vec::new();
    for assignment in view.referrers::<Assignment>(tenant, conflict.judge_id.uuid())? {
        let Some(category) = view.find::<Category>(tenant, assignment.lineage().parent())? else { continue };
        let entries = entries_of(view, &category)?;
        let entry = entries.iter().find(|entry| entry.body().contestant_id == conflict.contestant_id);
        met.extend(entry.map(|entry| (category, EntryId::new(entry.id()))));
    }
    Ok(met)
}

/// A conflict changes results wherever the two meet: none of these categories is locked.
pub(super) fn ensure_free_of_locks<N: Noun>(
    view: &Live<'_>,
    tenant: TenantId,
    body: &N,
) -> Result<(), ServiceError> {
    let Some(conflict) = (body as &dyn Any).downcast_ref::<ConflictOfInterest>() else { return Ok(()) };
    let met = meetings(view, tenant, conflict)?;
    met.iter().try_for_each(|(category, _)| guards::ensure_unlocked(view, category.lineage()))
}

/// A conflict takes a judge off a contestant wherever the two meet: all of these categories are the actor's to run.
pub(super) fn ensure_in_reach<N: Noun>(
    view: &Live<'_>,
    permit: &Permit,
    body: &N,
) -> Result<(), ServiceError> {
    let Some(conflict) = (body as &dyn Any).downcast_ref::<ConflictOfInterest>() else { return Ok(()) };
    let action = Action::ManageEvents;
    let met = meetings(view, permit.tenant(), conflict)?;
    if met.iter().all(|(category, _)| permit.allows(action, category.lineage())) {
        Ok(())
    } else {
        Err(ServiceError::OutOfScope { kind: Kind::Conflict, action })
    }
}

impl Services {
    /// The signed-in judge declares a conflict of interest with an entrant of a category. It holds wherever the two
    /// meet.
    ///
    /// # Errors
    /// The category is not the judge's, is locked or archived, or has a sheet of the judge for the entrant already;
    /// the conflict is declared.
    pub async fn declare_conflict(
        &self,
        permit: &Permit,
        category: CategoryId,
        entry: EntryId,
        reason: String,
    ) -> Result<Found<ConflictOfInterest>, ServiceError> {
        let holder = permit.clone();
        let id = permit.context().clock().new_uuid();
        self.write(permit, move |transaction| declare(transaction, &holder, (category, entry), id, &reason))
            .await
    }
}

fn declare(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    (category, entry): (CategoryId, EntryId),
    id: uuid::Uuid,
    reason: &str,
) -> Result<Found<ConflictOfInterest>, ServiceError> {
    let view = transaction.live();
    let category = judged_category(&view, permit, category)?;
    let (judge_id, _) = own_judge(&view, permit)?;
    view.assignment(&category, judge_id)?.ok_or(ServiceError::NotFound(Kind::Category))?;
    guards::ensure_open(&view, category.lineage())?;
    let entries = entries_of(&view, &category)?;
    let entrant = entries.iter().find(|row| row.id() == entry.uuid());
    let entrant = entrant.ok_or(ServiceError::NotFound(Kind::Entry))?;
    let conflict = ConflictOfInterest {
        judge_id,
        contestant_id: entrant.body().contestant_id,
        reason: reason.to_owned(),
    };
    for (met, entry) in meetings(&view, permit.tenant(), &conflict)? {
        if view.sheet(&met, judge_id, entry)?.is_some() {
            let message =
                "you have handed in a sheet for this contestant; ask an official to declare the conflict";
            return Err(Conflict::SheetState(message).into());
        }
    }
    let tenant = view.tenant(permit.tenant())?.ok_or(ServiceError::NotFound(Kind::Tenant))?;
    Ok(live(insert(transaction, &tenant.place(), id, conflict)?))
}
