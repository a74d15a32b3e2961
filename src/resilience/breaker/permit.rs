//! The permission to make one call. Whatever becomes of the call, its outcome is counted once. Uses `telemetry`.

use std::thread;

use super::{Breaker, Circuit, Ticket, Verdict};
use crate::telemetry::context::CorrelationId;

/// The permission to make one call. It goes where the call goes: onto the thread of a blocking client, too, for a call
/// whose caller has gone away still takes its place until it ends.
#[must_use = "a call that is not finished counts as cancelled"]
#[derive(Debug)]
pub struct Permit {
    breaker: Breaker,
    ticket: Option<Ticket>,
    correlation_id: CorrelationId,
}

impl Permit {
    pub(super) const fn new(breaker: Breaker, ticket: Ticket, correlation_id: CorrelationId) -> Self {
        Self { breaker, ticket: Some(ticket), correlation_id }
    }

    /// Which circuit it was given by.
    pub fn circuit(&self) -> &Circuit {
        self.breaker.circuit()
    }

    /// The same for a call that is made only to see whether the service works: it decides as any other, and is counted apart.
    pub fn as_probe(mut self) -> Self {
        if let Some(ticket) = &mut self.ticket {
            ticket.is_probe = true;
        }
        self
    }

    /// Says how the call ended; `error` is what went wrong, in a word or two.
    pub fn finish(mut self, verdict: Verdict, error: Option<&'static str>) {
        self.settle(verdict, error);
    }

    fn settle(&mut self, verdict: Verdict, error: Option<&'static str>) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.settle(ticket, verdict, error, &self.correlation_id);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.ticket.is_none() {
            return;
        }
        if thread::panicking() {
            self.settle(Verdict::Fail, Some("panic"));
        } else {
            self.settle(Verdict::Cancelled, None);
        }
    }
}
