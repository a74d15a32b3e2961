//! The steps of a request at the edge, letting it in and answering it, as its record tells them. They are not spans: every
//! request would pay for each of them more than for finding what it asks for. Uses `telemetry`.

use std::time::Duration;

use crate::telemetry::clock::Stopwatch;

/// How long the steps took.
pub struct Steps {
    /// When the first one began.
    pub begun: Stopwatch,
    /// Until it was known who asks for what.
    pub access: Duration,
    /// From there to the answer.
    pub service: Duration,
}

impl Steps {
    /// As the log has them, `[[name, start, duration], ...]` in microseconds after the request began.
    pub fn json(&self, request: &Stopwatch) -> String {
        let (begun, access) = (self.begun.since(request).as_micros(), self.access.as_micros());
        let (service, answered) = (self.service.as_micros(), begun + access);
        format!("[[\"access\",{begun},{access}],[\"service\",{answered},{service}]]")
    }
}
