//! How far one attempt has come: the time it has left, the address it is connected to, and whether the request has left
//! whole. Shared by what ureq calls on its way. May use `telemetry`.

use std::{
    net::SocketAddr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::telemetry::clock::Stopwatch;

/// Nothing may take longer, whatever is asked for.
const TOTAL_MAX: Duration = Duration::from_secs(3_600);

/// One attempt.
#[derive(Debug)]
pub(super) struct Progress {
    since: Stopwatch,
    connect_limit: Duration,
    total_limit: Duration,
    address: OnceLock<SocketAddr>,
    sent: AtomicBool,
}

impl Progress {
    /// Begins now.
    pub(super) fn begin(connect_limit: Duration, total_limit: Duration) -> Self {
        let total_limit = total_limit.min(TOTAL_MAX);
        Self {
            since: Stopwatch::start(),
            connect_limit: connect_limit.min(total_limit),
            total_limit,
            address: OnceLock::new(),
            sent: AtomicBool::new(false),
        }
    }

    /// The time that is left for the connection; none when it is over.
    pub(super) fn left_to_connect(&self) -> Option<Duration> {
        self.left_of(self.connect_limit)
    }

    /// The time that is left for everything; none when it is over.
    pub(super) fn left(&self) -> Option<Duration> {
        self.left_of(self.total_limit)
    }

    fn left_of(&self, limit: Duration) -> Option<Duration> {
        limit.checked_sub(self.since.elapsed()).filter(|left| !left.is_zero())
    }

    /// A connection to this address stands.
    pub(super) fn connected(&self, address: SocketAddr) {
        // There is one connection an attempt.
        let _ = self.address.set(address);
    }

    /// The address of the connection.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address.get().copied()
    }

    /// The operating system has taken the whole request.
    pub(super) fn request_left(&self) {
        self.sent.store(true, Ordering::Release);
    }

    /// Whether the request may have reached the peer whole.
    pub(super) fn sent(&self) -> bool {
        self.sent.load(Ordering::Acquire)
    }
}
