//! Changes to any noun within one operation of the store: create, change, delete, restore, each with its checks and
//! guards. One request makes one of them, bulk work many. Uses the store and what guards it.

use uuid::Uuid;

use super::{
    Conflict, Deletion, Permit, ServiceError,
    accounts::ensure_may_give,
    checks::check,
    conflicts,
    custom_fields::settled,
    entry_numbers::with_number,
    file_reach, guards,
    impact::Stakes,
    limits,
    resources::{find_for_change, find_live, live, parent_place},
    taken,
    versions::{Versions, ensure_expected},
};
use crate::{
    domain::{JudgeId, Kind, Noun, UserId, Visibility},
    store::{Found, Lineage, LiveRow, Place, Transaction},
};

/// Creates a resource beneath a parent (the tenant itself for what hangs beneath it); `confirmed` if sheets may lack
/// marks because of it.
///
/// # Errors
/// The parent is not there or not open, the body breaks rules, a unique value is taken, sheets would lack marks
/// unconfirmed.
pub(super) fn create<N: Noun>(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    parent: Uuid,
    id: Uuid,
    body: N,
    confirmed: bool,
) -> Result<Found<N>, ServiceError> {
    let place = parent_place::<N>(&transaction.live(), permit, parent)?;
    check(&body)?;
    ensure_may_give(permit, permit.tenant(), guards::grants_of(&body))?;
    conflicts::ensure_in_reach(&transaction.live(), permit, &body)?;
    file_reach::ensure_in_reach(&transaction.with_deleted(), permit, &body)?;
    let body = settled(&transaction.live(), permit, None, body)?;
    let coming = || Stakes::of_coming(&transaction.live(), place.lineage(), &body);
    let stakes = (!confirmed).then(coming).transpose()?;
    let row = insert(transaction, &place, id, body)?;
    ensure_none_at_stake(transaction, stakes)?;
    Ok(live(row))
}

/// Changes the body of a resource; `confirmed` if marks may go out of sight.
///
/// # Errors
/// It is not there or not open, `change` refuses, the new body breaks rules, somebody else changed it, marks would go
/// out of sight unconfirmed.
pub(super) fn update<N: Noun>(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    id: Uuid,
    expected: Option<&Versions>,
    confirmed: bool,
    change: &dyn Fn(&N) -> Result<N, ServiceError>,
) -> Result<Found<N>, ServiceError> {
    let row = find_live::<N>(&transaction.live(), permit, id)?;
    guards::ensure_in_reach(transaction, permit, row.lineage())?;
    conflicts::ensure_in_reach(&transaction.live(), permit, row.body())?;
    file_reach::ensure_in_reach(&transaction.with_deleted(), permit, row.body())?;
    let body = change(row.body())?;
    check(&body)?;
    file_reach::ensure_in_reach(&transaction.with_deleted(), permit, &body)?;
    let body = settled(&transaction.live(), permit, Some(row.body()), body)?;
    ensure_expected(expected, row.row().version)?;
    if &body == row.body() {
        return Ok(live(row));
    }
    if guards::grants_of(row.body()) != guards::grants_of(&body) {
        ensure_may_give(permit, permit.tenant(), guards::grants_of(&body))?;
    }
    guards::before_update(transaction, &row, &body)?;
    let stakes = (!confirmed).then(|| Stakes::of_update(&transaction.live(), &row, &body)).transpose()?;
    let admins = admins_before::<N>(transaction, row.lineage())?;
    let (lineage, before) = (row.lineage().clone(), row.body().clone());
    let row = transaction
        .update(row, body)
        .map_err(|error| taken::in_names(transaction, &lineage, error.into()))?;
    limits::after_update(transaction, &before, &row)?;
    ensure_none_at_stake(transaction, stakes)?;
    guards::ensure_admin_left(transaction, admins, lineage.tenant())?;
    Ok(live(row))
}

/// Deletes a resource: it and all beneath it go out of sight until it is restored.
///
/// # Errors
/// It is not there, it or something beneath it is locked, marks would go out of sight unconfirmed.
pub(super) fn delete<N: Noun>(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    id: Uuid,
    deletion: &Deletion,
) -> Result<(), ServiceError> {
    let row = find_for_change::<N>(&transaction.live(), permit, id, deletion.expected.as_ref())?;
    guards::ensure_in_reach(transaction, permit, row.lineage())?;
    conflicts::ensure_in_reach(&transaction.live(), permit, row.body())?;
    file_reach::ensure_in_reach(&transaction.with_deleted(), permit, row.body())?;
    guards::before_delete(transaction, &row)?;
    let gone = || Stakes::of_deletion(&transaction.live(), &row);
    let stakes = (!deletion.confirmed).then(gone).transpose()?;
    let admins = admins_before::<N>(transaction, row.lineage())?;
    let tenant = row.lineage().tenant();
    match N::KIND {
        Kind::User => transaction.end_sessions(UserId::new(id), None)?,
        Kind::Judge => transaction.end_link_sessions(tenant, JudgeId::new(id))?,
        _ => {}
    }
    transaction.delete(row, deletion.reason.as_deref())?;
    ensure_none_at_stake(transaction, stakes)?;
    guards::ensure_admin_left(transaction, admins, tenant)
}

/// Restores a deleted resource exactly as it was; false if it was live already. `confirmed` if sheets may lack marks
/// because of it.
///
/// # Errors
/// It never was, something above it is deleted or locked, a unique value was taken meanwhile, sheets would lack marks
/// unconfirmed.
pub(super) fn restore<N: Noun>(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    id: Uuid,
    confirmed: bool,
) -> Result<bool, ServiceError> {
    let found = transaction.with_deleted().find::<N>(permit.tenant(), id)?;
    let found = found.filter(|found| permit.covers(&found.lineage));
    let found = found.ok_or(ServiceError::NotFound(N::KIND))?;
    match found.visibility {
        Visibility::Deleted(_) => {}
        Visibility::Live => return Ok(false),
        // Nothing of its own is deleted: only what hides it can bring it back.
        Visibility::Hidden(by) => return Err(Conflict::ParentDeleted { kind: by.kind, id: by.id }.into()),
    }
    guards::ensure_in_reach(transaction, permit, &found.lineage)?;
    conflicts::ensure_in_reach(&transaction.live(), permit, &found.row.body)?;
    file_reach::ensure_in_reach(&transaction.with_deleted(), permit, &found.row.body)?;
    guards::before_restore(transaction, &found.lineage)?;
    conflicts::ensure_free_of_locks(&transaction.live(), permit.tenant(), &found.row.body)?;
    let coming = || Stakes::of_coming(&transaction.live(), &found.lineage, &found.row.body);
    let stakes = (!confirmed).then(coming).transpose()?;
    let row = transaction
        .restore::<N>(&found.lineage)
        .map_err(|error| taken::in_names(transaction, &found.lineage, error.into()))?;
    limits::after_coming::<N>(transaction, &found.lineage)?;
    ensure_none_at_stake(transaction, stakes)?;
    row.map(|_| true).ok_or(ServiceError::NotFound(N::KIND))
}

/// Writes a new row after all checks; an entry without a number gets the next free one.
pub(super) fn insert<N: Noun>(
    transaction: &mut Transaction<'_>,
    place: &Place,
    id: Uuid,
    body: N,
) -> Result<LiveRow<N>, ServiceError> {
    guards::before_insert(transaction, place, &body)?;
    let body = with_number(transaction, place, body)?;
    let row = transaction
        .insert(place, id, body)
        .map_err(|error| taken::in_names(transaction, &place.lineage().child(N::KIND, id), error.into()))?;
    limits::after_coming::<N>(transaction, row.lineage())?;
    Ok(row)
}

/// After a change that nobody has confirmed: it is refused if marks were at stake.
fn ensure_none_at_stake(transaction: &Transaction<'_>, stakes: Option<Stakes>) -> Result<(), ServiceError> {
    stakes.map_or(Ok(()), |stakes| stakes.ensure_none(&transaction.live()))
}

fn admins_before<N: Noun>(transaction: &Transaction<'_>, lineage: &Lineage) -> Result<usize, ServiceError> {
    if N::KIND == Kind::User { guards::admins(&transaction.live(), lineage.tenant()) } else { Ok(0) }
}
