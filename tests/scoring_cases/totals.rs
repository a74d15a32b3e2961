//! Cases whose totals are sums of marks.

use serde_json::{Value, json};

use super::case::{Comparison, Entrant, array, decimal, expected_totals, members, outcome, run};

/// `marks`: for each entry one judge's marks in the order of `parameters.weights`.
pub fn weighted_sum(case: &Value) -> Vec<Comparison> {
    let weights: Vec<_> = array(&case["parameters"]["weights"]).iter().map(decimal).collect();
    let entrants = members(&case["marks"]).map(|(name, marks)| Entrant {
        name: name.to_owned(),
        eligible: true,
        sheets: vec![array(marks).iter().map(outcome).collect()],
    });
    expected_totals(case, &run(entrants.collect(), &weights, json!({"type": "weightedSum"})))
}
