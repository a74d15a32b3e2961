//! Writes the log's files. It runs on the log's own thread, which must never stop or fail: what a broken disk
//! does not take is discarded and counted, and writing goes on as soon as the disk does.

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use metrics::Counter;

use super::{
    active::{Active, Known},
    progress::Progress,
    segment_name::{LineTime, TimeSpan},
};
use crate::telemetry::{clock::Clock, metrics as names};

/// Bytes that are gathered for one write.
const BATCH_BYTES: usize = 64 * 1024;
/// How long a disk that failed is left alone.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Where the log's files lie, and when the next one is begun. What becomes of finished ones is not the writer's business.
#[derive(Clone, Debug)]
pub struct SegmentSettings {
    /// The directory; it is made if need be.
    pub dir: PathBuf,
    /// The size at which a file is finished, in bytes.
    pub max_bytes: u64,
    /// The age of its first line at which a file is finished.
    pub max_age: Duration,
}

/// Takes lines, each in one call to `write`, and never returns an error. They are on the way to the disk
/// after `flush`.
pub(super) struct SegmentWriter {
    settings: SegmentSettings,
    clock: Clock,
    progress: Arc<Progress>,
    counters: Counters,
    batch: Batch,
    state: State,
}

/// Lines that wait to be written.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    lines: u64,
    span: Option<TimeSpan>,
}

enum State {
    /// The disk is not to be asked before this time of the monotonic clock.
    Closed {
        until: Duration,
        known: Option<Known>,
    },
    Open(Active),
}

struct Counters {
    lines: Counter,
    bytes: Counter,
    errors: Counter,
    dropped: Counter,
}

impl SegmentWriter {
    /// Nothing is touched until the first line comes.
    pub(super) fn new(settings: SegmentSettings, clock: Clock, progress: Arc<Progress>) -> Self {
        let counters = Counters {
            lines: metrics::counter!(names::LOG_EVENTS_PERSISTED),
            bytes: metrics::counter!(names::LOG_BYTES_WRITTEN),
            errors: metrics::counter!(names::LOG_WRITE_ERRORS),
            dropped: metrics::counter!(names::LOG_EVENTS_DROPPED, "reason" => "disk"),
        };
        let state = State::Closed { until: Duration::ZERO, known: None };
        Self { settings, clock, progress, counters, batch: Batch::default(), state }
    }

    /// Writes the batch, or gives it up.
    fn write_batch(&mut self) {
        let lines = self.batch.lines;
        if lines == 0 {
            return;
        }
        match self.try_write_batch() {
            Ok(()) => {
                self.counters.lines.increment(lines);
                self.counters.bytes.increment(self.batch.bytes.len() as u64);
            }
            Err(Failure::StillClosed) => self.counters.dropped.increment(lines),
            Err(Failure::Io) => {
                self.counters.errors.increment(1);
                self.counters.dropped.increment(lines);
                self.close();
            }
        }
        self.batch.bytes.clear();
        self.batch.lines = 0;
        self.batch.span = None;
        self.progress.settle(lines);
    }

    fn try_write_batch(&mut self) -> Result<(), Failure> {
        if matches!(&self.state, State::Open(active) if !active.is_there()) {
            self.state = State::Closed { until: Duration::ZERO, known: None };
        }
        if let State::Closed { until, known } = &self.state {
            if self.clock.monotonic() < *until {
                return Err(Failure::StillClosed);
            }
            self.state = State::Open(Active::open(&self.settings.dir, known.clone())?);
        }
        if let State::Open(active) = &self.state
            && self.is_due(active)
        {
            active.finish()?;
            self.progress.set_finishing(false);
            self.state = State::Open(Active::open(&self.settings.dir, None)?);
        }
        match &mut self.state {
            State::Open(active) => Ok(active.append(&self.batch.bytes, self.batch.span.take())?),
            State::Closed { .. } => Err(Failure::StillClosed),
        }
    }

    /// Whether the next file is to be begun before the batch is written.
    fn is_due(&self, active: &Active) -> bool {
        let full =
            active.bytes() > 0 && active.bytes() + self.batch.bytes.len() as u64 > self.settings.max_bytes;
        let age_max = i64::try_from(self.settings.max_age.as_millis()).unwrap_or(i64::MAX);
        full || self.progress.is_finishing()
            || active.begun().is_some_and(|begun| begun.plus_millis(age_max) <= self.clock.now())
    }

    fn close(&mut self) {
        let known = match &self.state {
            State::Open(active) => Some(active.known()),
            State::Closed { known, .. } => known.clone(),
        };
        self.state = State::Closed { until: self.clock.monotonic() + RETRY_AFTER, known };
    }
}

impl Write for SegmentWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.batch.bytes.extend_from_slice(line);
        self.batch.lines += 1;
        if let Some(time) = LineTime::of(line) {
            self.batch.span = Some(TimeSpan::over(self.batch.span.take(), time));
        }
        if self.batch.bytes.len() >= BATCH_BYTES {
            self.write_batch();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_batch();
        Ok(())
    }
}

/// Why a batch was not written.
enum Failure {
    /// The disk failed a moment ago and is not asked yet.
    StillClosed,
    /// The disk failed now.
    Io,
}

impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Self {
        Self::Io
    }
}

#[cfg(test)]
mod tests;
