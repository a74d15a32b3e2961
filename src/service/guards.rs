//! Guards: what the state of things does not allow. They hold for create, update, delete and restore alike, run
//! inside the writing operation, and cost the same for a small event and a large one.

use std::any::Any;

use super::{
    Conflict, Permit, ServiceError, conflicts, entry_numbers::ensure_number_may_change,
    settings::ensure_unlocking_stays_safe,
};
use crate::{
    domain::{
        Action, Assignment, Category, Criterion, CriterionId, CustomField, EntrantRule, Entry, Fault, File,
        Grant, Kind, Noun, Role, SYSTEM_TENANT, Scope, TenantId, User, UserId, noun::Reference,
        scoring::TieBreak,
    },
    store::{Closed, Lineage, Live, LiveRow, Place, Transaction, WithDeleted},
};

/// Most siblings beneath one parent below an event.
pub const SIBLINGS_MAX: usize = 2_000;

/// Nothing on the way from the event down to this is locked or archived.
pub fn ensure_open(live: &Live<'_>, lineage: &Lineage) -> Result<(), ServiceError> {
    let closed = live.closed_on_the_way(lineage)?;
    refuse_locked(&closed)?;
    match closed.first() {
        Some(archived) => Err(Conflict::Archived { kind: archived.kind, id: archived.id }.into()),
        None => Ok(()),
    }
}

/// Nothing on the way from the event down to this is locked.
pub fn ensure_unlocked(live: &Live<'_>, lineage: &Lineage) -> Result<(), ServiceError> {
    refuse_locked(&live.closed_on_the_way(lineage)?)
}

fn refuse_locked(closed: &[Closed]) -> Result<(), ServiceError> {
    match closed.iter().find(|closed| closed.locked) {
        Some(Closed { kind, id, .. }) => Err(Conflict::Locked { kind: *kind, id: *id }.into()),
        None => Ok(()),
    }
}

/// A new row may hang here: the place is open and has room, and what the row points at is live and fits.
pub fn before_insert<N: Noun>(
    transaction: &Transaction<'_>,
    place: &Place,
    body: &N,
) -> Result<(), ServiceError> {
    let live = &transaction.live();
    ensure_open(live, place.lineage())?;
    if N::KIND == Kind::Entry {
        ensure_no_locked_category_gains(transaction, place)?;
    }
    ensure_references(live, place.lineage(), &body.references())?;
    let limited = N::KIND == Kind::Field || N::KIND.parent().is_some_and(|parent| parent != Kind::Tenant);
    if limited && !live.has_room::<N>(place, SIBLINGS_MAX)? {
        return Err(Conflict::TooMany { kind: N::KIND, limit: SIBLINGS_MAX }.into());
    }
    ensure_user_of_judge(live, place.lineage(), body)?;
    conflicts::ensure_free_of_locks(live, place.lineage().tenant(), body)?;
    ensure_scopes(transaction, place.lineage().tenant(), grants_of(body))?;
    ensure_tie_breaks(live, None, body)
}

/// A body may replace another one.
pub fn before_update<N: Noun>(
    transaction: &Transaction<'_>,
    row: &LiveRow<N>,
    body: &N,
) -> Result<(), ServiceError> {
    let live = &transaction.live();
    ensure_open(live, row.lineage())?;
    if N::KIND == Kind::Entry {
        ensure_entry_free(transaction, row.lineage())?;
    }
    ensure_field_stays(row.body(), body)?;
    ensure_content_stays(row.body(), body)?;
    ensure_unlocking_stays_safe(transaction, row.lineage().tenant(), row.body(), body)?;
    ensure_points_alike(live, row, body)?;
    ensure_number_may_change(live, row, body)?;
    ensure_user_of_judge(live, row.lineage(), body)?;
    if grants_of(row.body()) != grants_of(body) {
        ensure_scopes(transaction, row.lineage().tenant(), grants_of(body))?;
    }
    ensure_tie_breaks(live, Some(row), body)?;
    let changed = (row as &dyn Any).downcast_ref::<LiveRow<Criterion>>();
    if let (Some(old), Some(new)) = (changed, (body as &dyn Any).downcast_ref::<Criterion>())
        && !old.body().same_scale(new)
        && criterion_has_marks(&transaction.with_deleted(), old)?
    {
        return Err(Conflict::HasMarks.into());
    }
    Ok(())
}

/// What a row points at never changes, but for what a file is about, which then has to be live.
fn ensure_points_alike<N: Noun>(live: &Live<'_>, row: &LiveRow<N>, body: &N) -> Result<(), ServiceError> {
    let (before, after) = (row.body().references(), body.references());
    if N::KIND == Kind::File {
        let moved = before != after;
        return if moved { ensure_references(live, row.lineage(), &after) } else { Ok(()) };
    }
    match before.iter().zip(&after).find(|(old, new)| old != new) {
        Some((moved, _)) => {
            let message = "never changes; delete this and create another";
            Err(ServiceError::fault("immutable", moved.pointer, message))
        }
        None => Ok(()),
    }
}

/// What was uploaded never changes.
fn ensure_content_stays<N: Noun>(old: &N, new: &N) -> Result<(), ServiceError> {
    let (old, new): (&dyn Any, &dyn Any) = (old, new);
    let files = old.downcast_ref::<File>().zip(new.downcast_ref::<File>());
    match files.and_then(|(old, new)| old.immutable(new)) {
        Some(pointer) => {
            Err(ServiceError::fault("immutable", pointer, "tells what was uploaded; upload another file"))
        }
        None => Ok(()),
    }
}

/// What a custom field is asked of, its key and its type never change: values are stored under them.
fn ensure_field_stays<N: Noun>(old: &N, new: &N) -> Result<(), ServiceError> {
    let (old, new): (&dyn Any, &dyn Any) = (old, new);
    let moved = old.downcast_ref::<CustomField>().zip(new.downcast_ref::<CustomField>());
    match moved.and_then(|(old, new)| old.immutable(new)) {
        Some(pointer) => {
            Err(ServiceError::fault("immutable", pointer, "never changes; delete this and create another"))
        }
        None => Ok(()),
    }
}

/// A row may be deleted.
pub fn before_delete<N: Noun>(transaction: &Transaction<'_>, row: &LiveRow<N>) -> Result<(), ServiceError> {
    let live = transaction.live();
    ensure_unlocked(&live, row.lineage())?;
    ensure_free_of_locks(transaction, row.lineage())?;
    conflicts::ensure_free_of_locks(&live, row.lineage().tenant(), row.body())?;
    if N::KIND == Kind::Tenant && row.id() == SYSTEM_TENANT.uuid() {
        return Err(Conflict::SystemTenant.into());
    }
    Ok(())
}

/// Judges and contestants belong to the tenant, but what is done to one is done to all its assignments and entries:
/// all of them, hidden ones too, must be within the scope of the actor's grants.
pub fn ensure_in_reach(
    transaction: &Transaction<'_>,
    permit: &Permit,
    lineage: &Lineage,
) -> Result<(), ServiceError> {
    ensure_in_reach_of(&transaction.with_deleted(), permit, lineage, Action::ManageEvents)
}

/// As [`ensure_in_reach`], for an action of its own.
pub fn ensure_in_reach_of(
    all: &WithDeleted<'_>,
    permit: &Permit,
    lineage: &Lineage,
    action: Action,
) -> Result<(), ServiceError> {
    let (tenant, id) = (lineage.tenant(), lineage.id());
    let reaches = |of: &Lineage| permit.allows(action, of);
    let in_reach = match lineage.kind() {
        Kind::Judge => all.referrers::<Assignment>(tenant, id)?.iter().all(|found| reaches(&found.lineage)),
        Kind::Contestant => all.referrers::<Entry>(tenant, id)?.iter().all(|found| reaches(&found.lineage)),
        _ => true,
    };
    if in_reach { Ok(()) } else { Err(ServiceError::OutOfScope { kind: lineage.kind(), action }) }
}

/// A row may come back.
pub fn before_restore(transaction: &Transaction<'_>, lineage: &Lineage) -> Result<(), ServiceError> {
    ensure_unlocked(&transaction.live(), lineage)?;
    ensure_free_of_locks(transaction, lineage)
}

/// Events and contests carry a counter; for a judge or contestant their assignments or entries are walked, those too
/// that are out of sight only because the judge or contestant is.
fn ensure_free_of_locks(transaction: &Transaction<'_>, lineage: &Lineage) -> Result<(), ServiceError> {
    let (all, tenant, id) = (transaction.with_deleted(), lineage.tenant(), lineage.id());
    match lineage.kind() {
        Kind::Event | Kind::Contest => ensure_nothing_locked_beneath(transaction, lineage),
        Kind::Judge => {
            let assignments = all.referrers::<Assignment>(tenant, id)?;
            assignments.iter().try_for_each(|found| ensure_unlocked(&transaction.live(), &found.lineage))
        }
        Kind::Contestant => {
            let entries = all.referrers::<Entry>(tenant, id)?;
            entries.iter().try_for_each(|found| ensure_entry_free(transaction, &found.lineage))
        }
        Kind::Entry => ensure_entry_free(transaction, lineage),
        _ => Ok(()),
    }
}

/// An entry shows in every category of its contest: none of them may be locked.
fn ensure_entry_free(transaction: &Transaction<'_>, entry: &Lineage) -> Result<(), ServiceError> {
    ensure_unlocked(&transaction.live(), entry)?;
    entry.ancestors().take(1).try_for_each(|contest| ensure_nothing_locked_beneath(transaction, &contest))
}

/// Nothing beneath an event or contest is locked, so that it may go and the entries of the contest may change.
pub fn ensure_nothing_locked_beneath(
    transaction: &Transaction<'_>,
    above: &Lineage,
) -> Result<(), ServiceError> {
    let Some(locked) = transaction.locked_beneath(above)? else { return Ok(()) };
    let (kind, id) = (locked.kind(), locked.id());
    let name = transaction.with_deleted().label(above.tenant(), kind, id)?.unwrap_or_default();
    Err(Conflict::LockedBeneath { above: above.kind(), kind, id, name }.into())
}

/// A new entry takes part in every category of its contest that takes all: none of these may be locked.
fn ensure_no_locked_category_gains(
    transaction: &Transaction<'_>,
    contest: &Place,
) -> Result<(), ServiceError> {
    if transaction.locked_beneath(contest.lineage())?.is_none() {
        return Ok(());
    }
    let categories = transaction.live().children::<Category>(contest)?;
    let gains = |category: &&LiveRow<Category>| {
        category.row().locked_at.is_some() && category.body().entrants == EntrantRule::All
    };
    match categories.iter().find(gains) {
        Some(category) => {
            let (kind, name) = (Kind::Category, category.body().name.clone());
            Err(Conflict::LockedBeneath { above: Kind::Contest, kind, id: category.id(), name }.into())
        }
        None => Ok(()),
    }
}

/// Rules that a category did not have yet look at its own live criteria.
fn ensure_tie_breaks<N: Noun>(
    live: &Live<'_>,
    row: Option<&LiveRow<N>>,
    body: &N,
) -> Result<(), ServiceError> {
    let Some(body) = (body as &dyn Any).downcast_ref::<Category>() else { return Ok(()) };
    let row = row.and_then(|row| (row as &dyn Any).downcast_ref::<LiveRow<Category>>());
    let criteria = row.map_or(Ok(Vec::new()), |row| live.children::<Criterion>(&row.place()))?;
    let known = |rule: &TieBreak| row.is_some_and(|row| row.body().tie_breaks.contains(rule));
    let fault = |(index, rule): (usize, &TieBreak)| match rule {
        TieBreak::Criterion { criterion_id }
            if !known(rule) && !criteria.iter().any(|row| row.id() == criterion_id.uuid()) =>
        {
            let pointer = format!("/tieBreaks/{index}/criterionId");
            Some(Fault::new(pointer, "is not a live criterion of this category"))
        }
        _ => None,
    };
    let faults: Vec<Fault> = body.tie_breaks.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(ServiceError::invalid(faults)) }
}

/// What a user may do; nothing of any other noun.
pub fn grants_of<N: Noun>(body: &N) -> &[Grant] {
    (body as &dyn Any).downcast_ref::<User>().map_or(&[], |user| &user.grants)
}

/// The events and contests that grants are for are the tenant's own.
pub fn ensure_scopes(
    transaction: &Transaction<'_>,
    tenant: TenantId,
    grants: &[Grant],
) -> Result<(), ServiceError> {
    let all = transaction.with_deleted();
    let mut faults = Vec::new();
    for (index, grant) in grants.iter().enumerate() {
        let (kind, id) = match grant.scope {
            Scope::Tenant {} => continue,
            Scope::Event { id } => (Kind::Event, id.uuid()),
            Scope::Contest { id } => (Kind::Contest, id.uuid()),
        };
        if all.lineage(tenant, kind, id)?.is_none() {
            let message = format!("there is no such {kind} in this tenant");
            faults.push(Fault::new(format!("/grants/{index}/scope/id"), message));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(ServiceError::invalid(faults)) }
}

/// What a row points at is live and can stand where the row does.
pub fn ensure_references(
    live: &Live<'_>,
    parent: &Lineage,
    references: &[Reference],
) -> Result<(), ServiceError> {
    for reference in references {
        let target = live.live_lineage(parent.tenant(), reference.kind, reference.id)?;
        let fits = |target: &Lineage| {
            reference.apart
                || reference.kind != Kind::Entry
                || target.id_of(Kind::Contest) == parent.id_of(Kind::Contest)
        };
        if !target.as_ref().is_some_and(fits) {
            let message = format!("is not a live {} that can stand here", reference.kind);
            return Err(ServiceError::invalid(vec![Fault::new(reference.pointer, message)]));
        }
    }
    Ok(())
}

/// The account a judge signs in with must be a live one of the tenant.
fn ensure_user_of_judge(live: &Live<'_>, lineage: &Lineage, body: &dyn Any) -> Result<(), ServiceError> {
    let judge = body.downcast_ref::<crate::domain::Judge>();
    let Some(user) = judge.and_then(|judge| judge.user_id) else { return Ok(()) };
    match live.find::<User>(lineage.tenant(), user.uuid())? {
        Some(_) => Ok(()),
        None => Err(ServiceError::fault("invalid", "/userId", "is not a live user of this tenant")),
    }
}

/// Whether a criterion has marks, be they in the trash: a restored one has to mean what it meant.
fn criterion_has_marks(all: &WithDeleted<'_>, criterion: &LiveRow<Criterion>) -> Result<bool, ServiceError> {
    let lineage = criterion.lineage();
    let category = all.live().find::<Category>(lineage.tenant(), lineage.parent())?;
    let id = CriterionId::new(criterion.id());
    category.map_or(Ok(false), |category| Ok(all.has_marks(&category, id)?))
}

/// After a change to users the tenant still has somebody who can sign in and run it, if it had before.
pub fn ensure_admin_left(
    transaction: &Transaction<'_>,
    before: usize,
    tenant: TenantId,
) -> Result<(), ServiceError> {
    if before > 0 && admins(&transaction.live(), tenant)? == 0 {
        return Err(Conflict::LastAdmin(running_role(tenant)).into());
    }
    Ok(())
}

/// How many live users run a tenant and have a password to sign in with.
pub fn admins(live: &Live<'_>, tenant: TenantId) -> Result<usize, ServiceError> {
    let Some(row) = live.tenant(tenant)? else { return Ok(0) };
    let role = running_role(tenant);
    let mut count = 0;
    for user in live.children::<User>(&row.place())? {
        let runs = user.body().grants.iter().any(|grant| grant.role == role);
        if runs && live.credential(UserId::new(user.id()))?.is_some() {
            count += 1;
        }
    }
    Ok(count)
}

fn running_role(tenant: TenantId) -> Role {
    if tenant == SYSTEM_TENANT { Role::SuperAdmin } else { Role::Admin }
}
