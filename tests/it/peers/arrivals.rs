//! Waiting for what arrives at a scripted server.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Waits until so many have arrived, and returns all.
///
/// # Panics
/// When they have not within the limit.
#[track_caller]
pub(super) fn wait_for<S, T: Clone>(
    (state, changed): (&Mutex<S>, &Condvar),
    arrived: impl Fn(&S) -> &Vec<T>,
    count: usize,
    limit: Duration,
) -> Vec<T> {
    let mut state = state.lock();
    let result = changed.wait_while_for(&mut state, |state| arrived(state).len() < count, limit);
    assert!(!result.timed_out(), "{} came instead of {count}", arrived(&state).len());
    arrived(&state).clone()
}
