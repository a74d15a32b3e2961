//! What an answer or its absence says of the service and of the call: the verdicts of HTTP. Uses `attempt`.

use std::time::{Duration, UNIX_EPOCH};

use super::{
    super::attempt::{Blame, Failure, Next},
    request::{HttpFailure, HttpFault},
};

/// Longest wait that a peer may ask for.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3_600);

/// Shortest pause after "too many requests", and the one when the peer names none.
const PAUSE_MIN: Duration = Duration::from_secs(60);

/// The failure that a status stands for; none if it stands for success. `retry_after` is what the answer asked for.
pub fn failure_of_status(status: u16, retry_after: Option<Duration>) -> Option<Failure> {
    let (blame, next, class, meaning) = match status {
        200..=299 => return None,
        300..=399 => (Blame::Call, Next::GiveUp, "redirect", "it lies elsewhere"),
        401 | 403 => (Blame::Call, Next::GiveUp, "credentials", "the credentials are not accepted"),
        408 | 425 => (Blame::Service, Next::Retry, "status", "it is not ready for the request"),
        429 => (Blame::Call, Next::Pause(pause(retry_after)), "status", "there were too many requests"),
        503 => (Blame::Service, retry(retry_after), "status", "it is not available"),
        400..=499 => (Blame::Call, Next::GiveUp, "status", "the request is not accepted"),
        _ => (Blame::Service, Next::Retry, "status", "it failed"),
    };
    Some(Failure::new(blame, next, class, format!("the answer was {status}: {meaning}")).with_status(status))
}

fn pause(retry_after: Option<Duration>) -> Duration {
    retry_after.unwrap_or(PAUSE_MIN).clamp(PAUSE_MIN, WAIT_MAX)
}

fn retry(retry_after: Option<Duration>) -> Next {
    retry_after.map_or(Next::Retry, |wait| Next::RetryAfter(wait.min(WAIT_MAX)))
}

/// How long an answer wants us to wait: `Retry-After` in seconds, or as a date, which is compared with the time now in
/// milliseconds since the Unix epoch. Names of headers are in lower case. What is neither is not there.
pub fn retry_after(headers: &[(String, String)], now_unix_ms: i64) -> Option<Duration> {
    let value = headers.iter().find(|(name, _)| name == "retry-after").map(|(_, value)| value.trim())?;
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that are no number are one that is too large.
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let now = Duration::from_millis(u64::try_from(now_unix_ms).unwrap_or(0));
    Some(date.saturating_sub(now))
}

impl From<HttpFailure> for Failure {
    fn from(failure: HttpFailure) -> Self {
        let (blame, next) = match (failure.fault, failure.sent) {
            // The same request would be refused again, and the peer has nothing to do with it.
            (HttpFault::Forbidden, _) | (HttpFault::Malformed, false) => (Blame::Call, Next::GiveUp),
            (_, true) => (Blame::Service, Next::Unknown),
            (_, false) => (Blame::Service, Next::Retry),
        };
        Self::new(blame, next, class(failure.fault), failure.detail)
    }
}

fn class(fault: HttpFault) -> &'static str {
    match fault {
        HttpFault::Forbidden => "forbidden",
        HttpFault::Dns => "dns",
        HttpFault::Connect => "connect",
        HttpFault::Tls => "tls",
        HttpFault::Timeout => "timeout",
        HttpFault::Reset => "reset",
        HttpFault::Malformed => "malformed",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{failure_of_status, retry_after};
    use crate::integrations::{
        attempt::{Blame, Failure, Next},
        http::{HttpFailure, HttpFault},
    };

    const HOUR: Duration = Duration::from_secs(3_600);
    const DAY: Duration = Duration::from_secs(86_400);

    #[track_caller]
    fn verdict(status: u16, wait: Option<Duration>) -> (Blame, Next, &'static str) {
        let failure = failure_of_status(status, wait).unwrap();
        assert_eq!(failure.status, Some(status));
        (failure.blame, failure.next, failure.class)
    }

    #[test]
    fn success_is_no_failure() {
        assert!((200..300).all(|status| failure_of_status(status, None).is_none()));
    }

    #[test]
    fn what_the_service_cannot_do_now_is_held_against_it_and_tried_again() {
        for status in [408, 425, 500, 501, 502, 503, 504, 599] {
            assert_eq!(verdict(status, None), (Blame::Service, Next::Retry, "status"), "{status}");
        }
        assert_eq!(verdict(503, Some(HOUR)).1, Next::RetryAfter(HOUR));
        assert_eq!(verdict(503, Some(Duration::MAX)).1, Next::RetryAfter(DAY), "a day at most");
        assert_eq!(verdict(500, Some(HOUR)).1, Next::Retry, "only 503 may ask for it");
    }

    #[test]
    fn too_many_requests_are_a_pause_that_is_not_held_against_the_service() {
        for (asked, pause) in [
            (None, Duration::from_secs(60)),
            (Some(Duration::ZERO), Duration::from_secs(60)),
            (Some(HOUR), HOUR),
            (Some(Duration::MAX), DAY),
        ] {
            assert_eq!(verdict(429, asked), (Blame::Call, Next::Pause(pause), "status"));
        }
    }

    #[test]
    fn what_the_service_refuses_is_given_up_and_not_held_against_it() {
        for (statuses, class) in [
            ([301, 304, 307, 308], "redirect"),
            ([401, 403, 401, 403], "credentials"),
            ([400, 404, 410, 499], "status"),
        ] {
            for status in statuses {
                assert_eq!(verdict(status, Some(HOUR)), (Blame::Call, Next::GiveUp, class), "{status}");
            }
        }
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_as_a_date() {
        let asked =
            |value: &str| retry_after(&[("retry-after".to_owned(), value.to_owned())], 784_111_776_500);
        assert_eq!(asked("120"), Some(Duration::from_secs(120)));
        assert_eq!(asked(" 0 "), Some(Duration::ZERO));
        assert_eq!(asked("99999999999999999999999"), Some(Duration::MAX));
        for date in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(asked(date), Some(Duration::from_millis(500)), "{date}");
        }
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:30 GMT"), Some(Duration::ZERO), "it has passed");
        for other in ["", "soon", "-1", "1.5", "+3", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(asked(other), None, "{other}");
        }
        assert_eq!(retry_after(&[], 0), None);
    }

    #[test]
    fn what_was_never_sent_whole_is_tried_again_and_what_was_may_have_been_done() {
        let failure = |fault, sent| Failure::from(HttpFailure { fault, sent, detail: "why".to_owned() });
        for (fault, class) in [
            (HttpFault::Dns, "dns"),
            (HttpFault::Connect, "connect"),
            (HttpFault::Tls, "tls"),
            (HttpFault::Timeout, "timeout"),
            (HttpFault::Reset, "reset"),
        ] {
            assert_eq!(failure(fault, false), Failure::new(Blame::Service, Next::Retry, class, "why"));
        }
        for fault in [HttpFault::Timeout, HttpFault::Reset, HttpFault::Malformed, HttpFault::Tls] {
            let failure = failure(fault, true);
            assert_eq!((failure.blame, failure.next), (Blame::Service, Next::Unknown));
            assert_eq!(failure.repeatable().next, Next::Retry);
        }
    }

    #[test]
    fn what_we_may_not_or_cannot_send_is_given_up_and_not_held_against_the_service() {
        for fault in [HttpFault::Forbidden, HttpFault::Malformed] {
            let failure = Failure::from(HttpFailure { fault, sent: false, detail: String::new() });
            assert_eq!((failure.blame, failure.next), (Blame::Call, Next::GiveUp));
            assert_eq!(failure.repeatable().next, Next::GiveUp);
        }
    }
}
