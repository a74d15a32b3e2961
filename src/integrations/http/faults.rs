//! What operating system, TLS and ureq report, as failures with a sentence for people. Uses what is beside it.

use std::io;

use ureq::Error;

use super::{
    answer::HEAD_BYTES_MAX,
    request::{HttpFailure, HttpFault},
    tls,
};

/// A failure on its way through ureq.
pub(super) fn boxed(failure: HttpFailure) -> Error {
    Error::Other(Box::new(failure))
}

/// What became of a request to a host that ureq reports as failed.
pub(super) fn of_ureq(host: &str, error: Error) -> HttpFailure {
    let failure = HttpFailure::unsent;
    match error {
        Error::Other(inner) => match inner.downcast::<HttpFailure>() {
            Ok(ours) => *ours,
            Err(_) => failure(HttpFault::Malformed, format!("the request to {host} failed")),
        },
        Error::Io(error) => broken(host, &error),
        Error::LargeResponseHeader(..) => failure(
            HttpFault::Malformed,
            format!("the head of the answer of {host} is longer than {HEAD_BYTES_MAX} bytes"),
        ),
        // What ureq says of it may repeat what was sent.
        _ => failure(HttpFault::Malformed, format!("what was exchanged with {host} is no HTTP")),
    }
}

/// The time for connecting to a host is over.
pub(super) fn late(host: &str) -> HttpFailure {
    HttpFailure::unsent(HttpFault::Timeout, format!("there was no connection to {host} in time"))
}

/// No address of a host could be connected to.
pub(super) fn unconnected(host: &str, error: &io::Error) -> HttpFailure {
    if is_late(error) {
        return late(host);
    }
    HttpFailure::unsent(HttpFault::Connect, format!("no connection to {host}: {error}"))
}

/// TLS with a host did not begin.
pub(super) fn unsecured(host: &str, error: &io::Error) -> HttpFailure {
    if is_late(error) {
        return late(host);
    }
    let detail = tls_fault(error).map_or_else(
        || format!("{host} ended the connection before TLS had begun"),
        |fault| tls::sentence(host, fault),
    );
    HttpFailure::unsent(HttpFault::Tls, detail)
}

/// The connection with a host failed after it had been made.
pub(super) fn broken(host: &str, error: &io::Error) -> HttpFailure {
    let (fault, detail) = match tls_fault(error) {
        Some(fault) => (HttpFault::Tls, tls::sentence(host, fault)),
        None if is_late(error) => (HttpFault::Timeout, format!("the exchange with {host} took too long")),
        None => (HttpFault::Reset, format!("{host} ended the connection before its answer was whole")),
    };
    HttpFailure::unsent(fault, detail)
}

fn is_late(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
}

fn tls_fault(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}
