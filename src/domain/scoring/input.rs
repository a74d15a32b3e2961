//! What results are computed from: entries, judges, criteria and a dense block of marks. Depends on ids and
//! exact numbers only.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Exact;
use crate::domain::{CriterionId, Decimal, DeductionId, EntryId, JudgeId};

/// What a judge gave an entry for one criterion. Nothing but a value is a number: the others are not zero,
/// and not one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MarkOutcome {
    /// A mark.
    Value(Decimal),
    /// Not given yet, lost or forgotten.
    #[default]
    Missing,
    /// The judge gives none.
    Abstained,
    /// The judge may not give one: a conflict of interest.
    Recused,
    /// The entrant or the judge was not there.
    Absent,
}

/// Why there is no mark, the most pressing reason last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NoMark {
    /// The judge gives none.
    Abstained,
    /// The judge may not give one.
    Recused,
    /// The entrant or the judge was not there.
    Absent,
    /// Not given, and none is to come: the judge is at work no more.
    Left,
    /// Not given yet: it can still come.
    Missing,
}

impl MarkOutcome {
    /// The mark, or why there is none.
    ///
    /// # Errors
    /// Whatever is not a value.
    pub const fn value(self) -> Result<Decimal, NoMark> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Missing => Err(NoMark::Missing),
            Self::Abstained => Err(NoMark::Abstained),
            Self::Recused => Err(NoMark::Recused),
            Self::Absent => Err(NoMark::Absent),
        }
    }
}

/// An entry of a panel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PanelEntry {
    /// The entry.
    pub id: EntryId,
    /// Whether it takes a place; guests are shown with the place they would have had.
    pub eligible: bool,
    /// What officials take from its score.
    pub deductions: Vec<PanelDeduction>,
}

/// An amount that officials take from an entry's score.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PanelDeduction {
    /// The deduction.
    pub id: DeductionId,
    /// The points taken.
    pub amount: Decimal,
}

/// A criterion of a panel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PanelCriterion {
    /// The criterion.
    pub id: CriterionId,
    /// What a mark is multiplied by.
    pub weight: Decimal,
}

/// Everything that the results of one category are computed from.
///
/// Shape: entries x judges x criteria, every cell filled; what nobody wrote is [`MarkOutcome::Missing`]. Any
/// of the three may be empty. Order carries no meaning; results list entries of one place in the order given
/// here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Panel {
    entries: Vec<PanelEntry>,
    /// Where each entry stands in `entries`.
    rows: HashMap<EntryId, usize>,
    judges: Vec<JudgeId>,
    /// Judges who are at work no more: their marks count, and no more are to come.
    left: Vec<JudgeId>,
    criteria: Vec<PanelCriterion>,
    /// Cell `(entry * judges + judge) * criteria + criterion`.
    marks: Vec<MarkOutcome>,
}

impl PanelEntry {
    /// All that officials take from its score.
    pub(super) fn deducted(&self) -> Exact {
        self.deductions.iter().map(|deduction| Exact::from(deduction.amount)).sum()
    }
}

impl Panel {
    /// A panel on which no mark has been given.
    pub fn new(entries: Vec<PanelEntry>, judges: Vec<JudgeId>, criteria: Vec<PanelCriterion>) -> Self {
        let marks = vec![MarkOutcome::Missing; entries.len() * judges.len() * criteria.len()];
        let rows = entries.iter().enumerate().map(|(row, entry)| (entry.id, row)).collect();
        Self { entries, rows, judges, left: Vec::new(), criteria, marks }
    }

    /// The same panel, from some of whose judges no more marks are to come.
    #[must_use]
    pub fn with_left(self, left: Vec<JudgeId>) -> Self {
        Self { left, ..self }
    }

    /// Why a judge has given no mark, as far as the sheet and the judge's being at work tell.
    pub(super) fn reason(&self, judge: JudgeId, reason: NoMark) -> NoMark {
        if reason == NoMark::Missing && self.left.contains(&judge) { NoMark::Left } else { reason }
    }

    /// The marks of one judge for one entry, in the order of the criteria, to be filled in. Nothing if either
    /// is not on the panel.
    pub fn sheet_mut(&mut self, entry: EntryId, judge: JudgeId) -> Option<&mut [MarkOutcome]> {
        let entry = *self.rows.get(&entry)?;
        let judge = self.judges.iter().position(|id| *id == judge)?;
        let range = self.cells(entry, judge)?;
        self.marks.get_mut(range)
    }

    /// The marks of one judge for one entry by their indexes, in the order of the criteria; empty outside the
    /// panel.
    pub fn sheet(&self, entry: usize, judge: usize) -> &[MarkOutcome] {
        self.cells(entry, judge).and_then(|range| self.marks.get(range)).unwrap_or_default()
    }

    fn cells(&self, entry: usize, judge: usize) -> Option<std::ops::Range<usize>> {
        let start = (entry * self.judges.len() + judge) * self.criteria.len();
        let inside = entry < self.entries.len() && judge < self.judges.len();
        inside.then_some(start..start + self.criteria.len())
    }

    /// The entries.
    pub fn entries(&self) -> &[PanelEntry] {
        &self.entries
    }

    /// The judges.
    pub fn judges(&self) -> &[JudgeId] {
        &self.judges
    }

    /// The criteria.
    pub fn criteria(&self) -> &[PanelCriterion] {
        &self.criteria
    }

    /// All sheets of an entry, one a judge, in the order of the judges.
    pub fn sheets(&self, entry: usize) -> impl Iterator<Item = (JudgeId, &[MarkOutcome])> {
        self.judges.iter().enumerate().map(move |(index, judge)| (*judge, self.sheet(entry, index)))
    }

    /// The marks that an entry has for one criterion, with the judges who gave them.
    pub fn values(&self, entry: usize, criterion: usize) -> impl Iterator<Item = (JudgeId, Decimal)> {
        self.sheets(entry)
            .filter_map(move |(judge, sheet)| Some((judge, sheet.get(criterion)?.value().ok()?)))
    }

    /// The marks of a whole sheet with the weights of their criteria.
    ///
    /// # Errors
    /// The most pressing reason on a sheet that is not whole; nothing if there are no criteria.
    pub(super) fn whole<'a>(
        &'a self,
        sheet: &'a [MarkOutcome],
    ) -> Result<impl Iterator<Item = (Decimal, Decimal)> + 'a, Option<NoMark>> {
        let reason = sheet.iter().filter_map(|mark| mark.value().err()).max();
        if sheet.is_empty() || reason.is_some() {
            return Err(reason);
        }
        let weights = self.criteria.iter().map(|criterion| criterion.weight);
        Ok(sheet.iter().filter_map(|mark| mark.value().ok()).zip(weights))
    }

    /// The same panel as if the judge had never been on it.
    #[must_use]
    pub fn without_judge(&self, judge: JudgeId) -> Self {
        self.keep(|_| true, |id| *id != judge, |_| true)
    }

    /// The same panel as if the criterion had never been judged.
    #[must_use]
    pub fn without_criterion(&self, criterion: CriterionId) -> Self {
        self.keep(|_| true, |_| true, |row| row.id != criterion)
    }

    /// The same panel as if the entry had never taken part.
    #[must_use]
    pub fn without_entry(&self, entry: EntryId) -> Self {
        self.keep(|row| row.id != entry, |_| true, |_| true)
    }

    /// The same panel as if nothing had been deducted.
    #[must_use]
    pub fn without_deductions(&self) -> Self {
        let entries = self.entries.iter().map(|row| PanelEntry { deductions: Vec::new(), ..*row }).collect();
        Self { entries, ..self.clone() }
    }

    fn keep(
        &self,
        keep_entry: impl Fn(&PanelEntry) -> bool,
        keep_judge: impl Fn(&JudgeId) -> bool,
        keep_criterion: impl Fn(&PanelCriterion) -> bool,
    ) -> Self {
        let mut marks = Vec::with_capacity(self.marks.len());
        for (entry, _) in self.entries.iter().enumerate().filter(|(_, row)| keep_entry(row)) {
            for (_, sheet) in self.sheets(entry).filter(|(judge, _)| keep_judge(judge)) {
                let cells = self.criteria.iter().zip(sheet);
                marks.extend(cells.filter(|(row, _)| keep_criterion(row)).map(|(_, mark)| *mark));
            }
        }
        let entries = self.entries.iter().filter(|row| keep_entry(row)).cloned().collect();
        let judges = self.judges.iter().filter(|id| keep_judge(id)).copied().collect();
        let criteria = self.criteria.iter().filter(|row| keep_criterion(row)).copied().collect();
        Self { marks, ..Self::new(entries, judges, criteria).with_left(self.left.clone()) }
    }
}
