//! What is compared to rank entries, and what of it is shown. Depends on `exact` and the direction in which
//! figures win.

use std::cmp::Ordering;

use super::{Direction, Exact};

/// What a rule compares of one entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Measure {
    /// A number; having none is worse than any.
    Figure { value: Option<Exact>, wins: Direction },
    /// The places judges gave, best first; at the first difference the better place wins, then the longer
    /// list. That is the same as counting firsts, then seconds, and so on.
    Places(Vec<u32>),
}

impl Measure {
    /// The order that puts the winner first.
    pub fn best_first(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Figure { value: Some(left), wins }, Self::Figure { value: Some(right), .. }) => {
                wins.best_first(left, right)
            }
            (Self::Figure { value: left, .. }, Self::Figure { value: right, .. }) => {
                right.is_some().cmp(&left.is_some())
            }
            (Self::Places(left), Self::Places(right)) => {
                let common = left.len().min(right.len());
                left.iter().take(common).cmp(right.iter().take(common)).then(right.len().cmp(&left.len()))
            }
            // One rule measures all entries alike.
            (Self::Figure { .. }, Self::Places(_)) | (Self::Places(_), Self::Figure { .. }) => {
                Ordering::Equal
            }
        }
    }

    /// The number to show, and for counts of places which place is counted: the first that differs from
    /// `other`.
    pub fn figure_against(&self, other: &Self) -> (Option<Exact>, Option<u32>) {
        match (self, other) {
            (Self::Figure { value, .. }, _) => (value.clone(), None),
            (Self::Places(own), Self::Places(others)) => {
                let differs = (0..own.len().max(others.len())).find(|at| own.get(*at) != others.get(*at));
                let place =
                    differs.and_then(|at| own.get(at).into_iter().chain(others.get(at)).min().copied());
                let count = place.map(|place| own.iter().filter(|own| **own == place).count());
                (count.and_then(|count| u32::try_from(count).ok()).map(Exact::from), place)
            }
            (Self::Places(_), Self::Figure { .. }) => (None, None),
        }
    }
}
