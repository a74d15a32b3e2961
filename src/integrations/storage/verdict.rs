//! What an answer that refuses, or the lack of one, says about the service and about the call. Uses `attempt` and `http`.

use std::time::Duration;

use crate::integrations::{
    attempt::{Blame, Failure, Next},
    http::{HttpAnswer, HttpFailure},
};

/// How long a service that wants less, and does not say for how long, is left alone.
const PAUSE: Duration = Duration::from_secs(60);

/// Longest wait that a service may ask for.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3_600);

/// Most characters of what a service says that are passed on.
const SAID_MAX: usize = 300;

/// A request, in as many words as a failure needs.
pub(super) struct Asked<'a> {
    /// `PUT`.
    pub method: &'static str,
    /// The path of the URL, without its query.
    pub path: &'a str,
}

/// A refusal in the words of the service.
#[derive(Default)]
struct Refusal {
    /// `NoSuchBucket`.
    code: String,
    message: String,
}

/// The failure that an answer is, whose status is not one of success.
pub(super) fn of_answer(asked: &Asked<'_>, answer: &HttpAnswer) -> Failure {
    let refusal = refusal(answer);
    let (blame, next, class) = judged(asked, answer, &refusal.code);
    let mut detail = format!("{} of {} was answered {}", asked.method, asked.path, answer.status);
    for said in [&refusal.code, &refusal.message] {
        if !said.is_empty() {
            detail.push_str(": ");
            detail.push_str(said);
        }
    }
    Failure::new(blame, next, class, detail).with_status(answer.status)
}

/// The failure that no answer is. Everything here can be done twice, so nobody needs to know whether it was done.
pub(super) fn of_fault(asked: &Asked<'_>, failure: &HttpFailure) -> Failure {
    let detail = format!("{} of {}: {}", asked.method, asked.path, failure.detail);
    Failure::from(HttpFailure { detail, ..failure.clone() }).repeatable()
}

/// The failure that an answer of success is when the library cannot make sense of it, or a refusal inside of one.
pub(super) fn of_library(error: &object_store::Error) -> Failure {
    match error {
        object_store::Error::NotFound { .. } => {
            Failure::new(Blame::Call, Next::GiveUp, "not_found", "there is no such object")
        }
        _ => Failure::new(Blame::Service, Next::Retry, "malformed", error.to_string()),
    }
}

/// The refusal inside an answer of success: how S3 says what it finds out late, and Azure what became of the requests that
/// stood in one.
pub(super) fn inner_refusal(method: &str, answer: &HttpAnswer) -> Option<HttpAnswer> {
    // An object may hold anything, and is never what is answered here.
    if method != "POST" {
        return None;
    }
    let body = String::from_utf8_lossy(&answer.body);
    if header(answer, "content-type").is_some_and(|kind| kind.starts_with("multipart/mixed")) {
        let (_, inner) = body.split_once("HTTP/1.1 ")?;
        let status = inner.get(..3)?.parse().ok().filter(|status| !(200..300).contains(status))?;
        return Some(HttpAnswer { status, headers: Vec::new(), body: inner.into(), ..answer.clone() });
    }
    let root = match body.trim_start().strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>")?.1,
        None => &body,
    };
    // There is no better status for what is found out late.
    root.trim_start().starts_with("<Error").then(|| HttpAnswer { status: 500, ..answer.clone() })
}

fn judged(asked: &Asked<'_>, answer: &HttpAnswer, code: &str) -> (Blame, Next, &'static str) {
    const CALL: Blame = Blame::Call;
    const SERVICE: Blame = Blame::Service;
    match (answer.status, code) {
        (_, "SlowDown" | "ServerBusy") => (SERVICE, later(answer), "slow_down"),
        (_, "RequestTimeout" | "OperationTimedOut") => (SERVICE, Next::Retry, "timeout"),
        (_, "BadDigest" | "Md5Mismatch" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch") => {
            (SERVICE, Next::Retry, "checksum")
        }
        // The parts were removed by somebody else: sending all of them again helps.
        (_, "NoSuchUpload" | "InvalidPart" | "InvalidPartOrder" | "InvalidBlockList") => {
            (CALL, Next::Retry, "upload_lost")
        }
        (_, "RequestTimeTooSkewed") => (CALL, Next::Retry, "clock"),
        (_, "AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraintException")
        | (300..=399, _) => (CALL, Next::GiveUp, "region"),
        (_, "ExpiredToken" | "InvalidToken" | "SignatureDoesNotMatch") | (401 | 403, _) => {
            (CALL, Next::GiveUp, "credentials")
        }
        (404, "NoSuchBucket" | "ContainerNotFound" | "AccountNotFound") => (CALL, Next::GiveUp, "no_bucket"),
        (404, "") if asked.method == "PUT" => (CALL, Next::GiveUp, "no_bucket"),
        (404, _) => (CALL, Next::GiveUp, "not_found"),
        (409, "OperationAborted" | "ContainerBeingDeleted") => (CALL, Next::Retry, "conflict"),
        // It was replaced while it was fetched.
        (412, _) => (CALL, Next::Retry, "changed"),
        (413, _) | (_, "EntityTooLarge" | "RequestBodyTooLarge") => (CALL, Next::GiveUp, "too_large"),
        (416, _) => (CALL, Next::GiveUp, "range"),
        (429, _) => (CALL, Next::Pause(wait(answer).unwrap_or(PAUSE)), "too_many"),
        (408 | 425 | 500..=599, _) => (SERVICE, later(answer), "status"),
        _ => (CALL, Next::GiveUp, "refused"),
    }
}

fn later(answer: &HttpAnswer) -> Next {
    wait(answer).map_or(Next::Retry, Next::RetryAfter)
}

/// What the service asks for in seconds. None of the three sends a date.
fn wait(answer: &HttpAnswer) -> Option<Duration> {
    let seconds = header(answer, "retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(WAIT_MAX))
}

/// Code and message out of the XML that all three refuse with. Nothing else of it is passed on: S3 repeats what was to be
/// signed, for example.
fn refusal(answer: &HttpAnswer) -> Refusal {
    let body = String::from_utf8_lossy(&answer.body);
    let code = element(&body, "Code").or_else(|| header(answer, "x-ms-error-code")).unwrap_or_default();
    let code = code.chars().filter(|c| c.is_ascii_alphanumeric()).take(64).collect();
    // Azure puts ids and the time onto further lines.
    let message = element(&body, "Message").and_then(|message| message.lines().next()).unwrap_or_default();
    Refusal { code, message: message.chars().take(SAID_MAX).collect() }
}

fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (inside, _) = rest.split_once(&format!("</{name}>"))?;
    Some(inside.trim())
}

fn header<'a>(answer: &'a HttpAnswer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Asked, inner_refusal, of_answer, of_fault};
    use crate::integrations::{
        attempt::{Blame, Failure, Next},
        http::{HttpAnswer, HttpFailure, HttpFault},
    };

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> HttpAnswer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        HttpAnswer { status, headers, body: body.into(), truncated: false, address: None }
    }

    fn judged(method: &'static str, status: u16, code: &str) -> Failure {
        let body = format!("<Error><Code>{code}</Code><Message>No.</Message></Error>");
        of_answer(
            &Asked { method, path: "/b/o" },
            &answer(status, &[], if code.is_empty() { "" } else { &body }),
        )
    }

    #[test]
    fn answers_are_judged_by_their_code_and_then_by_their_status() {
        use {
            Blame::{Call, Service},
            Next::{GiveUp, Pause, Retry},
        };
        let cases = [
            ("PUT", 503, "SlowDown", Service, Retry, "slow_down"),
            ("PUT", 503, "ServerBusy", Service, Retry, "slow_down"),
            ("PUT", 500, "InternalError", Service, Retry, "status"),
            ("GET", 502, "", Service, Retry, "status"),
            ("GET", 408, "", Service, Retry, "status"),
            ("PUT", 400, "RequestTimeout", Service, Retry, "timeout"),
            ("PUT", 400, "BadDigest", Service, Retry, "checksum"),
            ("PUT", 400, "Md5Mismatch", Service, Retry, "checksum"),
            ("PUT", 404, "NoSuchUpload", Call, Retry, "upload_lost"),
            ("PUT", 403, "RequestTimeTooSkewed", Call, Retry, "clock"),
            ("GET", 301, "PermanentRedirect", Call, GiveUp, "region"),
            ("GET", 307, "", Call, GiveUp, "region"),
            ("PUT", 403, "SignatureDoesNotMatch", Call, GiveUp, "credentials"),
            ("HEAD", 403, "", Call, GiveUp, "credentials"),
            ("PUT", 401, "AuthenticationRequired", Call, GiveUp, "credentials"),
            ("PUT", 400, "ExpiredToken", Call, GiveUp, "credentials"),
            ("PUT", 404, "NoSuchBucket", Call, GiveUp, "no_bucket"),
            ("POST", 404, "ContainerNotFound", Call, GiveUp, "no_bucket"),
            ("PUT", 404, "", Call, GiveUp, "no_bucket"),
            ("GET", 404, "NoSuchKey", Call, GiveUp, "not_found"),
            ("HEAD", 404, "", Call, GiveUp, "not_found"),
            ("GET", 412, "PreconditionFailed", Call, Retry, "changed"),
            ("PUT", 413, "EntityTooLarge", Call, GiveUp, "too_large"),
            ("PUT", 429, "", Call, Pause(Duration::from_secs(60)), "too_many"),
            ("PUT", 400, "InvalidRequest", Call, GiveUp, "refused"),
        ];
        for (method, status, code, blame, next, class) in cases {
            let failure = judged(method, status, code);
            assert_eq!(
                (failure.blame, failure.next, failure.class, failure.status),
                (blame, next, class, Some(status)),
                "{method} {status} {code}"
            );
        }
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_up_to_a_day() {
        for (seconds, kept) in [("7", 7), ("999999999", 86_400)] {
            let asked = Asked { method: "PUT", path: "/b/o" };
            let headers = [("retry-after", seconds)];
            let slow = of_answer(&asked, &answer(503, &headers, ""));
            assert_eq!(slow.next, Next::RetryAfter(Duration::from_secs(kept)));
            let many = of_answer(&asked, &answer(429, &headers, ""));
            assert_eq!((many.next, many.blame), (Next::Pause(Duration::from_secs(kept)), Blame::Call));
        }
    }

    #[test]
    fn only_code_and_message_of_a_refusal_are_passed_on() {
        let body = "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code><Message>It does not match.\n\
                    RequestId:1</Message><StringToSign>AWS4 secret thing</StringToSign></Error>";
        let failure = of_answer(&Asked { method: "PUT", path: "/b/o" }, &answer(403, &[], body));
        assert_eq!(failure.detail, "PUT of /b/o was answered 403: SignatureDoesNotMatch: It does not match.");
    }

    #[test]
    fn a_refusal_in_an_answer_of_success_is_one_but_an_object_that_looks_like_it_is_not() {
        let late = answer(200, &[], "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>");
        let inner = inner_refusal("POST", &late).unwrap();
        assert_eq!(of_answer(&Asked { method: "POST", path: "/b/o" }, &inner).class, "status");
        assert_eq!(inner_refusal("GET", &late), None);
        assert_eq!(inner_refusal("POST", &answer(200, &[], "<CompleteMultipartUploadResult/>")), None);
    }

    #[test]
    fn a_request_inside_another_is_judged_by_its_own_answer() {
        let batch = |line: &str| {
            let body = format!(
                "--batch_1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 {line}\r\n\r\n\
                 <Error><Code>ContainerNotFound</Code></Error>\r\n--batch_1--\r\n"
            );
            inner_refusal(
                "POST",
                &answer(202, &[("content-type", "multipart/mixed; boundary=batch_1")], &body),
            )
        };
        let refused = batch("404 No such container").unwrap();
        assert_eq!(of_answer(&Asked { method: "POST", path: "/c" }, &refused).class, "no_bucket");
        assert_eq!(batch("202 Accepted"), None);
    }

    #[test]
    fn an_upload_of_which_nobody_knows_whether_it_was_done_is_simply_done_again() {
        for (fault, class) in [(HttpFault::Timeout, "timeout"), (HttpFault::Reset, "reset")] {
            let lost = HttpFailure { fault, sent: true, detail: "no answer".to_owned() };
            let failure = of_fault(&Asked { method: "PUT", path: "/b/o" }, &lost);
            assert_eq!((failure.blame, failure.next, failure.class), (Blame::Service, Next::Retry, class));
        }
        let forbidden = HttpFailure { fault: HttpFault::Forbidden, sent: false, detail: "no".to_owned() };
        let failure = of_fault(&Asked { method: "PUT", path: "/b/o" }, &forbidden);
        assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::GiveUp, "forbidden"));
    }
}
