//! Exemplars: for each bucket of the durations of requests the last one that fell into it, so that a dot in a chart leads to a
//! trace. The recorder knows none: they are kept beside it and put into its text. Uses nothing of ours.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

use super::{HTTP_SECONDS, reading::Labels};

/// Most characters of the labels of an exemplar, their names included.
const LABELS_MAX: usize = 128;

/// A request as an exemplar.
#[derive(Clone, Debug)]
struct Exemplar {
    labels: String,
    seconds: f64,
    at_ms: i64,
}

/// For each series, what fell last into each bucket, the unbounded one included. Cheap to clone.
#[derive(Clone, Default, Debug)]
pub(super) struct Exemplars(Arc<Mutex<HashMap<u64, [Option<Exemplar>; HTTP_SECONDS.len() + 1]>>>);

/// What an exemplar leads to.
#[derive(Clone, Copy, Debug)]
pub struct ExemplarIds<'a> {
    /// The trace, in hexadecimal.
    pub trace: &'a str,
    /// The request; left out if it is too long.
    pub request: &'a str,
}

impl Exemplars {
    /// Keeps a request as the last of its bucket. Nobody waits: one that comes while another is noted, or read, is left out.
    pub(super) fn note(&self, series: [&str; 3], seconds: f64, ids: ExemplarIds<'_>, at_ms: i64) {
        let Ok(mut kept) = self.0.try_lock() else { return };
        let bucket = HTTP_SECONDS.partition_point(|bound| *bound < seconds);
        if let Some(last) = kept.entry(hash(series)).or_default().get_mut(bucket) {
            *last = Some(Exemplar { labels: labels(ids), seconds, at_ms });
        }
    }

    /// The exemplar of a bucket, as it stands behind its value.
    pub(super) fn of(&self, labels: &Labels<'_>) -> Option<String> {
        let series = [labels.get("method")?, labels.get("route")?, labels.get("code")?];
        let bound = labels.get("le")?.parse().ok()?;
        let bucket = HTTP_SECONDS.partition_point(|other| *other < bound);
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Exemplar { labels, seconds, at_ms } = kept.get(&hash(series))?.get(bucket)?.as_ref()?;
        Some(format!(" # {{{labels}}} {seconds} {}.{:03}", at_ms / 1_000, at_ms % 1_000))
    }
}

fn hash(series: [&str; 3]) -> u64 {
    let mut hasher = DefaultHasher::new();
    series.hash(&mut hasher);
    hasher.finish()
}

fn labels(ExemplarIds { trace, request }: ExemplarIds<'_>) -> String {
    if "trace_id".len() + trace.len() + "request_id".len() + request.len() > LABELS_MAX {
        return format!("trace_id=\"{trace}\"");
    }
    format!("trace_id=\"{trace}\",request_id=\"{request}\"")
}
