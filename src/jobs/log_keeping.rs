//! The upkeep of the log's files: finished ones are packed, and the oldest go when their time has come.

use std::{sync::Arc, time::Duration};

use tracing::Instrument;

use crate::telemetry::{
    clock::Clock,
    context::RequestContext,
    log_store::{Kept, LogStore, free_space},
    metrics as names, spawn,
};

/// How often it is looked whether a file is finished.
const LOOKED_AFTER: Duration = Duration::from_secs(5);
/// What ended since then does not go for the sake of the disk.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// How much of the log is kept.
#[derive(Clone, Copy, Debug)]
pub struct LogRules {
    /// How long finished files are kept.
    pub kept: Duration,
    /// The size of all files together, in bytes.
    pub bytes: u64,
    /// The size at which a file is finished, in bytes: the one that is written to counts as full.
    pub segment_bytes: u64,
    /// How much of the disk is to be free, in bytes.
    pub free_bytes: u64,
}

/// Keeps the files until it is dropped.
pub async fn keep_log(logs: Arc<LogStore>, clock: Clock, rules: LogRules) {
    let mut ticks = tokio::time::interval(LOOKED_AFTER);
    loop {
        ticks.tick().await;
        let context = RequestContext::system(clock.clone(), "log");
        let now = clock.now();
        let kept = Kept {
            since: now.minus(rules.kept),
            bytes: rules.bytes.saturating_sub(rules.segment_bytes),
            free: rules.free_bytes,
            fresh: now.minus(FRESH),
        };
        let logs = Arc::clone(&logs);
        let look = async { spawn::spawn_blocking(move || look(&logs, kept)).await };
        if look.instrument(context.span("log")).await.is_err() {
            tracing::error!("the upkeep of the log panicked");
        }
    }
}

fn look(logs: &LogStore, kept: Kept) {
    if let Err(error) = logs.seal() {
        tracing::warn!(%error, "a finished log file was not packed; it is searched as it is");
    }
    match logs.prune(kept) {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "old log files were removed"),
        Err(error) => tracing::warn!(%error, "old log files were not removed"),
    }
    let Ok(taken) = logs.taken() else { return };
    metrics::gauge!(names::LOG_SEGMENTS).set(approximate(taken.files));
    metrics::gauge!(names::LOG_STORE_BYTES).set(approximate(taken.bytes));
    metrics::gauge!(names::LOG_INDEX_BYTES).set(approximate(taken.index_bytes));
    if let Some(oldest) = taken.oldest {
        metrics::gauge!(names::LOG_OLDEST).set(approximate(oldest.unsigned_abs()) / 1e6);
    }
    if let Ok(free) = free_space(logs.directory()) {
        metrics::gauge!(names::LOG_DISK_FREE_BYTES).set(approximate(free));
    }
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a floating-point number")]
const fn approximate(number: u64) -> f64 {
    number as f64
}
