//! All that came of one cause, in one answer: the chain of a correlation ID.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    delivery_views::{DeliveryOut, out},
    jobs::JobOut,
};
use crate::{
    domain::{Actor, BlobHash, File, Kind, MediaType, ScanState, Timestamp, permission::permissions},
    http::{
        answer::Digested,
        extract::{Can, CorrelationPath, CursorText, Query, place_of},
        problem::Failure,
        route::Endpoint,
    },
    service::{ChainPlace, ChangesTogether, Forgotten, Link, Linked, NamedChange, Services},
    telemetry::context::Traceparent,
};

/// Which part of a chain.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ChainQuery {
    /// Most links of the answer.
    #[serde(default = "five_hundred")]
    #[garde(range(min = 1, max = 500))]
    limit: u16,
    /// Where it starts: `nextCursor` of the answer before.
    #[serde(default)]
    cursor: Option<String>,
}

fn five_hundred() -> u16 {
    500
}

/// The chain of a correlation ID.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChainOut {
    correlation_id: String,
    /// What belongs to it, in the order in which it began.
    items: Vec<LinkOut>,
    /// Where the next part starts, if there is one.
    next_cursor: Option<String>,
    forgotten: ForgottenOut,
}

/// What is not kept any more.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ForgottenOut {
    /// Jobs that ended before this are forgotten; that there were such is still told.
    jobs_before: Timestamp,
    /// Deliveries that arrived or were stopped before this are forgotten.
    deliveries_before: Timestamp,
    /// Dead letters that were given up before this are forgotten.
    dead_letters_before: Timestamp,
    /// Whether deliveries of this chain may be among them: it began long enough ago.
    may_concern: bool,
}

/// What a link of a chain is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum LinkKind {
    /// Changes that were made at once.
    Change,
    /// Work behind the answer.
    Job,
    /// What leaves the box.
    Delivery,
}

/// Something that belongs to a chain. More kinds may come, each with a member of its own.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LinkOut {
    kind: LinkKind,
    /// When it began.
    at: Timestamp,
    /// The request ID under which it was done. A job has one of its own, and so has a delivery.
    request_id: String,
    /// The request ID of what caused it; nothing for what was asked for from outside, and for a job that is forgotten.
    caused_by: Option<String>,
    /// The trace that it belongs to, if that is known.
    trace_id: Option<String>,
    /// Who did it or asked for it, by name.
    actor_name: Option<String>,
    /// Of kind `change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<ChangesOut>,
    /// Of kind `job`, unless it is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<JobOut>,
    /// Of kind `delivery`.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<DeliveryOut>,
}

/// Changes that were made at once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangesOut {
    /// Who made them.
    actor: Actor,
    /// How many.
    count: u64,
    /// Number of the first, and of the last.
    first: u64,
    last: u64,
    /// The first 20 of them.
    changes: Vec<ChangeOut>,
}

/// A change.
#[derive(Serialize, JsonSchema)]
struct ChangeOut {
    /// Its number.
    version: u64,
    /// What was done, such as `contest.created`.
    action: String,
    subject: SubjectOut,
    /// The file that was stored, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<StoredFileOut>,
}

/// What something was done to.
#[derive(Serialize, JsonSchema)]
struct SubjectOut {
    kind: Kind,
    id: Uuid,
    /// What people call it now; nothing if it was destroyed, or has no name.
    name: Option<String>,
}

/// A file that was stored.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct StoredFileOut {
    media_type: MediaType,
    bytes: u64,
    sha256: BlobHash,
    /// What is known of viruses in it now.
    scan: ScanState,
}

impl CursorText for ChainPlace {
    fn to_text(&self) -> String {
        format!("{}.{}.{}", self.change, self.job.simple(), self.delivery.simple())
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (change, job, delivery) = (parts.next()?, parts.next()?, parts.next()?);
        let place = Self {
            change: change.parse().ok()?,
            job: Uuid::try_parse(job).ok()?,
            delivery: Uuid::try_parse(delivery).ok()?,
        };
        parts.next().is_none().then_some(place)
    }
}

impl From<Forgotten> for ForgottenOut {
    fn from(forgotten: Forgotten) -> Self {
        let Forgotten { jobs_before, deliveries_before, dead_letters_before, may_concern } = forgotten;
        Self { jobs_before, deliveries_before, dead_letters_before, may_concern }
    }
}

impl From<ChangesTogether> for ChangesOut {
    fn from(ChangesTogether { actor, span, told }: ChangesTogether) -> Self {
        let count = span.last.saturating_sub(span.first).saturating_add(1);
        let changes = told.into_iter().map(ChangeOut::from).collect();
        Self { actor, count, first: span.first, last: span.last, changes }
    }
}

impl From<NamedChange> for ChangeOut {
    fn from(NamedChange { version, record, name, file }: NamedChange) -> Self {
        let subject = SubjectOut { kind: record.kind, id: record.id, name };
        Self { version, action: record.action(), subject, file: file.map(StoredFileOut::from) }
    }
}

impl From<File> for StoredFileOut {
    fn from(File { media_type, bytes, sha256, scan, .. }: File) -> Self {
        Self { media_type, bytes, sha256, scan }
    }
}

fn link_out(services: &Services, link: Link) -> LinkOut {
    let (kind, change, job, delivery) = match link.what {
        Linked::Changes(changes) => (LinkKind::Change, Some(changes.into()), None, None),
        Linked::Job(job) => (LinkKind::Job, None, Some(JobOut::from(*job)), None),
        Linked::ForgottenJob(_) => (LinkKind::Job, None, None, None),
        Linked::Delivery(delivery) => (LinkKind::Delivery, None, None, Some(out(services, *delivery))),
    };
    let traceparent = link.traceparent.and_then(|text| text.parse::<Traceparent>().ok());
    LinkOut {
        kind,
        at: link.at,
        request_id: link.request_id,
        caused_by: link.caused_by,
        trace_id: traceparent.map(|parent| parent.trace.to_string()),
        actor_name: link.actor_name,
        change,
        job,
        delivery,
    }
}

async fn chain(
    can: Can<permissions::ReadCorrelations>,
    services: Data<Services>,
    CorrelationPath(id): CorrelationPath,
    query: Query<ChainQuery>,
) -> Result<Digested<ChainOut>, Failure> {
    let ChainQuery { limit, cursor } = query.0;
    let after = place_of(cursor.as_deref())?;
    let chain = services.chain(&can, id.as_str(), after, usize::from(limit)).await?;
    Ok(Digested(ChainOut {
        correlation_id: id.to_string(),
        items: chain.links.into_iter().map(|link| link_out(&services, link)).collect(),
        next_cursor: chain.next.as_ref().map(CursorText::to_text),
        forgotten: chain.forgotten.into(),
    }))
}

/// The endpoint of chains.
pub fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(
        Method::GET,
        "/correlations/{correlationId}",
        (
            "correlations",
            "getCorrelation",
            "All that came of a correlation ID: changes, jobs, and deliveries with every attempt, in the order in which \
             it began, each with the request that caused it.",
        ),
        chain,
    )]
}
