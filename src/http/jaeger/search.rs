//! Which traces are meant.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Asked, DAY, layer_of, no_such_trace, wrong};
use crate::{
    http::problem::Failure,
    service::{SoFar, TraceSearch},
    telemetry::{context::TraceId, log_store::Trace},
};

/// Traces of an answer, if nothing is said, and most of them.
const TRACES: usize = 20;
const TRACES_MAX: usize = 500;

/// What the parameters of a search are called.
pub(super) struct Names {
    service: &'static str,
    operation: &'static str,
    tags: &'static str,
    from: &'static str,
    until: &'static str,
    least: &'static str,
    most: &'static str,
    limit: &'static str,
}

/// In the interface that Jaeger's own pages use.
pub(super) const NAMES: Names = Names {
    service: "service",
    operation: "operation",
    tags: "tags",
    from: "start",
    until: "end",
    least: "minDuration",
    most: "maxDuration",
    limit: "limit",
};

/// In the newer one.
pub(super) const NEWER_NAMES: Names = Names {
    service: "query.service_name",
    operation: "query.operation_name",
    tags: "query.attributes",
    from: "query.start_time_min",
    until: "query.start_time_max",
    least: "query.duration_min",
    most: "query.duration_max",
    limit: "query.num_traces",
};

impl Asked {
    /// The traces that are meant, the newest first.
    pub(super) async fn traces(&self, names: &Names) -> Result<SoFar<Vec<(String, Trace)>>, Failure> {
        let ids: Vec<&str> = self.parameters.all("traceID").take(TRACES_MAX).collect();
        if !ids.is_empty() {
            let mut found = Vec::new();
            for id in ids {
                found.extend(self.trace(id).await.ok());
            }
            return Ok(SoFar { found, known_from: None });
        }
        let parameters = &self.parameters;
        let Some(layer) = layer_of(parameters.required(names.service)?) else {
            return Ok(SoFar { found: Vec::new(), known_from: None });
        };
        let until = parameters.time(names.until)?.unwrap_or(self.now.micros());
        let micros = |name| Ok::<_, Failure>(parameters.duration(name)?.map(i64::unsigned_abs));
        let search = TraceSearch {
            span: (parameters.time(names.from)?.unwrap_or(until.saturating_sub(DAY)), until),
            layer: layer.map(ToOwned::to_owned),
            operation: parameters.get(names.operation).filter(|name| *name != "all").map(ToOwned::to_owned),
            tags: self.tags(names.tags)?,
            least: micros(names.least)?,
            most: micros(names.most)?,
            limit: parameters.number(names.limit)?.unwrap_or(TRACES).clamp(1, TRACES_MAX),
        };
        Ok(self.services.find_traces(&self.reader, search).await?)
    }

    /// Tags as an object of texts, or each by itself as `tag=name:value`.
    fn tags(&self, name: &str) -> Result<Vec<(String, String)>, Failure> {
        let expected = || wrong(format!("the parameter {name} must be a JSON object of texts"));
        let object = self.parameters.get(name).map(serde_json::from_str::<BTreeMap<String, Value>>);
        let object = object.transpose().map_err(|_| expected())?.unwrap_or_default();
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let single = self.parameters.all("tag").filter_map(|tag| tag.split_once(':'));
        let single = single.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(object.into_iter().map(|(name, value)| (name, text(value))).chain(single).collect())
    }

    /// A trace, with its ID as the log has it. Leading zeros may be left out.
    pub(super) async fn trace(&self, id: &str) -> Result<(String, Trace), Failure> {
        let padded = format!("{:0>32}", id.to_ascii_lowercase());
        let id = padded.parse::<TraceId>().map_err(|_| {
            wrong(format!("{id:?} is no trace ID: up to 32 hexadecimal digits, not all of them zero"))
        })?;
        let id = id.to_string();
        let trace = self.services.find_trace(&self.reader, id.clone()).await?;
        if trace.spans.is_empty() { Err(no_such_trace()) } else { Ok((id, trace)) }
    }
}
