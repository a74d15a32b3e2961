//! Traces in the JSON of OTLP, as the newer interface of Jaeger gives them.
//! <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{APP, kind_of, render::fields, service_of};
use crate::telemetry::log_store::{Span, Trace};

/// That something failed, as the status of a span.
const FAILED: u8 = 2;

/// Traces: their spans by the part of the program.
pub(super) fn traces(traces: Vec<(String, Trace)>) -> Value {
    let mut spans: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (id, trace) in traces {
        for span in trace.spans {
            spans.entry(span.layer).or_default().push(one(&id, &span));
        }
    }
    let resources = spans.into_iter().map(|(layer, spans)| {
        let name = attribute("service.name", &json!(service_of(layer)));
        json!({
            "resource": {"attributes": [name]},
            "scopeSpans": [{"scope": {"name": APP}, "spans": spans}],
        })
    });
    json!({"result": {"resourceSpans": resources.collect::<Vec<_>>()}})
}

fn one(trace: &str, span: &Span) -> Value {
    let duration = i64::try_from(span.duration).unwrap_or(i64::MAX);
    let nanos = |micros: i64| format!("{micros}000");
    let status = if span.failed { json!({"code": FAILED}) } else { json!({}) };
    json!({
        "traceId": trace,
        "spanId": span.id,
        "parentSpanId": span.parent.as_deref().unwrap_or_default(),
        "name": span.name,
        "kind": kind_of(span.layer).0,
        "startTimeUnixNano": nanos(span.start),
        "endTimeUnixNano": nanos(span.start.saturating_add(duration)),
        "attributes": fields(span).map(|(name, value)| attribute(name, value)).collect::<Vec<_>>(),
        "status": status,
    })
}

fn attribute(name: &str, value: &Value) -> Value {
    let value = match value {
        Value::String(text) => json!({"stringValue": text}),
        Value::Bool(truth) => json!({"boolValue": truth}),
        Value::Number(number) if number.is_f64() => json!({"doubleValue": number}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
        other => json!({"stringValue": other.to_string()}),
    };
    json!({"key": name, "value": value})
}
