//! What a circuit breaker has counted since it was made. Uses nothing.

use super::{
    moment::Moment,
    ticket::{Ticket, Verdict},
};

/// What a circuit breaker has counted since it was made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Calls that succeeded.
    pub ok: u64,
    /// Calls that failed.
    pub fail: u64,
    /// Calls that told nothing.
    pub ignored: u64,
    /// Calls that nobody waited for.
    pub cancelled: u64,
    /// Calls that were not made.
    pub rejected: u64,
    /// Calls that were made only because nothing is enforced.
    pub would_reject: u64,
    /// How many of those succeeded: they would have been rejected in error.
    pub would_reject_ok: u64,
    /// How many of those failed.
    pub would_reject_fail: u64,
    /// Outcomes that came after the circuit had changed.
    pub late: u64,
    /// Calls that were slow.
    pub slow: u64,
    /// Calls that passed unseen.
    pub passthrough: u64,
    /// Calls that the box made only to see whether the service works; they are none of the others.
    pub probes: u64,
    /// How often the circuit was opened.
    pub opened: u64,
    /// When a call last succeeded.
    pub last_ok: Option<Moment>,
    /// When a call last failed.
    pub last_fail: Option<Moment>,
}

impl Totals {
    pub(super) const fn count(&mut self, now: Moment, ticket: Ticket, verdict: Verdict, slow: bool) {
        if ticket.is_probe {
            self.probes += 1;
            return;
        }
        match verdict {
            Verdict::Ok => {
                self.ok += 1;
                self.last_ok = Some(now);
            }
            Verdict::Fail => {
                self.fail += 1;
                self.last_fail = Some(now);
            }
            Verdict::Ignored => self.ignored += 1,
            Verdict::Cancelled => self.cancelled += 1,
        }
        if slow && matches!(verdict, Verdict::Ok | Verdict::Fail) {
            self.slow += 1;
        }
    }

    pub(super) const fn count_unheeded(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Ok => self.would_reject_ok += 1,
            Verdict::Fail => self.would_reject_fail += 1,
            Verdict::Ignored | Verdict::Cancelled => {}
        }
    }

    /// Calls that were made and told something.
    pub const fn calls(&self) -> u64 {
        self.ok + self.fail
    }
}
