//! Traces in the JSON of OTLP, as the newer interface of Jaeger gives them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::service_of;
use crate::telemetry::{
    log_store::Trace,
    otlp::{Signal, grouped, span},
};

/// Traces: their spans by the part of the program.
pub(super) fn traces(traces: Vec<(String, Trace)>) -> Value {
    let mut spans: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (id, trace) in traces {
        for one in trace.spans {
            spans.entry(one.layer).or_default().push(span(&id, &one));
        }
    }
    let resources = spans
        .into_iter()
        .map(|(layer, spans)| grouped(Signal::Traces, &[("service.name", json!(service_of(layer)))], spans));
    json!({"result": {"resourceSpans": resources.collect::<Vec<_>>()}})
}
