//! For tests: what some code logs, as JSON.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing_subscriber::{Registry, layer::SubscriberExt};

use super::layer::{JsonLayer, Sink};
use crate::telemetry::clock::Clock;

/// Lines kept in memory.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Sink for Lines {
    fn write_line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

/// The lines that some work logs under a filter. Each is one line that ends at its end, and one JSON object.
pub(crate) fn captured(filter: &str, work: impl FnOnce()) -> Vec<Value> {
    let lines = Lines::default();
    let layer = JsonLayer::new(filter.parse().unwrap(), Clock::system(), lines.clone());
    tracing::subscriber::with_default(Registry::default().with(layer), work);
    let lines = lines.0.lock().unwrap();
    lines
        .iter()
        .map(|line| {
            assert_eq!(line.find('\n'), Some(line.len() - 1), "{line:?}");
            serde_json::from_str(line).unwrap()
        })
        .collect()
}

/// A text field of a captured line.
pub(crate) fn field<'a>(lines: &'a [Value], index: usize, name: &str) -> &'a str {
    lines[index][name].as_str().unwrap_or_else(|| panic!("no text {name} in {}", lines[index]))
}
