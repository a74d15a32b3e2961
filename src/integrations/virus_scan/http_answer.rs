//! What the answer of a scanner over HTTP says, and what becomes of a file whose answer says nothing. Uses
//! the types of `integrations::http`.

use std::time::Duration;

use serde::Deserialize;

use super::{Scan, one_line};
use crate::integrations::{Blame, Failure, HttpAnswer, Next};

/// How long a scanner is left alone that asks for it without saying how long, and how long at most.
const PAUSE: Duration = Duration::from_secs(60);
const PAUSE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// What a scanner answers with status 200.
#[derive(Deserialize)]
struct Body {
    infected: bool,
    signature: Option<String>,
}

/// What an answer says.
///
/// # Errors
/// When it says neither that the file is clean nor that it is infected.
pub(super) fn verdict(answer: &HttpAnswer) -> Result<Scan, Failure> {
    if answer.status != 200 {
        return Err(not_scanned(answer).with_status(answer.status));
    }
    let malformed = |why: &str| {
        let what = format!("the scanner answers what it should not: {why}");
        Failure::new(Blame::Service, Next::Retry, "malformed", what).with_status(200)
    };
    if answer.truncated {
        return Err(malformed("too much"));
    }
    let body: Body =
        serde_json::from_slice(&answer.body).map_err(|_| malformed("no JSON with infected and signature"))?;
    let signature = body.signature.map(|name| one_line(&name)).filter(|name| !name.is_empty());
    match (body.infected, signature) {
        (true, signature) => {
            Ok(Scan::Infected { signature: signature.unwrap_or_else(|| "unnamed".to_owned()) })
        }
        (false, None) => Ok(Scan::Clean),
        (false, Some(_)) => Err(malformed("the signature of a virus in a clean file")),
    }
}

fn not_scanned(answer: &HttpAnswer) -> Failure {
    let status = answer.status;
    let (blame, next, class) = match status {
        429 => (Blame::Call, Next::Pause(retry_after(answer).unwrap_or(PAUSE)), "status"),
        503 => (Blame::Service, retry_after(answer).map_or(Next::Retry, Next::RetryAfter), "status"),
        408 | 425 | 500.. => (Blame::Service, Next::Retry, "status"),
        401 | 403 => (Blame::Call, Next::GiveUp, "credentials"),
        413 => (Blame::Call, Next::GiveUp, "too_large"),
        300.. => (Blame::Call, Next::GiveUp, "status"),
        // It accepted the file, but did not say what it found.
        _ => (Blame::Service, Next::Retry, "malformed"),
    };
    Failure::new(blame, next, class, format!("the scanner answers with status {status}"))
}

/// What the scanner asks for in seconds. Dates are not read: they would need a clock.
fn retry_after(answer: &HttpAnswer) -> Option<Duration> {
    let (_, value) = answer.headers.iter().find(|(name, _)| name == "retry-after")?;
    value.trim().parse().ok().map(|seconds| Duration::from_secs(seconds).min(PAUSE_MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::verdict;
    use crate::integrations::{Blame, HttpAnswer, Next, virus_scan::Scan};

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> HttpAnswer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        HttpAnswer { status, headers, body: body.into(), truncated: false, address: None }
    }

    #[test]
    fn a_file_is_clean_only_when_the_scanner_says_so_and_nothing_else() {
        let clean = [r#"{"infected":false,"signature":null}"#, r#"{"infected":false}"#];
        for body in clean {
            assert_eq!(verdict(&answer(200, &[], body)), Ok(Scan::Clean));
        }
        let nothing =
            ["", "{}", "[]", "false", r#"{"infected":"no"}"#, r#"{"infected":false,"signature":"Evil"}"#];
        for body in nothing {
            let failure = verdict(&answer(200, &[], body)).unwrap_err();
            assert_eq!(
                (failure.blame, failure.next, failure.class),
                (Blame::Service, Next::Retry, "malformed")
            );
        }
        let cut = HttpAnswer { truncated: true, ..answer(200, &[], clean[0]) };
        assert_eq!(verdict(&cut).unwrap_err().class, "malformed");
    }

    #[test]
    fn an_infected_file_is_infected_even_without_a_name() {
        let named = verdict(&answer(200, &[], "{\"infected\":true,\"signature\":\"Win.\\nEvil\"}"));
        assert_eq!(named, Ok(Scan::Infected { signature: "Win. Evil".to_owned() }));
        let unnamed = verdict(&answer(200, &[], r#"{"infected":true,"signature":null}"#));
        assert_eq!(unnamed, Ok(Scan::Infected { signature: "unnamed".to_owned() }));
    }

    #[test]
    fn a_status_says_who_is_to_blame_and_what_becomes_of_the_file() {
        let hour = [("retry-after", "3600")];
        let never = [("retry-after", "999999999")];
        let (service, call) = (Blame::Service, Blame::Call);
        let cases = [
            (answer(500, &[], ""), service, Next::Retry, "status"),
            (answer(503, &[], ""), service, Next::Retry, "status"),
            (answer(503, &hour, ""), service, Next::RetryAfter(Duration::from_secs(3_600)), "status"),
            (answer(408, &[], ""), service, Next::Retry, "status"),
            (answer(425, &[], ""), service, Next::Retry, "status"),
            (answer(429, &[], ""), call, Next::Pause(Duration::from_secs(60)), "status"),
            (answer(429, &hour, ""), call, Next::Pause(Duration::from_secs(3_600)), "status"),
            (answer(429, &never, ""), call, Next::Pause(Duration::from_secs(86_400)), "status"),
            (answer(401, &[], ""), call, Next::GiveUp, "credentials"),
            (answer(403, &[], ""), call, Next::GiveUp, "credentials"),
            (answer(404, &[], ""), call, Next::GiveUp, "status"),
            (answer(413, &[], ""), call, Next::GiveUp, "too_large"),
            (answer(422, &[], ""), call, Next::GiveUp, "status"),
            (answer(302, &[], ""), call, Next::GiveUp, "status"),
            (answer(204, &[], ""), service, Next::Retry, "malformed"),
        ];
        for (answer, blame, next, class) in cases {
            let failure = verdict(&answer).unwrap_err();
            assert_eq!(
                (failure.blame, failure.next, failure.class),
                (blame, next, class),
                "{}",
                answer.status
            );
            assert_eq!(failure.status, Some(answer.status));
        }
    }
}
