//! Metrics: their names, the recorder that collects them, and their Prometheus text form. The `metrics`
//! crate's macros are used with the names of the catalogue. Uses `domain` only.

mod catalogue;
mod exemplars;
mod open_metrics;
mod process;
mod reading;
mod runtime;

use metrics::{Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

pub use self::catalogue::{
    AUTH_ATTEMPTS, BACKUP_BYTES, BACKUP_DURATION, BACKUP_FAILURES, BACKUP_LAST_SUCCESS, BLOBS_REMOVED,
    BREAKER_CALLS, BREAKER_FAILURES, BREAKER_FALLBACKS, BREAKER_MODE, BREAKER_OPEN_SECONDS, BREAKER_OPENED,
    BREAKER_STATE, BREAKER_TRANSITIONS, BUILD_INFO, DB_BATCH_OPERATIONS, DB_FILE_BYTES, DB_FREE_PAGES_BYTES,
    DB_FSYNC_DURATION, DB_TRANSACTION_DURATION, DB_WRITE_LOCK_WAIT, DELIVERY_ATTEMPTS, EMAIL_MESSAGES,
    FILES_SCANNED, FILES_UPLOADED, HTTP_ACTIVE_REQUESTS, HTTP_REQUEST_DURATION, HTTP_REQUESTS_LIMITED,
    HTTP_REQUESTS_REJECTED, HTTP_RESPONSE_BODY_BYTES, JOB_DEAD_LETTERS, JOB_DURATION, JOB_OLDEST_AGE,
    JOB_PIECE_DURATION, JOB_QUEUE_DEPTH, JOB_QUEUE_WAIT, JOBS_COMPLETED, JOBS_ENQUEUED, LOG_BYTES_WRITTEN,
    LOG_DISK_FREE_BYTES, LOG_EVENTS, LOG_EVENTS_DROPPED, LOG_EVENTS_PERSISTED, LOG_EVENTS_WITHOUT_CONTEXT,
    LOG_INDEX_BYTES, LOG_OLDEST, LOG_QUERY_BYTES_SCANNED, LOG_QUERY_DURATION, LOG_QUEUE_DEPTH,
    LOG_REDACTIONS, LOG_RETENTION, LOG_SEGMENTS, LOG_SEGMENTS_REMOVED, LOG_STORE_BYTES, LOG_WRITE_ERRORS,
    MIRROR_DROPPED, OTLP_EXPORT_ITEMS, OUTBOUND_DURATION, OUTBOUND_RETRIES, REQUEST_ID_REJECTED,
    SOFT_DELETE_OPERATIONS, SOFT_DELETED_ROWS, STORE_COPIES, STORE_COPY_AGE, STORE_COPY_DURATION,
    STORE_DAMAGE, STORE_FREE_BYTES, STORE_READ_ONLY, TOKIO_ALIVE_TASKS, TOKIO_POLL_DELAY, TOKIO_QUEUE_DEPTH,
    TOKIO_WORKERS, TRACEABILITY_CANARY_DURATION, TRACEABILITY_CANARY_SUCCESS, TRACEABILITY_RATIO,
    WEBHOOK_DELIVERIES,
};
pub(in crate::telemetry) use self::catalogue::{DB_SECONDS, HTTP_SECONDS};
use self::{
    catalogue::{CATALOGUE, Labels, Metric, Type},
    exemplars::Exemplars,
};
pub use self::{
    exemplars::ExemplarIds,
    open_metrics::OPEN_METRICS,
    reading::{Labels as SeriesLabels, Reading, approximate, whole},
    runtime::{Runtime, watch_runtime},
};

const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, None);

/// The metrics cannot be collected.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// Something of the catalogue is not usable.
    #[error("the metrics recorder cannot be built: {0}")]
    Build(#[from] metrics_exporter_prometheus::BuildError),
    /// The process collects metrics already.
    #[error("a metrics recorder is installed already")]
    Installed,
}

/// Where the collected metrics are read. Cheap to clone.
#[derive(Clone, Debug)]
pub struct MetricsHandle {
    recorded: PrometheusHandle,
    exemplars: Exemplars,
}

impl MetricsHandle {
    fn of(recorder: &PrometheusRecorder) -> Self {
        Self { recorded: recorder.handle(), exemplars: Exemplars::default() }
    }

    /// All metrics as Prometheus text (exposition format 0.0.4), those of the process included.
    pub fn render(&self) -> String {
        let mut text = self.recorded.render();
        text.push_str(&process::render());
        text
    }

    /// All metrics as OpenMetrics 1.0.0 ([`OPEN_METRICS`]), with exemplars of the durations of requests.
    pub fn render_open_metrics(&self) -> String {
        open_metrics::of(&self.render(), &self.exemplars)
    }

    /// Remembers a request of so many seconds as the last one of its bucket: method, route and code are those of
    /// [`HTTP_REQUEST_DURATION`]. The time is in milliseconds since 1970.
    pub fn note_exemplar(&self, series: [&str; 3], seconds: f64, ids: ExemplarIds<'_>, at_ms: i64) {
        self.exemplars.note(series, seconds, ids, at_ms);
    }

    /// What they say at present.
    pub fn reading(&self) -> Reading {
        Reading::of(self.render())
    }

    /// Folds observations into their histograms. To be called every few seconds: until it is, or until the
    /// metrics are rendered, each observation takes memory.
    pub fn upkeep(&self) {
        self.recorded.run_upkeep();
    }
}

/// Starts to collect metrics in this process. It comes before the log, which holds on to its counters.
///
/// # Errors
/// When metrics are collected already.
pub fn install_recorder() -> Result<MetricsHandle, MetricsError> {
    let recorder = recorder()?;
    let handle = MetricsHandle::of(&recorder);
    metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Installed)?;
    Ok(handle)
}

/// A recorder that knows the catalogue, with every series that is known from the start at zero.
fn recorder() -> Result<PrometheusRecorder, MetricsError> {
    let mut builder = PrometheusBuilder::new();
    for metric in CATALOGUE {
        if let Type::Histogram(bounds) = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)?;
        }
    }
    let recorder = builder.build_recorder();
    for metric in CATALOGUE {
        describe(metric, &recorder);
        for labels in label_sets(metric.labels) {
            register(metric, labels, &recorder);
        }
    }
    let version = Key::from_parts(BUILD_INFO, vec![Label::new("version", env!("CARGO_PKG_VERSION"))]);
    recorder.register_gauge(&version, &METADATA).set(1.0);
    Ok(recorder)
}

fn describe(metric: &Metric, recorder: &impl Recorder) {
    let (name, unit, help) = (metric.name.into(), Some(metric.unit), metric.help.into());
    match metric.kind {
        Type::Counter => recorder.describe_counter(name, unit, help),
        Type::Gauge => recorder.describe_gauge(name, unit, help),
        Type::Histogram(_) => recorder.describe_histogram(name, unit, help),
    }
}

fn register(metric: &Metric, labels: Vec<Label>, recorder: &impl Recorder) {
    let key = Key::from_parts(metric.name, labels);
    match metric.kind {
        Type::Counter => drop(recorder.register_counter(&key, &METADATA)),
        Type::Gauge => drop(recorder.register_gauge(&key, &METADATA)),
        Type::Histogram(_) => drop(recorder.register_histogram(&key, &METADATA)),
    }
}

/// Every combination of label values that is known; one empty set for a metric without labels.
fn label_sets(labels: Labels) -> Vec<Vec<Label>> {
    let (paired, known) = match labels {
        Labels::None => (vec![Vec::new()], Vec::new()),
        Labels::Known(known) => (vec![Vec::new()], known.to_vec()),
        Labels::Paired([first, second], pairs, third) => {
            let pair = |one: &'static str, other: &'static str| {
                vec![Label::new(first, one), Label::new(second, other)]
            };
            let paired =
                pairs.iter().flat_map(|(one, others)| others.iter().map(move |other| pair(one, other)));
            (paired.collect(), third.into_iter().collect())
        }
        Labels::Open => return Vec::new(),
    };
    known.into_iter().fold(paired, |sets, (name, values)| {
        let extended = |set: &Vec<Label>| {
            let set = set.clone();
            values.iter().map(move |value| [set.clone(), vec![Label::new(name, *value)]].concat())
        };
        sets.iter().flat_map(extended).collect()
    })
}

/// What the metrics are after some work, which is seen alone.
#[cfg(test)]
pub(crate) fn rendered_after(work: impl FnOnce()) -> String {
    let recorder = recorder().unwrap();
    metrics::with_local_recorder(&recorder, work);
    MetricsHandle::of(&recorder).render()
}

/// As [`rendered_after`], to be read.
#[cfg(test)]
pub(crate) fn reading_after(work: impl FnOnce()) -> Reading {
    Reading::of(rendered_after(work))
}

#[cfg(test)]
mod tests {
    use super::{CATALOGUE, HTTP_REQUEST_DURATION, Labels, Type, label_sets, rendered_after};

    #[test]
    fn everything_known_from_the_start_is_there_at_zero_with_its_help() {
        let text = rendered_after(|| ());
        for metric in CATALOGUE.iter().filter(|metric| !matches!(metric.labels, Labels::Open)) {
            assert!(text.contains(&format!("# HELP {} {}\n", metric.name, metric.help)), "{}", metric.name);
            let series = match metric.kind {
                Type::Counter | Type::Gauge => metric.name.to_owned(),
                Type::Histogram(_) => format!("{}_count", metric.name),
            };
            let zeros = text
                .lines()
                .filter(|line| line.strip_prefix(&series).is_some_and(|rest| rest.starts_with([' ', '{'])))
                .filter(|line| line.ends_with(" 0"))
                .count();
            assert_eq!(zeros, label_sets(metric.labels).len(), "{}", metric.name);
        }
        assert!(text.contains(concat!("build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1\n")));
    }

    #[test]
    fn a_deletion_is_counted_apart_for_each_kind_of_thing() {
        let text = rendered_after(|| ());
        assert!(text.contains("soft_delete_operations_total{entity=\"sheet\",action=\"restore\"} 0\n"));
    }

    #[test]
    fn histograms_have_the_buckets_of_the_catalogue() {
        let text = rendered_after(|| {
            metrics::histogram!(HTTP_REQUEST_DURATION, "method" => "GET", "route" => "/", "code" => "200")
                .record(0.03);
        });
        let bucket = |bound: &str, count: u32| {
            let labels = format!("method=\"GET\",route=\"/\",code=\"200\",le=\"{bound}\"");
            format!("{HTTP_REQUEST_DURATION}_bucket{{{labels}}} {count}\n")
        };
        assert!(text.contains(&bucket("0.025", 0)) && text.contains(&bucket("0.05", 1)), "{text}");
    }

    #[test]
    fn names_are_unique_and_say_unit_and_type() {
        let mut names: Vec<_> = CATALOGUE.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|one, next| one < next));
        for metric in CATALOGUE {
            assert_eq!(metric.name.ends_with("_total"), metric.kind == Type::Counter, "{}", metric.name);
        }
    }
}
