//! Results: places with everything they come from.

use std::collections::HashMap;

use actix_web::{HttpRequest, http::Method, web::Data};
use schemars::JsonSchema;
use serde::Serialize;

use super::judging::Named;
use crate::{
    domain::{
        CategoryId, CriterionId, Decimal, EntryId, JudgeId,
        permission::permissions,
        scoring::{Method as ScoringMethod, Placement, TieBreak},
    },
    http::{
        answer::{Answer, Rendered},
        extract::{self, Can, Item},
        openapi::{DescribeAnswer, Operation, Schemas},
        problem::{Failure, code},
        renders::{Cached, Renders, Stamp},
        route::Endpoint,
    },
    service::{CategoryResults, NotComputable, Services},
};

/// 200 with results. What cannot be computed, because marks mean nothing under the method, is a 422.
struct Computed<T>(T);

impl<T: Serialize> Rendered for Computed<T> {
    fn render(&self) -> Result<(String, Option<u64>), Failure> {
        Ok((extract::to_json(&self.0)?, None))
    }
}

impl<T: JsonSchema> DescribeAnswer for Computed<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.insert(422);
        Answer::<T>::describe(operation, schemas);
    }
}

/// The results of a category.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ResultsOut {
    category: Named,
    contest: Named,
    event: Named,
    /// The change they stand at.
    as_of: u64,
    method: ScoringMethod,
    tie_breaks: Vec<TieBreak>,
    /// Sheets that are to be expected.
    sheets_expected: usize,
    /// Of these, sheets that are there.
    sheets_submitted: usize,
    /// Sheets that are open to their judges again: their marks count and can still change.
    sheets_reopened: usize,
    /// Sheets that are there and lack a mark, because a criterion came later or a mark was deleted.
    sheets_incomplete: usize,
    /// Whether marks can still come or change.
    provisional: bool,
    judges: Vec<ResultsJudge>,
    criteria: Vec<CriterionOut>,
    placements: Vec<Placement<EntryOut>>,
}

#[derive(Serialize, JsonSchema)]
struct ResultsJudge {
    id: JudgeId,
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct CriterionOut {
    id: CriterionId,
    name: String,
    maximum: Decimal,
    weight: Decimal,
}

/// An entry, as people know it.
#[derive(Serialize, JsonSchema)]
pub struct EntryOut {
    id: EntryId,
    number: Option<u32>,
    name: String,
}

/// Entries of results, by their ids.
pub fn entries_of(results: &CategoryResults) -> impl Fn(EntryId) -> EntryOut {
    let names: HashMap<EntryId, (Option<u32>, &str)> =
        results.entries.iter().map(|(id, number, name)| (*id, (*number, name.as_str()))).collect();
    move |id: EntryId| {
        let (number, name) = names.get(&id).copied().unwrap_or_default();
        EntryOut { id, number, name: name.to_owned() }
    }
}

fn render(results: &CategoryResults) -> ResultsOut {
    let entry = entries_of(results);
    let frame = &results.frame;
    let placements = results.standings.placements.iter();
    ResultsOut {
        category: Named { id: frame.category.id, name: frame.category.body.name.clone() },
        contest: Named { id: frame.contest.id, name: frame.contest.body.name.clone() },
        event: Named { id: frame.event.id, name: frame.event.body.name.clone() },
        as_of: results.as_of,
        method: frame.category.body.method.clone(),
        tie_breaks: frame.category.body.tie_breaks.clone(),
        sheets_expected: results.progress.expected,
        sheets_submitted: results.progress.submitted,
        sheets_reopened: results.progress.reopened,
        sheets_incomplete: results.progress.incomplete,
        provisional: results.is_provisional(),
        judges: results
            .judges
            .iter()
            .map(|(id, name)| ResultsJudge { id: *id, name: name.clone() })
            .collect(),
        criteria: results
            .criteria
            .iter()
            .map(|row| CriterionOut {
                id: CriterionId::new(row.id),
                name: row.body.name.clone(),
                maximum: row.body.maximum,
                weight: row.body.weight,
            })
            .collect(),
        placements: placements.map(|placement| placement.clone().showing(&entry)).collect(),
    }
}

/// The results of all categories of a contest.
#[derive(Serialize, JsonSchema)]
struct ContestResultsOut {
    contest: Named,
    items: Vec<ContestItem>,
}

/// The results of one category of a contest, or why there are none.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum ContestItem {
    /// Its results.
    Results(Box<ResultsOut>),
    /// Marks mean nothing under its method.
    NotComputable(NotComputableOut),
}

/// A category without results.
#[derive(Serialize, JsonSchema)]
pub struct NotComputableOut {
    category: Named,
    problem: ItemProblem,
}

/// Why one item of several is not there.
#[derive(Serialize, JsonSchema)]
struct ItemProblem {
    /// Stable code for programs, as of a failed request.
    code: String,
    /// What is wrong, for people.
    detail: String,
}

impl From<NotComputable> for NotComputableOut {
    fn from(NotComputable { category, detail }: NotComputable) -> Self {
        let code = code::NOT_COMPUTABLE.word().to_owned();
        Self {
            category: Named { id: category.id, name: category.body.name },
            problem: ItemProblem { code, detail },
        }
    }
}

async fn of_category(
    can: Can<permissions::ReadResults>,
    services: Data<Services>,
    renders: Data<Renders>,
    request: HttpRequest,
    Item(id): Item,
) -> Result<Cached<Computed<ResultsOut>>, Failure> {
    let read = async { Ok(Computed(render(&*services.category_results(&can, CategoryId::new(id)).await?))) };
    renders.answer(&can, &services, &request, Stamp::Newest, read).await
}

async fn of_contest(
    can: Can<permissions::ReadResults>,
    services: Data<Services>,
    renders: Data<Renders>,
    request: HttpRequest,
    Item(id): Item,
) -> Result<Cached<Answer<ContestResultsOut>>, Failure> {
    let read = async {
        let (contest, results) = services.contest_results(&can, id).await?;
        let contest = Named { id: contest.id, name: contest.body.name };
        let items = results
            .into_iter()
            .map(|results| match results {
                Ok(results) => ContestItem::Results(Box::new(render(&results))),
                Err(problem) => ContestItem::NotComputable(problem.into()),
            })
            .collect();
        Ok(Answer(ContestResultsOut { contest, items }))
    };
    renders.answer(&can, &services, &request, Stamp::Newest, read).await
}

/// The endpoints of results.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("results", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/categories/{id}/results",
            about("getCategoryResults", "The places of a category, each with its reason."),
            of_category,
        ),
        Endpoint::new(
            Method::GET,
            "/contests/{id}/results",
            about("getContestResults", "The results of all categories of a contest."),
            of_contest,
        ),
    ]
}
