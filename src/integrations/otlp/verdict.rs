//! What an answer of a collector says of what it was sent. <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.

use std::time::Duration;

use serde_json::Value;

use super::super::{
    attempt::{Failure, Next},
    http::{HttpAnswer, failure_of_status, retry_after},
};

/// Longest wait that a collector may ask for.
const WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// How many items of a request were refused, of one that was taken. `now` is in milliseconds since the Unix epoch.
///
/// # Errors
/// It was not taken. What a collector cannot take now is sent again; all else would be refused again.
pub(super) fn refused_of(answer: &HttpAnswer, now: i64) -> Result<u64, Failure> {
    let wait = retry_after(&answer.headers, now);
    let Some(failure) = failure_of_status(answer.status, wait) else { return Ok(refused_in(&answer.body)) };
    let next = match answer.status {
        408 | 429 | 502..=504 => wait.map_or(Next::Retry, |wait| Next::RetryAfter(wait.min(WAIT_MAX))),
        _ => Next::GiveUp,
    };
    Err(Failure { next, ..failure })
}

/// The items that a partial success leaves out.
fn refused_in(body: &[u8]) -> u64 {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let partial = |key| answer.get("partialSuccess")?.get(key);
    let count = ["rejectedSpans", "rejectedLogRecords"].into_iter().find_map(partial);
    let number = |count: &Value| count.as_u64().or_else(|| count.as_str()?.parse().ok());
    count.and_then(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integrations::attempt::Blame;

    fn verdict(status: u16, header: Option<&str>, body: &str) -> Result<u64, (Blame, Next)> {
        let headers = header.map(|wait| ("retry-after".to_owned(), wait.to_owned())).into_iter().collect();
        let body = body.as_bytes().to_vec();
        let answer = HttpAnswer { status, headers, body, truncated: false, address: None };
        refused_of(&answer, 0).map_err(|failure| (failure.blame, failure.next))
    }

    #[test]
    fn what_a_partial_success_leaves_out_is_counted() {
        assert_eq!(verdict(200, None, "{}"), Ok(0));
        assert_eq!(verdict(200, None, ""), Ok(0), "some answer in protobuf");
        assert_eq!(
            verdict(200, None, r#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"old"}}"#),
            Ok(3)
        );
        assert_eq!(verdict(202, None, r#"{"partialSuccess":{"rejectedLogRecords":2}}"#), Ok(2));
    }

    #[test]
    fn only_what_the_protocol_says_so_of_is_sent_again() {
        let short = Next::RetryAfter(Duration::from_secs(2));
        for status in [408, 429, 502, 503, 504] {
            assert_eq!(verdict(status, None, "").map_err(|(_, next)| next), Err(Next::Retry), "{status}");
            assert_eq!(verdict(status, Some("2"), "").map_err(|(_, next)| next), Err(short), "{status}");
        }
        assert_eq!(verdict(503, Some("86400"), ""), Err((Blame::Service, Next::RetryAfter(WAIT_MAX))));
        for status in [307, 400, 401, 404, 413] {
            assert_eq!(verdict(status, Some("2"), ""), Err((Blame::Call, Next::GiveUp)), "{status}");
        }
        for status in [500, 501] {
            assert_eq!(verdict(status, None, ""), Err((Blame::Service, Next::GiveUp)), "{status}");
        }
    }
}
