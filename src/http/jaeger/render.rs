//! A trace in Jaeger's JSON.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::service_of;
use crate::telemetry::{
    log_store::{LAYERS, Span, Trace},
    otlp::kind_of,
};

/// A trace.
pub(super) fn trace(id: &str, trace: Trace) -> Value {
    let Trace { spans, omitted, faults } = trace;
    let process_of = |layer: &str| {
        let number = LAYERS.iter().position(|own| *own == layer).unwrap_or_default();
        format!("p{}", number + 1)
    };
    let known: HashSet<String> = spans.iter().map(|span| span.id.clone()).collect();
    let processes: Map<String, Value> = LAYERS
        .into_iter()
        .filter(|layer| spans.iter().any(|span| span.layer == *layer))
        .map(|layer| (process_of(layer), json!({"serviceName": service_of(layer), "tags": []})))
        .collect();
    let mut warnings: Vec<String> =
        faults.into_iter().map(|fault| format!("{} cannot be read: {}", fault.file, fault.what)).collect();
    if omitted > 0 {
        warnings.push(format!("{omitted} spans are left out, because there are too many"));
    }
    let spans = spans.into_iter().map(|span| {
        let references: Vec<Value> = span
            .parent
            .iter()
            .filter(|parent| known.contains(*parent))
            .map(|parent| json!({"refType": reference(&span), "traceID": id, "spanID": parent}))
            .collect();
        json!({
            "traceID": id,
            "spanID": span.id,
            "processID": process_of(span.layer),
            "operationName": span.name,
            "startTime": span.start,
            "duration": span.duration,
            "flags": 1,
            "references": references,
            "tags": tags(&span),
            "logs": [],
            "warnings": null,
        })
    });
    json!({
        "traceID": id,
        "spans": spans.collect::<Vec<_>>(),
        "processes": processes,
        "warnings": if warnings.is_empty() { Value::Null } else { json!(warnings) },
    })
}

/// How a span hangs on its parent: what was queued and done later follows from it.
fn reference(span: &Span) -> &'static str {
    match span.layer {
        "job" | "outbound" => "FOLLOWS_FROM",
        _ => "CHILD_OF",
    }
}

fn tags(span: &Span) -> Vec<Value> {
    let mut tags = vec![tag("span.kind", &json!(kind_of(span.layer).1)), tag("ownUs", &json!(span.own))];
    if span.failed {
        tags.push(tag("error", &json!(true)));
    }
    tags.extend(span.attributes().map(|(name, value)| tag(name, value)));
    tags
}

fn tag(name: &str, value: &Value) -> Value {
    let kind = match value {
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        _ => "string",
    };
    let value = if value.is_array() || value.is_object() { json!(value.to_string()) } else { value.clone() };
    json!({"key": name, "type": kind, "value": value})
}
