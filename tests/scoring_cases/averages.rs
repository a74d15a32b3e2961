//! Cases whose totals are means over a panel.

use event_manager::domain::{Decimal, scoring::MarkOutcome};
use serde_json::{Value, json};

use super::case::{Comparison, Entrant, array, outcome, run};

/// `marks`: rows of one component each, marked by the panel; one best and one worst dropped, the mean rounded
/// half up to two digits. Each row also names the mean that is wrong because a missing mark was taken for a
/// zero.
pub fn trimmed_mean_with_missing(case: &Value) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for (row, component) in array(&case["marks"]).iter().enumerate() {
        let marks: Vec<MarkOutcome> = array(&component["marks"]).iter().map(outcome).collect();
        let zero = MarkOutcome::Value(Decimal::default());
        let filled =
            marks.iter().map(|mark| if *mark == MarkOutcome::Missing { zero } else { *mark }).collect();
        for (field, marks) in [("expected_panel_mean", marks), ("wrong_if_missing_counted_as_zero", filled)] {
            if let Some(expected) = component.get(field) {
                comparisons.push(panel_mean(format!("row {} {field}", row + 1), expected, marks));
            }
        }
    }
    comparisons
}

fn panel_mean(what: String, expected: &Value, marks: Vec<MarkOutcome>) -> Comparison {
    let sheets = marks.into_iter().map(|mark| vec![mark]).collect();
    let component = Entrant { name: "component".to_owned(), eligible: true, sheets };
    let method = json!({
        "type": "weightedAverage",
        "drop": {"best": 1, "worst": 1},
        "dropPer": "criterion",
        "rounding": {"criterionPanel": {"mode": "halfUp", "digits": 2}},
    });
    let outcome = run(vec![component], &[Decimal::from_integer(1)], method);
    Comparison::number(what, expected, outcome.of("component").total.as_ref())
}
