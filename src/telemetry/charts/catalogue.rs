//! What the charts show: which of the metrics, and how that is put together over time.

use Shape::{Level, Rise, Times};

use crate::telemetry::metrics::{
    BREAKER_STATE, DB_FILE_BYTES, DB_SECONDS, DB_TRANSACTION_DURATION, DELIVERY_ATTEMPTS,
    HTTP_ACTIVE_REQUESTS, HTTP_REQUEST_DURATION, HTTP_SECONDS, JOB_DEAD_LETTERS, JOB_OLDEST_AGE,
    JOB_QUEUE_DEPTH, LOG_DISK_FREE_BYTES, LOG_EVENTS, LOG_EVENTS_DROPPED, LOG_STORE_BYTES, STORE_FREE_BYTES,
    SeriesLabels,
};

/// What a number of a chart is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// A number of things, or a state: 0 closed, 1 half open, 2 open.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// A number of things in a second.
    PerSecond,
    /// A number of things in a minute.
    PerMinute,
    /// A part of one: of one processor.
    Share,
}

/// How a level of several things at several times becomes one number: what is worst is not to be lost.
#[derive(Clone, Copy, Debug)]
pub(super) enum Worst {
    /// The highest that all of them came to together.
    Highest,
    /// The highest of any.
    HighestOfAny,
    /// The lowest that all of them came to together. Zero means that nobody has looked yet.
    Lowest,
}

/// How numbers of a metric become numbers of a chart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// What is counted, by how much it rises.
    Rise(&'static str, Unit, fn(&SeriesLabels<'_>) -> bool),
    /// What goes up and down.
    Level(&'static str, Unit, Worst, fn(&SeriesLabels<'_>) -> bool),
    /// Times in buckets with these bounds: how many there were in a second, if that has a name, and which time so great a part of
    /// them did not exceed.
    Times(&'static [f64], Option<&'static str>, &'static [(&'static str, f64)]),
}

impl Shape {
    /// The names of what is shown of it.
    pub(super) fn names(&self) -> Vec<&'static str> {
        match self {
            Rise(name, ..) | Level(name, ..) => vec![name],
            Times(_, rate, quantiles) => {
                rate.iter().copied().chain(quantiles.iter().map(|(name, _)| *name)).collect()
            }
        }
    }

    /// How many numbers are kept of it.
    pub(super) const fn columns(&self) -> usize {
        match self {
            Rise(..) | Level(..) => 1,
            Times(bounds, ..) => bounds.len() + 1,
        }
    }
}

/// The worst state of the circuits of a service.
macro_rules! circuit {
    ($service:literal) => {
        (
            BREAKER_STATE,
            Level(concat!("circuits.", $service), Unit::Count, Worst::Highest, |labels| {
                labels.get("service") == Some($service)
            }),
        )
    };
}

fn all(_: &SeriesLabels<'_>) -> bool {
    true
}

fn class<'a>(labels: &SeriesLabels<'a>) -> Option<&'a str> {
    labels.get("code").and_then(|code| code.get(..1))
}

/// Metrics and their shapes. What is before the dot in a name is the chart.
pub(super) const SHOWN: &[(&str, Shape)] = &[
    (
        HTTP_REQUEST_DURATION,
        Rise("requests.answered", Unit::PerSecond, |labels| !matches!(class(labels), Some("4" | "5"))),
    ),
    (HTTP_REQUEST_DURATION, Rise("requests.refused", Unit::PerSecond, |labels| class(labels) == Some("4"))),
    (HTTP_REQUEST_DURATION, Rise("requests.failed", Unit::PerSecond, |labels| class(labels) == Some("5"))),
    (
        HTTP_REQUEST_DURATION,
        Times(HTTP_SECONDS, None, &[("duration.p50", 0.5), ("duration.p95", 0.95), ("duration.p99", 0.99)]),
    ),
    (HTTP_ACTIVE_REQUESTS, Level("underWay.requests", Unit::Count, Worst::Highest, all)),
    circuit!("email"),
    circuit!("storage"),
    circuit!("webhook"),
    circuit!("sms"),
    circuit!("virus_scan"),
    circuit!("redis"),
    circuit!("external_api"),
    circuit!("otlp"),
    (
        DELIVERY_ATTEMPTS,
        Rise("deliveries.arrived", Unit::PerMinute, |labels| labels.get("outcome") == Some("arrived")),
    ),
    (
        DELIVERY_ATTEMPTS,
        Rise("deliveries.failed", Unit::PerMinute, |labels| labels.get("outcome") != Some("arrived")),
    ),
    (JOB_QUEUE_DEPTH, Level("queues.waiting", Unit::Count, Worst::Highest, all)),
    (JOB_DEAD_LETTERS, Level("queues.deadLetters", Unit::Count, Worst::Highest, all)),
    (JOB_OLDEST_AGE, Level("oldest.age", Unit::Seconds, Worst::HighestOfAny, all)),
    (
        DB_TRANSACTION_DURATION,
        Times(DB_SECONDS, Some("commits.rate"), &[("commitTime.p50", 0.5), ("commitTime.p95", 0.95)]),
    ),
    (LOG_EVENTS, Rise("log.error", Unit::PerSecond, |labels| labels.get("level") == Some("error"))),
    (LOG_EVENTS, Rise("log.warn", Unit::PerSecond, |labels| labels.get("level") == Some("warn"))),
    (
        LOG_EVENTS,
        Rise("log.info", Unit::PerSecond, |labels| !matches!(labels.get("level"), Some("error" | "warn"))),
    ),
    (LOG_EVENTS_DROPPED, Rise("log.lost", Unit::PerSecond, all)),
    (STORE_FREE_BYTES, Level("free.data", Unit::Bytes, Worst::Lowest, all)),
    (LOG_DISK_FREE_BYTES, Level("free.log", Unit::Bytes, Worst::Lowest, all)),
    (DB_FILE_BYTES, Level("files.data", Unit::Bytes, Worst::Highest, all)),
    (LOG_STORE_BYTES, Level("files.log", Unit::Bytes, Worst::Highest, all)),
    ("process_resident_memory_bytes", Level("memory.resident", Unit::Bytes, Worst::Highest, all)),
    ("process_cpu_seconds_total", Rise("processor.used", Unit::Share, all)),
];

/// How many numbers are kept of one time: how long it lasted in seconds, and the columns of all shapes in their order.
pub(super) const COLUMNS: usize = {
    let (mut count, mut row) = (1, 0);
    #[allow(clippy::indexing_slicing, reason = "it is evaluated by the compiler, which checks every index")]
    while row < SHOWN.len() {
        count += SHOWN[row].1.columns();
        row += 1;
    }
    count
};

/// Each metric and shape, with the place of its first column.
pub(super) fn shown() -> impl Iterator<Item = (usize, &'static str, &'static Shape)> {
    SHOWN.iter().scan(1, |next, (metric, shape)| {
        let first = *next;
        *next += shape.columns();
        Some((first, *metric, shape))
    })
}
