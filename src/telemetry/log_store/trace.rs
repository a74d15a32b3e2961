//! Traces from the lines of the log: each record that tells how long something took is a span, and so is each step in it.

use std::{cmp::Reverse, collections::HashMap, io, ops::ControlFlow};

use serde_json::{Map, Value};

use super::{
    Fault, Filter, LogStore, Order, Seen, duration_of,
    head::{IdHash, Level},
};

/// Most spans of a trace; what is beyond is counted.
const SPANS_MAX: usize = 10_000;

/// The parts of the program that spans tell of.
pub const LAYERS: [&str; 5] = ["http", "service", "store", "job", "outbound"];

/// A piece of work with its time.
#[derive(Clone, PartialEq, Debug)]
pub struct Span {
    /// 16 hexadecimal digits.
    pub id: String,
    /// The span that it is a part or a consequence of.
    pub parent: Option<String>,
    /// What part of the program it is, one of [`LAYERS`].
    pub layer: &'static str,
    /// What was done.
    pub name: String,
    /// When it began, in microseconds since 1970.
    pub start: i64,
    /// How long it took, in microseconds.
    pub duration: u64,
    /// How much of that was not spent in its parts, in microseconds.
    pub own: u64,
    /// Whether it failed.
    pub failed: bool,
    /// The fields of its record; none of a step.
    pub fields: Map<String, Value>,
}

/// What of a record's fields a span tells otherwise.
const TOLD_OTHERWISE: [&str; 5] = ["timestamp", "trace_id", "span_id", "parent_span_id", "kind"];

impl Span {
    /// What its record says beside what the span tells anyway.
    pub fn attributes(&self) -> impl Iterator<Item = (&String, &Value)> {
        let is_told = |name: &String| TOLD_OTHERWISE.contains(&name.as_str());
        self.fields.iter().filter(move |(name, value)| !is_told(name) && !value.is_null())
    }
}

/// All that is known of a trace.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Trace {
    /// In the order in which they began.
    pub spans: Vec<Span>,
    /// Spans that are left out, because there are too many.
    pub omitted: usize,
    /// What could not be read.
    pub faults: Vec<Fault>,
}

impl LogStore {
    /// The spans of a trace, as far as the log goes back. With a tenant, only its own.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn trace(&self, id: &str, tenant: Option<&str>) -> io::Result<Trace> {
        let (ids, tenant) = (vec![id.to_owned()], tenant.map(ToOwned::to_owned));
        let filter = Filter { ids, tenant, ..Filter::default() };
        let plan = filter.plan(Order::OldestFirst, None);
        let mut trace = Trace::default();
        let report = self.walk(&plan, &mut |seen| {
            if let Seen::Line(line) = seen
                && let Some(micros) = line.micros
                && let Some(fields) = filter.matches(line.text)
                && fields.get("trace_id").and_then(Value::as_str) == Some(id)
            {
                trace.add(micros, fields);
            }
            ControlFlow::Continue(())
        })?;
        trace.faults = report.faults;
        trace.spans.sort_by_key(|span| (span.start, Reverse(span.duration)));
        trace.reckon_own_times();
        Ok(trace)
    }
}

impl Trace {
    /// Adds what a line tells of.
    pub fn add(&mut self, micros: i64, fields: Map<String, Value>) {
        for span in spans_of(micros, fields) {
            if self.spans.len() < SPANS_MAX { self.spans.push(span) } else { self.omitted += 1 }
        }
    }

    /// Parts that run side by side may take longer together than the whole.
    fn reckon_own_times(&mut self) {
        let mut in_parts: HashMap<String, u64> = HashMap::new();
        for span in &self.spans {
            // What was queued and done later is no part of the request.
            if let Some(parent) = span.parent.clone().filter(|_| span.fields.is_empty()) {
                *in_parts.entry(parent).or_default() += span.duration;
            }
        }
        for span in &mut self.spans {
            span.own = span.duration.saturating_sub(in_parts.get(&span.id).copied().unwrap_or_default());
        }
    }
}

/// The span that a line tells of, with its steps; none if it tells no duration.
pub fn spans_of(micros: i64, mut fields: Map<String, Value>) -> Vec<Span> {
    let text = |fields: &Map<String, Value>, name: &str| {
        fields.get(name).and_then(Value::as_str).map(ToOwned::to_owned)
    };
    let (Some(id), Some(duration)) = (text(&fields, "span_id"), duration_of(&fields)) else {
        return Vec::new();
    };
    let start = micros.saturating_sub_unsigned(duration);
    let steps = fields.remove("spans");
    let write = write_of(&fields);
    let layer = match text(&fields, "kind").as_deref() {
        Some("http") => "http",
        Some("delivery") => "outbound",
        _ => "job",
    };
    let status = fields.get("status").and_then(Value::as_u64).unwrap_or_default();
    let level = text(&fields, "level").and_then(|word| Level::of(&word));
    let span = Span {
        parent: text(&fields, "parent_span_id"),
        layer,
        name: name_of(layer, &fields),
        start,
        duration,
        own: duration,
        failed: status >= 500
            || level == Some(Level::Error)
            || (layer == "outbound" && level == Some(Level::Warn)),
        id: id.clone(),
        fields,
    };
    let mut all = vec![span];
    all.extend(steps_of(steps.as_ref(), write, &id, start));
    all
}

/// How long the last change of a record's work took in the store, from the queue to the disk, in microseconds.
fn write_of(fields: &Map<String, Value>) -> Option<u64> {
    let times = ["dbQueueUs", "dbApplyUs", "dbCommitUs"].map(|name| fields.get(name).and_then(Value::as_u64));
    times.into_iter().sum()
}

fn name_of(layer: &str, fields: &Map<String, Value>) -> String {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    match (layer, text("method"), text("route").or(text("path")), text("job"), text("title")) {
        ("http", Some(method), Some(route), ..) => format!("{method} {route}"),
        (_, _, _, Some(job), _) => format!("job {job}"),
        ("outbound", _, _, _, Some(title)) => format!("{} {title}", text("service").unwrap_or("deliver")),
        _ => text("message").unwrap_or_default().to_owned(),
    }
}

/// The steps of a record as spans, each beneath the shortest one that holds it. When the write was made within the last step
/// is not told: it stands at the end of it.
fn steps_of(steps: Option<&Value>, write: Option<u64>, record: &str, start: i64) -> Vec<Span> {
    let steps = steps.and_then(Value::as_array).into_iter().flatten().zip(0_u16..);
    let read = |(step, number): (&Value, u16)| {
        let (name, at, took) = (step.get(0)?.as_str()?, step.get(1)?.as_u64()?, step.get(2)?.as_u64()?);
        Some((number, name.to_owned(), at, took))
    };
    let mut steps: Vec<_> = steps.filter_map(read).collect();
    let last = steps.iter().map(|(_, _, at, took)| at + took).max();
    if let Some((end, took)) = last.zip(write).filter(|(end, took)| took <= end) {
        steps.push((u16::MAX, "store.write".to_owned(), end - took, took));
    }
    steps.sort_by_key(|(_, _, at, took)| (*at, Reverse(*took)));
    let id_of = |number: u16| format!("{:016x}", IdHash::of(&format!("{record}/{number}")).0);
    let mut open: Vec<(u64, String)> = Vec::new();
    let mut spans = Vec::new();
    for (number, name, at, took) in steps {
        // A microsecond is lost to rounding.
        while open.last().is_some_and(|(end, _)| at + took > *end + 1) {
            open.pop();
        }
        let id = id_of(number);
        spans.push(Span {
            parent: Some(open.last().map_or_else(|| record.to_owned(), |(_, id)| id.clone())),
            layer: if name.starts_with("store.") { "store" } else { "service" },
            name,
            start: start.saturating_add_unsigned(at),
            duration: took,
            own: took,
            failed: false,
            fields: Map::new(),
            id: id.clone(),
        });
        open.push((at + took, id));
    }
    spans
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_record_is_a_span_and_its_steps_hang_where_they_happened() {
        let mut trace = Trace::default();
        trace.add(
            10_000,
            fields(json!({
                "level": "info", "kind": "http", "method": "POST", "route": "/events", "status": 201, "span_id": "aa",
                "durationUs": 1_000, "dbQueueUs": 100, "dbApplyUs": 200, "dbCommitUs": 300,
                "spans": [["access", 10, 90], ["store.read", 120, 50], ["service", 110, 800]],
            })),
        );
        trace.reckon_own_times();
        let told: Vec<_> = trace
            .spans
            .iter()
            .map(|span| (span.layer, span.name.as_str(), span.start, span.duration, span.own))
            .collect();
        assert_eq!(
            told,
            [
                ("http", "POST /events", 9_000, 1_000, 110),
                ("service", "access", 9_010, 90, 90),
                ("service", "service", 9_110, 800, 150),
                ("store", "store.read", 9_120, 50, 50),
                ("store", "store.write", 9_310, 600, 600),
            ]
        );
        let parents: Vec<_> = trace.spans.iter().map(|span| span.parent.clone()).collect();
        let service = Some(trace.spans[2].id.clone());
        assert_eq!(parents, [None, Some("aa".to_owned()), Some("aa".to_owned()), service.clone(), service]);
    }

    #[test]
    fn a_line_without_a_duration_is_no_span() {
        assert!(spans_of(1, fields(json!({"span_id": "aa", "message": "stopping"}))).is_empty());
    }

    #[test]
    fn what_was_sent_later_is_a_span_of_its_own_and_no_part_of_the_request() {
        let mut trace = Trace::default();
        let request =
            json!({"kind": "http", "span_id": "aa", "durationUs": 100, "method": "POST", "path": "/x"});
        let sent = json!({
            "level": "warn", "kind": "delivery", "span_id": "bb", "parent_span_id": "aa", "durationMs": 5,
            "service": "webhook", "title": "event.created",
        });
        trace.add(1_000, fields(request));
        trace.add(9_000, fields(sent));
        trace.reckon_own_times();
        assert_eq!((trace.spans[0].own, trace.spans[0].failed), (100, false));
        let sent = &trace.spans[1];
        assert_eq!(
            (sent.layer, sent.name.as_str(), sent.failed),
            ("outbound", "webhook event.created", true)
        );
        assert_eq!((sent.start, sent.duration, sent.parent.as_deref()), (4_000, 5_000, Some("aa")));
    }
}
