//! Results: a panel put together from live rows, the standings computed from it, and a cache that knows by the
//! tenant's change number whether anything has happened since.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use uuid::Uuid;

use super::{
    Frame, Permit, ServiceError, Services,
    conflicts::pairs_barred,
    judging::{contestant_name, frame},
    resources::find_live,
    sheets::{entries_of, ids},
};
use crate::{
    domain::{
        Assignment, AssignmentStatus, Category, CategoryId, ConflictRule, Contest, Criterion, CriterionId,
        Deduction, DeductionId, Entry, EntryId, Judge, JudgeId, Row, Sheet, SheetState, TenantId,
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
    /// How far judging has come.
    pub progress: Progress,
    /// The places.
    pub standings: Standings,
}

/// How far the judges at work have come. Excused sheets are neither expected nor submitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Sheets that are to be expected: active judges times entrants, less those excused.
    pub expected: usize,
    /// Of these, sheets that are there.
    pub submitted: usize,
    /// Sheets that an official has opened to their judges again: their marks count and can still change.
    pub reopened: usize,
    /// Sheets that are there and lack a mark for a criterion that came, or a mark that went, after they were submitted.
    pub incomplete: usize,
}

/// A category whose marks mean nothing under its method.
#[derive(Clone, Debug)]
pub struct NotComputable {
    /// The category.
    pub category: Row<Category>,
    /// What is wrong, in names.
    pub detail: String,
}

impl CategoryResults {
    /// Whether marks can still come or change.
    pub fn is_provisional(&self) -> bool {
        let Progress { expected, submitted, reopened, .. } = self.progress;
        submitted < expected || reopened > 0 || self.standings.is_provisional()
    }
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

    /// The results of all categories of a contest, in running order. One that cannot be computed says so and keeps
    /// none of the others back.
    ///
    /// # Errors
    /// The contest is out of reach.
    pub async fn contest_results(
        &self,
        permit: &Permit,
        contest: Uuid,
    ) -> Result<(Row<Contest>, Vec<Result<Arc<CategoryResults>, NotComputable>>), ServiceError> {
        self.store
            .read(|view| {
                let contest = find_live::<Contest>(view, permit, contest)?;
                let categories = view.children::<Category>(&contest.place())?;
                let results = categories.iter().map(|category| match self.results_of(view, category) {
                    Ok(results) => Ok(Ok(results)),
                    Err(ServiceError::Invalid { code: NOT_COMPUTABLE, detail, .. }) => {
                        Ok(Err(NotComputable { category: category.row().clone(), detail }))
                    }
                    Err(error) => Err(error),
                });
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
    let entries: Vec<_> = bench.entries.iter().map(named).collect::<Result<_, ServiceError>>()?;
    let judges: Vec<_> = bench.judges().into_iter().map(judge_name).collect::<Result<_, ServiceError>>()?;
    let standings = standings(&bench.panel(), &category.body().method, &category.body().tie_breaks);
    let standings = standings.map_err(|error| not_computable(&error, &entries, &judges))?;
    Ok(CategoryResults {
        frame: frame(view, category)?,
        as_of,
        criteria: bench.criteria.iter().map(|row| row.row().clone()).collect(),
        progress: bench.progress(),
        entries,
        judges,
        standings,
    })
}

const NOT_COMPUTABLE: &str = "not_computable";

/// The refusal in words of people, who know entries and judges by number and name.
fn not_computable(
    error: &ScoringError,
    entries: &[(EntryId, Option<u32>, String)],
    judges: &[(JudgeId, String)],
) -> ServiceError {
    let entry = |id: EntryId| {
        let found = entries.iter().find(|(entry, ..)| *entry == id);
        found.map_or_else(String::new, |(_, number, name)| match number {
            Some(number) => format!("no. {number} ({name})"),
            None => name.clone(),
        })
    };
    let judge = |id: JudgeId| {
        judges.iter().find(|(judge, _)| *judge == id).map_or_else(String::new, |(_, name)| name.clone())
    };
    let detail = match error {
        ScoringError::DeductionFromPlaces { entry: id } => {
            format!(
                "{} has a deduction, but judges give places, from which nothing can be deducted",
                entry(*id)
            )
        }
        ScoringError::NotAPlace { judge: by, entry: id, mark } => {
            format!("{} gave {} the mark {mark}, which is not a place: 1, 2, 3, ...", judge(*by), entry(*id))
        }
        ScoringError::PlacesNeedOneCriterion { .. } => error.to_string(),
    };
    ServiceError::Invalid { code: NOT_COMPUTABLE, detail, faults: Vec::new() }
}

/// Everything live that the results of a category come from.
pub(super) struct Bench {
    pub entries: Vec<LiveRow<Entry>>,
    assignments: Vec<LiveRow<Assignment>>,
    criteria: Vec<LiveRow<Criterion>>,
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
    fn judges(&self) -> Vec<JudgeId> {
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

    /// The sheets that count.
    fn counted(&self) -> impl Iterator<Item = &LocatedSheet> {
        self.sheets.iter().filter(|located| !self.is_barred(located.judge, located.entry))
    }

    fn progress(&self) -> Progress {
        let active = self.active();
        let given: Vec<&Sheet> = self
            .counted()
            .filter(|located| active.contains(&located.judge))
            .map(|located| &located.sheet)
            .collect();
        let excused = given.iter().filter(|sheet| sheet.is_excused()).count();
        let barred = self.barred.iter().filter(|(judge, _)| active.contains(judge)).count();
        // Who is blocked is excused; who abstains by the rule has as good as handed in.
        let (recused, abstained) = match self.rule {
            ConflictRule::Block => (barred, 0),
            ConflictRule::Abstain => (0, barred),
        };
        Progress {
            expected: active.len() * self.entries.len() - excused - recused,
            submitted: given.len() - excused + abstained,
            reopened: given.iter().filter(|sheet| sheet.state == SheetState::Reopened).count(),
            incomplete: given.iter().filter(|sheet| self.is_incomplete(sheet)).count(),
        }
    }

    /// Whether a sheet has no word on some criterion.
    fn is_incomplete(&self, sheet: &Sheet) -> bool {
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
            panel
                .sheet_mut(*entry, *judge)
                .into_iter()
                .flatten()
                .for_each(|cell| *cell = self.rule.outcome());
        }
        panel
    }
}
