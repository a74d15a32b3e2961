//! Small panels for specifications: marks as texts, ids by number.

use uuid::Uuid;

use super::{
    MarkOutcome, Method, Panel, PanelCriterion, PanelDeduction, PanelEntry, Standings, TieBreak, standings,
};
use crate::domain::{CriterionId, DeductionId, EntryId, JudgeId};

/// The id of the entry in a row.
pub fn entry(row: u128) -> EntryId {
    EntryId::new(Uuid::from_u128(1_000 + row))
}

/// The id of the judge in a column.
pub fn judge(column: u128) -> JudgeId {
    JudgeId::new(Uuid::from_u128(2_000 + column))
}

/// The id of the criterion at a place on the sheet.
pub fn criterion(position: u128) -> CriterionId {
    CriterionId::new(Uuid::from_u128(3_000 + position))
}

/// A mark.
pub fn value(text: &str) -> MarkOutcome {
    MarkOutcome::Value(text.parse().unwrap())
}

/// A panel of eligible entries: weights of the criteria; a row an entry, in it a text a judge, in that a mark
/// a criterion. `-` missing, `a` abstained, `r` recused, `x` absent.
pub fn panel(weights: &[&str], rows: &[&[&str]]) -> Panel {
    let columns = rows.first().map_or(0, |row| row.len());
    let criteria = weights.iter().enumerate().map(|(index, weight)| PanelCriterion {
        id: criterion(index as u128),
        weight: weight.parse().unwrap(),
    });
    let entries = (0..rows.len()).map(|row| PanelEntry {
        id: entry(row as u128),
        eligible: true,
        deductions: Vec::new(),
    });
    let judges = (0..columns).map(|column| judge(column as u128)).collect();
    let mut panel = Panel::new(entries.collect(), judges, criteria.collect());
    for (row, sheets) in rows.iter().enumerate() {
        for (column, marks) in sheets.iter().enumerate() {
            let sheet = panel.sheet_mut(entry(row as u128), judge(column as u128)).unwrap();
            for (cell, mark) in sheet.iter_mut().zip(marks.split_whitespace()) {
                *cell = match mark {
                    "-" => MarkOutcome::Missing,
                    "a" => MarkOutcome::Abstained,
                    "r" => MarkOutcome::Recused,
                    "x" => MarkOutcome::Absent,
                    number => value(number),
                };
            }
        }
    }
    panel
}

/// The panel with other entries in the same rows.
fn with_entries(panel: &Panel, change: impl Fn(usize, &mut PanelEntry)) -> Panel {
    let mut entries = panel.entries().to_vec();
    for (row, entry) in entries.iter_mut().enumerate() {
        change(row, entry);
    }
    let mut changed = Panel::new(entries, panel.judges().to_vec(), panel.criteria().to_vec());
    for (row, entry) in panel.entries().iter().enumerate() {
        for (judge, sheet) in panel.sheets(row) {
            changed.sheet_mut(entry.id, judge).unwrap().copy_from_slice(sheet);
        }
    }
    changed
}

/// The panel with points taken from the entry in a row.
pub fn deduct(panel: &Panel, from: usize, amount: &str) -> Panel {
    with_entries(panel, |row, entry| {
        if row == from {
            let id = DeductionId::new(Uuid::from_u128(4_000 + entry.deductions.len() as u128));
            entry.deductions.push(PanelDeduction { id, amount: amount.parse().unwrap() });
        }
    })
}

/// The panel with the entries in some rows as guests.
pub fn guests(panel: &Panel, guests: &[usize]) -> Panel {
    with_entries(panel, |row, entry| entry.eligible = !guests.contains(&row))
}

/// A method from its JSON.
pub fn method(json: serde_json::Value) -> Method {
    serde_json::from_value(json).unwrap()
}

/// Standings that must come about.
pub fn compute(panel: &Panel, method: &Method, chain: &[TieBreak]) -> Standings {
    standings(panel, method, chain).unwrap()
}

/// The places in the order of the panel's entries; 0 for none.
pub fn places(panel: &Panel, standings: &Standings) -> Vec<u32> {
    let place = |id| standings.placements.iter().find(|placement| placement.entry == id).unwrap().place;
    panel.entries().iter().map(|entry| place(entry.id).unwrap_or(0)).collect()
}

/// The totals in the order of the panel's entries; empty for none.
pub fn totals(panel: &Panel, standings: &Standings) -> Vec<String> {
    let total = |id| &standings.placements.iter().find(|placement| placement.entry == id).unwrap().total;
    panel
        .entries()
        .iter()
        .map(|entry| total(entry.id).as_ref().map_or_else(String::new, ToString::to_string))
        .collect()
}
