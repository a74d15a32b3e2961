//! Progress: who has handed in what. Cheap enough to be asked for again and again.

use std::collections::HashMap;

use actix_web::{HttpRequest, http::Method, web::Data};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::judging::Named;
use crate::{
    domain::{AssignmentStatus, CategoryId, EntryId, JudgeId, Timestamp, permission::permissions},
    http::{
        answer::Tagged,
        extract::{Can, Item},
        problem::Failure,
        renders::{Cached, Renders, Stamp},
        route::Endpoint,
    },
    service::{Awaited, CategoryProgress, ContestProgress, JudgeProgress, Services, Tally},
};

/// Counts of sheets.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TallyOut {
    /// Sheets to be expected: entrants times judges at work, less those excused.
    expected: usize,
    /// Of these, sheets that are there: never more than `expected`.
    submitted: usize,
    /// Sheets that are open to their judges again: their marks count and can still change.
    reopened: usize,
    /// Sheets that are there and lack a mark, because a criterion came later or a mark was deleted.
    incomplete: usize,
    /// Sheets that say recused or absent throughout; none is expected in their place.
    excused: usize,
    /// When the last sheet was handed in.
    last_sheet_at: Option<Timestamp>,
}

/// How far a judge is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct JudgeOut {
    judge_id: JudgeId,
    judge_name: String,
    #[serde(flatten)]
    tally: TallyOut,
    /// Sheets given by a judge who is not at work any more: they stay, and nothing more is expected.
    kept: usize,
}

/// How far a judge is in one category.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SeatOut {
    /// Whether the judge is at work.
    status: AssignmentStatus,
    #[serde(flatten)]
    judge: JudgeOut,
}

/// A category with its judges.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CategoryTallyOut {
    category: Named,
    #[serde(flatten)]
    tally: TallyOut,
    judges: Vec<SeatOut>,
}

/// A contest with its categories, and its judges over all of them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContestTallyOut {
    contest: Named,
    #[serde(flatten)]
    tally: TallyOut,
    judges: Vec<JudgeOut>,
    categories: Vec<CategoryTallyOut>,
}

/// The progress of a category, sheet by sheet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CategoryProgressOut {
    event: Named,
    contest: Named,
    /// The newest change that counts in it.
    as_of: u64,
    #[serde(flatten)]
    category: CategoryTallyOut,
    /// In running order.
    entrants: Vec<EntrantOut>,
}

/// The sheets for an entrant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EntrantOut {
    entry_id: EntryId,
    number: Option<u32>,
    name: String,
    /// One a judge, in the order of `judges`.
    sheets: Vec<SheetStateOut>,
}

/// What has become of a sheet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum SheetStateOut {
    /// Expected and not there.
    Open,
    /// There.
    Submitted,
    /// There, and open to its judge again.
    Reopened,
    /// There, and lacks marks.
    Incomplete,
    /// Says recused or absent throughout.
    Excused,
    /// There, of a judge who is not at work any more.
    Kept,
    /// Not expected: the judge is not at work.
    NotExpected,
}

/// The progress of a contest.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContestProgressOut {
    event: Named,
    /// The newest change that counts in it.
    as_of: u64,
    #[serde(flatten)]
    contest: ContestTallyOut,
}

/// The progress of an event.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EventProgressOut {
    event: Named,
    /// The newest change that counts in it.
    as_of: u64,
    #[serde(flatten)]
    tally: TallyOut,
    contests: Vec<ContestTallyOut>,
}

fn tally(counted: Tally, last_sheet_at: Option<Timestamp>) -> TallyOut {
    let Tally { expected, submitted, reopened, incomplete, excused } = counted;
    TallyOut { expected, submitted, reopened, incomplete, excused, last_sheet_at }
}

fn seat(judge: &JudgeProgress) -> SeatOut {
    SeatOut {
        status: judge.status,
        judge: JudgeOut {
            judge_id: judge.judge,
            judge_name: judge.name.clone(),
            tally: tally(judge.tally, judge.last_at),
            kept: judge.kept,
        },
    }
}

fn category(progress: &CategoryProgress) -> CategoryTallyOut {
    let row = &progress.frame.category;
    CategoryTallyOut {
        category: Named { id: row.id, name: row.body.name.clone() },
        tally: tally(progress.tally, progress.last_at),
        judges: progress.judges.iter().map(seat).collect(),
    }
}

/// Sums over categories, with the last sheet of all.
fn sum<'a>(categories: impl Iterator<Item = &'a CategoryProgress> + Clone) -> TallyOut {
    let last_at = categories.clone().filter_map(|category| category.last_at).max();
    tally(categories.map(|category| category.tally).sum(), last_at)
}

fn contest(progress: &ContestProgress) -> ContestTallyOut {
    let categories = progress.categories.iter().map(|category| &**category);
    let mut judges: Vec<(&JudgeProgress, Vec<&JudgeProgress>)> = Vec::new();
    let mut places: HashMap<JudgeId, usize> = HashMap::new();
    for judge in categories.clone().flat_map(|category| &category.judges) {
        let place = *places.entry(judge.judge).or_insert_with(|| {
            judges.push((judge, Vec::new()));
            judges.len() - 1
        });
        judges.get_mut(place).into_iter().for_each(|(_, seats)| seats.push(judge));
    }
    let judge = |(first, seats): (&JudgeProgress, Vec<&JudgeProgress>)| JudgeOut {
        judge_id: first.judge,
        judge_name: first.name.clone(),
        tally: tally(
            seats.iter().map(|seat| seat.tally).sum(),
            seats.iter().filter_map(|seat| seat.last_at).max(),
        ),
        kept: seats.iter().map(|seat| seat.kept).sum(),
    };
    ContestTallyOut {
        contest: Named { id: progress.contest.id, name: progress.contest.body.name.clone() },
        tally: sum(categories.clone()),
        judges: judges.into_iter().map(judge).collect(),
        categories: categories.map(category).collect(),
    }
}

fn state(awaited: Awaited) -> SheetStateOut {
    match awaited {
        Awaited::Open => SheetStateOut::Open,
        Awaited::Submitted => SheetStateOut::Submitted,
        Awaited::Reopened => SheetStateOut::Reopened,
        Awaited::Incomplete => SheetStateOut::Incomplete,
        Awaited::Excused => SheetStateOut::Excused,
        Awaited::Kept => SheetStateOut::Kept,
        Awaited::NotExpected => SheetStateOut::NotExpected,
    }
}

fn named(id: Uuid, name: &str) -> Named {
    Named { id, name: name.to_owned() }
}

async fn of_category(
    can: Can<permissions::ReadSheets>,
    services: Data<Services>,
    renders: Data<Renders>,
    request: HttpRequest,
    Item(id): Item,
) -> Result<Cached<Tagged<CategoryProgressOut>>, Failure> {
    let read = async {
        let progress = services.category_progress(&can, CategoryId::new(id)).await?;
        let frame = &progress.frame;
        let entrants = progress.entrants.iter().map(|entrant| EntrantOut {
            entry_id: entrant.entry,
            number: entrant.number,
            name: entrant.name.clone(),
            sheets: entrant.sheets.iter().copied().map(state).collect(),
        });
        let shown = CategoryProgressOut {
            event: named(frame.event.id, &frame.event.body.name),
            contest: named(frame.contest.id, &frame.contest.body.name),
            as_of: progress.as_of,
            category: category(&progress),
            entrants: entrants.collect(),
        };
        Ok(Tagged(shown, progress.as_of))
    };
    renders.answer(&can, &services, &request, Stamp::Newest, read).await
}

async fn of_contest(
    can: Can<permissions::ReadSheets>,
    services: Data<Services>,
    renders: Data<Renders>,
    request: HttpRequest,
    Item(id): Item,
) -> Result<Cached<Tagged<ContestProgressOut>>, Failure> {
    let read = async {
        let (event, progress) = services.contest_progress(&can, id).await?;
        let as_of = progress.as_of;
        let event = named(event.id, &event.body.name);
        Ok(Tagged(ContestProgressOut { event, as_of, contest: contest(&progress) }, as_of))
    };
    renders.answer(&can, &services, &request, Stamp::Newest, read).await
}

async fn of_event(
    can: Can<permissions::ReadSheets>,
    services: Data<Services>,
    renders: Data<Renders>,
    request: HttpRequest,
    Item(id): Item,
) -> Result<Cached<Tagged<EventProgressOut>>, Failure> {
    let read = async {
        let progress = services.event_progress(&can, id).await?;
        let categories = progress.contests.iter().flat_map(|contest| &contest.categories);
        let shown = EventProgressOut {
            event: named(progress.event.id, &progress.event.body.name),
            as_of: progress.as_of,
            tally: sum(categories.map(|category| &**category)),
            contests: progress.contests.iter().map(contest).collect(),
        };
        Ok(Tagged(shown, progress.as_of))
    };
    renders.answer(&can, &services, &request, Stamp::Newest, read).await
}

/// The endpoints of progress.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("progress", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/categories/{id}/progress",
            about("getCategoryProgress", "Who has handed in what in a category, sheet by sheet."),
            of_category,
        ),
        Endpoint::new(
            Method::GET,
            "/contests/{id}/progress",
            about("getContestProgress", "Who has handed in what in a contest, by judge and category."),
            of_contest,
        ),
        Endpoint::new(
            Method::GET,
            "/events/{id}/progress",
            about("getEventProgress", "Who has handed in what in an event, by contest, category and judge."),
            of_event,
        ),
    ]
}
