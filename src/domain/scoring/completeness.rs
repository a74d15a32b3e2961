//! Which marks an entry lacks, and what that means for its total. Depends on `input` and on what a method
//! tolerates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{NoMark, Panel, ScoringMethod};
use crate::domain::{CriterionId, JudgeId};

/// Whether an entry's total stands on everything it should.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Completeness {
    /// Nothing is lacking that the method cannot do without.
    Complete,
    /// Marks can still come: the place is provisional.
    Provisional {
        /// All that is lacking.
        gaps: Vec<Gap>,
    },
    /// No mark is to come, but the panel was smaller than for others and the method adds up: compare with
    /// care. So it stays when a judge leaves before all sheets are in.
    ReducedPanel {
        /// All that is lacking.
        gaps: Vec<Gap>,
    },
}

/// Marks that a judge did not give, all for one reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The judge.
    pub judge: JudgeId,
    /// Why there is no mark.
    pub reason: NoMark,
    /// On which criteria.
    pub criteria: Vec<CriterionId>,
}

impl Completeness {
    /// What an entry lacks, as far as the method cannot do without.
    pub(super) fn of(panel: &Panel, entry: usize, method: &dyn ScoringMethod) -> Self {
        let mut gaps: Vec<Gap> = Vec::new();
        for (judge, sheet) in panel.sheets(entry) {
            let first = gaps.len();
            let lacking = sheet
                .iter()
                .zip(panel.criteria())
                .filter_map(|(mark, row)| Some((panel.reason(judge, mark.value().err()?), row)));
            for (reason, criterion) in lacking.filter(|(reason, _)| !method.tolerates(*reason)) {
                match gaps.iter_mut().skip(first).find(|gap| gap.reason == reason) {
                    Some(gap) => gap.criteria.push(criterion.id),
                    None => gaps.push(Gap { judge, reason, criteria: vec![criterion.id] }),
                }
            }
        }
        if gaps.is_empty() {
            Self::Complete
        } else if gaps.iter().any(|gap| gap.reason == NoMark::Missing) {
            Self::Provisional { gaps }
        } else {
            Self::ReducedPanel { gaps }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Completeness, Gap, NoMark};
    use crate::domain::scoring::{
        Method,
        example::{criterion, judge, method, panel},
    };

    #[test]
    fn gaps_are_listed_per_judge_and_reason() {
        let panel = panel(&["1", "1", "1"], &[&["- a -", "r r r", "1 2 3"]]);
        let gap = |column, reason, criteria: &[u128]| Gap {
            judge: judge(column),
            reason,
            criteria: criteria.iter().map(|position| criterion(*position)).collect(),
        };
        let gaps = vec![
            gap(0, NoMark::Missing, &[0, 2]),
            gap(0, NoMark::Abstained, &[1]),
            gap(1, NoMark::Recused, &[0, 1, 2]),
        ];
        let sum = Method::default();
        assert_eq!(
            Completeness::of(&panel, 0, sum.rules()),
            Completeness::Provisional { gaps: gaps.clone() }
        );
        let average = method(json!({"type": "weightedAverage"}));
        let missing = gaps[..1].to_vec();
        assert_eq!(Completeness::of(&panel, 0, average.rules()), Completeness::Provisional { gaps: missing });
    }

    #[test]
    fn a_judge_who_has_left_keeps_no_entry_provisional() {
        let marks: &[&[&str]] = &[&["8", "7"], &["-", "9"]];
        let panel = panel(&["1"], marks).with_left(vec![judge(0)]);
        let gap = Gap { judge: judge(0), reason: NoMark::Left, criteria: vec![criterion(0)] };
        let sum = Method::default();
        assert_eq!(Completeness::of(&panel, 0, sum.rules()), Completeness::Complete);
        assert_eq!(
            Completeness::of(&panel, 1, sum.rules()),
            Completeness::ReducedPanel { gaps: vec![gap] },
            "sums of panels of different size cannot be compared"
        );
        let average = method(json!({"type": "weightedAverage"}));
        assert_eq!(Completeness::of(&panel, 1, average.rules()), Completeness::Complete);
    }

    #[test]
    fn what_will_never_come_is_a_reduced_panel_under_a_sum_and_nothing_under_an_average() {
        let panel = panel(&["1"], &[&["x", "8"]]);
        assert!(matches!(
            Completeness::of(&panel, 0, Method::default().rules()),
            Completeness::ReducedPanel { gaps } if gaps.len() == 1
        ));
        let average = method(json!({"type": "weightedAverage"}));
        assert_eq!(Completeness::of(&panel, 0, average.rules()), Completeness::Complete);
    }
}
