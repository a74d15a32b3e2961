//! Which copies are kept: one an hour for a day, one a day for a fortnight, within a number and a size, and the newest
//! in any case. Pure.

use super::CopyFile;
use crate::domain::Timestamp;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const FORTNIGHT: i64 = 14 * DAY;

/// How many copies are kept, and how large they may be together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub count: usize,
    pub bytes: u64,
}

/// The copies that are to go, of all there are, newest first.
pub(super) fn to_go(copies: &[CopyFile], now: Timestamp, budget: Budget) -> Vec<&CopyFile> {
    let mut gone = Vec::new();
    let mut last = None;
    let (mut count, mut bytes) = (0, 0_u64);
    // A clock that was wrong makes copies of the future. They are young, but take no other's place.
    let (future, others): (Vec<_>, Vec<_>) = copies.iter().partition(|copy| copy.taken_at > now);
    for copy in others.into_iter().chain(future) {
        let (taken, age) = (copy.taken_at.millis(), now.millis() - copy.taken_at.millis());
        let slot = if age < DAY { (HOUR, taken.div_euclid(HOUR)) } else { (DAY, taken.div_euclid(DAY)) };
        let newest = count == 0;
        let fits = count < budget.count && bytes.saturating_add(copy.bytes) <= budget.bytes;
        if newest || (fits && age < FORTNIGHT && last != Some(slot)) {
            last = Some(slot);
            count += 1;
            bytes = bytes.saturating_add(copy.bytes);
        } else {
            gone.push(copy);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_777_662_000_000;
    const ENOUGH: Budget = Budget { count: 1_000, bytes: u64::MAX };

    fn copies(ages: &[i64]) -> Vec<CopyFile> {
        let copy = |age: &i64| CopyFile {
            path: PathBuf::from(age.to_string()),
            taken_at: Timestamp::from_millis(NOW - age),
            bytes: 10,
        };
        let mut copies: Vec<CopyFile> = ages.iter().map(copy).collect();
        copies.sort_by_key(|copy| std::cmp::Reverse(copy.taken_at));
        copies
    }

    fn kept(copies: &[CopyFile], budget: Budget) -> Vec<CopyFile> {
        let gone = to_go(copies, Timestamp::from_millis(NOW), budget);
        copies.iter().filter(|copy| !gone.contains(copy)).cloned().collect()
    }

    #[test]
    fn one_an_hour_is_kept_for_a_day_and_one_a_day_for_a_fortnight() {
        let every_ten_minutes: Vec<i64> = (0..30 * 24 * 6).map(|count| count * HOUR / 6).collect();
        let kept = kept(&copies(&every_ten_minutes), ENOUGH);
        let young = kept.iter().filter(|copy| NOW - copy.taken_at.millis() < DAY).count();
        assert!((24..=25).contains(&young), "{young}");
        assert!((13..=15).contains(&(kept.len() - young)), "{}", kept.len() - young);
        assert!(kept.iter().all(|copy| NOW - copy.taken_at.millis() < FORTNIGHT));
    }

    #[test]
    fn the_newest_is_kept_however_old_and_large_it_is() {
        let old = copies(&[100 * DAY, 101 * DAY]);
        assert_eq!(kept(&old, ENOUGH), old[..1]);
        assert_eq!(kept(&old, Budget { count: 1, bytes: 0 }), old[..1]);
    }

    #[test]
    fn the_oldest_go_first_when_there_are_too_many_or_they_are_too_large() {
        let all = copies(&[0, HOUR, 2 * HOUR, 3 * HOUR]);
        assert_eq!(kept(&all, Budget { count: 3, bytes: u64::MAX }), all[..3]);
        assert_eq!(kept(&all, Budget { count: 9, bytes: 25 }), all[..2]);
    }

    #[test]
    fn a_copy_of_the_future_takes_no_others_place() {
        let all = copies(&[-100 * DAY, 0, HOUR]);
        assert_eq!(kept(&all, Budget { count: 2, bytes: u64::MAX }), all[1..]);
        assert_eq!(kept(&all, ENOUGH), all);
        assert_eq!(kept(&all[..1], ENOUGH), all[..1]);
    }

    proptest! {
        #[test]
        fn what_is_kept_stays_kept_when_it_is_looked_at_again(
            ages in proptest::collection::vec(-HOUR..20 * DAY, 1..80),
            count in 1_usize..60,
        ) {
            let budget = Budget { count, bytes: 300 };
            let once = kept(&copies(&ages), budget);
            prop_assert!(!once.is_empty() && once.len() <= count);
            prop_assert_eq!(kept(&once, budget), once);
        }
    }
}
