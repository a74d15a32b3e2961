//! The bench of a category: its entrants, judges, criteria and sheets as they are live together. Results, progress and
//! places at stake all come from it.

use std::{collections::HashSet, iter::Sum};

use super::{
    ServiceError,
    conflicts::pairs_barred,
    sheets::{entries_of, ids},
};
use crate::{
    domain::{
        Assignment, AssignmentStatus, Category, ConflictRule, Criterion, CriterionId, Deduction, DeductionId,
        Entry, EntryId, JudgeId, Sheet, SheetState,
        scoring::{Panel, PanelCriterion, PanelDeduction, PanelEntry},
    },
    store::{Live, LiveRow, LocatedSheet},
};

/// How far judges at work have come. Excused sheets are neither expected nor submitted, so that nobody has submitted more
/// than was expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Sheets that are to be expected: judges at work times entrants, less those excused.
    pub expected: usize,
    /// Of these, sheets that are there.
    pub submitted: usize,
    /// Sheets that an official has opened to their judges again: their marks count and can still change.
    pub reopened: usize,
    /// Sheets that are there and lack a mark for a criterion that came, or a mark that went, after they were submitted.
    pub incomplete: usize,
    /// Sheets that say recused or absent throughout.
    pub excused: usize,
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, tally| Self {
            expected: sum.expected + tally.expected,
            submitted: sum.submitted + tally.submitted,
            reopened: sum.reopened + tally.reopened,
            incomplete: sum.incomplete + tally.incomplete,
            excused: sum.excused + tally.excused,
        })
    }
}

/// Everything live that the results and the progress of a category come from.
pub(super) struct Bench {
    pub entries: Vec<LiveRow<Entry>>,
    pub assignments: Vec<LiveRow<Assignment>>,
    pub criteria: Vec<LiveRow<Criterion>>,
    deductions: Vec<LiveRow<Deduction>>,
    /// All live sheets, those of judges with a conflict of interest included, which count for nothing.
    pub sheets: Vec<LocatedSheet>,
    /// Judges and entries with a conflict of interest between them.
    barred: HashSet<(JudgeId, EntryId)>,
    rule: ConflictRule,
}

impl Bench {
    pub(super) fn of(view: &Live<'_>, category: &LiveRow<Category>) -> Result<Self, ServiceError> {
        let entries = entries_of(view, category)?;
        let assignments = view.children::<Assignment>(&category.place())?;
        let sheets = view.sheets(category, &assignments, &ids(&entries))?;
        Ok(Self {
            barred: pairs_barred(view, &assignments, &entries)?,
            rule: category.body().conflict_rule,
            criteria: view.children(&category.place())?,
            deductions: view.children(&category.place())?,
            entries,
            assignments,
            sheets,
        })
    }

    /// Judges whose sheets count: those at work, and those who have left marks behind.
    pub(super) fn judges(&self) -> Vec<JudgeId> {
        let counts = |assignment: &&LiveRow<Assignment>| {
            assignment.body().status == AssignmentStatus::Active
                || self.sheets.iter().any(|sheet| sheet.judge == assignment.body().judge_id)
        };
        self.assignments.iter().filter(counts).map(|assignment| assignment.body().judge_id).collect()
    }

    /// Judges at work.
    fn active(&self) -> Vec<JudgeId> {
        let active = self.assignments.iter().filter(|row| row.body().status == AssignmentStatus::Active);
        active.map(|assignment| assignment.body().judge_id).collect()
    }

    /// Whether there is a conflict of interest between a judge and an entry.
    pub(super) fn is_barred(&self, judge: JudgeId, entry: EntryId) -> bool {
        self.barred.contains(&(judge, entry))
    }

    /// What a conflict of interest means here, if there is one between a judge and an entry.
    pub(super) fn conflict(&self, judge: JudgeId, entry: EntryId) -> Option<ConflictRule> {
        self.is_barred(judge, entry).then_some(self.rule)
    }

    /// The sheets that count.
    pub(super) fn counted(&self) -> impl Iterator<Item = &LocatedSheet> {
        self.sheets.iter().filter(|located| !self.is_barred(located.judge, located.entry))
    }

    /// How far the judges at work have come.
    pub(super) fn progress(&self) -> Tally {
        self.active().into_iter().map(|judge| self.tally_of(judge)).sum()
    }

    /// How far a judge at work has come.
    pub(super) fn tally_of(&self, judge: JudgeId) -> Tally {
        let given: Vec<&Sheet> =
            self.counted().filter(|located| located.judge == judge).map(|located| &located.sheet).collect();
        let excused = given.iter().filter(|sheet| sheet.is_excused()).count();
        let barred = self.barred.iter().filter(|(of, _)| *of == judge).count();
        // Who is blocked is excused; who abstains by the rule has as good as handed in.
        let (recused, abstained) = match self.rule {
            ConflictRule::Block => (barred, 0),
            ConflictRule::Abstain => (0, barred),
        };
        Tally {
            expected: self.entries.len() - excused - recused,
            submitted: given.len() - excused + abstained,
            reopened: given.iter().filter(|sheet| sheet.state == SheetState::Reopened).count(),
            incomplete: given.iter().filter(|sheet| self.is_incomplete(sheet)).count(),
            excused: excused + recused,
        }
    }

    /// Whether a sheet has no word on some criterion.
    pub(super) fn is_incomplete(&self, sheet: &Sheet) -> bool {
        self.criteria.iter().any(|row| sheet.lacks(CriterionId::new(row.id())))
    }

    /// How many sheets have no word on some criterion.
    pub(super) fn incomplete(&self) -> usize {
        self.counted().filter(|located| self.is_incomplete(&located.sheet)).count()
    }

    /// The panel that the method works on.
    pub(super) fn panel(&self) -> Panel {
        let deductions_of = |entry: EntryId| {
            let own = self.deductions.iter().filter(|row| row.body().entry_id == entry);
            own.map(|row| PanelDeduction { id: DeductionId::new(row.id()), amount: row.body().amount })
                .collect()
        };
        let entry = |row: &LiveRow<Entry>| PanelEntry {
            id: EntryId::new(row.id()),
            eligible: row.body().eligible,
            deductions: deductions_of(EntryId::new(row.id())),
        };
        let criteria: Vec<PanelCriterion> = self
            .criteria
            .iter()
            .map(|row| PanelCriterion { id: CriterionId::new(row.id()), weight: row.body().weight })
            .collect();
        let entries = self.entries.iter().map(entry).collect();
        let active = self.active();
        let judges = self.judges();
        let left = judges.iter().filter(|judge| !active.contains(judge)).copied().collect();
        let mut panel = Panel::new(entries, judges, criteria.clone()).with_left(left);
        for located in self.counted() {
            let Some(cells) = panel.sheet_mut(located.entry, located.judge) else { continue };
            for mark in &located.sheet.marks {
                let cell = criteria.iter().position(|row| row.id == mark.criterion);
                if let Some(cell) = cell.and_then(|index| cells.get_mut(index)) {
                    *cell = mark.outcome;
                }
            }
        }
        for (judge, entry) in &self.barred {
            let cells = panel.sheet_mut(*entry, *judge).into_iter().flatten();
            cells.for_each(|cell| *cell = self.rule.outcome());
        }
        panel
    }
}
