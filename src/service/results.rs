//! Results: a panel put together from live rows, the standings computed from it, and a cache that knows by the
//! tenant's change number whether anything has happened since.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use uuid::Uuid;

use super::{
    Frame, Permit, ServiceError, Services,
    judging::{contestant_name, frame},
    resources::find_live,
    sheets::{entries_of, ids},
};
use crate::{
    domain::{
        Assignment, AssignmentStatus, Category, CategoryId, Contest, Criterion, CriterionId, Deduction,
        DeductionId, Entry, EntryId, Judge, JudgeId, Row, TenantId,
        scoring::{Panel, PanelCriterion, PanelDeduction, PanelEntry, ScoringError, Standings, standings},
    },
    store::{Live, LiveRow, LocatedSheet},
};

/// The results of a category with all names.
#[derive(Clone, Debug)]
pub struct CategoryResults {
    /// Event, contest and category.
    pub frame: Frame,
    /// The change they stand at.
    pub as_of: u64,
    /// Entries that take part, in running order: id, number, name.
    pub entries: Vec<(EntryId, Option<u32>, String)>,
    /// The judges.
    pub judges: Vec<(JudgeId, String)>,
    /// The criteria.
    pub criteria: Vec<Row<Criterion>>,
    /// Sheets that are to be expected: active judges times entrants, less those excused.
    pub expected: usize,
    /// Of these, sheets that are there.
    pub submitted: usize,
    /// The places.
    pub standings: Standings,
}

/// Results by category, each with the change number it was computed at.
#[derive(Default)]
pub struct ResultsCache {
    kept: RwLock<HashMap<(TenantId, Uuid), Arc<CategoryResults>>>,
}

/// Most results that are kept.
const KEPT_MAX: usize = 1_024;

impl ResultsCache {
    fn get(&self, tenant: TenantId, category: Uuid, as_of: u64) -> Option<Arc<CategoryResults>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(&(tenant, category)).filter(|results| results.as_of == as_of).cloned()
    }

    fn put(&self, tenant: TenantId, category: Uuid, results: &Arc<CategoryResults>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert((tenant, category), Arc::clone(results));
    }
}

impl Services {
    /// The results of a category.
    ///
    /// # Errors
    /// The category is out of reach, or its marks mean nothing under its method.
    pub async fn category_results(
        &self,
        permit: &Permit,
        category: CategoryId,
    ) -> Result<Arc<CategoryResults>, ServiceError> {
        self.store
            .read(|view| {
                let row = find_live::<Category>(view, permit, category.uuid())?;
                self.results_of(view, &row)
            })
            .await
    }

    /// The results of all categories of a contest, in running order.
    ///
    /// # Errors
    /// As [`Services::category_results`].
    pub async fn contest_results(
        &self,
        permit: &Permit,
        contest: Uuid,
    ) -> Result<(Row<Contest>, Vec<Arc<CategoryResults>>), ServiceError> {
        self.store
            .read(|view| {
                let contest = find_live::<Contest>(view, permit, contest)?;
                let categories = view.children::<Category>(&contest.place())?;
                let results = categories.iter().map(|category| self.results_of(view, category));
                Ok((contest.row().clone(), results.collect::<Result<_, _>>()?))
            })
            .await
    }

    fn results_of(
        &self,
        view: &Live<'_>,
        category: &LiveRow<Category>,
    ) -> Result<Arc<CategoryResults>, ServiceError> {
        let tenant = category.lineage().tenant();
        let as_of = view.newest_change(tenant)?;
        if let Some(results) = self.results.get(tenant, category.id(), as_of) {
            return Ok(results);
        }
        let results = Arc::new(compute(view, category, as_of)?);
        self.results.put(tenant, category.id(), &results);
        Ok(results)
    }
}

fn compute(
    view: &Live<'_>,
    category: &LiveRow<Category>,
    as_of: u64,
) -> Result<CategoryResults, ServiceError> {
    let bench = Bench::of(view, category)?;
    let named = |entry: &LiveRow<Entry>| {
        Ok((EntryId::new(entry.id()), entry.body().number, contestant_name(view, entry)?))
    };
    let judge_name = |judge: JudgeId| {
        let row = view.find::<Judge>(category.lineage().tenant(), judge.uuid())?;
        Ok((judge, row.map(|row| row.body().name.clone()).unwrap_or_default()))
    };
    let (expected, submitted) = bench.progress();
    let standings = standings(&bench.panel(), &category.body().method, &category.body().tie_breaks);
    Ok(CategoryResults {
        frame: frame(view, category)?,
        as_of,
        entries: bench.entries.iter().map(named).collect::<Result<_, ServiceError>>()?,
        judges: bench.judges().into_iter().map(judge_name).collect::<Result<_, ServiceError>>()?,
        criteria: bench.criteria.iter().map(|row| row.row().clone()).collect(),
        expected,
        submitted,
        standings: standings.map_err(|error| not_computable(&error))?,
    })
}

fn not_computable(error: &ScoringError) -> ServiceError {
    ServiceError::fault("not_computable", "", error.to_string())
}

/// Everything live that the results of a category come from.
pub(super) struct Bench {
    pub entries: Vec<LiveRow<Entry>>,
    assignments: Vec<LiveRow<Assignment>>,
    criteria: Vec<LiveRow<Criterion>>,
    deductions: Vec<LiveRow<Deduction>>,
    sheets: Vec<LocatedSheet>,
}

impl Bench {
    pub(super) fn of(view: &Live<'_>, category: &LiveRow<Category>) -> Result<Self, ServiceError> {
        let entries = entries_of(view, category)?;
        let assignments = view.children::<Assignment>(&category.place())?;
        let sheets = view.sheets(category, &assignments, &ids(&entries))?;
        Ok(Self {
            criteria: view.children(&category.place())?,
            deductions: view.children(&category.place())?,
            entries,
            assignments,
            sheets,
        })
    }

    /// Judges whose sheets count: those at work, and those who have left marks behind.
    fn judges(&self) -> Vec<JudgeId> {
        let counts = |assignment: &&LiveRow<Assignment>| {
            assignment.body().status == AssignmentStatus::Active
                || self.sheets.iter().any(|sheet| sheet.judge == assignment.body().judge_id)
        };
        self.assignments.iter().filter(counts).map(|assignment| assignment.body().judge_id).collect()
    }

    /// Sheets to be expected from judges at work, and how many of them are there. Both leave out sheets that say
    /// that no marks are to be expected.
    fn progress(&self) -> (usize, usize) {
        let active: Vec<JudgeId> = self
            .assignments
            .iter()
            .filter(|assignment| assignment.body().status == AssignmentStatus::Active)
            .map(|assignment| assignment.body().judge_id)
            .collect();
        let given = || self.sheets.iter().filter(|sheet| active.contains(&sheet.judge));
        let excused = given().filter(|sheet| sheet.sheet.is_excused()).count();
        (active.len() * self.entries.len() - excused, given().count() - excused)
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
        let mut panel = Panel::new(entries, self.judges(), criteria.clone());
        for located in &self.sheets {
            let Some(cells) = panel.sheet_mut(located.entry, located.judge) else { continue };
            for mark in &located.sheet.marks {
                let cell = criteria.iter().position(|row| row.id == mark.criterion);
                if let Some(cell) = cell.and_then(|index| cells.get_mut(index)) {
                    *cell = mark.outcome;
                }
            }
        }
        panel
    }
}
