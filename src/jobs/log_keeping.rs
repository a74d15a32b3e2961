//! The upkeep of the log's files: finished ones are packed, and the oldest go when their time has come.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    },
    time::Duration,
};

use super::traceability::TraceabilityCheck;
use crate::{
    domain::Timestamp,
    store::{Room, step_back},
    telemetry::{
        answered::AnsweredIds,
        clock::Clock,
        context::RequestContext,
        log::Flusher,
        log_store::{Kept, LogStore},
        metrics::{self as names, approximate},
        spawn,
    },
};

/// How often it is looked whether a file is finished.
const LOOKED_AFTER: Duration = Duration::from_secs(5);
/// How many looks lie between two checks of what the log has.
const CHECKED_EVERY: u32 = 12;
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

/// The log as the program uses it.
#[derive(Clone, Debug)]
pub struct LogInUse {
    /// Its files.
    pub store: Arc<LogStore>,
    /// What writes them.
    pub writer: Flusher,
    /// Ids that callers were told, to be looked for.
    pub answered: Arc<AnsweredIds>,
}

/// Keeps the files on a thread of its own, which leaves the processors to all others, until this is dropped. Nobody waits for
/// its end: a file that is half packed then is packed anew the next time.
pub struct LogKeeper {
    _working: SyncSender<()>,
}

impl LogKeeper {
    /// Begins.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub fn start(log: LogInUse, clock: Clock, rules: LogRules) -> io::Result<Self> {
        let (working, ended) = sync_channel(1);
        let check = TraceabilityCheck::new(log.clone(), clock.clone());
        spawn::spawn_thread("log-keeper", move || {
            step_back();
            let mut looks = (0..CHECKED_EVERY).cycle();
            while ended.recv_timeout(LOOKED_AFTER) == Err(RecvTimeoutError::Timeout) {
                let context = RequestContext::system(clock.clone(), "log");
                context.span("log").in_scope(|| look(&log.store, &rules, clock.now()));
                metrics::gauge!(names::LOG_QUEUE_DEPTH).set(approximate(log.writer.waiting()));
                if looks.next() == Some(0) {
                    check.look();
                }
            }
        })?;
        Ok(Self { _working: working })
    }
}

impl LogRules {
    fn at(&self, now: Timestamp, free: u64) -> Kept {
        Kept {
            since: now.minus(self.kept),
            bytes: self.bytes.saturating_sub(self.segment_bytes),
            lacking: self.free_bytes.saturating_sub(free),
            fresh: now.minus(FRESH),
        }
    }
}

fn look(logs: &LogStore, rules: &LogRules, now: Timestamp) {
    if let Err(error) = logs.seal() {
        tracing::warn!(%error, "a finished log file was not packed; it is searched as it is");
    }
    let free = Room::new(logs.directory(), 0, 0).free_bytes();
    if let Ok(free) = &free {
        let (removed, outcome) = logs.prune(rules.at(now, *free));
        for (reason, files) in [("age", removed.age), ("size", removed.size), ("disk", removed.disk)] {
            metrics::counter!(names::LOG_SEGMENTS_REMOVED, "reason" => reason).increment(files);
        }
        if let Err(error) = outcome {
            tracing::warn!(%error, "old log files were not removed");
        } else if removed.files() > 0 {
            tracing::info!(files = removed.files(), "old log files were removed");
        }
    }
    let Ok(taken) = logs.taken() else { return };
    metrics::gauge!(names::LOG_RETENTION).set(rules.kept.as_secs_f64());
    metrics::gauge!(names::LOG_SEGMENTS).set(approximate(taken.files));
    metrics::gauge!(names::LOG_STORE_BYTES).set(approximate(taken.bytes));
    metrics::gauge!(names::LOG_INDEX_BYTES).set(approximate(taken.index_bytes));
    if let Some(oldest) = taken.oldest {
        metrics::gauge!(names::LOG_OLDEST).set(approximate(oldest.unsigned_abs()) / 1e6);
    }
    if let Ok(free) = free {
        metrics::gauge!(names::LOG_DISK_FREE_BYTES).set(approximate(free));
    }
}
