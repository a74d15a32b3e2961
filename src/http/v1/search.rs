//! Search over people and events.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    domain::{Kind, permission::permissions},
    http::{
        answer::Digested,
        extract::{Can, Query},
        problem::Failure,
        route::Endpoint,
    },
    service::{Hit, Services},
};

/// What is looked for.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct SearchQuery {
    /// Any parts of a name, in any order; accents and case make no difference.
    #[garde(length(chars, min = 1, max = 200))]
    q: String,
    /// Only this kind of thing.
    #[serde(default)]
    kind: Option<Kind>,
    /// Most hits.
    #[serde(default = "twenty")]
    #[garde(range(min = 1, max = 100))]
    limit: u16,
}

fn twenty() -> u16 {
    20
}

/// What was found.
#[derive(Serialize, JsonSchema)]
struct SearchOut {
    /// The best first.
    items: Vec<HitOut>,
}

/// One hit.
#[derive(Serialize, JsonSchema)]
struct HitOut {
    /// What it is.
    #[serde(rename = "type")]
    kind: Kind,
    id: Uuid,
    name: String,
    /// What tells it from others of the same name.
    hint: String,
}

impl From<Hit> for HitOut {
    fn from(Hit { kind, id, name, hint }: Hit) -> Self {
        Self { kind, id, name, hint }
    }
}

async fn search(
    can: Can<permissions::Search>,
    services: Data<Services>,
    query: Query<SearchQuery>,
) -> Result<Digested<SearchOut>, Failure> {
    let SearchQuery { q, kind, limit } = query.0;
    let kinds: Vec<Kind> = kind.into_iter().collect();
    let found = services.search(&can, &q, &kinds, usize::from(limit)).await?;
    Ok(Digested(SearchOut { items: found.into_iter().map(HitOut::from).collect() }))
}

/// The endpoint of the search.
pub fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(
        Method::GET,
        "/search",
        (
            "search",
            "search",
            "Contestants, judges, users, events, contests and categories by any parts of their names.",
        ),
        search,
    )]
}
