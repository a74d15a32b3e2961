//! The audit log.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::representation::PageOut;
use crate::{
    domain::{Actor, Facts, Kind, Timestamp, permission::permissions},
    http::{
        answer::Answer,
        extract::{Can, Query},
        problem::Failure,
        route::Endpoint,
    },
    service::{AuditLine, AuditPart, Services},
};

/// Which records.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct AuditQuery {
    /// Most items of the page.
    #[serde(default = "fifty")]
    #[garde(range(min = 1, max = 500))]
    limit: u16,
    /// The `nextCursor` of the page before.
    #[serde(default)]
    cursor: Option<u64>,
    /// Oldest first, newer than this number; for copying the whole log.
    #[serde(default)]
    after: Option<u64>,
}

fn fifty() -> u16 {
    50
}

/// A record.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RecordOut {
    /// Its number in the tenant's chain, and the version of what it changed.
    sequence: u64,
    at: Timestamp,
    actor: Actor,
    actor_name: String,
    /// What was done, such as `event.created`.
    action: String,
    subject: Subject,
    request_id: String,
    correlation_id: String,
    /// States and marks.
    facts: Value,
    /// Values before and after; null if there are none or they were erased.
    detail: Option<Value>,
    /// SHA-256 over the record and the hash before it.
    hash: String,
}

#[derive(Serialize, JsonSchema)]
struct Subject {
    kind: Kind,
    id: Uuid,
}

impl RecordOut {
    fn new(line: AuditLine) -> Self {
        let chained = line.chained;
        let record = chained.record;
        let parsed = |text: Option<String>| text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        Self {
            sequence: chained.sequence,
            at: record.at,
            action: record.action(),
            actor_name: line.actor_name,
            actor: record.actor,
            subject: Subject { kind: record.kind, id: record.id },
            request_id: record.request_id,
            correlation_id: record.correlation_id,
            facts: facts(record.facts),
            detail: line
                .detail
                .map(|detail| json!({"before": parsed(detail.before), "after": parsed(detail.after)})),
            hash: hex(&chained.hash),
        }
    }
}

fn facts(facts: Facts) -> Value {
    match facts {
        Facts::None => json!({}),
        Facts::Reason(reason) => json!({"reason": reason}),
        Facts::Sheet { category, judge, entry, marks, reason } => json!({
            "categoryId": category, "judgeId": judge, "entryId": entry, "reason": reason,
            "scores": marks.into_iter().map(|mark| mark.score()).collect::<Vec<_>>(),
        }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What verifying the chain found.
#[derive(Serialize, JsonSchema)]
struct VerifyOut {
    /// Records that stand as they were written.
    records: u64,
    head: HeadOut,
    /// Whether all do.
    intact: bool,
    /// The first that does not.
    fault: Option<FaultOut>,
}

#[derive(Serialize, JsonSchema)]
struct HeadOut {
    sequence: u64,
    hash: String,
}

#[derive(Serialize, JsonSchema)]
struct FaultOut {
    sequence: u64,
    what: String,
}

async fn list(
    can: Can<permissions::ReadAudit>,
    services: Data<Services>,
    query: Query<AuditQuery>,
) -> Result<Answer<PageOut<RecordOut>>, Failure> {
    let limit = usize::from(query.0.limit);
    let part = match query.0.after {
        Some(after) => AuditPart::OldestAfter(after),
        None => AuditPart::NewestBefore(query.0.cursor),
    };
    let lines = services.audit(&can, part, limit).await?;
    let last = lines.last().map(|line| line.chained.sequence).filter(|_| lines.len() == limit);
    let next_cursor = last.filter(|_| query.0.after.is_none()).map(|sequence| sequence.to_string());
    Ok(Answer(PageOut { items: lines.into_iter().map(RecordOut::new).collect(), next_cursor }))
}

async fn verify(
    can: Can<permissions::ReadAudit>,
    services: Data<Services>,
) -> Result<Answer<VerifyOut>, Failure> {
    let report = services.verify_audit(&can).await?;
    Ok(Answer(VerifyOut {
        records: report.records,
        head: HeadOut { sequence: report.head.sequence, hash: hex(&report.head.hash) },
        intact: report.fault.is_none(),
        fault: report.fault.map(|fault| FaultOut { sequence: fault.sequence, what: fault.what.to_owned() }),
    }))
}

/// The endpoints of the audit log.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("audit", name, summary);
    vec![
        Endpoint::new(Method::GET, "/audit", about("listAudit", "What was done, newest first."), list),
        Endpoint::new(
            Method::GET,
            "/audit/verify",
            about("verifyAudit", "Walks the whole chain and compares every hash."),
            verify,
        ),
    ]
}
