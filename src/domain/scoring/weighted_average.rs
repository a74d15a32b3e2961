//! Weighted average: marks times weights, added over criteria and averaged over the judges present; the
//! highest total wins. Depends on `weighted`, which it shares with the weighted sum.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Direction, DropPer, DropRule, MarksAre, NoMark, Panel, Rounding, ScoringError, ScoringMethod, Tally,
    weighted::{Combine, Weighted},
};
use crate::domain::Fault;

/// Settings of the weighted average.
///
/// Means are over those present, so judges who abstain, are recused or absent leave totals comparable. Per
/// judge's total, a sheet that is not whole counts nothing; per criterion, every mark given counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WeightedAverage {
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
    /// Whether weights count as shares of their sum, so that totals stay on the scale of the marks.
    #[serde(default)]
    pub normalise_weights: bool,
}

impl WeightedAverage {
    const fn chain(&self) -> Weighted {
        Weighted {
            combine: Combine::Mean,
            drop: self.drop,
            drop_per: self.drop_per,
            rounding: self.rounding,
            normalise_weights: self.normalise_weights,
            floor_at_zero: self.floor_at_zero,
        }
    }
}

impl ScoringMethod for WeightedAverage {
    fn tally(&self, panel: &Panel) -> Result<Vec<Tally>, ScoringError> {
        Ok(self.chain().tally(panel))
    }

    fn total_wins(&self) -> Direction {
        Direction::HigherWins
    }

    fn marks_are(&self) -> MarksAre {
        MarksAre::Scores
    }

    fn tolerates(&self, reason: NoMark) -> bool {
        reason != NoMark::Missing
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
        Completeness,
        example::{compute, method, panel, places, totals},
    };

    #[test]
    fn the_mean_is_over_the_judges_present_and_exact() {
        let panel = panel(&["1"], &[&["8", "8", "9"], &["8", "r", "9"], &["8", "-", "9"]]);
        let standings = compute(&panel, &method(json!({"type": "weightedAverage"})), &[]);
        assert_eq!(totals(&panel, &standings), ["25/3", "8.5", "8.5"]);
        let completeness = |row: u128| {
            let id = crate::domain::scoring::example::entry(row);
            &standings.placements.iter().find(|placement| placement.entry == id).unwrap().completeness
        };
        assert_eq!(*completeness(1), Completeness::Complete);
        assert!(matches!(completeness(2), Completeness::Provisional { .. }));
    }

    #[test]
    fn weights_are_shares_of_their_sum_only_if_so_set() {
        let panel = panel(&["2", "1", "1"], &[&["9 7 8"]]);
        let plain = method(json!({"type": "weightedAverage"}));
        let shares = method(json!({"type": "weightedAverage", "normaliseWeights": true}));
        assert_eq!(totals(&panel, &compute(&panel, &plain, &[])), ["33"]);
        assert_eq!(totals(&panel, &compute(&panel, &shares, &[])), ["8.25"]);
    }

    #[test]
    fn shares_of_weights_that_sum_to_nothing_give_no_total() {
        let panel = panel(&["0"], &[&["9"]]);
        let shares = method(json!({"type": "weightedAverage", "normaliseWeights": true}));
        assert_eq!(totals(&panel, &compute(&panel, &shares, &[])), [""]);
    }

    #[test]
    fn per_criterion_a_judge_who_abstains_on_one_criterion_counts_on_the_others() {
        let panel = panel(&["1", "1"], &[&["6 a", "8 9"]]);
        let per_judge = method(json!({"type": "weightedAverage"}));
        let per_criterion = method(json!({"type": "weightedAverage", "dropPer": "criterion"}));
        assert_eq!(totals(&panel, &compute(&panel, &per_judge, &[])), ["17"]);
        assert_eq!(totals(&panel, &compute(&panel, &per_criterion, &[])), ["16"]);
    }

    #[test]
    fn figure_skating_components_round_the_panel_and_then_each_component() {
        // Grand Prix Final 2017, short dance, entry 3 of
        // `tests/cases/scoring/ijs-segment-icedance-2017.json`.
        let judges = [
            "8.75 8.75 9 8.75 8.5",
            "9.5 9.5 9.5 9.25 9.25",
            "9.5 9.25 9.25 9.5 9",
            "9.5 9.5 9.5 9.5 9.5",
            "9.5 9.5 9.5 9.5 9",
            "9 9 8.75 8.75 9",
            "9.5 9.5 9.75 9.75 9.25",
            "9.25 9.5 9.25 9.5 9.5",
            "9.25 9.25 9.25 9.5 9",
        ];
        let panel = panel(&["0.8"; 5], &[&judges]);
        let rules = |rounding| {
            method(json!({
                "type": "weightedAverage", "drop": {"best": 1, "worst": 1}, "dropPer": "criterion",
                "rounding": rounding,
            }))
        };
        let published = rules(json!({"criterionPanel": {"digits": 2}, "criterionWeighted": {"digits": 2}}));
        let once = rules(json!({"finalTotal": {"digits": 2}}));
        assert_eq!(totals(&panel, &compute(&panel, &published, &[])), ["37.24"]);
        assert_eq!(totals(&panel, &compute(&panel, &once, &[])), ["37.23"]);
    }

    #[test]
    fn places_follow_the_rounded_total_only_if_the_rule_rounds_it() {
        let panel = panel(&["1"], &[&["8", "8", "8.001"], &["8", "8", "8"]]);
        let exact = method(json!({"type": "weightedAverage"}));
        let rounded = method(json!({"type": "weightedAverage", "rounding": {"finalTotal": {"digits": 2}}}));
        assert_eq!(places(&panel, &compute(&panel, &exact, &[])), [1, 2]);
        assert_eq!(places(&panel, &compute(&panel, &rounded, &[])), [1, 1]);
    }
}
