//! Closing up the numbers of a contest's entries.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::jobs::JobOut;
use crate::{
    domain::{EntryId, permission::permissions},
    http::{
        answer::Answer,
        extract::{Can, Item, Query},
        problem::Failure,
        route::Endpoint,
    },
    service::{NumberChange, Renumbering, Services},
};

/// How numbers are closed up.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct RenumberQuery {
    /// Only to say what would change.
    #[serde(default)]
    dry_run: bool,
    /// That judges have handed in sheets under the present numbers.
    #[serde(default)]
    confirm: bool,
}

/// What closing up does.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RenumberingOut {
    /// Whether it was done.
    applied: bool,
    /// The entries whose number changes, by their new numbers.
    changes: Vec<NumberChangeOut>,
    /// The job that remembers it, to take it back; nothing if nothing was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<JobOut>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NumberChangeOut {
    entry_id: EntryId,
    contestant_name: String,
    /// The number it has.
    before: Option<u32>,
    /// The number it gets.
    after: u32,
}

async fn renumber(
    can: Can<permissions::ManageEvents>,
    services: Data<Services>,
    Item(id): Item,
    query: Query<RenumberQuery>,
) -> Result<Answer<RenumberingOut>, Failure> {
    let Renumbering { changes, applied, job } =
        services.renumber(&can, id, query.0.dry_run, query.0.confirm).await?;
    let change = |NumberChange { entry, name, before, after }| NumberChangeOut {
        entry_id: entry,
        contestant_name: name,
        before,
        after,
    };
    let changes = changes.into_iter().map(change).collect();
    Ok(Answer(RenumberingOut { applied, changes, job: job.map(JobOut::from) }))
}

/// The endpoint that closes up numbers.
pub fn endpoints() -> Vec<Endpoint> {
    let about = ("contests", "renumberContest", "Closes up the numbers of a contest that the system gives.");
    vec![Endpoint::new(Method::POST, "/contests/{id}/renumber", about, renumber)]
}
