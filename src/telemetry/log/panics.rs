//! A panic is an event like any other: one line in the log, with the ids of the request it happened in.

use std::{panic, thread};

use super::Flusher;

/// Logs panics from now on, in place of the text on standard error. When the main thread panics, which ends
/// the program, the log is flushed first.
pub fn install_panic_hook(flusher: Flusher) {
    panic::set_hook(Box::new(move |info| {
        let location = info.location().map(ToString::to_string);
        log(info.payload_as_str(), location.as_deref());
        if thread::current().name() == Some("main") {
            flusher.flush();
        }
    }));
}

fn log(payload: Option<&str>, location: Option<&str>) {
    let thread = thread::current();
    tracing::error!(
        location,
        thread = thread.name(),
        "panicked: {}",
        payload.unwrap_or("for a reason that is no text")
    );
}

#[cfg(test)]
mod tests {
    use crate::telemetry::{
        clock::Clock,
        context::RequestContext,
        log::capture::{captured, field},
    };

    #[test]
    fn a_panic_is_one_line_with_its_place_and_its_request() {
        let context = RequestContext::system(Clock::system(), "test");
        let lines = captured("info", || {
            context.span("task").in_scope(|| super::log(Some("no\nway"), Some("src/x.rs:1:2")));
        });
        assert_eq!(lines.len(), 1);
        assert_eq!(field(&lines, 0, "message"), "panicked: no\nway");
        assert_eq!(field(&lines, 0, "location"), "src/x.rs:1:2");
        assert_eq!(field(&lines, 0, "requestId"), context.request_id().as_str());
        assert_eq!(field(&lines, 0, "level"), "error");
    }
}
