//! So many connections at a time, and those that are kept for the next mail. Uses nothing of ours but `session`.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::session::Session;
use crate::telemetry::clock::Stopwatch;

/// How long a connection is kept; most relays wait longer than this for the next command.
const KEPT: Duration = Duration::from_secs(60);

/// The connections of one relay.
pub(super) struct Pool {
    limit: usize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    in_use: usize,
    /// The one that was used last stands last.
    kept: Vec<(Stopwatch, Session)>,
}

impl Pool {
    /// No connections yet, and never more than `limit`.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), state: Mutex::new(State::default()), freed: Condvar::new() }
    }

    /// The right to use one connection, waited for so long; and a kept connection, if there is one.
    pub(super) fn take(&self, wait: Duration) -> Option<(Slot<'_>, Option<Session>)> {
        let mut state = self.state.lock();
        let full = |state: &mut State| state.in_use >= self.limit;
        if self.freed.wait_while_for(&mut state, full, wait).timed_out() && state.in_use >= self.limit {
            return None;
        }
        state.in_use += 1;
        state.kept.retain(|(since, _)| since.elapsed() < KEPT);
        let kept = state.kept.pop().map(|(_, session)| session);
        Some((Slot { pool: self, session: None }, kept))
    }

    /// Closes what is kept.
    pub(super) fn clear(&self) -> Vec<Session> {
        self.state.lock().kept.drain(..).map(|(_, session)| session).collect()
    }
}

/// The right to use one connection. It ends when this is dropped, and what was to be kept is kept.
pub(super) struct Slot<'a> {
    pool: &'a Pool,
    session: Option<Session>,
}

impl Slot<'_> {
    /// Keeps a connection for the next mail.
    pub(super) fn keep(&mut self, session: Session) {
        self.session = Some(session);
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state.lock();
        state.in_use = state.in_use.saturating_sub(1);
        if let Some(session) = self.session.take() {
            state.kept.push((Stopwatch::start(), session));
        }
        self.pool.freed.notify_one();
    }
}
