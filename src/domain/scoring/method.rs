//! The one interface that all scoring methods sit behind, and the settings that pick one. Depends on `input`
//! and `exact`; each method is a file of its own.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DropRule, Dropped, Exact, NoMark, Panel, RankSum, WeightedAverage, WeightedSum};
use crate::domain::{CriterionId, Decimal, EntryId, Fault, JudgeId};

/// A way from marks to totals.
pub trait ScoringMethod {
    /// The totals of all entries, in their order, with what every judge contributed.
    ///
    /// # Errors
    /// If marks or deductions mean nothing under this method.
    fn tally(&self, panel: &Panel) -> Result<Vec<Tally>, ScoringError>;

    /// Which end of the totals wins.
    fn total_wins(&self) -> Direction;

    /// What a mark says.
    fn marks_are(&self) -> MarksAre;

    /// Whether totals stay comparable when a mark is not there for this reason.
    fn tolerates(&self, reason: NoMark) -> bool;

    /// How many of the best and worst do not count.
    fn drops(&self) -> DropRule;

    /// Settings that contradict one another, with JSON pointers into the method.
    fn faults(&self) -> Vec<Fault>;
}

/// How marks become places: the method and its settings.
///
/// Every setting has a default, so `{"type": "weightedSum"}` is complete.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Method {
    /// Marks times weights, added over criteria and judges.
    WeightedSum(WeightedSum),
    /// Marks times weights, added over criteria, averaged over the judges present.
    WeightedAverage(WeightedAverage),
    /// Every judge ranks the entries; places, or points for places, are added.
    RankSum(RankSum),
}

impl Default for Method {
    fn default() -> Self {
        Self::WeightedSum(WeightedSum::default())
    }
}

impl Method {
    /// The rules behind the settings.
    pub fn rules(&self) -> &dyn ScoringMethod {
        match self {
            Self::WeightedSum(rules) => rules,
            Self::WeightedAverage(rules) => rules,
            Self::RankSum(rules) => rules,
        }
    }

    /// Settings that contradict one another, with JSON pointers into the method.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = self.rules().faults();
        faults.extend(self.rules().drops().fault());
        faults
    }
}

/// What a judge's mark says about an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MarksAre {
    /// How good it is: more is better.
    #[default]
    Scores,
    /// Which place the judge gives it: 1 is best.
    Places,
}

impl MarksAre {
    /// Which end of a judge's marks wins.
    pub const fn wins(self) -> Direction {
        match self {
            Self::Scores => Direction::HigherWins,
            Self::Places => Direction::LowerWins,
        }
    }
}

/// Which of two figures wins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// The higher, as for scores and points.
    HigherWins,
    /// The lower, as for places.
    LowerWins,
}

impl Direction {
    /// The order that puts the winner first.
    pub fn best_first<T: Ord>(self, left: &T, right: &T) -> Ordering {
        match self {
            Self::HigherWins => right.cmp(left),
            Self::LowerWins => left.cmp(right),
        }
    }
}

/// Why no results can be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoringError {
    /// Places given by judges have no points that could be taken.
    #[error("entry {entry} has a deduction, but judges give places, from which nothing can be deducted")]
    DeductionFromPlaces {
        /// The entry with the deduction.
        entry: EntryId,
    },
    /// A judge's place for an entry is one mark.
    #[error("judges give places on {count} criteria; places need exactly one")]
    PlacesNeedOneCriterion {
        /// How many criteria there are.
        count: usize,
    },
    /// A mark that should be a place is none.
    #[error("judge {judge} gave entry {entry} the mark {mark}, which is not a place: 1, 2, 3, ...")]
    NotAPlace {
        /// Who gave it.
        judge: JudgeId,
        /// For whom.
        entry: EntryId,
        /// The mark.
        mark: Decimal,
    },
}

/// What a method makes of one entry's marks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// The entry's total, or nothing if nothing counts: no judge has given enough, or no more than are
    /// dropped.
    pub total: Option<Exact>,
    /// What each judge contributed, in the order of the panel.
    pub judges: Vec<JudgeTotal>,
}

/// What one judge contributed to an entry's total.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JudgeTotal {
    /// The judge.
    pub judge: JudgeId,
    /// The judge's marks times weights; less deductions where the method ranks it; the place itself where
    /// marks are places. Null unless the sheet is whole: a mark that is not there is not a zero.
    pub total: Option<Exact>,
    /// Why there is no total: the most pressing reason on the sheet.
    pub no_total: Option<NoMark>,
    /// The place among the entries that this judge ranked, where places are added.
    pub place: Option<Exact>,
    /// The points earned by that place, where places earn points.
    pub points: Option<Exact>,
    /// Whether the judge's whole contribution was dropped.
    pub dropped: Dropped,
    /// Single marks that were dropped, where drops are per criterion.
    pub dropped_marks: Vec<DroppedMark>,
}

/// A single mark that does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DroppedMark {
    /// The criterion it was given for.
    pub criterion: CriterionId,
    /// As what it was dropped.
    pub dropped: Dropped,
}

impl JudgeTotal {
    /// A judge's total of which nothing is dropped or ranked yet.
    pub(super) fn new(judge: JudgeId, total: Result<Exact, Option<NoMark>>) -> Self {
        let (total, no_total) = match total {
            Ok(total) => (Some(total), None),
            Err(reason) => (None, reason),
        };
        Self {
            judge,
            total,
            no_total,
            place: None,
            points: None,
            dropped: Dropped::No,
            dropped_marks: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Method;

    #[test]
    fn the_bare_type_is_a_complete_method_and_unknown_settings_are_refused() {
        for name in ["weightedSum", "weightedAverage", "rankSum"] {
            assert!(serde_json::from_value::<Method>(json!({"type": name})).is_ok());
            assert!(serde_json::from_value::<Method>(json!({"type": name, "dorp": {}})).is_err());
        }
        assert!(serde_json::from_value::<Method>(json!({"type": "coinToss"})).is_err());
        assert!(serde_json::from_value::<Method>(json!({})).is_err());
    }

    #[test]
    fn no_panel_is_so_large_that_more_than_a_hundred_can_be_dropped() {
        for name in ["weightedSum", "weightedAverage", "rankSum"] {
            let method = |best: u8, worst: u8| {
                let drop = json!({"best": best, "worst": worst});
                serde_json::from_value::<Method>(json!({"type": name, "drop": drop})).unwrap()
            };
            assert!(method(50, 50).faults().is_empty());
            assert_eq!(method(51, 50).faults()[0].pointer, "/drop");
        }
    }

    #[test]
    fn settings_read_back_from_their_stored_form() {
        let method: Method = serde_json::from_value(json!({
            "type": "weightedAverage", "drop": {"best": 1, "worst": 2}, "dropPer": "criterion",
            "rounding": {"criterionPanel": {"mode": "halfEven", "digits": 3}}, "normaliseWeights": true,
        }))
        .unwrap();
        let stored = rmp_serde::to_vec_named(&method).unwrap();
        assert_eq!(rmp_serde::from_slice::<Method>(&stored).unwrap(), method);
    }
}
