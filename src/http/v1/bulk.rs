//! Many changes in one request: all or none of a few, or a job that makes as many as can be made.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{Method, StatusCode},
    web::Data,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::jobs::{AcceptedJob, JobOut, ReplayedJob};
use crate::{
    domain::{Fault, Kind, permission::permissions, readable_name},
    http::{
        answer::Answer,
        extract::{Body, Can, Once},
        openapi::{DescribeAnswer, Operation, Schemas},
        problem::{Failure, code},
        route::Endpoint,
    },
    service::{Applied, Bulk, BulkOperation, BulkOutcome, OPERATIONS_MAX, ServiceError, Services},
};

/// Many changes.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct BulkIn {
    /// What people call it.
    #[serde(default = "unnamed")]
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    name: String,
    /// The changes, in order. Up to 256 are made at once, all or none; more become a job.
    #[garde(length(min = 1, max = OPERATIONS_MAX))]
    operations: Vec<BulkOperation>,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
    /// That marks may go out of sight.
    #[serde(default)]
    confirm: bool,
    /// Make what can be made and leave out the rest; this is always a job.
    #[serde(default)]
    skip_faulty: bool,
}

fn unnamed() -> String {
    "bulk changes".to_owned()
}

/// What became of many changes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkOut {
    /// Whether nothing was written.
    dry_run: bool,
    /// How many succeed.
    succeeded: usize,
    /// How many fail.
    failed: usize,
    /// One for each operation, in order.
    results: Vec<ResultOut>,
    /// The job that remembers it, to take it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<JobOut>,
}

/// What became of one operation.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ResultOut {
    /// The kind of thing.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    /// Which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemOut>,
}

/// Why something cannot be done, where that is no answer by itself.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemOut {
    /// Stable code.
    pub code: String,
    /// One sentence.
    pub detail: String,
    /// Each fault with its place in the operation.
    pub errors: Vec<Fault>,
    /// What else belongs to this code: who holds a value, what is locked, which places would change.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl From<Failure> for ProblemOut {
    fn from(failure: Failure) -> Self {
        let (code, detail, errors) = failure.parts();
        let more = failure.more().clone();
        Self { code: code.to_owned(), detail: detail.to_owned(), errors: errors.to_vec(), more }
    }
}

/// What the changes come of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ChangesOf {
    /// A list of operations.
    Operations,
    /// The parts of a template, or of what is cloned.
    Parts,
    /// A list of versions whose changes are turned back.
    Versions,
}

impl ChangesOf {
    const fn list(self) -> &'static str {
        match self {
            Self::Operations => "operations",
            Self::Parts => "parts",
            Self::Versions => "versions",
        }
    }

    /// The failure of one of them. What is taken stands in the body of the change that wants it, if it has one.
    fn failure(self, error: ServiceError) -> Failure {
        let is_taken = matches!(&error, ServiceError::Conflict(conflict) if conflict.taken().is_some());
        let failure = Failure::from(error);
        if is_taken && self != Self::Versions { failure.under("/body") } else { failure }
    }
}

fn rendered(applied: Applied, changes: ChangesOf) -> ResultOut {
    match applied {
        Ok(changed) => ResultOut { kind: Some(changed.kind), id: Some(changed.id), problem: None },
        Err(error) => {
            let problem = ProblemOut::from(changes.failure(error));
            ResultOut { kind: None, id: None, problem: Some(problem) }
        }
    }
}

/// Done (200) or left to a job (202).
pub enum BulkAnswer {
    /// Done, or only looked at.
    Done(Box<BulkOut>),
    /// A job does it.
    Accepted(Box<AcceptedJob>),
    /// A job did it or does it, for an earlier request.
    Replayed(Box<ReplayedJob>),
}

impl Responder for BulkAnswer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Done(out) => Answer(*out).respond_to(request),
            Self::Accepted(job) => job.respond_to(request),
            Self::Replayed(job) => job.respond_to(request),
        }
    }
}

impl DescribeAnswer for BulkAnswer {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Answer::<BulkOut>::describe(operation, schemas);
        AcceptedJob::describe(operation, schemas);
    }
}

async fn run(
    can: Can<permissions::RunBulk>,
    services: Data<Services>,
    Once(key): Once,
    Body(body): Body<BulkIn>,
) -> Result<BulkAnswer, Failure> {
    let bulk = Bulk {
        name: body.name,
        operations: body.operations,
        confirmed: body.confirm,
        dry_run: body.dry_run,
        skip_faulty: body.skip_faulty,
    };
    BulkAnswer::of(services.bulk(&can, bulk, key.as_ref()).await?, ChangesOf::Operations)
}

impl BulkAnswer {
    /// The answer to many changes; a refusal points into the list that they come of.
    pub fn of(outcome: BulkOutcome, changes: ChangesOf) -> Result<Self, Failure> {
        match outcome {
            BulkOutcome::Done(changed, job) => {
                let results = changed.into_iter().map(|changed| rendered(Ok(changed), changes)).collect();
                Ok(done(false, results, Some((*job).into())))
            }
            BulkOutcome::Rehearsed(applied) => {
                Ok(done(true, applied.into_iter().map(|applied| rendered(applied, changes)).collect(), None))
            }
            BulkOutcome::Refused(applied) => Err(refused(applied, changes)),
            BulkOutcome::Accepted(job) => Ok(Self::Accepted(Box::new(AcceptedJob(*job)))),
            BulkOutcome::Before(job) => Ok(Self::Replayed(Box::new(ReplayedJob(*job)))),
        }
    }
}

fn done(dry_run: bool, results: Vec<ResultOut>, job: Option<JobOut>) -> BulkAnswer {
    let failed = results.iter().filter(|result| result.problem.is_some()).count();
    let succeeded = results.len() - failed;
    BulkAnswer::Done(Box::new(BulkOut { dry_run, succeeded, failed, results, job }))
}

/// Every fault of every operation that fails, each with its place in the request.
fn refused(applied: Vec<Applied>, changes: ChangesOf) -> Failure {
    let mut errors = Vec::new();
    for (index, applied) in applied.into_iter().enumerate() {
        let Err(error) = applied else { continue };
        let failure = changes.failure(error);
        let pointer = format!("/{}/{index}", changes.list());
        match failure.parts() {
            (code, detail, []) => errors.push(Fault::new(pointer, format!("{code}: {detail}"))),
            (_, _, faults) => errors.extend(faults.iter().cloned().map(|fault| fault.under(&pointer))),
        }
    }
    let detail = "some of the changes cannot be made, so none was; see errors";
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, code::BULK_REFUSED, detail).with_errors(errors)
}

/// The endpoint of many changes.
pub fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(
        Method::POST,
        "/bulk",
        (
            "bulk",
            "runBulk",
            "Makes many changes: up to 256 all or none, more in a job. Each needs its own permission.",
        ),
        run,
    )]
}
