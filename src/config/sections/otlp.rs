//! `[otlp]`: the collector that traces and logs are exported to.

use std::{path::PathBuf, time::Duration};

use crate::config::{
    keys::section,
    values::{Line, Secret, Whole},
};

section! {
    /// An OpenTelemetry collector that is sent traces and logs (OTLP over HTTP, in JSON), for those who run one. It reads the
    /// log from behind: nothing waits for it, and what it misses while it is away it is sent when it is back, as long as the
    /// log keeps it. Without an endpoint, there is none.
    Otlp {
        /// Where it is, such as "http://collector:4318": "/v1/traces" and "/v1/logs" are added to it.
        endpoint: Option<Line> = None,
        /// Headers that it wants, such as "authorization=Bearer%20abc,x-scope-orgid=venue": percent signs stand for bytes.
        headers: Option<Secret> = None,
        /// A file with them.
        headers_file: Option<PathBuf> = None,
        /// Whether it is sent traces: what each request, job and delivery did, and how long that took.
        traces: bool = true,
        /// Whether it is sent the lines of the log.
        logs: bool = true,
        /// How long a connection may take, in seconds.
        connect_timeout_s: Whole<1, 60> = Whole::constant::<5>(),
        /// How long a call may take, in seconds.
        timeout_s: Whole<1, 60> = Whole::constant::<10>(),
    }
}

impl Otlp {
    /// How long a connection may take.
    pub fn connect_limit(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_s.get().into())
    }

    /// How long a call may take.
    pub fn total_limit(&self) -> Duration {
        Duration::from_secs(self.timeout_s.get().into())
    }
}
