//! Progress against a naive count, through random sheets, reopenings, deletions and absences.

use std::{collections::HashMap, sync::Arc};

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::{Awaited, CategoryProgress};
use crate::{
    domain::{
        Action, Assignment, AssignmentStatus, Category, CategoryId, Contest, Contestant, Criterion,
        CriterionId, Entry, EntryId, Event, Judge, JudgeId, Mark, Sheet, SheetState, Timestamp, Verb,
        scoring::MarkOutcome,
    },
    service::{
        Deletion, Permit, Restoring, Tally,
        tests::{Venue, run},
    },
    store::SheetKey,
};

const JUDGES: usize = 3;
const ENTRIES: usize = 4;
/// The contest of each category.
const CATEGORIES: [usize; 3] = [0, 0, 1];

/// One thing that happens; what cannot happen is left out.
#[derive(Clone, Debug)]
enum Step {
    Submit { category: usize, judge: usize, entry: usize, excused: bool },
    Reopen { category: usize, judge: usize, entry: usize },
    DeleteSheet { category: usize, judge: usize, entry: usize },
    SetStatus { category: usize, judge: usize, status: AssignmentStatus },
    TurnEntry { contest: usize, entry: usize },
    TurnJudge { judge: usize },
    AddCriterion { category: usize },
}

fn any_step() -> impl Strategy<Value = Step> {
    let place = || (0..CATEGORIES.len(), 0..JUDGES, 0..ENTRIES);
    let status = prop_oneof![
        2 => Just(AssignmentStatus::Active),
        1 => Just(AssignmentStatus::Ended),
        1 => Just(AssignmentStatus::Absent),
    ];
    prop_oneof![
        12 => (place(), prop::bool::weighted(0.2))
            .prop_map(|((category, judge, entry), excused)| Step::Submit { category, judge, entry, excused }),
        3 => place().prop_map(|(category, judge, entry)| Step::Reopen { category, judge, entry }),
        2 => place().prop_map(|(category, judge, entry)| Step::DeleteSheet { category, judge, entry }),
        2 => (0..CATEGORIES.len(), 0..JUDGES, status)
            .prop_map(|(category, judge, status)| Step::SetStatus { category, judge, status }),
        2 => (0..2_usize, 0..ENTRIES).prop_map(|(contest, entry)| Step::TurnEntry { contest, entry }),
        1 => (0..JUDGES).prop_map(|judge| Step::TurnJudge { judge }),
        1 => (0..CATEGORIES.len()).prop_map(|category| Step::AddCriterion { category }),
    ]
}

/// A sheet as the naive count knows it.
#[derive(Clone, Copy)]
struct Given {
    criteria: usize,
    excused: bool,
    reopened: bool,
}

/// The evening, in the store and as a plain model.
struct Evening {
    fair: Venue,
    permit: Permit,
    event: Uuid,
    contests: Vec<Uuid>,
    categories: Vec<Uuid>,
    criteria: Vec<Vec<Uuid>>,
    judges: Vec<Uuid>,
    assignments: Vec<Vec<Uuid>>,
    entries: Vec<Vec<Uuid>>,
    sheets: HashMap<(usize, usize, usize), Given>,
    statuses: HashMap<(usize, usize), AssignmentStatus>,
    gone_entries: Vec<(usize, usize)>,
    gone_judges: Vec<usize>,
}

impl Evening {
    async fn new() -> Self {
        Self::at(Venue::new()).await
    }

    async fn at(fair: Venue) -> Self {
        fair.set_up().await;
        let permit = fair.permit(Action::ManageEvents).await;
        let tenant = permit.tenant().uuid();
        let name = |name: String| json!({"name": name});
        let event = fair.create::<Event>(tenant, name("Night".to_owned())).await.unwrap();
        let (mut contests, mut entries) = (Vec::new(), Vec::new());
        for number in 0..2 {
            let contest = fair.create::<Contest>(event, name(format!("Contest {number}"))).await.unwrap();
            let mut of_contest = Vec::new();
            for number in 0..ENTRIES {
                let contestant = fair.create::<Contestant>(tenant, name(format!("C{number}"))).await.unwrap();
                let body = json!({"contestantId": contestant});
                of_contest.push(fair.create::<Entry>(contest, body).await.unwrap());
            }
            contests.push(contest);
            entries.push(of_contest);
        }
        let mut judges = Vec::new();
        for number in 0..JUDGES {
            judges.push(fair.create::<Judge>(tenant, name(format!("J{number}"))).await.unwrap());
        }
        let (mut categories, mut criteria, mut assignments) = (Vec::new(), Vec::new(), Vec::new());
        for (number, contest) in CATEGORIES.into_iter().enumerate() {
            let category =
                fair.create::<Category>(contests[contest], name(format!("K{number}"))).await.unwrap();
            criteria.push(vec![fair.create::<Criterion>(category, name("First".to_owned())).await.unwrap()]);
            let mut seats = Vec::new();
            for judge in &judges {
                seats.push(fair.create::<Assignment>(category, json!({"judgeId": judge})).await.unwrap());
            }
            categories.push(category);
            assignments.push(seats);
        }
        Self {
            fair,
            permit,
            event,
            contests,
            categories,
            criteria,
            judges,
            assignments,
            entries,
            sheets: HashMap::new(),
            statuses: HashMap::new(),
            gone_entries: Vec::new(),
            gone_judges: Vec::new(),
        }
    }

    fn shows(&self, category: usize, judge: usize, entry: usize) -> bool {
        !self.gone_judges.contains(&judge) && !self.gone_entries.contains(&(CATEGORIES[category], entry))
    }

    fn status(&self, category: usize, judge: usize) -> AssignmentStatus {
        self.statuses.get(&(category, judge)).copied().unwrap_or_default()
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Submit { category, judge, entry, excused } => {
                let criteria = self.criteria[category].len();
                self.put((category, judge, entry), Given { criteria, excused, reopened: false }).await;
            }
            Step::Reopen { category, judge, entry } => {
                if let Some(given) = self.sheets.get(&(category, judge, entry)).copied() {
                    self.put((category, judge, entry), Given { reopened: true, ..given }).await;
                }
            }
            Step::DeleteSheet { category, judge, entry } => {
                if self.shows(category, judge, entry)
                    && self.sheets.remove(&(category, judge, entry)).is_some()
                {
                    let key = self.key(category, judge, entry);
                    let delete = self.fair.services.write(&self.permit, move |transaction| {
                        let sheet = transaction.live().stored_sheet(&key)?.unwrap();
                        Ok(transaction.delete_sheet(&key, &sheet, "sheet".to_owned(), None)?)
                    });
                    delete.await.unwrap();
                }
            }
            Step::SetStatus { category, judge, status } => {
                if !self.gone_judges.contains(&judge) {
                    let id = self.assignments[category][judge];
                    let change = move |body: &Assignment| Ok(Assignment { status, ..body.clone() });
                    self.fair.services.update(&self.permit, id, None, true, change).await.unwrap();
                    self.statuses.insert((category, judge), status);
                }
            }
            Step::TurnEntry { contest, entry } => {
                let id = self.entries[contest][entry];
                self.turn::<Entry>(id, self.gone_entries.contains(&(contest, entry))).await;
                toggle(&mut self.gone_entries, (contest, entry));
            }
            Step::TurnJudge { judge } => {
                self.turn::<Judge>(self.judges[judge], self.gone_judges.contains(&judge)).await;
                toggle(&mut self.gone_judges, judge);
            }
            Step::AddCriterion { category } => {
                let parent = self.categories[category];
                let body = serde_json::from_value::<Criterion>(json!({"name": "Another"})).unwrap();
                let made = self.fair.services.create(&self.permit, parent, body, None, true).await.unwrap();
                self.criteria[category].push(made.made.row.id);
            }
        }
    }

    /// Deletes what is there, and restores what is not.
    async fn turn<N: crate::domain::Noun>(&self, id: Uuid, gone: bool) {
        let services = &self.fair.services;
        if gone {
            services
                .restore::<N>(&self.permit, id, Restoring { confirmed: true, ..Restoring::default() })
                .await
                .unwrap();
        } else {
            let deletion = Deletion { confirmed: true, ..Deletion::default() };
            services.delete::<N>(&self.permit, id, deletion).await.unwrap();
        }
    }

    fn key(&self, category: usize, judge: usize, entry: usize) -> SheetKey {
        SheetKey {
            tenant: self.permit.tenant(),
            category: CategoryId::new(self.categories[category]),
            judge: JudgeId::new(self.judges[judge]),
            entry: EntryId::new(self.entries[CATEGORIES[category]][entry]),
        }
    }

    async fn put(&mut self, (category, judge, entry): (usize, usize, usize), given: Given) {
        if !self.shows(category, judge, entry) {
            return;
        }
        let outcome = if given.excused { MarkOutcome::Recused } else { MarkOutcome::Abstained };
        let marks = self.criteria[category].iter().take(given.criteria);
        let sheet = Sheet {
            version: 0,
            state: if given.reopened { SheetState::Reopened } else { SheetState::Submitted },
            submitted_at: Timestamp::from_millis(0),
            marks: marks.map(|id| Mark { criterion: CriterionId::new(*id), outcome }).collect(),
            comment: None,
            reopening: None,
        };
        let key = self.key(category, judge, entry);
        let verb = if given.reopened { Verb::Reopened } else { Verb::Submitted };
        let put = self.fair.services.write(&self.permit, move |transaction| {
            Ok(transaction.put_sheet(&key, verb, sheet.clone(), None)?)
        });
        put.await.unwrap();
        self.sheets.insert((category, judge, entry), given);
    }

    /// Counted one by one.
    fn naive(&self, category: usize, judge: usize) -> Tally {
        let mut tally = Tally::default();
        if self.status(category, judge) != AssignmentStatus::Active {
            return tally;
        }
        for entry in (0..ENTRIES).filter(|entry| self.shows(category, judge, *entry)) {
            let given = self.sheets.get(&(category, judge, entry));
            let excused = given.is_some_and(|given| given.excused);
            tally.expected += usize::from(!excused);
            tally.submitted += usize::from(given.is_some() && !excused);
            tally.excused += usize::from(excused);
            tally.reopened += usize::from(given.is_some_and(|given| given.reopened));
            let lacks = |given: &Given| given.criteria < self.criteria[category].len();
            tally.incomplete += usize::from(given.is_some_and(lacks));
        }
        tally
    }

    async fn check(&self) {
        let services = &self.fair.services;
        let event = services.event_progress(&self.permit, self.event).await.unwrap();
        for (number, contest) in self.contests.iter().enumerate() {
            let (_, of_contest) = services.contest_progress(&self.permit, *contest).await.unwrap();
            let tallies = |categories: &[Arc<CategoryProgress>]| {
                categories.iter().map(|category| category.tally).collect::<Vec<_>>()
            };
            assert_eq!(tallies(&of_contest.categories), tallies(&event.contests[number].categories));
            assert_eq!(of_contest.categories.len(), CATEGORIES.iter().filter(|of| **of == number).count());
        }
        for (category, id) in self.categories.iter().enumerate() {
            let id = CategoryId::new(*id);
            let progress = services.category_progress(&self.permit, id).await.unwrap();
            let Tally { expected, submitted, excused, .. } = progress.tally;
            assert!(submitted <= expected, "{:?}", progress.tally);
            assert_eq!(progress.judges.iter().map(|judge| judge.tally).sum::<Tally>(), progress.tally);
            for judge in &progress.judges {
                let place = self.judges.iter().position(|id| *id == judge.judge.uuid()).unwrap();
                assert_eq!(judge.tally, self.naive(category, place));
            }
            let naive = (0..JUDGES).filter(|judge| !self.gone_judges.contains(judge));
            assert_eq!(naive.map(|judge| self.naive(category, judge)).sum::<Tally>(), progress.tally);
            let states: Vec<Awaited> =
                progress.entrants.iter().flat_map(|entrant| entrant.sheets.iter().copied()).collect();
            let count = |wanted: &[Awaited]| states.iter().filter(|state| wanted.contains(state)).count();
            assert_eq!(count(&[Awaited::Open]), expected - submitted);
            let there = [Awaited::Submitted, Awaited::Reopened, Awaited::Incomplete, Awaited::Excused];
            assert_eq!(count(&there), submitted + excused);
            let kept: usize = progress.judges.iter().map(|judge| judge.kept).sum();
            assert_eq!(count(&[Awaited::Kept]), kept);
            let results = services.category_results(&self.permit, id).await.unwrap();
            assert_eq!(results.progress, progress.tally);
        }
    }
}

/// Everything that the progress of the event is made of.
async fn polled(evening: &Evening) -> Vec<Arc<CategoryProgress>> {
    let event = evening.fair.services.event_progress(&evening.permit, evening.event).await.unwrap();
    event.contests.into_iter().flat_map(|contest| contest.categories).collect()
}

/// For each category whether the one progress is the very same as the other, and not counted anew.
fn kept(before: &[Arc<CategoryProgress>], after: &[Arc<CategoryProgress>]) -> Vec<bool> {
    before.iter().zip(after).map(|(before, after)| Arc::ptr_eq(before, after)).collect()
}

#[test]
fn however_many_ask_a_state_is_counted_once() {
    const DEVICES: usize = 200;
    run(async {
        let (fair, counts) = Venue::counted();
        let mut evening = Evening::at(fair).await;
        let submit = |entry| Step::Submit { category: 1, judge: 0, entry, excused: false };
        for entry in 0..ENTRIES - 1 {
            evening.take(submit(entry)).await;
        }
        counts.take();
        let first = polled(&evening).await;
        let (counting, _) = counts.take();
        let mut asking = Vec::new();
        for _ in 0..DEVICES {
            assert_eq!(kept(&first, &polled(&evening).await), [true; 3], "nothing has changed");
            asking.push(counts.take().0);
        }
        assert!(
            asking.iter().all(|rows| *rows == asking[0] && 4 * rows < counting),
            "{counting} rows, then {asking:?}"
        );

        evening.take(submit(ENTRIES - 1)).await;
        let second = polled(&evening).await;
        assert_eq!(kept(&first, &second), [true, false, true], "a sheet is of one category");
        for _ in 0..DEVICES {
            assert_eq!(kept(&second, &polled(&evening).await), [true; 3]);
        }
    });
}

fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T) {
    match list.iter().position(|other| *other == item) {
        Some(index) => drop(list.remove(index)),
        None => list.push(item),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn progress_is_what_a_naive_count_finds_after_every_step(
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        run(async {
            let mut evening = Evening::new().await;
            evening.check().await;
            for step in steps {
                evening.take(step).await;
                evening.check().await;
            }
        });
    }
}
