//! What a fault of a connection says, and about whom. Uses nothing.

use std::io::{self, ErrorKind};

use rustix::io::Errno;

use crate::integrations::{Blame, Failure, Next};

/// The failure of an attempt whose connection failed. `peer` names the peer, without secrets.
pub fn failure_of(error: &io::Error, peer: &str) -> Failure {
    let service = |class, what: String| Failure::new(Blame::Service, Next::Retry, class, what);
    if is_shortage_here(error) {
        let what = format!("this machine has no connection left for {peer}: {error}");
        return Failure::new(Blame::Call, Next::Retry, "local", what);
    }
    if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
        return service("tls", format!("no secure connection to {peer}: {error}"));
    }
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => timed_out(peer),
        ErrorKind::ConnectionRefused | ErrorKind::NotFound | ErrorKind::PermissionDenied => {
            service("connect", format!("{peer} cannot be reached: {error}"))
        }
        _ => service("reset", format!("the connection to {peer} broke: {error}")),
    }
}

/// The failure of an attempt that took too long.
pub fn timed_out(peer: &str) -> Failure {
    Failure::new(Blame::Service, Next::Retry, "timeout", format!("{peer} took too long"))
}

/// Whether it says more about this machine than about the peer: the peer's circuit breaker is not to open for it.
pub(super) fn is_shortage_here(error: &io::Error) -> bool {
    let shortages = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|code| shortages.iter().any(|errno| errno.raw_os_error() == code))
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind};

    use rustix::io::Errno;

    use super::failure_of;
    use crate::integrations::{Blame, Next};

    #[test]
    fn a_shortage_on_this_machine_is_not_held_against_the_peer() {
        let failure = failure_of(&io::Error::from(Errno::MFILE), "redis.test:6379");
        assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::Retry, "local"));
    }

    #[test]
    fn every_fault_of_the_connection_is_held_against_the_peer_and_tried_again() {
        let faults = [
            (ErrorKind::TimedOut, "timeout"),
            (ErrorKind::WouldBlock, "timeout"),
            (ErrorKind::ConnectionRefused, "connect"),
            (ErrorKind::NotFound, "connect"),
            (ErrorKind::ConnectionReset, "reset"),
            (ErrorKind::UnexpectedEof, "reset"),
        ];
        for (kind, class) in faults {
            let failure = failure_of(&kind.into(), "redis.test:6379");
            assert_eq!((failure.blame, failure.next, failure.class), (Blame::Service, Next::Retry, class));
            assert!(failure.detail.contains("redis.test:6379"), "{failure}");
        }
    }
}
