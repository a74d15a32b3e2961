//! Virus scans by a real clamd.

use std::{
    io::{self, Read},
    time::Duration,
};

use event_manager::integrations::{
    Blame, Next,
    virus_scan::{Clamd, ClamdSettings, Scan, Scanner},
};

use super::{assert_service_failed, ids};
use crate::peers::{self, INFECTED};

fn clamd(address: &str, limit: Duration) -> Clamd {
    let settings = ClamdSettings::new(address.parse().unwrap());
    Clamd::new(ClamdSettings { connect_limit: limit, total_limit: limit, ..settings })
}

fn infected() -> Scan {
    Scan::Infected { signature: peers::Clamd::SIGNATURE.to_owned() }
}

/// Its addresses: on TCP and on a Unix socket.
fn addresses(program: &peers::Clamd) -> [String; 2] {
    [program.address().to_string(), program.socket().display().to_string()]
}

#[test]
fn what_is_infected_is_found_and_what_is_not_is_clean() {
    let program = peers::Clamd::start();
    for address in addresses(&program) {
        let scanner = clamd(&address, Duration::from_secs(60));
        let scan = |mut data: &[u8]| scanner.scan(&mut data, &ids());
        assert_eq!(scan(b"a score sheet\n"), Ok(Scan::Clean), "{address}");
        assert_eq!(scan(b""), Ok(Scan::Clean), "{address}");
        assert_eq!(scan(INFECTED.as_bytes()), Ok(infected()));
        assert_eq!(scan(&INFECTED.as_bytes()[1..]), Ok(Scan::Clean));
        let filling = vec![b'.'; 300_000];
        let hidden = [&filling, INFECTED.as_bytes(), &filling].concat();
        assert_eq!(scan(&hidden), Ok(infected()), "in a later chunk");
        let mut full = io::repeat(b'.').take(peers::Clamd::STREAM_BYTES_MAX as u64);
        assert_eq!(scanner.scan(&mut full, &ids()), Ok(Scan::Clean), "as large as may be");
    }
}

#[test]
fn a_file_larger_than_the_scanner_takes_is_given_up_whenever_it_says_so() {
    let program = peers::Clamd::start();
    let sizes = [
        peers::Clamd::STREAM_BYTES_MAX + 1,
        peers::Clamd::STREAM_BYTES_MAX + 100_000,
        3 * peers::Clamd::STREAM_BYTES_MAX,
        40 * peers::Clamd::STREAM_BYTES_MAX,
    ];
    for address in addresses(&program) {
        let scanner = clamd(&address, Duration::from_secs(60));
        for size in sizes.into_iter().cycle().take(40) {
            let failure = scanner.scan(&mut io::repeat(b'.').take(size as u64), &ids()).unwrap_err();
            assert_eq!((failure.blame, failure.next), (Blame::Call, Next::GiveUp), "{size}: {failure}");
            assert_eq!(failure.class, "too_large", "{size}: {failure}");
        }
        assert_eq!(scanner.scan(&mut &b"a score sheet\n"[..], &ids()), Ok(Scan::Clean));
    }
}

#[test]
fn a_scanner_says_that_it_is_there_and_what_it_is() {
    let program = peers::Clamd::start();
    for address in addresses(&program) {
        let scanner = clamd(&address, Duration::from_secs(60));
        assert_eq!(scanner.ping(), Ok(()));
        let version = scanner.version().unwrap();
        assert!(version.starts_with("ClamAV "), "{version}");
        assert_eq!(scanner.probe(&ids()), Ok(version));
        assert!(scanner.key().ends_with(&address), "{}", scanner.key());
    }
}

#[test]
fn a_frozen_scanner_is_not_waited_for_beyond_the_limit_and_used_again_when_it_goes_on() {
    let program = peers::Clamd::start();
    for address in addresses(&program) {
        program.freeze();
        let hurried = clamd(&address, Duration::from_millis(200));
        assert_service_failed(hurried.scan(&mut &b"a score sheet\n"[..], &ids()), "timeout");
        assert_service_failed(hurried.scan(&mut io::repeat(b'.'), &ids()), "timeout");
        assert_service_failed(hurried.ping(), "timeout");
        program.thaw();
        let scanner = clamd(&address, Duration::from_secs(60));
        assert_eq!(scanner.scan(&mut &b"a score sheet\n"[..], &ids()), Ok(Scan::Clean));
    }
}
