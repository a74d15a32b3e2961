//! The trash.

use actix_web::{HttpRequest, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::representation::PageOut;
use crate::{
    domain::{Actor, Kind, Timestamp, permission::permissions},
    http::{
        answer::Answer,
        extract::{Can, Query},
        problem::Failure,
        route::Endpoint,
    },
    service::{Services, Superseded, TrashLine},
};

/// Which deleted things.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct TrashQuery {
    /// Of this kind only.
    #[serde(default)]
    kind: Option<Kind>,
    /// Most items of the page.
    #[serde(default = "fifty")]
    #[garde(range(min = 1, max = 500))]
    limit: u16,
    /// The `nextCursor` of the page before.
    #[serde(default)]
    cursor: Option<u64>,
}

fn fifty() -> u16 {
    50
}

/// One deleted thing.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TrashOut {
    kind: Kind,
    id: Uuid,
    /// What people know it by.
    name: String,
    /// Its path; `/restore` behind it restores it.
    path: String,
    deleted_at: Timestamp,
    deleted_by: DeletedBy,
    reason: Option<String>,
    request_id: String,
    correlation_id: String,
    /// Number of the change that deleted it.
    version: u64,
    /// Whether it can be restored now.
    restorable: bool,
    /// What must be restored first.
    blocked_by: Option<BlockedBy>,
    /// What has taken the place of a sheet or mark: a live one, or one that was deleted later and comes back first.
    superseded: Option<Superseded>,
}

#[derive(Serialize, JsonSchema)]
struct DeletedBy {
    #[serde(flatten)]
    actor: Actor,
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct BlockedBy {
    #[serde(rename = "type")]
    kind: Kind,
    id: Uuid,
    name: String,
}

impl TrashOut {
    fn new(line: TrashLine) -> Self {
        let item = line.item;
        Self {
            path: path(item.kind, &item.path),
            kind: item.kind,
            id: item.id,
            name: item.label,
            deleted_at: item.tombstone.deleted_at,
            deleted_by: DeletedBy { actor: item.tombstone.deleted_by, name: line.deleter },
            reason: item.tombstone.reason,
            request_id: item.tombstone.request_id,
            correlation_id: item.tombstone.correlation_id,
            version: item.version,
            restorable: line.blocked_by.is_none() && item.superseded.is_none(),
            superseded: item.superseded,
            blocked_by: line.blocked_by.map(|(hidden, name)| BlockedBy {
                kind: hidden.kind,
                id: hidden.id,
                name,
            }),
        }
    }
}

/// Sheets and marks lie beneath category, judge and entry; everything else has an id of its own.
fn path(kind: Kind, ids: &[Uuid]) -> String {
    match (kind, ids) {
        (Kind::Sheet, [category, judge, entry]) => {
            format!("/api/v1/categories/{category}/entries/{entry}/sheets/{judge}")
        }
        (Kind::Mark, [category, judge, entry, criterion]) => {
            format!("/api/v1/categories/{category}/entries/{entry}/sheets/{judge}/marks/{criterion}")
        }
        _ => format!("/api/v1/{}/{}", kind.plural(), ids.last().copied().unwrap_or_default()),
    }
}

/// How much of a kind hangs below.
#[derive(Serialize, JsonSchema)]
struct CountOut {
    kind: Kind,
    count: usize,
}

/// What hangs below a deleted thing.
#[derive(Serialize, JsonSchema)]
struct BelowOut {
    counts: Vec<CountOut>,
    /// Whether counting stopped at 10 000.
    capped: bool,
}

async fn list(
    can: Can<permissions::ReadDeleted>,
    services: Data<Services>,
    query: Query<TrashQuery>,
) -> Result<Answer<PageOut<TrashOut>>, Failure> {
    let limit = usize::from(query.0.limit);
    let (lines, next) = services.trash(&can, query.0.kind, query.0.cursor, limit).await?;
    let items = lines.into_iter().map(TrashOut::new).collect();
    Ok(Answer(PageOut { items, next_cursor: next.map(|version| version.to_string()) }))
}

async fn below(
    can: Can<permissions::ReadDeleted>,
    services: Data<Services>,
    request: HttpRequest,
) -> Result<Answer<BelowOut>, Failure> {
    let version = request.match_info().get("version").and_then(|text| text.parse().ok());
    let below = services.below_deleted(&can, version.ok_or_else(Failure::not_found)?).await?;
    let counts = below.counts.into_iter().map(|(kind, count)| CountOut { kind, count }).collect();
    Ok(Answer(BelowOut { counts, capped: below.capped }))
}

/// The endpoints of the trash.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("trash", name, summary);
    vec![
        Endpoint::new(Method::GET, "/trash", about("listTrash", "What is deleted, newest first."), list),
        Endpoint::new(
            Method::GET,
            "/trash/{version}/below",
            about("getBelow", "What hangs below a deleted thing."),
            below,
        ),
    ]
}
