//! How far a writer in the background has come, so that somebody can wait until all that was handed over is
//! written, and nobody waits for a writer that is stuck.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Counts the lines that were handed over and those that are settled: written, or given up.
#[derive(Default, Debug)]
pub(super) struct Progress {
    counts: Mutex<Counts>,
    moved: Condvar,
    /// Whether the file is to be finished before anything more is written to it.
    finishing: AtomicBool,
}

#[derive(Default, Debug)]
struct Counts {
    handed_over: u64,
    settled: u64,
    /// How often something was settled.
    moves: u64,
    /// Whether somebody has waited in vain since.
    stuck: bool,
}

impl Counts {
    const fn waiting(&self) -> u64 {
        self.handed_over.saturating_sub(self.settled)
    }
}

impl Progress {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for what is written next to go to a new file, or says that it does.
    pub(super) fn set_finishing(&self, finishing: bool) {
        self.finishing.store(finishing, Ordering::SeqCst);
    }

    /// Whether that was asked for.
    pub(super) fn is_finishing(&self) -> bool {
        self.finishing.load(Ordering::SeqCst)
    }

    /// Lines that are not settled.
    pub(super) fn waiting(&self) -> u64 {
        self.counts().waiting()
    }

    /// A line is about to be handed over.
    pub(super) fn hand_over(&self) {
        self.counts().handed_over += 1;
    }

    /// As [`Progress::hand_over`], if there is room among `most` lines that wait. A slow writer is waited for; one that
    /// settles nothing within `limit` is stuck: then it is false, and at once for everybody until it moves again.
    pub(super) fn hand_over_unless_stuck(&self, most: u64, limit: Duration) -> bool {
        let mut counts = self.counts();
        while counts.waiting() >= most {
            if counts.stuck {
                return false;
            }
            let moves = counts.moves;
            let rests = |counts: &mut Counts| counts.moves == moves && !counts.stuck;
            let waited = self.moved.wait_timeout_while(counts, limit, rests);
            counts = waited.unwrap_or_else(PoisonError::into_inner).0;
            if counts.moves == moves {
                counts.stuck = true;
                self.moved.notify_all();
            }
        }
        counts.handed_over += 1;
        true
    }

    /// That many lines more are settled.
    pub(super) fn settle(&self, lines: u64) {
        let mut counts = self.counts();
        counts.settled += lines;
        counts.moves += 1;
        counts.stuck = false;
        drop(counts);
        self.moved.notify_all();
    }

    /// Waits until every line handed over so far is settled; false if that takes too long.
    pub(super) fn wait(&self, limit: Duration) -> bool {
        let counts = self.counts();
        let wanted = counts.handed_over;
        let waited = self.moved.wait_timeout_while(counts, limit, |counts| counts.settled < wanted);
        waited.unwrap_or_else(PoisonError::into_inner).0.settled >= wanted
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::Progress;
    use crate::telemetry::{clock::Stopwatch, spawn::spawn_thread};

    #[test]
    fn a_writer_that_is_slow_is_waited_for_and_one_that_is_stuck_is_not() {
        let progress = Arc::new(Progress::default());
        let hand_over = |limit| progress.hand_over_unless_stuck(2, limit);
        let (long, short) = (Duration::from_secs(60), Duration::from_millis(20));
        assert!(hand_over(long) && hand_over(long));
        assert!(!hand_over(short), "nothing moves");
        let watch = Stopwatch::start();
        assert!(!hand_over(long) && watch.elapsed() < long / 2, "nobody waits for what is known to be stuck");
        progress.settle(1);
        assert!(hand_over(long));
        let other = Arc::clone(&progress);
        let slow = spawn_thread("slow", move || other.settle(1)).unwrap();
        assert!(hand_over(long), "it moves");
        slow.join().unwrap();
        progress.settle(2);
        assert!(progress.wait(short));
    }
}
