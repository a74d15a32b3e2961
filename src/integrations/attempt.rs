//! What every attempt to reach the outside is made under, and how it can fail. Uses nothing.

use std::{fmt, time::Duration};

/// The ids under which an attempt is made, as the headers that carry them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallIds {
    /// `X-Request-ID`: of this attempt alone.
    pub request_id: String,
    /// `X-Correlation-ID`: of all that belongs together.
    pub correlation_id: String,
    /// `traceparent`: the attempt's place in its trace.
    pub traceparent: String,
}

/// Whom a failure says something about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blame {
    /// The service outside: its circuit breaker counts it as a failure.
    Service,
    /// This one call (an address that does not exist, a file that is too large): the service works.
    Call,
}

/// What is to become of a call that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// It is tried again, the sooner the better.
    Retry,
    /// It is tried again, not before this has passed.
    RetryAfter(Duration),
    /// The service wants to be left alone for so long; the attempt does not count.
    Pause(Duration),
    /// Trying again would not help.
    GiveUp,
    /// Nobody knows whether it was done: what it asked for had been sent whole when the answer failed to come.
    Unknown,
}

/// Why an attempt failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Whom it says something about.
    pub blame: Blame,
    /// What is to become of the call.
    pub next: Next,
    /// In a word of letters, digits and underscores, such as `connect`, `timeout`, `tls` or `status`.
    pub class: &'static str,
    /// In a sentence for people; holds no secrets, at most 1 KiB.
    pub detail: String,
    /// The status that was answered: of HTTP or SMTP.
    pub status: Option<u16>,
}

/// Most bytes of [`Failure::detail`].
pub const DETAIL_BYTES_MAX: usize = 1_024;

impl Failure {
    /// A failure without a status. The detail is cut to its length, and control characters in it are replaced.
    pub fn new(blame: Blame, next: Next, class: &'static str, detail: impl Into<String>) -> Self {
        Self { blame, next, class, detail: shortened(&detail.into()), status: None }
    }

    /// The same, with what was answered.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// The same of a call that does no harm when it is done twice: if nobody knows, it is tried again.
    #[must_use]
    pub fn repeatable(self) -> Self {
        let next = if self.next == Next::Unknown { Next::Retry } else { self.next };
        Self { next, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.detail)
    }
}

impl std::error::Error for Failure {}

/// What peers say goes into logs and onto pages: one line of it, of bounded length.
fn shortened(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short = String::new();
    for c in clean {
        if short.len() + c.len_utf8() > DETAIL_BYTES_MAX {
            break;
        }
        short.push(c);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{Blame, DETAIL_BYTES_MAX, Failure, Next};

    #[test]
    fn what_a_peer_says_is_one_line_of_bounded_length() {
        let said = format!("550 no\r\nsuch user\u{1b}[31m {}", "ä".repeat(DETAIL_BYTES_MAX));
        let failure = Failure::new(Blame::Call, Next::GiveUp, "recipient", said).with_status(550);
        assert!(failure.detail.starts_with("550 no  such user [31m ä"));
        assert!(failure.detail.len() <= DETAIL_BYTES_MAX && failure.detail.len() > DETAIL_BYTES_MAX - 2);
        assert_eq!((failure.status, failure.to_string().starts_with("recipient: 550")), (Some(550), true));
    }
}
