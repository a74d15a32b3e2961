//! A request to the outside and its answer, as values. What may be secret in them (queries, values of headers, bodies)
//! is in no debug text. Uses nothing of ours.

use std::{fmt, net::SocketAddr, time::Duration};

use url::Url;

/// Which addresses a request may reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Given by the operator of the machine: any address but those of cloud metadata services.
    Operator,
    /// Given by a tenant: public addresses, and the networks that the operator allows.
    Tenant,
}

/// What is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// Where to. The fragment is not sent.
    pub url: Url,
    /// Beside those that the client sets: the context headers, `user-agent`, `accept-encoding` and all that frames a
    /// message (`host`, `content-length`, ...). A name may come several times.
    pub headers: Vec<(String, String)>,
    /// The body. `GET`, `HEAD` and `DELETE` have none if it is empty.
    pub body: Vec<u8>,
    /// Whose address it is.
    pub reach: Reach,
    /// Longest wait for the connection (name, TCP and TLS together). The total limit bounds it, too.
    pub connect_limit: Duration,
    /// Longest wait for everything; it also ends answers that drip. No more than an hour counts.
    pub total_limit: Duration,
    /// Most bytes of the answer's body that are read; the rest is not.
    pub answer_limit: usize,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("headers", &Names(&self.headers))
            .field("body_bytes", &self.body.len())
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}

/// What was answered, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Of three digits.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As it was sent: no encoding is undone.
    pub body: Vec<u8>,
    /// Whether more of the body was left unread.
    pub truncated: bool,
    /// The address that was connected to, and had been checked.
    pub address: Option<SocketAddr>,
}

impl HttpAnswer {
    /// The first value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAnswer")
            .field("status", &self.status)
            .field("headers", &Names(&self.headers))
            .field("body_bytes", &self.body.len())
            .field("truncated", &self.truncated)
            .field("address", &self.address)
            .finish()
    }
}

/// The names of headers, without their values.
struct Names<'a>(&'a [(String, String)]);

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HttpFault {
    /// The address may not be reached (private, metadata, credentials in the URL, no https where it is needed).
    Forbidden,
    /// The name cannot be resolved.
    Dns,
    /// No connection could be made.
    Connect,
    /// The certificate or the handshake failed (expired, unknown authority, wrong name).
    Tls,
    /// It took too long.
    Timeout,
    /// The connection ended before the answer was whole.
    Reset,
    /// What came is no HTTP; if nothing was sent, what was to be sent is none.
    Malformed,
}

/// Why there is no answer, and whether the request may have been acted upon.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{detail}")]
pub struct HttpFailure {
    /// What went wrong.
    pub fault: HttpFault,
    /// Whether the request may have reached the peer whole, so that what it asked for may have been done.
    pub sent: bool,
    /// For people: one line, no secrets, no path, query string or credentials of the URL.
    pub detail: String,
}

impl HttpFailure {
    /// A failure of a request that did not leave whole.
    pub(super) fn unsent(fault: HttpFault, detail: impl Into<String>) -> Self {
        Self { fault, sent: false, detail: detail.into() }
    }
}
