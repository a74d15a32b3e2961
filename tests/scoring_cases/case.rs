//! Reading cases exactly, and running a panel whose entries have names.

use std::fmt;

use event_manager::domain::{
    CriterionId, Decimal, EntryId, JudgeId,
    scoring::{Exact, MarkOutcome, Method, Panel, PanelCriterion, PanelEntry, Placement, standings},
};
use serde_json::Value;
use uuid::Uuid;

/// One value of a case beside the one the engine computed, both as texts.
pub struct Comparison {
    pub what: String,
    pub expected: String,
    pub computed: String,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, computed {}", self.what, self.expected, self.computed)
    }
}

impl Comparison {
    pub fn new(what: impl fmt::Display, expected: impl fmt::Display, computed: impl fmt::Display) -> Self {
        Self { what: what.to_string(), expected: expected.to_string(), computed: computed.to_string() }
    }

    /// Compares a number of a case.
    pub fn number(what: impl fmt::Display, expected: &Value, computed: Option<&Exact>) -> Self {
        Self::new(what, exact(expected), computed.map_or_else(|| "none".to_owned(), Exact::to_string))
    }
}

/// The number as it stands in the file: a text, or the shortest text of a JSON number.
pub fn number_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub fn exact(value: &Value) -> Exact {
    let text = number_text(value);
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn decimal(value: &Value) -> Decimal {
    let text = number_text(value);
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A mark; `null` is missing.
pub fn outcome(value: &Value) -> MarkOutcome {
    if value.is_null() { MarkOutcome::Missing } else { MarkOutcome::Value(decimal(value)) }
}

pub fn array(value: &Value) -> &[Value] {
    value.as_array().map_or_else(|| panic!("not a list: {value}"), Vec::as_slice)
}

/// The names and values of an object; nothing for a case without it.
pub fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

pub fn names(value: &Value) -> Vec<String> {
    array(value).iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect()
}

/// An entry of a case: its name, whether it takes a place, and a sheet a judge.
pub struct Entrant {
    pub name: String,
    pub eligible: bool,
    pub sheets: Vec<Vec<MarkOutcome>>,
}

/// Placements with the names of the entries, best first.
pub struct Outcome(Vec<(String, Placement)>);

impl Outcome {
    pub fn of(&self, name: &str) -> &Placement {
        let found = self.0.iter().find(|(entry, _)| entry == name);
        found.map_or_else(|| panic!("no entry {name:?}"), |(_, placement)| placement)
    }

    /// The names, best first.
    pub fn ranking(&self) -> String {
        self.0.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Computes the placements of entrants whose sheets all have one mark for each weight.
pub fn run(entrants: Vec<Entrant>, weights: &[Decimal], method: Value) -> Outcome {
    let id = |number: usize| Uuid::from_u128(number as u128);
    let criteria = weights.iter().enumerate();
    let criteria =
        criteria.map(|(at, weight)| PanelCriterion { id: CriterionId::new(id(at)), weight: *weight });
    let judges = entrants.iter().map(|entrant| entrant.sheets.len()).max().unwrap_or_default();
    let judges: Vec<JudgeId> = (0..judges).map(|at| JudgeId::new(id(at))).collect();
    let entries = entrants.iter().enumerate().map(|(at, entrant)| PanelEntry {
        id: EntryId::new(id(at)),
        eligible: entrant.eligible,
        deductions: Vec::new(),
    });
    let mut panel = Panel::new(entries.collect(), judges.clone(), criteria.collect());
    for (at, entrant) in entrants.iter().enumerate() {
        for (judge, marks) in judges.iter().zip(&entrant.sheets) {
            let sheet = panel.sheet_mut(EntryId::new(id(at)), *judge);
            sheet.unwrap_or_else(|| panic!("{} is not on the panel", entrant.name)).copy_from_slice(marks);
        }
    }
    let method: Method = serde_json::from_value(method).unwrap_or_else(|error| panic!("{error}"));
    let computed = standings(&panel, &method, &[]).unwrap_or_else(|error| panic!("{error}"));
    let name =
        |entry: EntryId| panel.entries().iter().position(|row| row.id == entry).map(|at| &entrants[at].name);
    let named = computed.placements.into_iter().filter_map(|row| Some((name(row.entry)?.clone(), row)));
    Outcome(named.collect())
}

/// What most cases expect: `score` of the only entry, `totals` by name, `ranking` best first.
pub fn expected_totals(case: &Value, outcome: &Outcome) -> Vec<Comparison> {
    let expected = &case["expected"];
    let mut comparisons: Vec<_> = members(&expected["totals"])
        .map(|(name, total)| {
            Comparison::number(format!("total of {name}"), total, outcome.of(name).total.as_ref())
        })
        .collect();
    if let (Some(score), [(_, only)]) = (expected.get("score"), outcome.0.as_slice()) {
        comparisons.push(Comparison::number("score", score, only.total.as_ref()));
    }
    if let Some(ranking) = expected.get("ranking") {
        comparisons.push(Comparison::new("ranking", names(ranking).join(", "), outcome.ranking()));
    }
    comparisons
}
