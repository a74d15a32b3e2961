//! How far a writer in the background has come, so that somebody can wait until all that was handed over is
//! written.

use std::{
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Counts the lines that were handed over and those that are settled: written, or given up.
#[derive(Default, Debug)]
pub(super) struct Progress {
    handed_over: AtomicU64,
    settled: Mutex<u64>,
    moved: Condvar,
}

impl Progress {
    /// A line is about to be handed over.
    pub(super) fn hand_over(&self) {
        self.handed_over.fetch_add(1, Ordering::SeqCst);
    }

    /// That many lines more are settled.
    pub(super) fn settle(&self, lines: u64) {
        *self.settled.lock().unwrap_or_else(PoisonError::into_inner) += lines;
        self.moved.notify_all();
    }

    /// Waits until every line handed over so far is settled; false if that takes too long.
    pub(super) fn wait(&self, limit: Duration) -> bool {
        let wanted = self.handed_over.load(Ordering::SeqCst);
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        let (settled, _) = self
            .moved
            .wait_timeout_while(settled, limit, |settled| *settled < wanted)
            .unwrap_or_else(PoisonError::into_inner);
        *settled >= wanted
    }
}
