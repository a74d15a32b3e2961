//! What a judge's page needs.

use actix_web::{http::Method, web::Data};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::{
    representation::{Out, PageOut},
    resources::plain,
    sheets::SheetOut,
};
use crate::{
    domain::{
        AssignmentStatus, CategoryId, ConflictRule, Criterion, CriterionId, EntryId, Timestamp, Visibility,
        permission::permissions,
    },
    http::{
        answer::Digested,
        extract::{Can, Item},
        problem::Failure,
        route::Endpoint,
    },
    service::{Found, Frame, JudgingCategory, Services, SheetAddress, SheetView},
};

/// An id with its name.
#[derive(Serialize, JsonSchema)]
pub struct Named {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
}

/// A category as a judge sees it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct JudgedCategory {
    id: Uuid,
    name: String,
    description: Option<String>,
    locked_at: Option<Timestamp>,
    archived_at: Option<Timestamp>,
}

/// A category the signed-in judge sits on.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct JudgingCategoryOut {
    assignment_id: Uuid,
    status: AssignmentStatus,
    category: JudgedCategory,
    contest: Named,
    event: Named,
    /// How many entrants the judge is to score.
    entrants: usize,
    /// For how many the judge has handed a sheet in.
    submitted: usize,
    /// How many of these sheets lack a mark, because a criterion came later or a mark was deleted.
    incomplete: usize,
    /// Whether sheets are refused: something is locked or archived.
    closed: bool,
}

/// An entrant before the judge.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct JudgingEntrantOut {
    entry_id: EntryId,
    number: Option<u32>,
    name: String,
    sheet: Option<SheetOut>,
    /// What a conflict of interest between the two means, if there is one: no sheet can be handed in.
    conflict: Option<ConflictRule>,
    /// Criteria on which the judge's sheet has no word: their marks can be handed in with it, although it is final.
    lacking: Vec<CriterionId>,
}

/// Everything for judging one category.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct JudgingOut {
    category: JudgedCategory,
    contest: Named,
    event: Named,
    closed: bool,
    criteria: Vec<Out<Criterion>>,
    entrants: Vec<JudgingEntrantOut>,
}

fn judged(frame: Frame) -> (JudgedCategory, Named, Named) {
    let category = JudgedCategory {
        id: frame.category.id,
        name: frame.category.body.name,
        description: frame.category.body.description,
        // A lock or archive further up closes the category just as well.
        locked_at: frame.category.locked_at.or(frame.contest.locked_at).or(frame.event.locked_at),
        archived_at: frame.category.archived_at.or(frame.contest.archived_at).or(frame.event.archived_at),
    };
    let contest = Named { id: frame.contest.id, name: frame.contest.body.name };
    let event = Named { id: frame.event.id, name: frame.event.body.name };
    (category, contest, event)
}

async fn categories(
    can: Can<permissions::SubmitSheets>,
    services: Data<Services>,
) -> Result<Digested<PageOut<JudgingCategoryOut>>, Failure> {
    let found = services.judging_categories(&can).await?;
    let item = |found: JudgingCategory| {
        let closed = found.frame.closed;
        let (category, contest, event) = judged(found.frame);
        JudgingCategoryOut {
            assignment_id: found.assignment.id,
            status: found.assignment.body.status,
            category,
            contest,
            event,
            entrants: found.entrants,
            submitted: found.submitted,
            incomplete: found.incomplete,
            closed,
        }
    };
    Ok(Digested(PageOut { items: found.into_iter().map(item).collect(), next_cursor: None }))
}

async fn scoring(
    can: Can<permissions::SubmitSheets>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Digested<JudgingOut>, Failure> {
    let judging = services.judging(&can, CategoryId::new(id)).await?;
    let (judge, judge_name) = (judging.judge, judging.judge_name);
    let closed = judging.frame.closed;
    let (category, contest, event) = judged(judging.frame);
    let criteria_ids: Vec<CriterionId> =
        judging.criteria.iter().map(|(row, _)| CriterionId::new(row.id)).collect();
    let entrants = judging.entrants.into_iter().map(|entrant| {
        let address = SheetAddress { category: CategoryId::new(id), entry: entrant.entry, judge };
        let view = |sheet| SheetView {
            address,
            judge_name: judge_name.clone(),
            sheet,
            visibility: Visibility::Live,
        };
        let lacking = entrant
            .sheet
            .iter()
            .flat_map(|sheet| criteria_ids.iter().copied().filter(|criterion| sheet.lacks(*criterion)));
        JudgingEntrantOut {
            lacking: lacking.collect(),
            entry_id: entrant.entry,
            number: entrant.number,
            name: entrant.name,
            conflict: entrant.conflict,
            sheet: entrant.sheet.map(|sheet| view(sheet).into()),
        }
    });
    let criteria = judging
        .criteria
        .into_iter()
        .map(|(row, lineage)| plain(Found { row, lineage, visibility: Visibility::Live }))
        .collect();
    Ok(Digested(JudgingOut { category, contest, event, closed, criteria, entrants: entrants.collect() }))
}

/// The endpoints of a judge's page.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("judging", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/me/categories",
            about("listOwnCategories", "The categories the signed-in judge sits on."),
            categories,
        ),
        Endpoint::new(
            Method::GET,
            "/categories/{id}/scoring",
            about("getScoring", "Everything the signed-in judge needs for a category."),
            scoring,
        ),
    ]
}
