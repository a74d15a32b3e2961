//! Progress: who has handed in what, by judge, category and contest. Counted from the sheets, so that it is exact at any
//! moment.

#[cfg(test)]
mod tests;

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
        AssignmentStatus, Category, CategoryId, ConflictRule, Contest, EntryId, Event, Judge, JudgeId, Row,
        SheetState, Timestamp,
    },
    store::{Live, LiveRow, LocatedSheet, Stamps},
};

/// The progress of a category.
#[derive(Clone, Debug)]
pub struct CategoryProgress {
    /// Event, contest and category.
    pub frame: Frame,
    /// The newest change that counts in it.
    pub as_of: u64,
    /// All judges together.
    pub tally: Tally,
    /// When the last sheet was handed in.
    pub last_at: Option<Timestamp>,
    /// Everybody who is assigned.
    pub judges: Vec<JudgeProgress>,
    /// Everybody who takes part, in running order.
    pub entrants: Vec<EntrantProgress>,
}

/// The progress of a judge.
#[derive(Clone, Debug)]
pub struct JudgeProgress {
    /// The judge.
    pub judge: JudgeId,
    /// The judge's name.
    pub name: String,
    /// Whether sheets are expected.
    pub status: AssignmentStatus,
    /// How far the judge has come; all zero unless at work.
    pub tally: Tally,
    /// Sheets of a judge who is not at work any more: they stay, and nothing more is expected.
    pub kept: usize,
    /// When the judge handed in the last sheet.
    pub last_at: Option<Timestamp>,
}

/// The sheets for an entrant.
#[derive(Clone, Debug)]
pub struct EntrantProgress {
    /// The entry.
    pub entry: EntryId,
    /// Its number.
    pub number: Option<u32>,
    /// The contestant's name.
    pub name: String,
    /// One a judge, in the order of the judges.
    pub sheets: Vec<Awaited>,
}

/// What has become of a sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Awaited {
    /// It is expected and not there.
    Open,
    /// It is there.
    Submitted,
    /// It is there, and open to its judge again.
    Reopened,
    /// It is there and lacks marks.
    Incomplete,
    /// It says recused or absent throughout.
    Excused,
    /// It is there, of a judge who is not at work any more.
    Kept,
    /// None is expected: the judge is not at work.
    NotExpected,
}

/// The progress of a contest.
#[derive(Clone, Debug)]
pub struct ContestProgress {
    /// The contest.
    pub contest: Row<Contest>,
    /// The newest change that counts in it.
    pub as_of: u64,
    /// Its categories in running order.
    pub categories: Vec<Arc<CategoryProgress>>,
}

/// The progress of an event.
#[derive(Clone, Debug)]
pub struct EventProgress {
    /// The event.
    pub event: Row<Event>,
    /// The newest change that counts in it.
    pub as_of: u64,
    /// Its contests in running order.
    pub contests: Vec<ContestProgress>,
}

impl Services {
    /// The progress of a category.
    ///
    /// # Errors
    /// The category is out of reach.
    pub async fn category_progress(
        &self,
        permit: &Permit,
        category: CategoryId,
    ) -> Result<Arc<CategoryProgress>, ServiceError> {
        self.store
            .read_stamped(|view, stamps| {
                let row = find_live::<Category>(view, permit, category.uuid())?;
                self.progress_of(view, stamps, &row)
            })
            .await
    }

    /// The progress of a contest.
    ///
    /// # Errors
    /// The contest is out of reach.
    pub async fn contest_progress(
        &self,
        permit: &Permit,
        contest: Uuid,
    ) -> Result<(Row<Event>, ContestProgress), ServiceError> {
        self.store
            .read_stamped(|view, stamps| {
                let contest = find_live::<Contest>(view, permit, contest)?;
                let event = view.find::<Event>(permit.tenant(), contest.lineage().parent())?;
                let event = event.ok_or(ServiceError::NotFound(crate::domain::Kind::Event))?;
                Ok((event.into_parts().0, self.progress_of_contest(view, stamps, &contest)?))
            })
            .await
    }

    /// The progress of an event.
    ///
    /// # Errors
    /// The event is out of reach.
    pub async fn event_progress(&self, permit: &Permit, event: Uuid) -> Result<EventProgress, ServiceError> {
        self.store
            .read_stamped(|view, stamps| {
                let event = find_live::<Event>(view, permit, event)?;
                let contests = view.children::<Contest>(&event.place())?;
                let contests = contests.iter().map(|contest| self.progress_of_contest(view, stamps, contest));
                let contests = contests.collect::<Result<Vec<_>, _>>()?;
                let settled = stamps.settled(permit.tenant())?;
                let as_of = contests.iter().map(|contest| contest.as_of).fold(settled, u64::max);
                Ok(EventProgress { event: event.into_parts().0, as_of, contests })
            })
            .await
    }

    fn progress_of_contest(
        &self,
        view: &Live<'_>,
        stamps: &Stamps<'_>,
        contest: &LiveRow<Contest>,
    ) -> Result<ContestProgress, ServiceError> {
        let categories = view.children::<Category>(&contest.place())?;
        let categories = categories.iter().map(|category| self.progress_of(view, stamps, category));
        let categories = categories.collect::<Result<Vec<_>, _>>()?;
        let settled = stamps.settled(contest.lineage().tenant())?;
        let as_of = categories.iter().map(|category| category.as_of).fold(settled, u64::max);
        Ok(ContestProgress { contest: contest.row().clone(), as_of, categories })
    }

    fn progress_of(
        &self,
        view: &Live<'_>,
        stamps: &Stamps<'_>,
        category: &LiveRow<Category>,
    ) -> Result<Arc<CategoryProgress>, ServiceError> {
        self.progress.of(view, stamps, category, |as_of| count(view, category, as_of))
    }
}

fn count(
    view: &Live<'_>,
    category: &LiveRow<Category>,
    as_of: u64,
) -> Result<CategoryProgress, ServiceError> {
    let bench = Bench::of(view, category)?;
    let mut judges = Vec::new();
    for assignment in &bench.assignments {
        let (judge, status) = (assignment.body().judge_id, assignment.body().status);
        let row = view.find::<Judge>(category.lineage().tenant(), judge.uuid())?;
        let given = || bench.counted().filter(|located| located.judge == judge);
        let at_work = status == AssignmentStatus::Active;
        judges.push(JudgeProgress {
            judge,
            name: row.map(|row| row.body().name.clone()).unwrap_or_default(),
            status,
            tally: if at_work { bench.tally_of(judge) } else { Tally::default() },
            kept: if at_work { 0 } else { given().count() },
            last_at: given().map(|located| located.sheet.submitted_at).max(),
        });
    }
    let mut entrants = Vec::new();
    for entry in &bench.entries {
        let id = EntryId::new(entry.id());
        let of_judge = |judge: &JudgeProgress| {
            let at_work = judge.status == AssignmentStatus::Active;
            match bench.conflict(judge.judge, id) {
                Some(rule) if at_work => by_rule(rule),
                _ => {
                    let own = |located: &&LocatedSheet| located.entry == id && located.judge == judge.judge;
                    awaited(&bench, at_work, bench.counted().find(own))
                }
            }
        };
        entrants.push(EntrantProgress {
            entry: id,
            number: entry.body().number,
            name: contestant_name(view, entry)?,
            sheets: judges.iter().map(of_judge).collect(),
        });
    }
    Ok(CategoryProgress {
        frame: frame(view, category)?,
        as_of,
        tally: bench.progress(),
        last_at: judges.iter().filter_map(|judge| judge.last_at).max(),
        judges,
        entrants,
    })
}

/// What a conflict of interest makes of a sheet: who is blocked is excused, who abstains by the rule has as good as handed
/// in.
const fn by_rule(rule: ConflictRule) -> Awaited {
    match rule {
        ConflictRule::Block => Awaited::Excused,
        ConflictRule::Abstain => Awaited::Submitted,
    }
}

fn awaited(bench: &Bench, at_work: bool, sheet: Option<&LocatedSheet>) -> Awaited {
    match (at_work, sheet.map(|located| &located.sheet)) {
        (true, None) => Awaited::Open,
        (false, None) => Awaited::NotExpected,
        (false, Some(_)) => Awaited::Kept,
        (true, Some(sheet)) if sheet.state == SheetState::Reopened => Awaited::Reopened,
        (true, Some(sheet)) if bench.is_incomplete(sheet) => Awaited::Incomplete,
        (true, Some(sheet)) if sheet.is_excused() => Awaited::Excused,
        (true, Some(_)) => Awaited::Submitted,
    }
}
