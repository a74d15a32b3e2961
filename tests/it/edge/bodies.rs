//! Bodies that come slowly, that are too large, that nobody asked for, and what is wrong with those that come whole.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Answer, Competition, Options, Server, Tenant};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Sends the beginning of a request and keeps the connection open.
fn begin(server: &Server, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

/// What comes until the server closes the connection.
fn rest_of(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn login(headers: &str, body: &str) -> String {
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";
    format!("{head}{headers}\r\n\r\n{body}")
}

#[test]
fn a_body_that_does_not_come_in_time_is_a_408_and_the_end_of_its_connection() {
    let server = Server::with(Options::default().set("server.body_timeout_s", "1"));
    for (headers, body) in [("content-length: 20", "{"), ("transfer-encoding: chunked", "1\r\n{\r\n")] {
        let answer = rest_of(begin(&server, &login(headers, body)));
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        let problem: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!(problem["code"], "request_timeout");
        assert!(answer.contains(&format!("x-request-id: {}", problem["requestId"].as_str().unwrap())));
    }
}

#[test]
fn a_body_that_says_it_is_too_large_is_refused_before_it_comes() {
    let server = Server::shared();
    let answer = rest_of(begin(&server, &login("content-length: 99999999", "{")));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn a_body_that_nobody_reads_does_not_keep_its_connection() {
    let server = Server::shared();
    for path in ["/health/live", "/nowhere", "/api/v1/nowhere", "/api/v1/events"] {
        for (header, body) in [("content-length: 20", "{"), ("transfer-encoding: chunked", "1\r\n{\r\n")] {
            let stream =
                begin(&server, &format!("POST {path} HTTP/1.1\r\nhost: a\r\n{header}\r\n\r\n{body}"));
            let answer = rest_of(stream);
            assert!(answer.starts_with("HTTP/1.1 4"), "{path} with {header}: {answer}");
        }
    }
}

#[test]
fn a_stop_does_not_wait_for_bodies_that_do_not_come() {
    let grace = Options::default().set("server.shutdown_grace_s", "300");
    let mut server = Server::with(grace.set("server.body_timeout_s", "3600"));
    let mut stream = begin(&server, &login("content-length: 20\r\nexpect: 100-continue", ""));
    // The body is waited for from here on.
    let mut promise = [0; 25];
    stream.read_exact(&mut promise).unwrap();
    assert_eq!(&promise, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{").unwrap();
    assert!(server.stop().success());
    let answer = rest_of(stream);
    assert!(answer.is_empty() || answer.contains("shutting_down"), "{answer}");
}

fn faults(answer: &Answer) -> Vec<(String, String)> {
    let problem = answer.expect(422);
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let mut faults: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (text(fault, "pointer"), text(fault, "message")))
        .collect();
    faults.sort();
    faults
}

#[test]
fn all_faults_are_told_at_once_in_words_of_this_product() {
    let competition = Competition::new();
    let criteria = format!("/categories/{}/criteria", competition.category);
    let places = |answer: &Answer| faults(answer).into_iter().map(|(place, _)| place).collect::<Vec<_>>();
    let admin = competition.admin();
    let joined = json!({"name": "", "minimum": "5", "maximum": "1", "step": "-1", "weight": "-1"});
    assert_eq!(places(&admin.post(&criteria, &joined)), ["/maximum", "/name", "/step", "/weight"]);
    let unreadable = json!({"name": "", "minimum": "low", "maximum": [], "colour": 1});
    assert_eq!(places(&admin.post(&criteria, &unreadable)), ["/colour", "/maximum", "/minimum", "/name"]);
    assert_eq!(places(&admin.post("/users", &json!({}))), ["/email", "/name"]);
    let event = format!("/events/{}", competition.event);
    assert_eq!(
        faults(&admin.patch(&event, &json!({"name": null}))),
        [("/name".to_owned(), "is required".to_owned())]
    );
    assert_eq!(
        faults(&admin.post("/events", &json!({"name": "", "timeZone": 7}))),
        [
            ("/name".to_owned(), "must not be empty".to_owned()),
            ("/timeZone".to_owned(), "must be a text or null".to_owned())
        ]
    );
}

#[test]
fn a_decimal_is_a_text_or_a_whole_number_and_never_rounded() {
    let competition = Competition::new();
    let criteria = format!("/categories/{}/criteria", competition.category);
    for number in ["1.00000000000000000001", "7.5", "1e2", "99999999999999999999"] {
        let body = format!(r#"{{"name": "Poise", "maximum": {number}}}"#);
        let path = format!("/api/v1{criteria}");
        let answer = competition.admin().raw("POST", &path, &[JSON], body.as_bytes());
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.pointers(), ["/maximum"], "{number}");
    }
    let made = competition.admin().create(&criteria, &json!({"name": "Poise", "maximum": 20}));
    assert_eq!(made["maximum"], "20");
}

#[test]
fn a_patch_names_each_member_once_and_comes_as_either_type() {
    let competition = Competition::new();
    let path = format!("/api/v1/events/{}", competition.event);
    let patch = |kind: &str, body: &str| {
        competition.admin().raw("PATCH", &path, &[("content-type", kind)], body.as_bytes())
    };
    assert_eq!(patch("application/merge-patch+json", r#"{"name": "Gala"}"#).expect(200)["name"], "Gala");
    let twice = patch("application/json", r#"{"name": "A", "name": "B"}"#);
    twice.expect_problem(422, "invalid");
    assert_eq!(twice.pointers(), ["/name"]);
    patch("application/json-patch+json", "{}").expect_problem(415, "unsupported_media_type");
}

#[test]
fn what_something_hangs_beneath_cannot_be_patched() {
    let competition = Competition::new();
    let path = format!("/contests/{}", competition.contest);
    let answer = competition.admin().patch(&path, &json!({"eventId": competition.event}));
    answer.expect_problem(422, "parent_immutable");
    assert_eq!(answer.pointers(), ["/eventId"]);
}

#[test]
fn a_body_or_a_parameter_that_an_endpoint_does_not_have_is_refused() {
    let competition = Competition::new();
    let admin = competition.admin();
    let lock = format!("/events/{}/lock", competition.event);
    let answer = admin.post(&lock, &json!({"a": 1}));
    answer.expect_problem(422, "invalid");
    assert_eq!(answer.pointers(), ["/a"]);
    admin.raw("POST", &format!("/api/v1{lock}"), &[JSON], b"{{{").expect_problem(400, "malformed_json");
    for (method, path) in
        [("POST", "/events?foo=1"), ("GET", "/me?foo=1"), ("POST", &*format!("{lock}?foo=1"))]
    {
        let answer =
            admin.send(method, path, Some(&json!({"name": "Gala"})).filter(|_| path.starts_with("/events?")));
        let problem = answer.expect_problem(400, "bad_request");
        assert_eq!(problem["detail"], "foo: is unknown here");
    }
    admin.post(&lock, &json!({})).expect(200);
    competition.tenant.server.anonymous().call("/auth/logout?foo=1").expect_problem(401, "unauthenticated");
}

#[test]
fn what_a_body_is_about_is_looked_for_before_the_body_and_the_body_before_the_version() {
    let competition = Competition::new();
    let admin = competition.admin();
    let nowhere = "/events/018f4e3a-0000-7000-8000-000000000001";
    for body in [json!({"nme": 1}), json!({"name": ""})] {
        admin.post(&format!("{nowhere}/contests"), &body).expect_problem(404, "not_found");
        admin.patch(nowhere, &body).expect_problem(404, "not_found");
        let event = format!("/events/{}", competition.event);
        admin.if_match("\"1\"").patch(&event, &body).expect_problem(422, "invalid");
    }
}

#[test]
fn a_body_is_uncompressed_utf_8() {
    let tenant = Tenant::new();
    for headers in [
        [("content-type", "application/json; charset=utf-16"), ("accept", "*/*")],
        [("content-type", "application/json; charset=latin1"), ("accept", "*/*")],
        [JSON, ("content-encoding", "gzip")],
        [JSON, ("content-encoding", "br")],
    ] {
        let answer = tenant.admin.raw("POST", "/api/v1/events", &headers, br#"{"name": "Gala"}"#);
        answer.expect_problem(415, "unsupported_media_type");
    }
    let plain = [("content-type", "application/json; charset=\"UTF-8\""), ("content-encoding", "identity")];
    assert_eq!(tenant.admin.raw("POST", "/api/v1/events", &plain, br#"{"name": "Gala"}"#).status, 201);
}
