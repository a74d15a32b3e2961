//! The audit log.

use std::borrow::Cow;

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::{Value, json};
use uuid::Uuid;

use super::representation::PageOut;
use crate::{
    domain::{Actor, Facts, Kind, Timestamp, permission::permissions, to_hex},
    http::{
        answer::Digested,
        extract::{Can, Query},
        problem::Failure,
        route::Endpoint,
    },
    service::{AuditLine, AuditPart, Head, KNOWN_HEADS_MAX, MissedHead, Services},
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
            hash: to_hex(&chained.hash),
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
        Facts::Refusals(refusals) => json!(refusals),
        Facts::Searched(what) => json!({"searched": what}),
        Facts::Erased { lines, bytes, reason } => json!({"lines": lines, "bytes": bytes, "reason": reason}),
        Facts::Circuit { service, key, from, to, reason, at } => {
            json!({"service": service, "key": key, "from": from, "to": to, "reason": reason, "at": at})
        }
        Facts::CircuitInState { service, key, state } => {
            json!({"service": service, "key": key, "state": state})
        }
        Facts::BreakerMode { service, from, to } => json!({"service": service, "from": from, "to": to}),
        Facts::Scan(state) => json!({"scan": state}),
        Facts::Delivery { service, title, class } => {
            json!({"service": service, "title": title, "class": class})
        }
        Facts::Alert { rule, subject, what, since } => {
            json!({"rule": rule, "subject": subject, "what": what, "since": since})
        }
        Facts::Backup { name, sha256, bytes } => json!({"name": name, "sha256": sha256, "bytes": bytes}),
        Facts::BackupFailed { name, why } => json!({"name": name, "why": why}),
        Facts::UnlockRequest { requested_by, request, reason } => {
            json!({"requestedBy": requested_by, "request": request, "reason": reason})
        }
    }
}

/// Through what the chain has to pass.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct VerifyQuery {
    /// Heads that the chain once had, as the `audit head` lines of the log tell them: `sequence:hash`, separated by
    /// commas, at most 200.
    #[serde(default)]
    heads: KnownHeads,
}

/// Heads as one text.
#[derive(Default)]
struct KnownHeads(Vec<Head>);

impl<'de> Deserialize<'de> for KnownHeads {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self::default());
        }
        let heads: Result<Vec<Head>, _> = text.split(',').map(str::parse).collect();
        match heads {
            Ok(heads) if heads.len() > KNOWN_HEADS_MAX => {
                Err(D::Error::custom(format!("heads: more than {KNOWN_HEADS_MAX}")))
            }
            Ok(heads) => Ok(Self(heads)),
            Err(error) => Err(D::Error::custom(format!("heads: {error}"))),
        }
    }
}

impl JsonSchema for KnownHeads {
    fn schema_name() -> Cow<'static, str> {
        "KnownHeads".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let head = "[0-9]{1,19}:[0-9a-fA-F]{64}";
        json_schema!({"type": "string", "pattern": format!("^({head}(,{head})*)?$")})
    }
}

/// What verifying the chain found.
#[derive(Serialize, JsonSchema)]
struct VerifyOut {
    /// Records that stand as they were written.
    records: u64,
    head: HeadOut,
    /// Whether all do, and the chain passes through all heads asked for.
    intact: bool,
    /// The first that does not.
    fault: Option<FaultOut>,
    /// How many of the heads asked for the chain passes through.
    confirmed: usize,
    /// Those that it does not pass through, oldest first.
    missed: Vec<MissedOut>,
}

#[derive(Serialize, JsonSchema)]
struct HeadOut {
    sequence: u64,
    hash: String,
}

impl HeadOut {
    fn new(head: Head) -> Self {
        Self { sequence: head.sequence, hash: to_hex(&head.hash) }
    }
}

#[derive(Serialize, JsonSchema)]
struct MissedOut {
    sequence: u64,
    hash: String,
    /// What stands in its place.
    what: String,
}

impl MissedOut {
    fn new(MissedHead { head, what }: &MissedHead) -> Self {
        Self { sequence: head.sequence, hash: to_hex(&head.hash), what: (*what).to_owned() }
    }
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
) -> Result<Digested<PageOut<RecordOut>>, Failure> {
    let limit = usize::from(query.0.limit);
    let part = match query.0.after {
        Some(after) => AuditPart::OldestAfter(after),
        None => AuditPart::NewestBefore(query.0.cursor),
    };
    let lines = services.audit(&can, part, limit).await?;
    let last = lines.last().map(|line| line.chained.sequence).filter(|_| lines.len() == limit);
    let next_cursor = last.filter(|_| query.0.after.is_none()).map(|sequence| sequence.to_string());
    Ok(Digested(PageOut { items: lines.into_iter().map(RecordOut::new).collect(), next_cursor }))
}

async fn verify(
    can: Can<permissions::ReadAudit>,
    services: Data<Services>,
    query: Query<VerifyQuery>,
) -> Result<Digested<VerifyOut>, Failure> {
    let found = services.verify_audit(&can, query.0.heads.0).await?;
    let intact = found.is_intact();
    let chain = found.chain;
    Ok(Digested(VerifyOut {
        records: chain.records,
        head: HeadOut::new(chain.head),
        intact,
        fault: chain.fault.map(|fault| FaultOut { sequence: fault.sequence, what: fault.what.to_owned() }),
        confirmed: found.confirmed,
        missed: found.missed.iter().map(MissedOut::new).collect(),
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
            about(
                "verifyAudit",
                "Walks the whole chain, compares every hash, and says whether it passes through known heads.",
            ),
            verify,
        ),
    ]
}
