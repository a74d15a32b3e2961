//! How long the rules alone take: 100 entrants, 10 judges and 5 criteria, by every method, with its dearest settings.
//! `cargo bench --bench scoring`.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a benchmark stops at the first surprise"
)]

use divan::{Bencher, black_box};
use event_manager::domain::{
    CriterionId, Decimal, EntryId, JudgeId,
    scoring::{MarkOutcome, Method, Panel, PanelCriterion, PanelEntry, TieBreak, standings},
};
use serde_json::json;
use uuid::Uuid;

const ENTRANTS: u128 = 100;
const JUDGES: u128 = 10;
const CRITERIA: u128 = 5;

fn main() {
    divan::main();
}

/// Marks from 0 to 10 in halves, spread without a pattern but always the same.
fn panel(criteria: u128) -> Panel {
    let entry = |row| EntryId::new(Uuid::from_u128(1_000 + row));
    let judge = |column| JudgeId::new(Uuid::from_u128(2_000 + column));
    let weight = |index: u128| format!("{}.5", 1 + index).parse::<Decimal>().unwrap();
    let entries = (0..ENTRANTS).map(|row| PanelEntry { id: entry(row), eligible: true, deductions: vec![] });
    let criteria = (0..criteria).map(|index| PanelCriterion {
        id: CriterionId::new(Uuid::from_u128(3_000 + index)),
        weight: weight(index),
    });
    let mut panel = Panel::new(entries.collect(), (0..JUDGES).map(judge).collect(), criteria.collect());
    for row in 0..ENTRANTS {
        for column in 0..JUDGES {
            for (index, cell) in panel.sheet_mut(entry(row), judge(column)).unwrap().iter_mut().enumerate() {
                let halves = (row * 7_919 + column * 104_729 + index as u128 * 1_299_709) % 21;
                *cell = MarkOutcome::Value(format!("{}.{}", halves / 2, halves % 2 * 5).parse().unwrap());
            }
        }
    }
    panel
}

/// Each method plainly, and with all that can be asked of it.
const METHODS: [&str; 6] = [
    r#"{"type": "weightedSum"}"#,
    r#"{"type": "weightedSum", "drop": {"best": 1, "worst": 1}, "dropPer": "criterion"}"#,
    r#"{"type": "weightedAverage"}"#,
    r#"{"type": "weightedAverage", "drop": {"best": 1, "worst": 1}, "dropPer": "criterion"}"#,
    r#"{"type": "rankSum"}"#,
    r#"{"type": "rankSum", "drop": {"best": 1, "worst": 1}}"#,
];

#[divan::bench(args = METHODS)]
fn places(bencher: Bencher<'_, '_>, method: &str) {
    let (panel, method) = (panel(CRITERIA), serde_json::from_str::<Method>(method).unwrap());
    bencher.bench(|| standings(black_box(&panel), &method, &[]).unwrap());
}

/// Only one criterion with few values, so that nearly everybody is tied and the whole chain is asked.
#[divan::bench(args = METHODS)]
fn places_with_every_tie_break(bencher: Bencher<'_, '_>, method: &str) {
    let chain = json!([
        {"type": "highestSingleMark"}, {"type": "mostFirstPlaces"}, {"type": "judgeMajority"},
        {"type": "countback"}, {"type": "withoutDeductions"},
    ]);
    let chain: Vec<TieBreak> = serde_json::from_value(chain).unwrap();
    let (panel, method) = (panel(1), serde_json::from_str::<Method>(method).unwrap());
    bencher.bench(|| standings(black_box(&panel), &method, &chain).unwrap());
}
