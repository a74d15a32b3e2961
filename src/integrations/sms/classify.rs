//! What the answer of a provider says of the provider and of the message. Uses the verdicts of HTTP.

use serde::Deserialize;

use super::{
    super::{
        attempt::{Blame, Failure, Next},
        http::{HttpAnswer, failure_of_status, retry_after},
    },
    settings::Protocol,
};

/// Twilio's codes for a number that gets no text messages: it is none, it is no mobile number, or its owner wants none.
const NO_RECIPIENT: [u32; 3] = [21_211, 21_614, 21_610];

/// What Twilio says of a request that it refuses.
#[derive(Deserialize)]
struct Refusal {
    code: Option<u32>,
    message: Option<String>,
}

/// The failure that an answer stands for; none if the message was taken. `now` is in milliseconds since the Unix epoch, and
/// `to` is not told again.
pub(super) fn failure_of(protocol: Protocol, answer: &HttpAnswer, to: &str, now: i64) -> Option<Failure> {
    let status = answer.status;
    let failure = failure_of_status(status, retry_after(&answer.headers, now))?;
    let refusal = match protocol {
        Protocol::Twilio => serde_json::from_slice::<Refusal>(&answer.body).ok(),
        Protocol::Generic => None,
    };
    let Some(Refusal { code: Some(code), message }) = refusal else { return Some(failure) };
    if failure.next == Next::GiveUp && NO_RECIPIENT.contains(&code) {
        let detail = format!("this number gets no text messages (code {code})");
        return Some(Failure::new(Blame::Call, Next::GiveUp, "recipient", detail).with_status(status));
    }
    let message = message.unwrap_or_default().replace(to, "the number");
    let detail = format!("{}; code {code}: {message}", failure.detail);
    Some(Failure::new(failure.blame, failure.next, failure.class, detail).with_status(status))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Blame, Failure, HttpAnswer, Next, Protocol, failure_of};

    fn answered(protocol: Protocol, status: u16, body: &str) -> Option<Failure> {
        let answer = HttpAnswer {
            status,
            headers: vec![("retry-after".to_owned(), "120".to_owned())],
            body: body.as_bytes().to_vec(),
            truncated: false,
            address: None,
        };
        failure_of(protocol, &answer, "+4915112345678", 0)
    }

    fn refused(status: u16, code: u32) -> (Blame, Next, &'static str) {
        let body = format!(r#"{{"code": {code}, "message": "no", "status": {status}}}"#);
        let failure = answered(Protocol::Twilio, status, &body).unwrap();
        assert_eq!(failure.status, Some(status));
        (failure.blame, failure.next, failure.class)
    }

    #[test]
    fn a_number_that_gets_no_messages_is_given_up_and_not_held_against_the_provider() {
        for code in [21_211, 21_614, 21_610] {
            assert_eq!(refused(400, code), (Blame::Call, Next::GiveUp, "recipient"), "{code}");
        }
        assert_eq!(refused(400, 21_603), (Blame::Call, Next::GiveUp, "status"), "the sender is wrong");
    }

    #[test]
    fn wrong_credentials_are_given_up_too_many_requests_are_a_pause_and_what_failed_is_tried_again() {
        assert_eq!(refused(401, 20_003), (Blame::Call, Next::GiveUp, "credentials"));
        assert_eq!(refused(403, 20_003), (Blame::Call, Next::GiveUp, "credentials"));
        let pause = Next::Pause(Duration::from_secs(120));
        assert_eq!(refused(429, 20_429), (Blame::Call, pause, "status"));
        assert_eq!(refused(500, 20_500), (Blame::Service, Next::Retry, "status"));
        assert_eq!(refused(500, 21_211), (Blame::Service, Next::Retry, "status"), "the status counts more");
    }

    #[test]
    fn what_a_provider_says_is_told_without_the_number_and_a_plain_one_is_not_quoted() {
        let body = r#"{"code": 21612, "message": "+4915112345678 is out of reach"}"#;
        let failure = answered(Protocol::Twilio, 400, body).unwrap();
        assert!(failure.detail.ends_with("code 21612: the number is out of reach"), "{failure}");
        let failure = answered(Protocol::Generic, 400, "token=secret").unwrap();
        assert!(!failure.detail.contains("secret"), "{failure}");
        for status in [200, 201, 202] {
            assert_eq!(answered(Protocol::Twilio, status, "{}"), None);
        }
    }
}
