//! The trash.

use actix_web::{HttpRequest, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    bulk::{BulkAnswer, ChangesOf, ProblemOut},
    jobs::AcceptedJob,
    representation::PageOut,
};
use crate::{
    domain::{Actor, Kind, Timestamp, permission::permissions},
    http::{
        answer::Digested,
        extract::{Body, Can, Query},
        problem::Failure,
        route::Endpoint,
    },
    service::{
        AT_ONCE_MAX, Below, CategoryImpact, Conflict, DeletionPreview, Restoring, ServiceError, Services,
        Superseded, TrashLine,
    },
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
    /// What stands in the way of restoring it, and what to do about it.
    obstacle: Option<ProblemOut>,
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
            restorable: line.obstacle.as_ref().is_none_or(can_be_confirmed) && item.superseded.is_none(),
            obstacle: line.obstacle.map(Failure::from).map(ProblemOut::from),
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
/// Whether it is enough to say that one knows what one does.
const fn can_be_confirmed(obstacle: &ServiceError) -> bool {
    matches!(obstacle, ServiceError::Conflict(Conflict::ConfirmationRequired(_)))
}

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

impl From<Below> for BelowOut {
    fn from(below: Below) -> Self {
        let counts = below.counts.into_iter().map(|(kind, count)| CountOut { kind, count }).collect();
        Self { counts, capped: below.capped }
    }
}

/// What deleting something would do.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletionOut {
    name: String,
    /// What goes out of sight with it.
    below: BelowOut,
    /// Categories in which marks go out of sight, with the places that change; then it has to be confirmed.
    changes: Vec<CategoryImpact>,
    /// Why it cannot be deleted.
    obstacle: Option<ProblemOut>,
}

impl From<DeletionPreview> for DeletionOut {
    fn from(preview: DeletionPreview) -> Self {
        Self {
            name: preview.name,
            below: preview.below.into(),
            changes: preview.changes,
            obstacle: preview.obstacle.map(Failure::from).map(ProblemOut::from),
        }
    }
}

/// What is to be restored.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct RestoreIn {
    /// The `version` of each thing in the trash.
    #[garde(length(min = 1, max = AT_ONCE_MAX))]
    versions: Vec<u64>,
    /// Together with whatever must be restored first.
    #[serde(default)]
    with_ancestors: bool,
    /// That sheets may lack marks because of it.
    #[serde(default)]
    confirm: bool,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
}

/// That somebody knows what is destroyed.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct PurgeIn {
    /// The name of the thing, as the trash shows it.
    name: String,
}

async fn list(
    can: Can<permissions::ReadDeleted>,
    services: Data<Services>,
    query: Query<TrashQuery>,
) -> Result<Digested<PageOut<TrashOut>>, Failure> {
    let limit = usize::from(query.0.limit);
    let (lines, next) = services.trash(&can, query.0.kind, query.0.cursor, limit).await?;
    let items = lines.into_iter().map(TrashOut::new).collect();
    Ok(Digested(PageOut { items, next_cursor: next.map(|version| version.to_string()) }))
}

async fn below(
    can: Can<permissions::ReadDeleted>,
    services: Data<Services>,
    request: HttpRequest,
) -> Result<Digested<BelowOut>, Failure> {
    Ok(Digested(services.below_deleted(&can, version_of(&request)?).await?.into()))
}

fn version_of(request: &HttpRequest) -> Result<u64, Failure> {
    let version = request.match_info().get("version").and_then(|text| text.parse().ok());
    version.ok_or_else(Failure::not_found)
}

async fn restore(
    can: Can<permissions::ReadDeleted>,
    services: Data<Services>,
    Body(body): Body<RestoreIn>,
) -> Result<BulkAnswer, Failure> {
    let how = Restoring { with_ancestors: body.with_ancestors, confirmed: body.confirm };
    BulkAnswer::of(services.restore_many(&can, body.versions, how, body.dry_run).await?, ChangesOf::Versions)
}

async fn purge(
    can: Can<permissions::Purge>,
    services: Data<Services>,
    request: HttpRequest,
    Body(body): Body<PurgeIn>,
) -> Result<AcceptedJob, Failure> {
    Ok(AcceptedJob(services.purge(&can, version_of(&request)?, body.name).await?))
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
        Endpoint::new(
            Method::POST,
            "/trash/restore",
            about("restoreMany", "Restores many things, all or none. Each needs its own permission."),
            restore,
        ),
        Endpoint::new(
            Method::POST,
            "/trash/{version}/purge",
            about("purge", "Destroys a deleted thing and all beneath it for good, in a job."),
            purge,
        ),
    ]
}
