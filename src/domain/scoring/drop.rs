//! Dropping the best and the worst of several figures. "Best" and "worst", never "high" and "low": where
//! places are added, the lowest is the best. Depends on nothing but the direction in which figures win.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Direction;
use crate::domain::{Fault, JudgeId};

/// Most figures of an entry that can be dropped.
const DROPPED_MAX: usize = 100;

/// How many of the best and of the worst figures of an entry do not count: 100 at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DropRule {
    /// So many of the best.
    #[serde(default)]
    pub best: u8,
    /// So many of the worst.
    #[serde(default)]
    pub worst: u8,
}

/// What the best and worst are dropped of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DropPer {
    /// The judges' totals for an entry.
    #[default]
    JudgeTotal,
    /// The judges' marks for one criterion of an entry, each criterion for itself.
    Criterion,
}

/// Whether a figure counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Dropped {
    /// It counts.
    #[default]
    No,
    /// Dropped as one of the best.
    Best,
    /// Dropped as one of the worst.
    Worst,
}

impl DropRule {
    /// How many figures do not count.
    pub fn count(self) -> usize {
        usize::from(self.best) + usize::from(self.worst)
    }

    /// What is wrong with it: it drops more than any panel has.
    pub(super) fn fault(self) -> Option<Fault> {
        let message = || format!("must not drop more than {DROPPED_MAX}, best and worst together");
        (self.count() > DROPPED_MAX).then(|| Fault::new("/drop", message()))
    }

    /// Which of the figures present are dropped, in their order: exactly `best` and `worst` of them, whatever
    /// equals what. Among equals the judge's id decides, so that the order of judges never matters. Nothing
    /// if none is left.
    pub fn apply<T: Ord>(self, figures: &[(JudgeId, T)], wins: Direction) -> Option<Vec<Dropped>> {
        if figures.len() <= self.count() {
            return None;
        }
        let mut dropped = vec![Dropped::No; figures.len()];
        if self.count() == 0 {
            return Some(dropped);
        }
        let mut best_first: Vec<_> = figures.iter().zip(&mut dropped).collect();
        best_first.sort_by(|((left_judge, left), _), ((right_judge, right), _)| {
            wins.best_first(left, right).then(left_judge.cmp(right_judge))
        });
        for (_, dropped) in best_first.iter_mut().take(self.best.into()) {
            **dropped = Dropped::Best;
        }
        for (_, dropped) in best_first.iter_mut().rev().take(self.worst.into()) {
            **dropped = Dropped::Worst;
        }
        Some(dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::{Direction, DropRule, Dropped};
    use crate::domain::scoring::example::judge;

    fn drop(best: u8, worst: u8, figures: &[i32], wins: Direction) -> Option<Vec<Dropped>> {
        let figures: Vec<_> =
            figures.iter().enumerate().map(|(n, figure)| (judge(n as u128), *figure)).collect();
        DropRule { best, worst }.apply(&figures, wins)
    }

    #[test]
    fn exactly_k_are_dropped_whatever_equals_what() {
        let dropped = drop(2, 2, &[65, 70, 70, 75, 75, 80, 80], Direction::HigherWins).unwrap();
        let count = |which| dropped.iter().filter(|dropped| **dropped == which).count();
        assert_eq!((count(Dropped::Best), count(Dropped::Worst), count(Dropped::No)), (2, 2, 3));
        let equal = drop(1, 1, &[5, 5, 5], Direction::HigherWins).unwrap();
        assert_eq!(equal, [Dropped::Best, Dropped::No, Dropped::Worst]);
    }

    #[test]
    fn the_best_place_is_the_lowest() {
        let dropped = drop(1, 1, &[1, 2, 3], Direction::LowerWins).unwrap();
        assert_eq!(dropped, [Dropped::Best, Dropped::No, Dropped::Worst]);
    }

    #[test]
    fn nothing_comes_of_a_panel_that_would_be_dropped_whole() {
        assert_eq!(drop(1, 1, &[7, 8], Direction::HigherWins), None);
        assert_eq!(drop(0, 0, &[], Direction::HigherWins), None);
        assert!(drop(1, 1, &[7, 8, 9], Direction::HigherWins).is_some());
    }
}
