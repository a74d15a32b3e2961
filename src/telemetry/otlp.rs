//! Spans and lines of the log in the JSON of OTLP, as collectors take them and Jaeger gives them: IDs in hexadecimal, 64-bit
//! numbers as texts, enumerations as numbers. <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>. Uses
//! `log_store`.

use serde_json::{Map, Value, json};

use super::{
    log_store::{Level, Span},
    logql::APP,
};

/// That something failed, as the status of a span.
const FAILED: u8 = 2;

/// What of a line's fields a log record tells otherwise.
const TOLD_OTHERWISE: [&str; 5] = ["timestamp", "level", "message", "trace_id", "span_id"];

/// What OpenTelemetry tells apart by the address that it is sent to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Lines of the log.
    Logs,
}

impl Signal {
    /// Its word, as in addresses and metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
        }
    }

    /// The key of what stands for one source in a request, of what is in that of one part of the program, and of the items.
    const fn keys(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Traces => ("resourceSpans", "scopeSpans", "spans"),
            Self::Logs => ("resourceLogs", "scopeLogs", "logRecords"),
        }
    }
}

/// The items of one line of the log: its span with its steps, or the line itself. Some lines have no span.
pub fn items(signal: Signal, micros: i64, fields: Map<String, Value>) -> Vec<Value> {
    match signal {
        Signal::Logs => vec![log_record(micros, &fields)],
        Signal::Traces => {
            let trace = fields.get("trace_id").and_then(Value::as_str).map(ToOwned::to_owned);
            let spans = trace.map(|trace| (super::log_store::spans_of(micros, fields), trace));
            spans
                .into_iter()
                .flat_map(|(spans, trace)| spans.into_iter().map(move |one| span(&trace, &one)))
                .collect()
        }
    }
}

/// A request with items of one source.
pub fn request(signal: Signal, resource: &[(&str, Value)], items: Vec<Value>) -> Value {
    json!({signal.keys().0: [grouped(signal, resource, items)]})
}

/// Items with their source, which has these attributes.
pub fn grouped(signal: Signal, resource: &[(&str, Value)], items: Vec<Value>) -> Value {
    let (_, scopes, key) = signal.keys();
    let attributes: Vec<Value> = resource.iter().map(|(name, value)| attribute(name, value)).collect();
    let scope = json!({"name": APP, "version": env!("CARGO_PKG_VERSION")});
    json!({"resource": {"attributes": attributes}, scopes: [{"scope": scope, key: items}]})
}

/// A span of a trace.
pub fn span(trace: &str, span: &Span) -> Value {
    let duration = i64::try_from(span.duration).unwrap_or(i64::MAX);
    let status = if span.failed { json!({"code": FAILED}) } else { json!({}) };
    json!({
        "traceId": trace,
        "spanId": span.id,
        "parentSpanId": span.parent.as_deref().unwrap_or_default(),
        "name": span.name,
        "kind": kind_of(span.layer).0,
        "startTimeUnixNano": nanos(span.start),
        "endTimeUnixNano": nanos(span.start.saturating_add(duration)),
        "attributes": span.attributes().map(|(name, value)| attribute(name, value)).collect::<Vec<_>>(),
        "status": status,
    })
}

/// How OpenTelemetry calls a part of the program, by number and word.
pub fn kind_of(layer: &str) -> (u8, &'static str) {
    match layer {
        "http" => (2, "server"),
        "outbound" => (3, "client"),
        "job" => (5, "consumer"),
        _ => (1, "internal"),
    }
}

fn log_record(micros: i64, fields: &Map<String, Value>) -> Value {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let level = text("level");
    let is_told = |name: &str| TOLD_OTHERWISE.contains(&name);
    let attributes = fields.iter().filter(|(name, value)| !is_told(name) && !value.is_null());
    json!({
        "timeUnixNano": nanos(micros),
        "observedTimeUnixNano": nanos(micros),
        "severityNumber": Level::of(level).map_or(0, severity),
        "severityText": level.to_ascii_uppercase(),
        "body": {"stringValue": text("message")},
        "attributes": attributes.map(|(name, value)| attribute(name, value)).collect::<Vec<_>>(),
        "traceId": text("trace_id"),
        "spanId": text("span_id"),
    })
}

/// <https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber>.
const fn severity(level: Level) -> u8 {
    match level {
        Level::Trace => 1,
        Level::Debug => 5,
        Level::Info => 9,
        Level::Warn => 13,
        Level::Error => 17,
    }
}

fn nanos(micros: i64) -> String {
    format!("{micros}000")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Map<String, Value> {
        serde_json::from_value(json!({
            "timestamp": "2026-05-01T19:00:00.250123Z", "level": "warn", "message": "Request", "kind": "http",
            "method": "GET", "route": "/events", "status": 503, "durationUs": 1_500, "load": 0.5, "aborted": true,
            "trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331",
            "parent_span_id": "00f067aa0ba902b7", "spans": [["service", 100, 900]],
        }))
        .unwrap()
    }

    #[test]
    fn a_record_is_sent_as_spans_with_ids_in_hexadecimal_and_times_as_texts() {
        let spans = items(Signal::Traces, 10_000, line());
        let [request, step] = spans.as_slice() else { panic!("{spans:?}") };
        assert_eq!(request["traceId"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(
            (&request["spanId"], &request["parentSpanId"]),
            (&json!("b7ad6b7169203331"), &json!("00f067aa0ba902b7"))
        );
        assert_eq!(
            (&request["name"], &request["kind"], &request["status"]["code"]),
            (&json!("GET /events"), &json!(2), &json!(2))
        );
        assert_eq!(
            (&request["startTimeUnixNano"], &request["endTimeUnixNano"]),
            (&json!("8500000"), &json!("10000000"))
        );
        let attributes = request["attributes"].as_array().unwrap();
        let of =
            |name: &str| attributes.iter().find(|one| one["key"] == name).map(|one| one["value"].clone());
        assert_eq!(of("status"), Some(json!({"intValue": "503"})));
        assert_eq!(of("load"), Some(json!({"doubleValue": 0.5})));
        assert_eq!(of("aborted"), Some(json!({"boolValue": true})));
        assert_eq!(of("trace_id"), None, "the span tells it");
        assert_eq!((&step["parentSpanId"], &step["kind"]), (&request["spanId"], &json!(1)));
    }

    #[test]
    fn a_line_is_sent_as_a_record_with_its_severity_and_its_place_in_a_trace() {
        let records = items(Signal::Logs, 10_000, line());
        let [record] = records.as_slice() else { panic!("{records:?}") };
        assert_eq!((&record["severityNumber"], &record["severityText"]), (&json!(13), &json!("WARN")));
        assert_eq!(
            (&record["body"], &record["timeUnixNano"]),
            (&json!({"stringValue": "Request"}), &json!("10000000"))
        );
        assert_eq!(
            (&record["traceId"], &record["spanId"]),
            (&json!("0af7651916cd43dd8448eb211c80319c"), &json!("b7ad6b7169203331"))
        );
        let foreign = items(Signal::Logs, 1, serde_json::from_value(json!({"level": "loud"})).unwrap());
        assert_eq!((&foreign[0]["severityNumber"], &foreign[0]["traceId"]), (&json!(0), &json!("")));
    }

    #[test]
    fn a_line_without_a_duration_has_no_span() {
        let mut line = line();
        line.remove("durationUs");
        assert!(items(Signal::Traces, 1, line).is_empty());
    }

    #[test]
    fn a_request_has_its_items_beneath_their_source() {
        let request = request(Signal::Logs, &[("service.name", json!("event-manager"))], vec![json!(1)]);
        let source = &request["resourceLogs"][0];
        assert_eq!(
            source["resource"]["attributes"][0],
            json!({"key": "service.name", "value": {"stringValue": "event-manager"}})
        );
        assert_eq!(source["scopeLogs"][0]["logRecords"], json!([1]));
    }
}
