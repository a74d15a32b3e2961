//! Lines and traces of the log for a terminal. Whatever they hold, nothing but printable text goes out.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use serde_json::{Map, Value};

use crate::telemetry::{
    log::misleads,
    log_store::{Span, Trace, duration_of},
};

/// What is shown of a line in front, or not at all.
const SHOWN_IN_FRONT: [&str; 12] = [
    "timestamp",
    "level",
    "message",
    "kind",
    "method",
    "path",
    "status",
    "durationUs",
    "durationMs",
    "route",
    "spans",
    "span_id",
];

/// Writes a line: when, how bad, what, how long, and then its fields.
///
/// # Errors
/// It cannot be written.
pub fn write_line(output: &mut impl Write, fields: &Map<String, Value>) -> io::Result<()> {
    let text = |name: &str| fields.get(name).map(shown).unwrap_or_default();
    write!(output, "{} {:5} {}", text("timestamp"), text("level").to_uppercase(), text("kind"))?;
    if fields.contains_key("method") {
        write!(output, " {} {} {}", text("method"), text("path"), text("status"))?;
    } else {
        write!(output, " {}", text("message"))?;
    }
    if let Some(micros) = duration_of(fields) {
        write!(output, " {}", millis(micros))?;
    }
    for (name, value) in fields.iter().filter(|(name, _)| !SHOWN_IN_FRONT.contains(&name.as_str())) {
        write!(output, " {}={}", printable(name), shown(value))?;
    }
    writeln!(output)
}

/// Writes a trace: each span beneath the one that it belongs to.
///
/// # Errors
/// It cannot be written.
pub fn write_trace(output: &mut impl Write, id: &str, trace: &Trace) -> io::Result<()> {
    writeln!(output, "trace {}", printable(id))?;
    writeln!(output, "  {:>12} {:>12} {:>12}  layer     what", "after", "took", "by itself")?;
    let begin = trace.spans.first().map_or(0, |span| span.start);
    let mut depths: HashMap<&str, usize> = HashMap::new();
    for span in &trace.spans {
        let Span { id, parent, layer, name, start, duration, own, failed, .. } = span;
        let depth = parent.as_deref().and_then(|parent| depths.get(parent)).map_or(0, |depth| depth + 1);
        depths.insert(id, depth);
        let after = u64::try_from(start.saturating_sub(begin)).unwrap_or_default();
        let (after, took, own) = (millis(after), millis(*duration), millis(*own));
        let failed = if *failed { "  FAILED" } else { "" };
        let indent = depth * 2;
        writeln!(
            output,
            "  {after:>12} {took:>12} {own:>12}  {layer:8}  {:indent$}{}{failed}",
            "",
            printable(name)
        )?;
    }
    if trace.omitted > 0 {
        writeln!(output, "  and {} more", trace.omitted)?;
    }
    Ok(())
}

fn millis(micros: u64) -> String {
    format!("{}.{:03} ms", micros / 1_000, micros % 1_000)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text),
        other => printable(&other.to_string()),
    }
}

/// A terminal obeys control characters, and shows others than are there.
fn printable(text: &str) -> String {
    text.chars().map(|c| if misleads(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::telemetry::log_store::spans_of;

    fn fields(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_line_is_told_in_one_line_without_a_control_character() {
        let mut output = Vec::new();
        let line = json!({
            "timestamp": "2026-05-01T19:00:00.000000Z", "level": "warn", "kind": "http", "method": "GET",
            "path": "/x\u{1b}[31m\nnext", "status": 404, "durationUs": 1_234, "requestId": "r-1",
        });
        write_line(&mut output, &fields(line)).unwrap();
        let told = String::from_utf8(output).unwrap();
        assert_eq!(
            told,
            "2026-05-01T19:00:00.000000Z WARN  http GET /x\u{fffd}[31m\u{fffd}next 404 1.234 ms requestId=r-1\n"
        );
    }

    #[test]
    fn a_trace_is_told_as_a_tree() {
        let record = json!({
            "kind": "http", "method": "POST", "route": "/events", "status": 503, "span_id": "aa", "durationUs": 2_000,
            "spans": [["service", 500, 1_000]],
        });
        let trace = Trace { spans: spans_of(10_000, fields(record)), ..Trace::default() };
        let mut output = Vec::new();
        write_trace(&mut output, "t-1", &trace).unwrap();
        let told = String::from_utf8(output).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[2], "      0.000 ms     2.000 ms     2.000 ms  http      POST /events  FAILED");
        assert_eq!(lines[3], "      0.500 ms     1.000 ms     1.000 ms  service     service");
    }
}
