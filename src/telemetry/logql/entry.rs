//! A line with its labels, as a pipeline sees it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The name under which all lines of this program are known.
pub const APP: &str = "event-manager";

/// Labels that have it as their value in every line.
pub const APP_LABELS: [&str; 2] = ["app", "service_name"];

/// Labels of a stream, beside `app` and `service_name`; there are few values of each.
pub const STREAM_LABELS: [&str; 3] = ["level", "module", "kind"];

/// What stands beside a line without being one of its labels; there are many values of each.
const METADATA: [&str; 9] = [
    "requestId",
    "correlationId",
    "trace_id",
    "span_id",
    "userId",
    "judgeId",
    "tenantId",
    "jobId",
    "deliveryId",
];

/// A line.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Its time, in microseconds since 1970.
    pub micros: i64,
    /// Its text.
    pub line: String,
    /// The labels of its stream.
    pub stream: BTreeMap<String, String>,
    /// What stands beside it.
    pub metadata: BTreeMap<String, String>,
    /// What was taken from it.
    pub parsed: BTreeMap<String, String>,
    /// The fields of the line, until they are taken or the line is another one.
    pub(super) fields: Option<Map<String, Value>>,
}

impl Entry {
    /// A line of the log with its fields.
    pub fn new(micros: i64, line: &str, fields: Map<String, Value>) -> Self {
        let of = |names: &[&str]| -> BTreeMap<String, String> {
            names.iter().filter_map(|name| Some(((*name).to_owned(), text_of(fields.get(*name)?)?))).collect()
        };
        let mut stream = of(&STREAM_LABELS);
        for name in APP_LABELS {
            stream.insert(name.to_owned(), APP.to_owned());
        }
        let (line, metadata, parsed) = (line.to_owned(), of(&METADATA), BTreeMap::new());
        Self { micros, line, stream, metadata, parsed, fields: Some(fields) }
    }

    /// The value of a label; empty if there is none.
    pub fn label(&self, name: &str) -> &str {
        let name = stored_name(name);
        [&self.parsed, &self.stream, &self.metadata]
            .into_iter()
            .find_map(|labels| labels.get(name))
            .map_or("", String::as_str)
    }

    /// Sets what was taken from the line. A label of the stream keeps its name.
    pub(super) fn extract(&mut self, name: String, value: String) {
        if self.stream.get(&name).is_some_and(|own| *own == value) || self.metadata.contains_key(&name) {
            return;
        }
        let name = if self.stream.contains_key(&name) { format!("{name}_extracted") } else { name };
        self.parsed.insert(name, value);
    }

    /// Takes a label away, wherever it is.
    pub(super) fn remove(&mut self, name: &str) -> Option<String> {
        let name = stored_name(name);
        let of = [&mut self.parsed, &mut self.stream, &mut self.metadata];
        of.into_iter().filter_map(|labels| labels.remove(name)).next()
    }

    /// All labels together, as series have them.
    pub fn labels(&self) -> BTreeMap<String, String> {
        let mut all = self.metadata.clone();
        all.extend(self.stream.clone());
        all.extend(self.parsed.clone());
        all
    }
}

/// The name that a label has here: Grafana asks for the level under two names.
pub(super) fn stored_name(name: &str) -> &str {
    if name == "detected_level" { "level" } else { name }
}

/// A field's text; objects and arrays have none.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
