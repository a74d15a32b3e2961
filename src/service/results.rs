//! Results: the standings computed from the panel of a category, with all names.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    Frame, Permit, ServiceError, Services,
    bench::{Bench, Tally},
    judging::{contestant_name, frame},
    resources::find_live,
};
use crate::{
    domain::{
        Category, CategoryId, Contest, Criterion, Entry, EntryId, Event, Judge, JudgeId, Row,
        scoring::{ScoringError, Standings, standings},
    },
    store::{Live, LiveRow, Stamps},
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
    pub progress: Tally,
    /// The places.
    pub standings: Standings,
}

/// A category whose marks mean nothing under its method.
#[derive(Clone, Debug)]
pub struct NotComputable {
    /// The category.
    pub category: Row<Category>,
    /// What is wrong, in names.
    pub detail: String,
}

/// A contest with the results of its categories, or why one has none.
pub type ContestResults = (Row<Contest>, Vec<Result<Arc<CategoryResults>, NotComputable>>);

impl CategoryResults {
    /// Whether marks can still come or change.
    pub fn is_provisional(&self) -> bool {
        let Tally { expected, submitted, reopened, .. } = self.progress;
        submitted < expected || reopened > 0 || self.standings.is_provisional()
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
            .read_stamped(|view, stamps| {
                let row = find_live::<Category>(view, permit, category.uuid())?;
                self.results_of(view, stamps, &row)
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
    ) -> Result<ContestResults, ServiceError> {
        self.store
            .read_stamped(|view, stamps| {
                self.results_in(view, stamps, &find_live::<Contest>(view, permit, contest)?)
            })
            .await
    }

    /// The results of all categories of all contests of an event, in running order, contest by contest.
    ///
    /// # Errors
    /// The event is out of reach.
    pub async fn event_results(
        &self,
        permit: &Permit,
        event: Uuid,
    ) -> Result<(Row<Event>, Vec<ContestResults>), ServiceError> {
        self.store
            .read_stamped(|view, stamps| {
                let event = find_live::<Event>(view, permit, event)?;
                let contests = view.children::<Contest>(&event.place())?;
                let results = contests.iter().map(|contest| self.results_in(view, stamps, contest));
                Ok((event.row().clone(), results.collect::<Result<_, _>>()?))
            })
            .await
    }

    fn results_in(
        &self,
        view: &Live<'_>,
        stamps: &Stamps<'_>,
        contest: &LiveRow<Contest>,
    ) -> Result<ContestResults, ServiceError> {
        let categories = view.children::<Category>(&contest.place())?;
        let results = categories.iter().map(|category| match self.results_of(view, stamps, category) {
            Ok(results) => Ok(Ok(results)),
            Err(ServiceError::Invalid { code: NOT_COMPUTABLE, detail, .. }) => {
                Ok(Err(NotComputable { category: category.row().clone(), detail }))
            }
            Err(error) => Err(error),
        });
        Ok((contest.row().clone(), results.collect::<Result<_, ServiceError>>()?))
    }

    pub(super) fn results_of(
        &self,
        view: &Live<'_>,
        stamps: &Stamps<'_>,
        category: &LiveRow<Category>,
    ) -> Result<Arc<CategoryResults>, ServiceError> {
        self.results.of(view, stamps, category, |as_of| compute(view, category, as_of))
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

/// The code of results whose marks mean nothing under the method.
pub(super) const NOT_COMPUTABLE: &str = "not_computable";

impl ServiceError {
    /// Marks mean nothing under the method, in words of people.
    pub(super) fn not_computable(detail: String) -> Self {
        Self::Invalid { code: NOT_COMPUTABLE, detail, faults: Vec::new() }
    }
}

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
    ServiceError::not_computable(detail)
}
