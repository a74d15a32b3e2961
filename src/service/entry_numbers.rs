//! Numbers of entries: the next free one is given when none is asked for, and named when the one asked for is taken.

use std::{any::Any, collections::HashSet};

use super::{Conflict, ServiceError};
use crate::{
    domain::{Entry, Kind, Noun, Visibility},
    store::{Lineage, Place, Transaction},
};

/// The body with a number, if it is an entry without one.
pub(super) fn with_number<N: Noun>(
    transaction: &Transaction<'_>,
    place: &Place,
    mut body: N,
) -> Result<N, ServiceError> {
    if let Some(entry) = (&mut body as &mut dyn Any).downcast_mut::<Entry>()
        && entry.number.is_none()
    {
        entry.number = Some(next(transaction, place.lineage())?);
    }
    Ok(body)
}

/// The number that a contest's next entry gets.
pub(super) fn next(transaction: &Transaction<'_>, contest: &Lineage) -> Result<u32, ServiceError> {
    let entries = transaction.with_deleted().children::<Entry>(contest)?;
    let numbers = |held_only: bool| {
        let held = |visibility: &Visibility| !matches!(visibility, Visibility::Deleted(_));
        let entries = entries.iter().filter(move |found| !held_only || held(&found.visibility));
        entries.filter_map(|found| found.row.body.number).collect::<HashSet<u32>>()
    };
    let full = || Conflict::TooMany { kind: Kind::Entry, limit: super::guards::SIBLINGS_MAX };
    Ok(next_after(&numbers(false), &numbers(true)).ok_or_else(full)?)
}

/// One more than the highest number ever used, so that an entry in the trash finds its number free when it comes back.
/// When that is beyond the highest there can be, the lowest that was never used; when all were, the lowest that nobody
/// wears.
fn next_after(used: &HashSet<u32>, worn: &HashSet<u32>) -> Option<u32> {
    let after_highest = used.iter().max().map_or(1, |highest| highest + 1);
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
        next_after(&HashSet::from_iter(used), &HashSet::from_iter(worn))
    }

    #[test]
    fn numbers_go_up_from_the_highest_ever_used() {
        assert_eq!(next([], []), Some(1));
        assert_eq!(next([1, 2, 7], [1, 2]), Some(8), "7 lies in the trash");
    }

    #[test]
    fn behind_the_last_number_gaps_are_filled() {
        let last = Entry::NUMBER_MAX;
        assert_eq!(next([1, 3, last], [1]), Some(2));
        assert_eq!(next(1..=last, [1, 2]), Some(3), "all were used, and nobody wears 3 any more");
        assert_eq!(next(1..=last, 1..=last), None);
    }
}
