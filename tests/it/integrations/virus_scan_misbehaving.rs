//! Virus scans by peers that are no clamd, or one that is ill: no file is ever clean by mistake.

use std::{
    fs,
    io::{self, ErrorKind, Read, Write},
    mem,
    net::{Shutdown, TcpStream},
    os::unix::net::{UnixListener, UnixStream},
    time::Duration,
};

use event_manager::integrations::{
    Blame, Failure, Next,
    virus_scan::{Clamd, ClamdSettings, Scan, Scanner},
};

use super::{
    assert_service_failed, ids,
    scripted::{black_hole, closed_port, drip, scripted, swallow},
};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(60);

fn clamd(port: u16, limit: Duration) -> Clamd {
    clamd_at(&format!("127.0.0.1:{port}"), limit)
}

fn clamd_at(address: &str, limit: Duration) -> Clamd {
    let settings = ClamdSettings::new(address.parse().unwrap());
    Clamd::new(ClamdSettings { connect_limit: limit, total_limit: limit, ..settings })
}

fn scan(port: u16, limit: Duration) -> Result<Scan, Failure> {
    clamd(port, limit).scan(&mut &b"a score sheet\n"[..], &ids())
}

/// A peer that reads all of a small file before it answers.
fn answering(answer: &'static [u8]) -> u16 {
    scripted(move |mut stream| {
        let mut read = Vec::new();
        while !read.ends_with(&[0, 0, 0, 0]) {
            let mut part = [0; 512];
            match stream.read(&mut part).unwrap() {
                0 => return,
                count => read.extend_from_slice(&part[..count]),
            }
        }
        stream.write_all(answer).unwrap();
    })
}

#[test]
fn only_a_whole_and_exact_answer_is_one() {
    assert_eq!(scan(answering(b"stream: OK\0"), LONG), Ok(Scan::Clean));
    assert_service_failed(scan(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n\0"), LONG), "malformed");
    assert_service_failed(scan(answering(b"stream: OK\0stream: OK\0"), LONG), "malformed");
    assert_service_failed(scan(answering(b"stream: OK"), LONG), "reset");
    assert_service_failed(scan(answering(b""), LONG), "reset");
    assert_service_failed(scan(answering(b"stream: Can't allocate memory ERROR\0"), LONG), "scanner_error");
}

#[test]
fn an_answer_without_end_is_not_read_on() {
    let endless = |mut stream: TcpStream| while stream.write_all(&[b'x'; 1_024]).is_ok() {};
    assert_service_failed(scan(scripted(endless), LONG), "malformed");
}

#[test]
fn an_answer_that_drips_ends_with_the_limit() {
    assert_service_failed(scan(scripted(|stream| drip(stream, b'x')), SHORT), "timeout");
}

#[test]
fn a_peer_that_closes_breaks_the_scan() {
    assert_service_failed(scan(scripted(|mut stream| swallow(&mut stream)), LONG), "reset");
    let endless =
        clamd(scripted(|mut stream| swallow(&mut stream)), LONG).scan(&mut io::repeat(b'.'), &ids());
    assert_service_failed(endless, "reset");
}

#[test]
fn a_file_that_was_not_read_whole_is_not_clean_whatever_the_peer_says() {
    let port = scripted(|mut stream| {
        stream.write_all(b"stream: OK\0").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        swallow(&mut stream);
    });
    assert_service_failed(clamd(port, LONG).scan(&mut io::repeat(b'.'), &ids()), "reset");
}

#[test]
fn an_answer_that_came_while_the_file_was_sent_is_understood_even_if_the_peer_stays() {
    let port = scripted(|mut stream| {
        stream.write_all(b"INSTREAM size limit exceeded. ERROR\0").unwrap();
        // It neither reads nor closes.
        mem::forget(stream);
    });
    let failure = clamd(port, SHORT).scan(&mut io::repeat(b'.'), &ids()).unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::GiveUp, "too_large"));
}

#[test]
fn a_scanner_that_cannot_be_reached_is_tried_again() {
    assert_service_failed(scan(closed_port(), LONG), "connect");
    let (port, _kept) = black_hole();
    assert_service_failed(scan(port, SHORT), "timeout");
    let nowhere = clamd_at("/nonexistent/clamd.ctl", LONG);
    assert_service_failed(nowhere.scan(&mut &b"a score sheet\n"[..], &ids()), "connect");
}

#[test]
fn a_unix_socket_on_which_nobody_accepts_is_not_waited_for_beyond_the_limit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let _waiting = UnixStream::connect(&path).unwrap();
    assert_service_failed(clamd_at(path.to_str().unwrap(), SHORT).ping(), "timeout");
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_file_that_cannot_be_read_says_nothing_about_the_scanner() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::PermissionDenied.into())
        }
    }
    let mut data = (&b"half a file"[..]).chain(Broken);
    let failure =
        clamd(scripted(|mut stream| swallow(&mut stream)), LONG).scan(&mut data, &ids()).unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::Retry, "unreadable"));
}

#[test]
fn what_is_no_clamd_is_told_apart_when_it_is_probed() {
    let http = scripted(|mut stream| {
        swallow(&mut stream);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n\0").unwrap();
    });
    assert_service_failed(clamd(http, LONG).probe(&ids()), "malformed");
    assert_service_failed(clamd(scripted(|stream| drip(stream, b'x')), SHORT).probe(&ids()), "timeout");
}
