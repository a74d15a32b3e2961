//! The clients of what is outside, with real peers and with peers that misbehave.

mod http_scanner;
mod redis_misbehaving;
mod redis_refusing;
mod scripted;
mod virus_scan;
mod virus_scan_misbehaving;

use std::fmt::Debug;

use event_manager::integrations::{Blame, CallIds, Failure, Next};

fn ids() -> CallIds {
    CallIds {
        request_id: "request".to_owned(),
        correlation_id: "correlation".to_owned(),
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
    }
}

/// Asserts that it failed through the service's fault, and is to be tried again.
#[track_caller]
fn assert_service_failed<T: Debug>(result: Result<T, Failure>, class: &str) {
    let failure = result.unwrap_err();
    assert_eq!((failure.blame, failure.next), (Blame::Service, Next::Retry), "{failure}");
    assert_eq!(failure.class, class, "{failure}");
}
