//! No peer takes more time or memory than it is given, whatever it does.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::mpsc,
    thread,
    time::Duration,
};

use super::{
    PATIENT, SHORT, client, ids,
    peers::{Peer, answering, listener, peer, receive},
    request,
};
use crate::integrations::http::{HttpFailure, HttpFault, HttpRequest};

/// Sends a head, and then a piece again and again until nobody listens.
fn dripping(head: &'static str, piece: &'static str) -> Peer<()> {
    peer(move |mut stream| {
        receive(&mut stream);
        stream.write_all(head.as_bytes()).unwrap();
        // Nothing is ever sent on it: waiting for it is what spaces the drops.
        let (_sender, pace) = mpsc::channel::<()>();
        while stream.write_all(piece.as_bytes()).is_ok() {
            assert_eq!(pace.recv_timeout(Duration::from_millis(10)), Err(mpsc::RecvTimeoutError::Timeout));
        }
    })
}

/// The failure of a request that has two seconds in all.
fn hurried(url: &str, body: Vec<u8>) -> HttpFailure {
    let hurried = HttpRequest { total_limit: SHORT, body, ..request("POST", url) };
    client().send(&hurried, &ids()).unwrap_err()
}

#[test]
#[allow(clippy::disallowed_methods, reason = "clients of a test have no request to belong to")]
fn answers_that_drip_end_at_the_total_limit() {
    let drips = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n", "x"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("HTTP/1.1 200 OK\r\nx: ", "y"),
        ("", "HTTP/1.1 100 Continue\r\n\r\n"),
    ];
    thread::scope(|scope| {
        for (head, piece) in drips {
            scope.spawn(move || {
                let peer = dripping(head, piece);
                let failure = hurried(&peer.url("/"), Vec::new());
                assert_eq!((failure.fault, failure.sent), (HttpFault::Timeout, true), "{head}{piece}");
                peer.ended();
            });
        }
    });
}

#[test]
fn a_peer_that_accepts_and_never_answers_costs_the_total_limit() {
    let (_black_hole, address) = listener();
    let failure = hurried(&format!("http://{address}/"), b"done?".to_vec());
    assert_eq!((failure.fault, failure.sent), (HttpFault::Timeout, true));
}

#[test]
fn a_peer_that_never_begins_tls_costs_the_limit_for_connecting_and_nothing_was_sent() {
    // It hangs up long after that limit and long before the other one.
    let peer = peer(|mut stream: TcpStream| {
        stream.set_read_timeout(Some(10 * SHORT)).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let mut request = request("POST", &format!("https://{}/", peer.address));
    request.connect_limit = Duration::from_millis(300);
    let failure = client().send(&request, &ids()).unwrap_err();
    assert_eq!((failure.fault, failure.sent), (HttpFault::Timeout, false));
    peer.ended();
}

#[test]
fn no_time_is_a_limit_too_and_all_the_time_there_is_no_overflow() {
    let peer = answering("HTTP/1.1 204 No Content\r\n\r\n");
    let mut request = request("GET", &peer.url("/"));
    (request.connect_limit, request.total_limit) = (PATIENT, Duration::ZERO);
    let failure = client().send(&request, &ids()).unwrap_err();
    assert_eq!((failure.fault, failure.sent), (HttpFault::Timeout, false));
    (request.connect_limit, request.total_limit) = (Duration::MAX, Duration::MAX);
    assert_eq!(client().send(&request, &ids()).unwrap().status, 204);
    peer.ended();
}

/// More than all the buffers between two sockets hold.
fn large() -> Vec<u8> {
    vec![b'x'; 32 << 20]
}

#[test]
fn a_peer_that_does_not_read_the_request_costs_the_total_limit_and_it_was_not_sent() {
    let peer = peer(|stream| stream);
    let failure = hurried(&peer.url("/"), large());
    assert_eq!((failure.fault, failure.sent), (HttpFault::Timeout, false));
    peer.ended();
}

#[test]
fn a_peer_that_reads_the_request_in_drops_costs_the_total_limit_and_it_was_not_sent() {
    let peer = peer(|mut stream: TcpStream| {
        let (_sender, pace) = mpsc::channel::<()>();
        let mut drop = [0; 1_024];
        while stream.read(&mut drop).is_ok_and(|amount| amount > 0) {
            if pace.recv_timeout(Duration::from_millis(10)) != Err(mpsc::RecvTimeoutError::Timeout) {
                break;
            }
            if stream.take_error().unwrap().is_some() || is_closed(&stream) {
                break;
            }
        }
    });
    let failure = hurried(&peer.url("/"), large());
    assert_eq!((failure.fault, failure.sent), (HttpFault::Timeout, false));
}

/// A probe that costs the other side nothing: it never reads what is sent to it while it writes.
fn is_closed(mut stream: &TcpStream) -> bool {
    stream.write_all(b"x").is_err()
}

#[test]
fn of_an_endless_answer_only_what_is_wanted_is_read() {
    let peer = peer(|mut stream| {
        receive(&mut stream);
        let mut written = stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n").unwrap();
        while let Ok(amount) = stream.write(&[b'x'; 65_536]) {
            written += amount;
        }
        written
    });
    let answer = client().send(&request("GET", &peer.url("/")), &ids()).unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (1_024, true));
    assert!(answer.body.capacity() <= 4_096);
    assert!(peer.ended() < 64 << 20, "the rest is not taken from the peer");
}

#[test]
fn an_answer_may_be_as_long_as_the_limit() {
    for (answer, truncated) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", true),
        ("HTTP/1.1 200 OK\r\n\r\nabcd", false),
        ("HTTP/1.1 200 OK\r\n\r\nabcde", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n", true),
        // It may have had more to say.
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n", true),
    ] {
        let peer = answering(answer);
        let request = HttpRequest { answer_limit: 4, ..request("GET", &peer.url("/")) };
        let read = client().send(&request, &ids()).unwrap();
        assert_eq!((read.body.as_slice(), read.truncated), (&b"abcd"[..], truncated), "{answer}");
        peer.ended();
    }
}

#[test]
fn of_an_answer_nothing_but_the_status_may_be_wanted() {
    let peer = answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde");
    let request = HttpRequest { answer_limit: 0, ..request("GET", &peer.url("/")) };
    let answer = client().send(&request, &ids()).unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.truncated), (200, 0, true));
    peer.ended();
}

#[test]
fn heads_without_end_are_no_answers() {
    let endless: [fn(&mut TcpStream) -> std::io::Result<()>; 2] =
        [|stream| stream.write_all(b"x-many: y\r\n"), |stream| stream.write_all(&[b'x'; 1_024])];
    for write in endless {
        let peer = peer(move |mut stream| {
            receive(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\nx-long: ").unwrap();
            while write(&mut stream).is_ok() {}
        });
        let failure = client().send(&request("GET", &peer.url("/")), &ids()).unwrap_err();
        assert_eq!((failure.fault, failure.sent), (HttpFault::Malformed, true));
        peer.ended();
    }
}
