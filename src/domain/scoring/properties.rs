//! What holds for every panel, method and chain.

use proptest::prelude::*;
use serde_json::json;

use super::{
    Method, Panel, Placement, Standings, TieBreak,
    example::{compute, criterion, deduct, entry, guests, judge, method, panel, places, totals},
};
use crate::domain::{Decimal, EntryId};

fn any_mark() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => (0..8_i64).prop_map(|halves| Decimal::from_millionths(halves * 500_000).to_string()),
        1 => prop_oneof!["-", "a", "r", "x"],
    ]
}

/// Up to six entries, four judges and three criteria; few different marks, so that ties are frequent.
fn any_panel() -> impl Strategy<Value = Panel> {
    (1..7_usize, 0..5_usize, 0..4_usize).prop_flat_map(|(entries, judges, criteria)| {
        let sheet = prop::collection::vec(any_mark(), criteria).prop_map(|marks| marks.join(" "));
        let row = prop::collection::vec(sheet, judges);
        let guest_rows = prop::collection::vec(prop::bool::weighted(0.2), entries);
        (prop::collection::vec(row, entries), guest_rows).prop_map(move |(rows, guest_rows)| {
            let texts: Vec<Vec<&str>> =
                rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
            let rows: Vec<&[&str]> = texts.iter().map(Vec::as_slice).collect();
            let guest_rows: Vec<usize> = (0..guest_rows.len()).filter(|row| guest_rows[*row]).collect();
            guests(&panel(&["1", "0.5", "3"][..criteria], &rows), &guest_rows)
        })
    })
}

fn any_method() -> impl Strategy<Value = Method> {
    let settings = [
        json!({"type": "weightedSum"}),
        json!({"type": "weightedSum", "drop": {"best": 1}, "floorAtZero": true}),
        json!({"type": "weightedAverage", "drop": {"best": 1, "worst": 1}, "dropPer": "criterion",
            "rounding": {"criterionPanel": {"digits": 1}, "finalTotal": {"mode": "halfEven", "digits": 0}}}),
        json!({"type": "weightedAverage", "normaliseWeights": true,
            "rounding": {"judgeTotal": {"digits": 1}}}),
        json!({"type": "rankSum", "drop": {"worst": 1}}),
        json!({"type": "rankSum", "ties": "better", "points": [10, 5, 3]}),
    ];
    prop::sample::select(settings.map(method).to_vec())
}

fn any_chain() -> impl Strategy<Value = Vec<TieBreak>> {
    let rules = vec![
        TieBreak::Criterion { criterion_id: criterion(1) },
        TieBreak::HighestSingleMark {},
        TieBreak::MostFirstPlaces {},
        TieBreak::JudgeMajority {},
        TieBreak::Countback {},
        TieBreak::WithoutDeductions {},
        TieBreak::Shared {},
    ];
    prop::collection::vec(prop::sample::select(rules), 0..4)
}

/// The panel with judges and entries the other way round.
fn reversed(panel: &Panel) -> Panel {
    let entries = panel.entries().iter().rev().cloned().collect();
    let judges = panel.judges().iter().rev().copied().collect();
    let mut turned = Panel::new(entries, judges, panel.criteria().to_vec());
    for (row, entry) in panel.entries().iter().enumerate() {
        for (judge, sheet) in panel.sheets(row) {
            turned.sheet_mut(entry.id, judge).unwrap().copy_from_slice(sheet);
        }
    }
    turned
}

fn of(standings: &Standings, entry: EntryId) -> &Placement {
    standings.placements.iter().find(|placement| placement.entry == entry).unwrap()
}

proptest! {
    #[test]
    fn neither_the_order_of_judges_nor_of_entries_matters(
        panel in any_panel(), method in any_method(), chain in any_chain(),
    ) {
        let forwards = compute(&panel, &method, &chain);
        let backwards = compute(&reversed(&panel), &method, &chain);
        for row in panel.entries() {
            let (left, right) = (of(&forwards, row.id), of(&backwards, row.id));
            prop_assert_eq!((left.place, left.shared), (right.place, right.shared));
            prop_assert_eq!(&left.total, &right.total);
            for total in &left.judge_totals {
                prop_assert!(right.judge_totals.contains(total));
            }
        }
    }

    #[test]
    fn the_same_marks_give_the_same_bytes_and_read_back(
        panel in any_panel(), method in any_method(), chain in any_chain(),
    ) {
        let standings = compute(&panel, &method, &chain);
        let stored = rmp_serde::to_vec_named(&standings).unwrap();
        prop_assert_eq!(&rmp_serde::to_vec_named(&compute(&panel, &method, &chain)).unwrap(), &stored);
        prop_assert_eq!(&rmp_serde::from_slice::<Standings>(&stored).unwrap(), &standings);
        let json = serde_json::to_string(&standings).unwrap();
        prop_assert_eq!(serde_json::from_str::<Standings>(&json).unwrap(), standings);
    }

    #[test]
    fn without_a_guest_all_others_have_the_same_places_and_totals(
        panel in any_panel(), method in any_method(), chain in any_chain(),
    ) {
        let with = compute(&panel, &method, &chain);
        for guest in panel.entries().iter().filter(|entry| !entry.eligible) {
            let without = compute(&panel.without_entry(guest.id), &method, &chain);
            for placement in &without.placements {
                let before = of(&with, placement.entry);
                prop_assert_eq!((before.place, &before.total), (placement.place, &placement.total));
            }
        }
    }

    #[test]
    fn a_place_is_one_more_than_the_eligible_entries_with_a_better_one(
        panel in any_panel(), method in any_method(), chain in any_chain(),
    ) {
        let standings = compute(&panel, &method, &chain);
        for row in standings.placements.iter().filter(|row| row.eligible && row.place.is_some()) {
            let better = standings.placements.iter().filter(|other| other.eligible && other.place.is_some());
            let better = better.filter(|other| other.place < row.place).count();
            prop_assert_eq!(row.place, u32::try_from(better + 1).ok());
        }
    }

    #[test]
    fn places_that_one_judge_shares_out_by_average_sum_to_those_of_a_strict_order(
        marks in prop::collection::vec(0..5_u8, 1..9),
    ) {
        let texts: Vec<String> = marks.iter().map(ToString::to_string).collect();
        let sheets: Vec<[&str; 1]> = texts.iter().map(|mark| [mark.as_str()]).collect();
        let rows: Vec<&[&str]> = sheets.iter().map(|sheet| sheet.as_slice()).collect();
        let standings = compute(&panel(&["1"], &rows), &method(json!({"type": "rankSum"})), &[]);
        let sum: super::Exact = standings.placements.iter().filter_map(|row| row.total.as_ref()).sum();
        let n = u32::try_from(marks.len()).unwrap();
        prop_assert_eq!(sum, super::Exact::from(n * (n + 1) / 2));
    }

    #[test]
    fn a_deduction_never_changes_the_total_of_another_entry(panel in any_panel(), at in 0..7_usize) {
        let at = at % panel.entries().len();
        let average = json!({"type": "weightedAverage", "drop": {"worst": 1}});
        for rules in [method(json!({"type": "weightedSum"})), method(average)] {
            let deducted = deduct(&panel, at, "1.5");
            let before = totals(&panel, &compute(&panel, &rules, &[]));
            let after = totals(&deducted, &compute(&deducted, &rules, &[]));
            for (row, (before, after)) in before.iter().zip(&after).enumerate() {
                prop_assert!(row == at || before == after);
            }
        }
    }
}

#[test]
fn nothing_breaks_on_what_is_empty() {
    for settings in ["weightedSum", "weightedAverage", "rankSum"] {
        let rules = method(json!({"type": settings}));
        let chain = [TieBreak::JudgeMajority {}, TieBreak::Countback {}];
        assert!(compute(&panel(&["1"], &[]), &rules, &chain).placements.is_empty());
        for empty in [
            panel(&["1"], &[&[], &[]]),
            panel(&[], &[&["", ""], &["", ""]]),
            panel(&["1"], &[&["-"], &["-"]]),
        ] {
            let standings = compute(&empty, &rules, &chain);
            assert_eq!(places(&empty, &standings), [0, 0], "{settings}");
        }
    }
}

#[test]
fn a_judge_or_a_criterion_can_be_left_out_of_the_same_panel() {
    let all = panel(&["1", "1"], &[&["9 1", "1 1"], &["5 5", "5 5"]]);
    let rules = Method::default();
    assert_eq!(totals(&all, &compute(&all, &rules, &[])), ["12", "20"]);
    let without_judge = all.without_judge(judge(1));
    assert_eq!(totals(&without_judge, &compute(&without_judge, &rules, &[])), ["10", "10"]);
    let without_criterion = all.without_criterion(criterion(1));
    assert_eq!(totals(&without_criterion, &compute(&without_criterion, &rules, &[])), ["10", "10"]);
    assert_eq!(all.entries()[0].id, entry(0));
}
