//! The same lines on standard output. Whoever reads it may stall or go away; then lines are dropped here and
//! counted, and neither the program nor the log's files notice.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use metrics::Counter;

use super::progress::Progress;
use crate::telemetry::{metrics as names, spawn};

/// Lines that wait for the reader before any is dropped.
const QUEUE_LINES: usize = 4_096;
/// Bytes that are written at once.
const BATCH_BYTES: usize = 64 * 1024;

/// A copy of the log for a reader that may be slow.
pub(super) struct StdoutCopy {
    queue: SyncSender<Vec<u8>>,
    progress: Arc<Progress>,
    dropped: Counter,
}

impl StdoutCopy {
    /// Starts to write to an output, on a thread of its own.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, lines) = sync_channel(QUEUE_LINES);
        let progress = Arc::new(Progress::default());
        let dropped = metrics::counter!(names::LOG_EVENTS_DROPPED, "reason" => "stdout");
        let copy = Self { queue, progress: Arc::clone(&progress), dropped: dropped.clone() };
        // It ends when the queue's last sender is gone; nobody waits for it, as it may be stuck in a write.
        spawn::spawn_thread("log-stdout", move || write_all(&lines, output, &progress, &dropped))
            .map(drop)?;
        Ok(copy)
    }

    /// Hands a line over, or drops it.
    pub(super) fn write_line(&self, line: &[u8]) {
        self.progress.hand_over();
        if self.queue.try_send(line.to_vec()).is_err() {
            self.progress.settle(1);
            self.dropped.increment(1);
        }
    }

    /// Tells when all that was handed over is written.
    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

fn write_all(lines: &Receiver<Vec<u8>>, mut output: impl Write, progress: &Progress, dropped: &Counter) {
    let mut batch = Vec::new();
    while let Ok(first) = lines.recv() {
        batch.clear();
        let mut count = 0;
        let mut next = Some(first);
        while let Some(line) = next {
            batch.extend(line);
            count += 1;
            next = (batch.len() < BATCH_BYTES).then(|| lines.try_recv().ok()).flatten();
        }
        if output.write_all(&batch).and_then(|()| output.flush()).is_err() {
            dropped.increment(count);
        }
        progress.settle(count);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Read, Write},
        time::Duration,
    };

    use super::{QUEUE_LINES, StdoutCopy};
    use crate::telemetry::metrics;

    const LONG_ENOUGH: Duration = Duration::from_secs(30);

    #[test]
    fn a_reader_that_stalls_holds_up_nobody_and_loses_only_what_does_not_fit() {
        let line = "x".repeat(1_024);
        let (mut reader, writer) = io::pipe().unwrap();
        let rendered = metrics::rendered_after(|| {
            let copy = StdoutCopy::start(writer).unwrap();
            for _ in 0..3 * QUEUE_LINES {
                copy.write_line(line.as_bytes());
            }
        });
        let mut seen = Vec::new();
        reader.read_to_end(&mut seen).unwrap();
        let written = seen.len() / line.len();
        assert!((QUEUE_LINES..3 * QUEUE_LINES).contains(&written), "{written}");
        let lost = 3 * QUEUE_LINES - written;
        assert!(rendered.contains(&format!("log_events_dropped_total{{reason=\"stdout\"}} {lost}\n")));
    }

    #[test]
    fn a_reader_that_went_away_is_counted_and_nothing_else() {
        struct Broken;
        impl Write for Broken {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let rendered = metrics::rendered_after(|| {
            let copy = StdoutCopy::start(Broken).unwrap();
            copy.write_line(b"lost\n");
            assert!(copy.progress().wait(LONG_ENOUGH));
        });
        assert!(rendered.contains("log_events_dropped_total{reason=\"stdout\"} 1\n"), "{rendered}");
    }
}
