//! Tables as spreadsheets have them, on their way out and back in. Uses nothing.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::JsonSchema;
use serde::Serialize;

/// A table: headings, each there once, and rows of as many cells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// What a cell holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing.
    Empty(()),
    /// What somebody wrote.
    Text(String),
    /// A decimal or a fraction, which is not to lose digits.
    Exact(String),
    /// A whole number.
    Whole(i64),
    /// Yes or no.
    Flag(bool),
}

impl Table {
    /// A table without rows. A heading that is there already gets a number behind it.
    pub fn new(wanted: impl IntoIterator<Item = String>) -> Self {
        let mut headings: Vec<String> = Vec::new();
        for heading in wanted {
            let numbered = (2..).map(|number| format!("{heading} ({number})"));
            let free = std::iter::once(heading.clone()).chain(numbered).find(|name| !headings.contains(name));
            headings.extend(free);
        }
        Self { headings, rows: Vec::new() }
    }

    /// Adds a row. What it lacks is empty, what it has beyond the headings is left out.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut row: Vec<Cell> = cells.into_iter().take(self.headings.len()).collect();
        row.resize(self.headings.len(), Cell::Empty(()));
        self.rows.push(row);
    }

    /// The headings.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// The rows, each cell by its heading.
    pub fn records(&self) -> impl Iterator<Item = BTreeMap<&str, &Cell>> {
        self.rows.iter().map(|row| self.headings.iter().map(String::as_str).zip(row).collect())
    }
}

impl Cell {
    /// A text, if there is one.
    pub fn text(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Empty(()), |text| Self::Text(text.into()))
    }

    /// A whole number, if there is one.
    pub fn whole(number: Option<impl Into<i64>>) -> Self {
        number.map_or(Self::Empty(()), |number| Self::Whole(number.into()))
    }

    /// A number that is not to lose digits, if there is one.
    pub fn exact(number: Option<impl ToString>) -> Self {
        number.map_or(Self::Empty(()), |number| Self::Exact(number.to_string()))
    }
}

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text that a spreadsheet takes for nothing but a text: what looks like a formula gets an apostrophe before it.
pub fn defused(text: &str) -> Cow<'_, str> {
    if text.trim_start_matches('\'').starts_with(FORMULA) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text of which [`defused`] made this one.
pub fn undefused(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.trim_start_matches('\'').starts_with(FORMULA)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Cell, Table, defused, undefused};

    #[test]
    fn what_looks_like_a_formula_is_a_text() {
        for text in ["=1+1", "+43 1", "-Ann", "@home", "\tx", "\rx", "'=1", "''+"] {
            assert_eq!(defused(text), format!("'{text}"));
        }
        for text in ["", "Ann", "'Ann", "1-1", "a=b", " =1"] {
            assert_eq!(defused(text), text);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "['=+@\\-\t\ra]{0,6}") {
            let defused = defused(&text);
            prop_assert_eq!(undefused(&defused), &text);
        }
    }

    #[test]
    fn headings_are_told_apart_and_rows_fit_them() {
        let mut table = Table::new(["name", "Voice", "Voice", "Voice (2)"].map(str::to_owned));
        assert_eq!(table.headings(), ["name", "Voice", "Voice (2)", "Voice (2) (2)"]);
        table.push([Cell::text(Some("Ann"))]);
        assert_eq!(table.rows()[0].len(), 4);
        let records: Vec<_> = table.records().collect();
        assert_eq!((records[0].len(), records[0]["name"]), (4, &Cell::Text("Ann".to_owned())));
    }
}
