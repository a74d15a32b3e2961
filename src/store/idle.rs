//! Long work that nobody waits for: on the least priority, and as long idle as at work, so that it slows nobody.

use std::{
    ops::ControlFlow,
    sync::mpsc::{Receiver, RecvTimeoutError},
};

use rustix::{process::setpriority_process, thread::gettid};

use crate::telemetry::clock::Stopwatch;

/// Above all others on Linux' scale of niceness.
const LEAST_PRIORITY: i32 = 19;

/// Leaves the processors to all others, for as long as the calling thread lives. Linux keeps this number for each thread.
pub fn step_back() {
    if let Err(error) = setpriority_process(Some(gettid()), LEAST_PRIORITY) {
        tracing::warn!(%error, "what nobody waits for is done with the priority of everything else");
    }
}

/// A pace that is idle as long as the work between two looks took. It ends the work when the other end of `stopped` is gone
/// or says something, or when `gives_up`.
pub fn half_idle(stopped: &Receiver<()>, gives_up: impl Fn() -> bool) -> impl FnMut() -> ControlFlow<()> {
    let mut working = Stopwatch::start();
    move || {
        let ended = stopped.recv_timeout(working.elapsed()) != Err(RecvTimeoutError::Timeout);
        working = Stopwatch::start();
        if ended || gives_up() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
