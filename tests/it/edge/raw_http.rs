//! Bytes that are no proper HTTP, sent straight to the socket.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use crate::support::{Peer, Server, exchange};

/// Sends bytes and reads until the server closes.
fn answer_to(server: &Server, bytes: &[u8]) -> String {
    let answer = exchange(&Peer::Tcp(server.address()), bytes).unwrap();
    String::from_utf8(answer).unwrap()
}

/// How many requests were refused unread.
fn refused(server: &Server, reason: &str) -> u64 {
    let series = format!("http_server_requests_rejected_total{{reason=\"{reason}\"}} ");
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    metrics.lines().find_map(|line| line.strip_prefix(&series)).unwrap().parse().unwrap()
}

/// One more request than before was refused. It is counted when its connection ends, which the peer may see first.
#[track_caller]
fn assert_one_more(server: &Server, reason: &str, before: u64) {
    let counted = (0..1_000).map(|_| refused(server, reason)).find(|count| *count != before);
    assert_eq!(counted, Some(before + 1));
}

/// The problem in an answer to a request that was refused unread, with the ids of its head.
#[track_caller]
fn problem_in(answer: &str, status: u16) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    let problem: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
    for (header, field) in [("x-request-id", "requestId"), ("x-correlation-id", "correlationId")] {
        let line = format!("\r\n{header}: {}", problem[field].as_str().unwrap());
        assert!(head.contains(&line), "{answer}");
    }
    assert!(head.contains("\r\ncontent-type: application/problem+json"), "{answer}");
    assert_eq!(problem["status"], status);
    problem
}

#[test]
fn what_is_no_http_is_a_problem_with_ids_and_is_counted_and_logged() {
    let mut server = Server::start();
    let garbage: [&[u8]; 8] = [
        b"this is no HTTP at all\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\nhost: a\r\n\r\n",
        b"GE\x00T / HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon in here\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    ];
    let mut ids = Vec::new();
    for bytes in garbage {
        let before = refused(&server, "parse");
        let problem = problem_in(&answer_to(&server, bytes), 400);
        assert_eq!(problem["code"], "bad_request", "{}", String::from_utf8_lossy(bytes));
        assert_one_more(&server, "parse", before);
        ids.push(problem["requestId"].as_str().unwrap().to_owned());
    }
    assert!(server.stop().success());
    let log = std::fs::read_to_string(server.logs().join("active.jsonl")).unwrap();
    for id in ids {
        let lines: Vec<Value> = log
            .lines()
            .filter(|line| line.contains(&id))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 1, "{id}: {lines:?}");
        assert_eq!((&lines[0]["level"], &lines[0]["requestId"]), (&"warn".into(), &id.into()));
    }
    assert!(!log.contains("\"level\":\"error\""), "strangers cannot make the server complain of itself");
}

#[test]
fn a_head_that_is_too_large_is_a_431_with_ids() {
    let server = Server::start();
    let head = format!("GET / HTTP/1.1\r\nhost: a\r\nx-filler: {}", "f".repeat(300_000));
    let before = refused(&server, "too_large");
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // The server may stop reading before all is sent.
    let _ = stream.write_all(head.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let problem = problem_in(&String::from_utf8_lossy(&answer), 431);
    assert_eq!(problem["code"], "too_large");
    assert_one_more(&server, "too_large", before);
}

#[test]
fn a_head_that_never_ends_is_a_408_with_ids() {
    let server = Server::start();
    let before = refused(&server, "parse");
    let answer = answer_to(&server, b"GET /health/live HTTP/1.1\r\nhost: a\r\n");
    assert_eq!(problem_in(&answer, 408)["code"], "request_timeout");
    assert_one_more(&server, "parse", before);
}

#[test]
fn garbage_behind_good_requests_of_a_connection_is_counted() {
    let server = Server::start();
    let before = refused(&server, "parse");
    let good = "GET /health/live HTTP/1.1\r\nhost: a\r\nx-request-id: good\r\n\r\n";
    let answer = answer_to(&server, format!("{good}garbage\r\n\r\n").as_bytes());
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("x-request-id: good\r\n"),
        "{answer}"
    );
    assert!(answer.contains("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert_one_more(&server, "parse", before);
}

#[test]
fn a_request_without_a_host_and_one_of_http_1_0_are_answered_with_ids() {
    let server = Server::start();
    for request in
        ["GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n", "GET /health/live HTTP/1.0\r\n\r\n"]
    {
        let answer = answer_to(&server, request.as_bytes());
        assert!(answer.contains("\r\nx-request-id: "), "{answer}");
        assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
    }
}

#[test]
fn a_peer_that_leaves_without_a_word_is_no_refusal() {
    let server = Server::start();
    let before = refused(&server, "parse");
    drop(TcpStream::connect(server.address()).unwrap());
    let mut half = TcpStream::connect(server.address()).unwrap();
    half.write_all(b"GET /hea").unwrap();
    drop(half);
    assert_eq!(refused(&server, "parse"), before);
}
