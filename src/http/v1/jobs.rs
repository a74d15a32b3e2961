//! Jobs: what is done behind the answer, how far it is, stopping it and taking it back.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::representation::PageOut;
use crate::{
    domain::{Actor, Fault, Job, JobId, JobState, Kind, Task, TenantId, Timestamp, permission::permissions},
    http::{
        answer::{Digested, REPLAYED, Tagged, accepted},
        extract::{Can, ConfirmQuery, CursorText, Expected, Item, Query, place_of},
        openapi::{DescribeAnswer, Operation, Schemas, json_answer},
        problem::Failure,
        renders::Cached,
        route::Endpoint,
    },
    service::{JobFilter, Services},
};

/// Which jobs.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct JobsQuery {
    /// Only those in this state.
    #[serde(default)]
    state: Option<JobState>,
    /// Most jobs of a page.
    #[serde(default = "fifty")]
    #[garde(range(min = 1, max = 500))]
    limit: u16,
    /// Where the page starts: `nextCursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

fn fifty() -> u16 {
    50
}

/// What a job does.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
enum TaskOut {
    /// Many changes.
    Bulk {
        /// What people call them.
        name: String,
        /// The one thing that comes of them, where all of them make one.
        #[serde(skip_serializing_if = "Option::is_none")]
        makes: Option<MadeOut>,
    },
    /// Taking back what another job did.
    Undo {
        /// That job.
        job: JobId,
    },
    /// Destroying something in the trash for good.
    Purge {
        /// What it is.
        kind: Kind,
        /// Which one.
        id: Uuid,
        /// What people knew it by.
        name: String,
    },
    /// Destroying what has been in the trash for long enough.
    Retention {
        /// Deleted before this.
        before: Timestamp,
    },
    /// Storing files in object storage that are not there yet, and fetching back what is missing here.
    Storage,
    /// Erasing lines from the log.
    Erasure {
        /// Whose.
        tenants: Vec<TenantId>,
        /// Why.
        reason: String,
        /// Lines that are gone.
        lines: u64,
        /// Their size.
        bytes: u64,
    },
}

/// What comes of a job.
#[derive(Serialize, JsonSchema)]
struct MadeOut {
    /// The kind of thing.
    #[serde(rename = "type")]
    kind: Kind,
    /// Which one.
    id: Uuid,
}

impl From<Task> for TaskOut {
    fn from(task: Task) -> Self {
        match task {
            Task::Bulk { name, makes, .. } => {
                Self::Bulk { name, makes: makes.map(|(kind, id)| MadeOut { kind, id }) }
            }
            Task::Undo { job, .. } => Self::Undo { job },
            Task::Purge { kind, id, name, .. } => Self::Purge { kind, id, name },
            Task::Retention { before } => Self::Retention { before },
            Task::Storage { .. } => Self::Storage,
            Task::Erasure { tenants, reason, lines, bytes, .. } => {
                Self::Erasure { tenants, reason, lines, bytes }
            }
        }
    }
}

/// A job.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobOut {
    id: JobId,
    task: TaskOut,
    state: JobState,
    /// Who asked for it.
    requested_by: Actor,
    request_id: String,
    correlation_id: String,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    version: u64,
    /// Things dealt with.
    done: u64,
    /// Things to deal with, when that is known.
    total: Option<u64>,
    /// What could not be done; the first of it.
    errors: Vec<Fault>,
    /// How much could not be done.
    failed: u64,
    /// Why it failed.
    detail: Option<String>,
    /// Whether what it did can be taken back.
    undoable: bool,
    /// The job that took it back.
    undone_by: Option<JobId>,
}

impl From<Job> for JobOut {
    fn from(job: Job) -> Self {
        let undoable = job.can_be_undone();
        Self {
            id: job.id,
            task: job.task.into(),
            state: job.state,
            requested_by: job.by,
            request_id: job.request_id,
            correlation_id: job.correlation_id,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            version: job.version,
            done: job.done,
            total: job.total,
            errors: job.faults,
            failed: job.faulty,
            detail: job.detail,
            undoable,
            undone_by: job.undone_by,
        }
    }
}

/// The answer to work that a job does: 202, with where to look.
pub struct AcceptedJob(pub Job);

impl Responder for AcceptedJob {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let location = format!("/api/v1/jobs/{}", self.0.id);
        accepted(&location, &JobOut::from(self.0))
    }
}

/// The same for work that was asked for before under the same idempotency key.
pub struct ReplayedJob(pub Job);

impl Responder for ReplayedJob {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = AcceptedJob(self.0).respond_to(request);
        response.headers_mut().insert(REPLAYED.0, REPLAYED.1);
        response
    }
}

impl DescribeAnswer for AcceptedJob {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of::<JobOut>();
        let headers = serde_json::json!({"Location": {"schema": {"type": "string"}}});
        operation.answers.insert(202, json_answer("A job does it; it is at `Location`.", &schema, &headers));
    }
}

fn tagged(job: Job) -> Tagged<JobOut> {
    let version = job.version;
    Tagged(job.into(), version)
}

async fn list(
    can: Can<permissions::ReadJobs>,
    services: Data<Services>,
    query: Query<JobsQuery>,
) -> Result<Digested<PageOut<JobOut>>, Failure> {
    let JobsQuery { state, limit, cursor } = query.0;
    let after = place_of(cursor.as_deref())?;
    let page = services.jobs(&can, JobFilter { state }, after, usize::from(limit)).await?;
    let next_cursor = page.next.as_ref().map(CursorText::to_text);
    Ok(Digested(PageOut { items: page.items.into_iter().map(JobOut::from).collect(), next_cursor }))
}

async fn get(
    can: Can<permissions::ReadJobs>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Cached<Tagged<JobOut>>, Failure> {
    Cached::fresh(&tagged(services.job(&can, JobId::new(id)).await?))
}

async fn cancel(
    can: Can<permissions::ManageJobs>,
    services: Data<Services>,
    Item(id): Item,
    expected: Expected,
) -> Result<Tagged<JobOut>, Failure> {
    Ok(tagged(services.cancel_job(&can, JobId::new(id), expected.0).await?))
}

async fn undo(
    can: Can<permissions::ManageJobs>,
    services: Data<Services>,
    Item(id): Item,
    query: Query<ConfirmQuery>,
) -> Result<AcceptedJob, Failure> {
    Ok(AcceptedJob(services.undo_job(&can, JobId::new(id), query.0.confirm).await?))
}

/// The endpoints of jobs.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("jobs", name, summary);
    vec![
        Endpoint::new(Method::GET, "/jobs", about("listJobs", "Jobs, newest first."), list),
        Endpoint::new(Method::GET, "/jobs/{id}", about("getJob", "One job, and how far it is."), get),
        Endpoint::new(
            Method::POST,
            "/jobs/{id}/cancel",
            about("cancelJob", "Stops a job; what it has done stays."),
            cancel,
        ),
        Endpoint::new(
            Method::POST,
            "/jobs/{id}/undo",
            about("undoJob", "Begins a job that takes back what another one did."),
            undo,
        ),
    ]
}
