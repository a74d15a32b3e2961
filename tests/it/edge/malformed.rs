//! Every operation of the API, asked wrongly by somebody who may ask: each part of the request is read, and refused as the
//! sender's fault. An answer of 401 or 403 would say that it never was.

use serde_json::{Value, json};

use crate::{
    api::allowed::{Callers, Request},
    support::{Answer, Client, operations},
};

/// An id that nobody has.
const NOBODYS: &str = "00000000-0000-0000-0000-000000000000";

/// A problem of one of these statuses.
#[track_caller]
fn assert_refused(answer: &Answer, statuses: &[u16]) {
    assert!(statuses.contains(&answer.status), "{}", answer.describe());
    let problem = answer.json();
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.describe());
    assert_eq!(problem["requestId"].as_str(), answer.header("x-request-id"), "{}", answer.describe());
    assert!(problem["code"].is_string(), "{}", answer.describe());
}

/// Bodies that fit no operation.
fn garbage() -> Vec<Vec<u8>> {
    let values = [
        json!(null),
        json!(7),
        json!("text"),
        json!([]),
        json!([{}]),
        json!({"\u{0}": "\u{202e}"}),
        json!({"name": {"$gt": ""}}),
        json!({"id": 1, "version": -1}),
    ];
    let texts: [&[u8]; 4] =
        [b"{", b"\xff\xfe", b"{\"a\": 1e999999}", b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["];
    values.iter().map(|value| value.to_string().into_bytes()).chain(texts.map(<[u8]>::to_vec)).collect()
}

fn refuses_bodies(request: &Request) {
    for body in garbage() {
        assert_refused(&request.send_json(&body), &[400, 422]);
    }
}

fn refuses_ids(request: &Request) {
    // Callers choose correlation IDs themselves: nothing belongs to most of them.
    if request.operation.name() == "getCorrelation" {
        return;
    }
    for (parameter, _) in request.operation.parameters("path") {
        for id in ["nonsense", "%00", "-1", NOBODYS] {
            let answer = request.send_to(&request.replaced(&request.path, parameter, id), &[]);
            // Whoever is not in the category is not for this judge.
            let not_entered = answer.json()["code"] == "not_entered" && parameter == "entryId";
            assert_refused(&answer, if not_entered { &[422] } else { &[404] });
        }
    }
}

/// A value that fits no parameter of a schema; nothing where any text fits.
fn unfit(name: &str, schema: &Value) -> Option<&'static str> {
    let is_choice = schema["enum"].is_array() || schema["oneOf"].is_array() || schema["$ref"].is_string();
    match schema["type"].as_str() {
        Some("integer") => Some("x"),
        Some("boolean") => Some("2"),
        _ if is_choice || schema["format"].is_string() || name == "cursor" => Some("colour"),
        _ => None,
    }
}

/// Parameters that it has, and one that it does not.
fn refuses_parameters(request: &Request) {
    let known = request.operation.parameters("query").into_iter();
    let unfit = known.filter_map(|(name, schema)| Some((name, unfit(name, schema)?)));
    for (name, value) in unfit.chain([("colour", "red"), ("%ff", "%fe")]) {
        assert_refused(&request.send_to(&request.path_with_query(name, value), &[]), &[400]);
    }
}

fn refuses_headers(request: &Request) {
    // Whoever has seen nothing that is known is sent everything.
    let read =
        request.operation.parameters("header").into_iter().filter(|(name, _)| *name != "If-None-Match");
    for (header, _) in read {
        assert_refused(&request.send_to(&request.path, &[(header, "\u{7f}")]), &[400]);
    }
    if request.operation.takes_json() {
        let kind = Some("application/json; charset=\"\u{fe}");
        assert_refused(&Request { content_type: kind, ..request.clone() }.send(), &[415]);
    }
}

fn refuses_credentials(request: &Request, nobody: &Client) {
    let request = Request { client: nobody.clone(), ..request.clone() };
    for header in [
        ("cookie", "event_manager_session=\u{fe}; =;;"),
        ("authorization", "Bearer \u{fe}"),
        ("authorization", "Basic Og=="),
    ] {
        assert_refused(&request.send_to(&request.path, &[header]), &[401]);
    }
}

/// The request as it should be, with garbage in headers that it does not need.
fn succeeds(request: &Request) {
    let headers = [
        ("cookie", "event_manager_session=\u{fe}; =;;"),
        ("authorization", "Bearer"),
        ("x-csrf-token", "%%%"),
        ("accept-encoding", ";;;q=x"),
        ("if-none-match", "W/W/\"\"\""),
        ("x-tenant", "\"'"),
        ("traceparent", "00-00-00-00"),
    ];
    let answer = request.send_to(&request.path, &headers);
    // What can be tried is not set up on every server, and nothing is wrong that could be acknowledged.
    let is_there = request.operation.name() != "acknowledgeAlert";
    assert!(
        answer.status < 300 || !is_there || answer.json()["code"] == "not_set_up",
        "{}",
        answer.describe()
    );
}

#[test]
fn whatever_is_wrong_with_a_request_is_refused_and_nothing_is_done() {
    let callers = Callers::new();
    callers.competition.submit_all();
    let mut guarded = operations();
    guarded.retain(|operation| operation.action().is_some());
    guarded.sort_by_key(|operation| operation.name() == "logout");
    for operation in guarded {
        let request = callers.request(operation);
        refuses_credentials(&request, &callers.nobody);
        refuses_ids(&request);
        refuses_parameters(&request);
        refuses_headers(&request);
        if request.operation.takes_json() {
            refuses_bodies(&request);
        }
        succeeds(&request);
    }
}

#[test]
fn whoever_is_not_signed_in_is_told_what_is_wrong_with_a_public_request() {
    let callers = Callers::new();
    for operation in operations().into_iter().filter(|operation| operation.action().is_none()) {
        let request = callers.request(operation);
        if request.operation.takes_json() {
            refuses_bodies(&request);
        } else {
            refuses_parameters(&request);
        }
    }
}
