//! What the breakers of a service count for the metrics. May use `telemetry`.

use ::metrics::{Counter, counter};

use super::Verdict;
use crate::{domain::OutboundService, telemetry::metrics};

/// The counters of a service, looked up once: a call only adds to them.
pub struct Meters {
    ok: Counter,
    fail: Counter,
    ignored: Counter,
    cancelled: Counter,
    failures: Counter,
    pub rejected: Counter,
    pub would_reject: Counter,
}

impl Meters {
    /// Those of a service.
    pub fn of(service: OutboundService) -> Self {
        let service = service.word();
        let calls = |outcome| counter!(metrics::BREAKER_CALLS, "service" => service, "outcome" => outcome);
        Self {
            ok: calls("ok"),
            fail: calls("fail"),
            ignored: calls("ignored"),
            cancelled: calls("cancelled"),
            failures: counter!(metrics::BREAKER_FAILURES, "service" => service),
            rejected: counter!(metrics::BREAKER_REJECTED, "service" => service),
            would_reject: counter!(metrics::BREAKER_WOULD_REJECT, "service" => service),
        }
    }

    /// Counts a call that was made.
    pub fn count(&self, verdict: Verdict) {
        match verdict {
            Verdict::Ok => self.ok.increment(1),
            Verdict::Fail => {
                self.fail.increment(1);
                self.failures.increment(1);
            }
            Verdict::Ignored => self.ignored.increment(1),
            Verdict::Cancelled => self.cancelled.increment(1),
        }
    }
}
