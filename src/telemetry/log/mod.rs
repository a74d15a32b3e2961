//! The log: one JSON object a line, in files that are rotated by size and age and, if wanted, on standard
//! output. The way into the files loses nothing: when they cannot keep up, whoever logs waits. A disk that fails, or
//! hangs, must not stop anybody: then lines are discarded and counted.

mod active;
#[cfg(test)]
pub(crate) mod capture;
mod fields;
mod layer;
mod panics;
mod progress;
mod redact;
mod segment;
mod segment_name;
mod stdout;

use std::{
    io, mem,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use metrics::Counter;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{Registry, filter::Targets, layer::SubscriberExt};

pub use self::{
    fields::misleads,
    panics::install_panic_hook,
    segment::SegmentSettings,
    segment_name::{ACTIVE, LineTime, NotASegment, SegmentName},
};
use self::{
    layer::{JsonLayer, Sink},
    progress::Progress,
    segment::SegmentWriter,
    stdout::StdoutCopy,
};
use super::{clock::Clock, metrics as names};

/// Lines that may wait for the disk before whoever logs waits, too.
pub const QUEUE_LINES: usize = 16 * 1024;
/// How long whoever logs waits for a disk that takes nothing at all. It happens once: from then on lines are discarded
/// until the disk moves again.
const STUCK: Duration = Duration::from_secs(1);
/// How long a flush may take. What is not written then is left to its fate, so that the program can end.
const FLUSH_LIMIT: Duration = Duration::from_secs(2);

/// What is logged, and where it is kept.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// Levels, for all or by module: `info,event_manager::store=debug`.
    pub filter: String,
    /// Whether the same lines go to standard output.
    pub stdout: bool,
    /// The files.
    pub segments: SegmentSettings,
}

/// The log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is none.
    #[error("the log filter is not understood: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The directory is not there and cannot be made.
    #[error("the log directory {path} cannot be made: {source}", path = path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The operating system has no thread for it.
    #[error("the log cannot be started: {0}")]
    Thread(io::Error),
    /// The process has a log already.
    #[error("a log is installed already")]
    Installed,
}

/// Opens the log for the whole process. Metrics must be installed before, or what the log counts is lost.
///
/// # Errors
/// When the filter or the directory is not usable, or there is a log already.
pub fn init(settings: LogSettings, clock: Clock) -> Result<LogGuard, LogError> {
    let (layer, guard) = open(settings, clock)?;
    tracing::subscriber::set_global_default(Registry::default().with(layer))
        .map_err(|_| LogError::Installed)?;
    Ok(guard)
}

fn open(settings: LogSettings, clock: Clock) -> Result<(JsonLayer<Outputs>, LogGuard), LogError> {
    let filter: Targets = settings.filter.parse()?;
    active::make_private(&settings.segments.dir)
        .map_err(|source| LogError::Directory { path: settings.segments.dir.clone(), source })?;
    let progress = Arc::new(Progress::default());
    let writer = SegmentWriter::new(settings.segments, clock.clone(), Arc::clone(&progress));
    let (files, worker) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(QUEUE_LINES)
        .thread_name("log-files")
        .finish(writer);
    let stdout =
        settings.stdout.then(|| StdoutCopy::start(io::stdout())).transpose().map_err(LogError::Thread)?;
    let flusher = Flusher { files: progress, stdout: stdout.as_ref().map(StdoutCopy::progress) };
    let closed = Arc::new(AtomicBool::new(false));
    let outputs = Outputs {
        files,
        progress: Arc::clone(&flusher.files),
        closed: Arc::clone(&closed),
        dropped: metrics::counter!(names::LOG_EVENTS_DROPPED, "reason" => "closed"),
        stuck: metrics::counter!(names::LOG_EVENTS_DROPPED, "reason" => "disk"),
        stdout,
    };
    Ok((JsonLayer::new(filter, clock, outputs), LogGuard { flusher, closed, worker: Some(worker) }))
}

/// Where every line goes.
struct Outputs {
    files: NonBlocking,
    progress: Arc<Progress>,
    closed: Arc<AtomicBool>,
    dropped: Counter,
    stuck: Counter,
    stdout: Option<StdoutCopy>,
}

impl Sink for Outputs {
    fn write_line(&self, line: &str) {
        if let Some(stdout) = &self.stdout {
            stdout.write_line(line.as_bytes());
        }
        if !self.progress.hand_over_unless_stuck(QUEUE_LINES as u64, STUCK) {
            self.stuck.increment(1);
            return;
        }
        let open = !self.closed.load(Ordering::SeqCst);
        if !open || io::Write::write_all(&mut self.files.clone(), line.as_bytes()).is_err() {
            self.progress.settle(1);
            self.dropped.increment(1);
        }
    }
}

/// Waits until the lines logged so far are written. Cheap to clone.
#[derive(Clone, Default, Debug)]
pub struct Flusher {
    files: Arc<Progress>,
    stdout: Option<Arc<Progress>>,
}

impl Flusher {
    /// Lines that wait for the files.
    pub fn waiting(&self) -> u64 {
        self.files.waiting()
    }

    /// Has the file that is written to finished: all that was logged so far is in finished files then. False if the disk does
    /// not take it.
    pub fn finish_file(&self) -> bool {
        if !self.flush() {
            return false;
        }
        self.files.set_finishing(true);
        // A file is finished when there is a line for the next one.
        tracing::info!("the log goes on in a new file");
        self.flush() && !self.files.is_finishing()
    }

    /// Waits until every line logged so far is in the files and on standard output, at most two seconds for
    /// each; false if the files took longer. It does not wait for the disk to make them durable.
    pub fn flush(&self) -> bool {
        let written = self.files.wait(FLUSH_LIMIT);
        if let Some(stdout) = &self.stdout {
            stdout.wait(FLUSH_LIMIT);
        }
        written
    }
}

/// Keeps the log open. When it is dropped, what was logged is written and the log is closed.
#[derive(Debug)]
#[must_use = "the log is closed when this is dropped"]
pub struct LogGuard {
    flusher: Flusher,
    closed: Arc<AtomicBool>,
    worker: Option<WorkerGuard>,
}

impl LogGuard {
    /// Waits until the lines logged so far are written; see [`Flusher::flush`].
    pub fn flush(&self) -> bool {
        self.flusher.flush()
    }

    /// A handle that flushes, for the panic hook.
    pub fn flusher(&self) -> Flusher {
        self.flusher.clone()
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        if !self.flush() {
            // The writer is stuck in the disk. Its guard would wait once more and then complain on standard
            // output, which may be stuck as well.
            mem::forget(self.worker.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fs, path::Path, time::Duration};

    use tracing_subscriber::{Registry, layer::SubscriberExt};

    use super::{LogError, LogSettings, QUEUE_LINES, SegmentSettings, open};
    use crate::telemetry::{
        clock::{Clock, Stopwatch},
        context::RequestContext,
        metrics,
        spawn::spawn_thread,
    };

    fn settings(dir: &Path) -> LogSettings {
        LogSettings {
            filter: "info".to_owned(),
            stdout: false,
            segments: SegmentSettings {
                dir: dir.to_owned(),
                max_bytes: 1024 * 1024,
                max_age: Duration::from_secs(3_600),
            },
        }
    }

    #[test]
    fn every_line_of_many_threads_is_in_the_files_exactly_once() {
        const THREADS: usize = 8;
        const LINES: usize = 12_500;
        let dir = tempfile::tempdir().unwrap();
        let rendered = metrics::rendered_after(|| {
            let (layer, guard) = open(settings(dir.path()), Clock::system()).unwrap();
            tracing::subscriber::with_default(Registry::default().with(layer), || {
                let write = |thread| {
                    let context = RequestContext::system(Clock::system(), "test");
                    let work = move || {
                        context.span("test").in_scope(|| {
                            for line in 0..LINES {
                                tracing::info!(thread, line, "counted");
                            }
                        });
                    };
                    spawn_thread("writer", work).unwrap()
                };
                let threads: Vec<_> = (0..THREADS).map(write).collect();
                threads.into_iter().for_each(|thread| thread.join().unwrap());
            });
            drop(guard);
        });
        let mut seen = HashSet::new();
        let mut files = 0;
        for file in fs::read_dir(dir.path()).unwrap() {
            files += 1;
            for line in fs::read_to_string(file.unwrap().path()).unwrap().lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(seen.insert((line["thread"].as_u64(), line["line"].as_u64())), "twice: {line}");
            }
        }
        assert_eq!(seen.len(), THREADS * LINES);
        assert!(files > 10, "{files}");
        let lines = THREADS * LINES;
        assert!(rendered.contains(&format!("log_events_total{{level=\"info\"}} {lines}\n")));
        assert!(rendered.contains(&format!("log_events_persisted_total {lines}\n")), "{rendered}");
    }

    #[test]
    fn what_was_logged_is_in_the_file_after_a_flush() {
        let dir = tempfile::tempdir().unwrap();
        let (layer, guard) = open(settings(dir.path()), Clock::system()).unwrap();
        tracing::subscriber::with_default(Registry::default().with(layer), || {
            tracing::info!("on its way");
            assert!(guard.flusher().flush());
        });
        assert!(fs::read_to_string(dir.path().join("active.jsonl")).unwrap().contains("on its way"));
    }

    #[test]
    fn what_is_logged_after_the_end_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let rendered = metrics::rendered_after(|| {
            let (layer, guard) = open(settings(dir.path()), Clock::system()).unwrap();
            drop(guard);
            tracing::subscriber::with_default(Registry::default().with(layer), || tracing::info!("late"));
        });
        assert!(rendered.contains("log_events_dropped_total{reason=\"closed\"} 1\n"), "{rendered}");
    }

    #[test]
    fn a_disk_that_hangs_holds_nobody_up_and_what_it_loses_is_counted() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let dir = tempfile::tempdir().unwrap();
        // Nobody reads from it, so that opening it for writing never ends.
        mknodat(CWD, dir.path().join("active.jsonl"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let watch = Stopwatch::start();
        let lines = QUEUE_LINES + 1_000;
        let rendered = metrics::rendered_after(|| {
            let (layer, guard) = open(settings(dir.path()), Clock::system()).unwrap();
            tracing::subscriber::with_default(Registry::default().with(layer), || {
                (0..lines).for_each(|line| tracing::info!(line, "into the void"));
            });
            drop(guard);
        });
        assert!(watch.elapsed() < Duration::from_secs(60));
        assert!(rendered.contains("log_events_dropped_total{reason=\"disk\"} 1000\n"), "{rendered}");
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = open(settings(&file.join("logs")), Clock::system());
        assert!(matches!(refused, Err(LogError::Directory { .. })));
        let filter = LogSettings { filter: "a=loud".to_owned(), ..settings(dir.path()) };
        assert!(matches!(open(filter, Clock::system()), Err(LogError::Filter(_))));
    }
}
