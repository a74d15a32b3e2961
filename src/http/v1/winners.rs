//! Winners: the first places of every category of an event, for whoever reads them out.

use std::sync::Arc;

use actix_web::{HttpRequest, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    judging::Named,
    results::{EntryOut, NotComputableOut, entries_of},
};
use crate::{
    domain::{permission::permissions, scoring::Exact},
    http::{
        answer::Answer,
        extract::{Can, Item, Query},
        problem::Failure,
        renders::{Cached, Renders, Stamp},
        route::Endpoint,
    },
    service::{CategoryResults, NotComputable, Services},
};

/// How many places.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct WinnersQuery {
    /// Down to which place; those who share it are all named.
    #[serde(default = "three")]
    #[garde(range(min = 1, max = 100))]
    places: u32,
}

const fn three() -> u32 {
    3
}

/// The winners of an event.
#[derive(Serialize, JsonSchema)]
struct WinnersOut {
    event: Named,
    contests: Vec<ContestWinners>,
}

/// The winners of a contest.
#[derive(Serialize, JsonSchema)]
struct ContestWinners {
    contest: Named,
    categories: Vec<CategoryItem>,
}

/// The winners of a category, or why there are none.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum CategoryItem {
    /// Its winners.
    Winners(CategoryWinners),
    /// Marks mean nothing under its method.
    NotComputable(NotComputableOut),
}

/// The winners of a category.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CategoryWinners {
    category: Named,
    /// Whether marks can still come or change.
    provisional: bool,
    sheets_expected: usize,
    sheets_submitted: usize,
    /// From the first place on; guests take none.
    winners: Vec<Winner>,
}

/// Who has a place.
#[derive(Serialize, JsonSchema)]
struct Winner {
    place: u32,
    /// Whether somebody beside it has the same place.
    shared: bool,
    entry: EntryOut,
    /// The number that the place follows.
    total: Option<Exact>,
}

fn winners(results: Result<Arc<CategoryResults>, NotComputable>, places: u32) -> CategoryItem {
    let results = match results {
        Ok(results) => results,
        Err(problem) => return CategoryItem::NotComputable(problem.into()),
    };
    let entry = entries_of(&results);
    let taken = results.standings.placements.iter().filter(|placement| placement.eligible);
    let winner = |placement: &crate::domain::scoring::Placement| {
        let place = placement.place.filter(|place| *place <= places)?;
        let (shared, total) = (placement.shared, placement.total.clone());
        Some(Winner { place, shared, entry: entry(placement.entry), total })
    };
    let winners = taken.filter_map(winner).collect();
    let category = &results.frame.category;
    CategoryItem::Winners(CategoryWinners {
        category: Named { id: category.id, name: category.body.name.clone() },
        provisional: results.is_provisional(),
        sheets_expected: results.progress.expected,
        sheets_submitted: results.progress.submitted,
        winners,
    })
}

async fn of_event(
    can: Can<permissions::ReadResults>,
    services: Data<Services>,
    renders: Data<Renders>,
    request: HttpRequest,
    Item(id): Item,
    query: Query<WinnersQuery>,
) -> Result<Cached<Answer<WinnersOut>>, Failure> {
    let places = query.0.places;
    let read = async {
        let (event, contests) = services.event_results(&can, id).await?;
        let contests = contests.into_iter().map(|(contest, results)| ContestWinners {
            contest: Named { id: contest.id, name: contest.body.name },
            categories: results.into_iter().map(|results| winners(results, places)).collect(),
        });
        let event = Named { id: event.id, name: event.body.name };
        Ok(Answer(WinnersOut { event, contests: contests.collect() }))
    };
    renders.answer(&can, &services, &request, Stamp::Newest, read).await
}

/// The endpoint of winners.
pub fn endpoints() -> Vec<Endpoint> {
    let about = ("results", "getEventWinners", "The first places of every category of an event.");
    vec![Endpoint::new(Method::GET, "/events/{id}/winners", about, of_event)]
}
