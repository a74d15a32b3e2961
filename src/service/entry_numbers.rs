//! Numbers of entries: given, asked for or refused as the contest's numbering has it, and named when one that is asked
//! for is taken. Everything happens inside the writing operation, so no two entries ever get the same.

use std::{any::Any, collections::HashSet};

use super::{Conflict, ServiceError};
use crate::{
    domain::{Contest, Entry, Event, Kind, Noun, NumberRefusal, Numbering, Visibility},
    store::{Lineage, Live, LiveRow, Place, Transaction},
};

/// The numbering of a contest: its own, or that of its event.
pub(super) fn numbering_of(live: &Live<'_>, contest: &Lineage) -> Result<Numbering, ServiceError> {
    let (tenant, event) = (contest.tenant(), contest.id_of(Kind::Event));
    let own = live.find::<Contest>(tenant, contest.id())?.and_then(|row| row.body().numbering);
    let of_event = || match event {
        Some(event) => {
            Ok::<_, ServiceError>(live.find::<Event>(tenant, event)?.and_then(|row| row.body().numbering))
        }
        None => Ok(None),
    };
    Ok(own.map_or_else(of_event, |own| Ok(Some(own)))?.unwrap_or_default())
}

/// The body of a new row with a number, if it is an entry without one.
pub(super) fn with_number<N: Noun>(
    transaction: &Transaction<'_>,
    place: &Place,
    mut body: N,
) -> Result<N, ServiceError> {
    if let Some(entry) = (&mut body as &mut dyn Any).downcast_mut::<Entry>() {
        ensure_taken_by(numbering_of(&transaction.live(), place.lineage())?, entry.number)?;
        if entry.number.is_none() {
            entry.number = Some(next(transaction, place.lineage())?);
        }
    }
    Ok(body)
}

/// A change of an entry leaves its number alone, or changes it as the numbering allows.
pub(super) fn ensure_number_may_change<N: Noun>(
    live: &Live<'_>,
    row: &LiveRow<N>,
    body: &N,
) -> Result<(), ServiceError> {
    let old = (row as &dyn Any).downcast_ref::<LiveRow<Entry>>();
    let (Some(old), Some(new)) = (old, (body as &dyn Any).downcast_ref::<Entry>()) else { return Ok(()) };
    match row.lineage().ancestors().next() {
        Some(contest) if old.body().number != new.number => {
            let numbering = numbering_of(live, &contest)?;
            // What the box has given it does not take away: only another of its own would be as good.
            let number = if matches!(numbering, Numbering::Automatic { .. }) { Some(0) } else { new.number };
            ensure_taken_by(numbering, number)
        }
        _ => Ok(()),
    }
}

fn ensure_taken_by(numbering: Numbering, number: Option<u32>) -> Result<(), ServiceError> {
    match numbering.refuses(number) {
        Some(NumberRefusal::Required) => {
            let message = "numbers of this contest are given by hand: say which one";
            Err(ServiceError::fault("number_required", "/number", message))
        }
        Some(NumberRefusal::Given) => {
            let message = "numbers of this contest are given by the system: leave it out";
            Err(ServiceError::fault("number_given", "/number", message))
        }
        None => Ok(()),
    }
}

/// The number that a contest's next entry gets.
pub(super) fn next(transaction: &Transaction<'_>, contest: &Lineage) -> Result<u32, ServiceError> {
    let start = numbering_of(&transaction.live(), contest)?.start();
    let entries = transaction.with_deleted().children::<Entry>(contest)?;
    let numbers = |held_only: bool| {
        let held = |visibility: &Visibility| !matches!(visibility, Visibility::Deleted(_));
        let entries = entries.iter().filter(move |found| !held_only || held(&found.visibility));
        entries.filter_map(|found| found.row.body.number).collect::<HashSet<u32>>()
    };
    let full = || Conflict::TooMany { kind: Kind::Entry, limit: super::guards::SIBLINGS_MAX };
    Ok(next_after(start, &numbers(false), &numbers(true)).ok_or_else(full)?)
}

/// One more than the highest number ever used, and not below the first one, so that an entry in the trash finds its
/// number free when it comes back. When that is beyond the highest there can be, the lowest that was never used; when
/// all were, the lowest that nobody wears.
fn next_after(start: u32, used: &HashSet<u32>, worn: &HashSet<u32>) -> Option<u32> {
    let after_highest = used.iter().max().map_or(start, |highest| start.max(highest + 1));
    let lowest_without =
        |taken: &HashSet<u32>| (1..=Entry::NUMBER_MAX).find(|number| !taken.contains(number));
    Some(after_highest)
        .filter(|number| *number <= Entry::NUMBER_MAX)
        .or_else(|| lowest_without(used))
        .or_else(|| lowest_without(worn))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Entry, next_after};

    fn next(used: impl IntoIterator<Item = u32>, worn: impl IntoIterator<Item = u32>) -> Option<u32> {
        next_after(1, &HashSet::from_iter(used), &HashSet::from_iter(worn))
    }

    #[test]
    fn numbers_go_up_from_the_highest_ever_used() {
        assert_eq!(next([], []), Some(1));
        assert_eq!(next([1, 2, 7], [1, 2]), Some(8), "7 lies in the trash");
    }

    #[test]
    fn the_first_number_is_where_the_contest_starts() {
        let from_101 = |used: &[u32]| next_after(101, &used.iter().copied().collect(), &HashSet::new());
        assert_eq!(from_101(&[]), Some(101));
        assert_eq!(from_101(&[3, 4]), Some(101), "given before the start was set");
        assert_eq!(from_101(&[101, 105]), Some(106));
    }

    #[test]
    fn behind_the_last_number_gaps_are_filled() {
        let last = Entry::NUMBER_MAX;
        assert_eq!(next([1, 3, last], [1]), Some(2));
        assert_eq!(next(1..=last, [1, 2]), Some(3), "all were used, and nobody wears 3 any more");
        assert_eq!(next(1..=last, 1..=last), None);
    }
}
