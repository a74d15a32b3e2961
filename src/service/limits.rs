//! Limits that organisers set: how many contestants an event takes, and how many entrants a category. They are looked
//! at after a change, inside its operation, and a refusal takes the change back.

use std::{any::Any, collections::BTreeSet};

use uuid::Uuid;

use super::{Conflict, ServiceError, sheets::entries_of};
use crate::{
    domain::{Category, Contest, Entry, Event, Kind, Noun},
    store::{Lineage, Live, LiveRow, Transaction},
};

/// After a row came to be or came back: what it joins takes it.
///
/// # Errors
/// [`Conflict::OverLimit`] names what is full.
pub(super) fn after_coming<N: Noun>(
    transaction: &Transaction<'_>,
    row: &Lineage,
) -> Result<(), ServiceError> {
    let live = &transaction.live();
    match N::KIND {
        Kind::Entry => ensure_contest_in_limits(live, row),
        Kind::Entrant | Kind::Category => ensure_category_in_limits(live, row),
        Kind::Contest => ensure_event_in_limits(live, row),
        Kind::Contestant => live
            .referrers::<Entry>(row.tenant(), row.id())?
            .iter()
            .try_for_each(|entry| ensure_contest_in_limits(live, entry.lineage())),
        _ => Ok(()),
    }
}

/// After a change of a body: no limit has come to lie below what is there.
///
/// # Errors
/// [`Conflict::OverLimit`] names what has more than the new limit.
pub(super) fn after_update<N: Noun>(
    transaction: &Transaction<'_>,
    before: &N,
    after: &LiveRow<N>,
) -> Result<(), ServiceError> {
    let (before, after): (&dyn Any, &dyn Any) = (before, after);
    if let (Some(old), Some(new)) =
        (before.downcast_ref::<Category>(), after.downcast_ref::<LiveRow<Category>>())
        && (old.max_entrants, old.entrants) != (new.body().max_entrants, new.body().entrants)
    {
        return ensure_entrants(&transaction.live(), new);
    }
    if let (Some(old), Some(new)) = (before.downcast_ref::<Event>(), after.downcast_ref::<LiveRow<Event>>())
        && old.max_contestants != new.body().max_contestants
    {
        return ensure_contestants(&transaction.live(), new);
    }
    Ok(())
}

/// The event above and all categories of the contest above.
fn ensure_contest_in_limits(live: &Live<'_>, row: &Lineage) -> Result<(), ServiceError> {
    ensure_event_in_limits(live, row)?;
    let Some(contest) = find_above::<Contest>(live, row, Kind::Contest)? else { return Ok(()) };
    let categories = live.children::<Category>(&contest.place())?;
    categories.iter().try_for_each(|category| ensure_entrants(live, category))
}

fn ensure_event_in_limits(live: &Live<'_>, row: &Lineage) -> Result<(), ServiceError> {
    find_above::<Event>(live, row, Kind::Event)?.map_or(Ok(()), |event| ensure_contestants(live, &event))
}

fn ensure_category_in_limits(live: &Live<'_>, row: &Lineage) -> Result<(), ServiceError> {
    let category = find_above::<Category>(live, row, Kind::Category)?;
    category.map_or(Ok(()), |category| ensure_entrants(live, &category))
}

fn find_above<N: Noun>(
    live: &Live<'_>,
    row: &Lineage,
    kind: Kind,
) -> Result<Option<LiveRow<N>>, ServiceError> {
    row.id_of(kind).map_or(Ok(None), |id| Ok(live.find::<N>(row.tenant(), id)?))
}

fn ensure_entrants(live: &Live<'_>, category: &LiveRow<Category>) -> Result<(), ServiceError> {
    let Some(limit) = category.body().max_entrants else { return Ok(()) };
    ensure_at_most(limit, entries_of(live, category)?.len(), Kind::Category, category)
}

fn ensure_contestants(live: &Live<'_>, event: &LiveRow<Event>) -> Result<(), ServiceError> {
    let Some(limit) = event.body().max_contestants else { return Ok(()) };
    let mut contestants: BTreeSet<Uuid> = BTreeSet::new();
    for contest in live.children::<Contest>(&event.place())? {
        let entries = live.children::<Entry>(&contest.place())?;
        contestants.extend(entries.iter().map(|entry| entry.body().contestant_id.uuid()));
    }
    ensure_at_most(limit, contestants.len(), Kind::Event, event)
}

fn ensure_at_most<N: Noun>(
    limit: u32,
    there_are: usize,
    kind: Kind,
    row: &LiveRow<N>,
) -> Result<(), ServiceError> {
    if usize::try_from(limit).is_ok_and(|limit| there_are > limit) {
        return Err(Conflict::OverLimit { kind, id: row.id(), name: row.body().label(), limit }.into());
    }
    Ok(())
}
