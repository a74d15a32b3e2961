//! What the breakers of a service count for the metrics. May use `telemetry`.

use ::metrics::{Counter, counter};

use super::{TIMED_OUT, Ticket, Verdict};
use crate::{domain::OutboundService, telemetry::metrics};

/// The counters of a service, looked up once: a call only adds to them.
pub struct Meters {
    success: Counter,
    failure: Counter,
    timeout: Counter,
    ignored: Counter,
    cancelled: Counter,
    failures: Counter,
    pub rejected: Counter,
    would_reject: Counter,
    probe: Counter,
}

impl Meters {
    /// Those of a service.
    pub fn of(service: OutboundService) -> Self {
        let service = service.word();
        let calls = |outcome| counter!(metrics::BREAKER_CALLS, "service" => service, "outcome" => outcome);
        Self {
            success: calls("success"),
            failure: calls("failure"),
            timeout: calls("timeout"),
            ignored: calls("ignored"),
            cancelled: calls("cancelled"),
            failures: counter!(metrics::BREAKER_FAILURES, "service" => service),
            rejected: calls("rejected"),
            would_reject: calls("would_reject"),
            probe: calls("probe"),
        }
    }

    /// Counts a call that was made, once: one that would have been rejected as that, however it ended.
    pub fn count(&self, ticket: Ticket, verdict: Verdict, error: Option<&str>) {
        if ticket.is_probe {
            return self.probe.increment(1);
        }
        if verdict == Verdict::Fail {
            self.failures.increment(1);
        }
        let calls = match verdict {
            _ if ticket.is_unheeded() => &self.would_reject,
            Verdict::Ok => &self.success,
            Verdict::Fail if error == Some(TIMED_OUT) => &self.timeout,
            Verdict::Fail => &self.failure,
            Verdict::Ignored => &self.ignored,
            Verdict::Cancelled => &self.cancelled,
        };
        calls.increment(1);
    }
}
