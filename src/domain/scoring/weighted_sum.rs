//! Weighted sum: marks times weights, added over criteria and judges; the highest total wins.
//! Depends on `weighted`, which it shares with the weighted average.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Direction, DropPer, DropRule, MarksAre, NoMark, Panel, Rounding, ScoringError, ScoringMethod, Tally,
    weighted::{Combine, Weighted},
};
use crate::domain::Fault;

/// Settings of the weighted sum.
///
/// Sums over panels of different size cannot be compared, so an entry that lacks any mark is flagged,
/// whatever the reason. Where judges may abstain or be recused, the weighted average is the right method.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WeightedSum {
    /// How many of the best and worst do not count.
    #[serde(default)]
    pub drop: DropRule,
    /// What they are dropped of.
    #[serde(default)]
    pub drop_per: DropPer,
    /// Where numbers are rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// Whether deductions stop at zero.
    #[serde(default)]
    pub floor_at_zero: bool,
}

impl WeightedSum {
    const fn chain(&self) -> Weighted {
        Weighted {
            combine: Combine::Sum,
            drop: self.drop,
            drop_per: self.drop_per,
            rounding: self.rounding,
            normalise_weights: false,
            floor_at_zero: self.floor_at_zero,
        }
    }
}

impl ScoringMethod for WeightedSum {
    fn tally(&self, panel: &Panel) -> Result<Vec<Tally>, ScoringError> {
        Ok(self.chain().tally(panel))
    }

    fn total_wins(&self) -> Direction {
        Direction::HigherWins
    }

    fn marks_are(&self) -> MarksAre {
        MarksAre::Scores
    }

    fn tolerates(&self, _: NoMark) -> bool {
        false
    }

    fn drops(&self) -> DropRule {
        self.drop
    }

    fn faults(&self) -> Vec<Fault> {
        self.chain().faults()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::scoring::{
        Completeness, Dropped, Method,
        example::{compute, deduct, method, panel, places, totals},
    };

    #[test]
    fn marks_times_weights_are_added_over_criteria_and_judges() {
        let panel = panel(&["2", "0.5"], &[&["7 8", "9 9"], &["8 8", "8 8"]]);
        let standings = compute(&panel, &Method::default(), &[]);
        assert_eq!(totals(&panel, &standings), ["40.5", "40"]);
        assert_eq!(places(&panel, &standings), [1, 2]);
    }

    #[test]
    fn a_sheet_with_a_gap_counts_nothing_and_flags_the_entry() {
        let panel = panel(&["1", "1"], &[&["9 9", "9 -"], &["5 5", "5 5"]]);
        let standings = compute(&panel, &Method::default(), &[]);
        assert_eq!(totals(&panel, &standings), ["18", "20"]);
        let second = &standings.placements[1];
        assert!(matches!(&second.completeness, Completeness::Provisional { gaps } if gaps.len() == 1));
        assert_eq!(second.judge_totals[1].total, None);
        assert!(standings.is_provisional());
    }

    #[test]
    fn a_zero_is_a_mark_and_a_missing_mark_is_not() {
        let panel = panel(&["1"], &[&["0"], &["-"]]);
        let standings = compute(&panel, &Method::default(), &[]);
        assert_eq!(totals(&panel, &standings), ["0", ""]);
        assert_eq!(places(&panel, &standings), [1, 0]);
    }

    #[test]
    fn best_and_worst_are_dropped_of_judges_totals_or_of_each_criterion() {
        let panel = panel(&["1", "1"], &[&["9 1", "1 9", "5 6", "6 6"]]);
        let per_total = method(json!({"type": "weightedSum", "drop": {"best": 1, "worst": 1}}));
        let standings = compute(&panel, &per_total, &[]);
        assert_eq!(totals(&panel, &standings), ["21"]);
        let dropped: Vec<_> = standings.placements[0].judge_totals.iter().map(|row| row.dropped).collect();
        assert_eq!(dropped, [Dropped::No, Dropped::Worst, Dropped::No, Dropped::Best]);

        let per_criterion =
            method(json!({"type": "weightedSum", "drop": {"best": 1, "worst": 1}, "dropPer": "criterion"}));
        let standings = compute(&panel, &per_criterion, &[]);
        assert_eq!(totals(&panel, &standings), ["23"]);
        assert_eq!(standings.placements[0].judge_totals[0].dropped_marks.len(), 2);
    }

    #[test]
    fn diving_drops_two_at_each_end_of_seven_and_multiplies_by_the_difficulty() {
        let dive = panel(&["2.8"], &[&["6.5", "7.0", "7.0", "7.5", "7.5", "8.0", "8.0"]]);
        let rules = json!({"type": "weightedSum", "drop": {"best": 2, "worst": 2}, "dropPer": "criterion"});
        assert_eq!(totals(&dive, &compute(&dive, &method(rules), &[])), ["61.6"]);
    }

    #[test]
    fn a_deduction_comes_after_the_drop_and_moves_nobody_else() {
        let panel = panel(&["1"], &[&["9", "8", "7"], &["8", "8", "8"], &["7", "8", "9.5"]]);
        let rules = method(json!({"type": "weightedSum", "drop": {"best": 1, "worst": 1}}));
        assert_eq!(totals(&panel, &compute(&panel, &rules, &[])), ["8", "8", "8"]);
        let deducted = deduct(&deduct(&panel, 1, "0.5"), 1, "10");
        let standings = compute(&deducted, &rules, &[]);
        assert_eq!(totals(&deducted, &standings), ["8", "-2.5", "8"]);
        assert_eq!(places(&deducted, &standings), [1, 3, 1]);
        let floored =
            method(json!({"type": "weightedSum", "drop": {"best": 1, "worst": 1}, "floorAtZero": true}));
        assert_eq!(totals(&deducted, &compute(&deducted, &floored, &[])), ["8", "0", "8"]);
    }

    #[test]
    fn rounding_at_a_point_the_chain_does_not_pass_is_a_fault() {
        let per_total = json!({"type": "weightedSum", "rounding": {"criterionPanel": {"digits": 2}}});
        assert_eq!(method(per_total).faults()[0].pointer, "/rounding/criterionPanel");
        let per_criterion = json!({
            "type": "weightedSum", "dropPer": "criterion", "rounding": {"judgeTotal": {"digits": 2}},
        });
        assert_eq!(method(per_criterion).faults()[0].pointer, "/rounding/judgeTotal");
        assert!(Method::default().faults().is_empty());
    }
}
