//! Traces: what one cause made the program do, piece by piece, with how long each took.

use actix_web::{http::Method, web::Data};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::logs::LogFaultOut;
use crate::{
    domain::{Timestamp, permission::permissions},
    http::{
        answer::Answer,
        extract::{Can, TracePath},
        problem::Failure,
        route::Endpoint,
    },
    service::Services,
    telemetry::log_store::{Span, Trace},
};

/// A trace, as far as the log goes back.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TraceOut {
    trace_id: String,
    /// When the first span began.
    start: Timestamp,
    /// In the order in which they began.
    spans: Vec<SpanOut>,
    /// Spans that are left out, because there are too many.
    omitted: usize,
    /// What could not be read.
    faults: Vec<LogFaultOut>,
}

/// A piece of work.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SpanOut {
    id: String,
    /// The span that it is a part or a consequence of. It may lie outside of the box, or in what is not kept any more.
    parent_id: Option<String>,
    /// The part of the program: `http`, `service`, `store`, `job` or `outbound`.
    layer: &'static str,
    /// What was done.
    name: String,
    /// When it began, in microseconds after the trace began.
    start_us: i64,
    /// How long it took, in microseconds.
    duration_us: u64,
    /// How much of that was not spent in its parts, in microseconds.
    own_us: u64,
    /// Whether it failed.
    failed: bool,
    /// What its record says; nothing of a step within a record.
    fields: Map<String, Value>,
}

impl SpanOut {
    fn new(span: Span, begin: i64) -> Self {
        let Span { id, parent, layer, name, start, duration, own, failed, fields } = span;
        let start_us = start.saturating_sub(begin);
        Self {
            id,
            parent_id: parent,
            layer,
            name,
            start_us,
            duration_us: duration,
            own_us: own,
            failed,
            fields,
        }
    }
}

async fn trace(
    can: Can<permissions::ReadLogs>,
    services: Data<Services>,
    TracePath(id): TracePath,
) -> Result<Answer<TraceOut>, Failure> {
    let Trace { spans, omitted, faults } = services.trace(&can, id.to_string()).await?;
    let begin = spans.first().map_or(0, |span| span.start);
    Ok(Answer(TraceOut {
        trace_id: id.to_string(),
        start: Timestamp::from_micros(begin),
        spans: spans.into_iter().map(|span| SpanOut::new(span, begin)).collect(),
        omitted,
        faults: faults.into_iter().map(LogFaultOut::from).collect(),
    }))
}

/// The endpoint of traces.
pub fn endpoints() -> Vec<Endpoint> {
    let summary =
        "A trace: every request, job and delivery of one cause with their steps, and how long each took.";
    vec![Endpoint::new(Method::GET, "/traces/{traceId}", ("traces", "getTrace", summary), trace)]
}
