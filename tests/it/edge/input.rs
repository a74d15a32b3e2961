//! What is sent wrongly is the sender's fault: a 4xx problem that says what and where, never a 5xx.

use serde_json::{Value, json};

use crate::support::{Answer, Client, Competition, Options, Server, Tenant, operations};

const JSON: (&str, &str) = ("content-type", "application/json");

fn post_event(client: &Client, body: &[u8]) -> Answer {
    client.raw("POST", "/api/v1/events", &[JSON], body)
}

#[test]
fn a_body_that_is_no_json_is_a_400() {
    let tenant = Tenant::new();
    // With the place where reading stops.
    let broken: [(&[u8], &str); 8] = [
        (b"", ""),
        (b"{", ""),
        (b"{\"name\": }", "/name"),
        (b"{'name': 'x'}", ""),
        (b"name=x", ""),
        (b"{\"name\": \"x\"} {}", ""),
        (b"{\"name\": \"\xff\"}", "/name"),
        (b"\0", ""),
    ];
    for (body, pointer) in broken {
        let answer = post_event(&tenant.admin, body);
        answer.expect_problem(400, "malformed_json");
        assert_eq!(answer.pointers(), [pointer], "{}", answer.describe());
    }
}

#[test]
fn faults_of_a_body_are_named_by_their_places() {
    let tenant = Tenant::new();
    for (body, pointer) in [
        (json!({"name": 7}), "/name"),
        (json!({"name": ["Gala"]}), "/name"),
        (json!({"name": "Gala", "colour": "red"}), "/colour"),
        (json!({"name": "Gala", "startsAt": "tomorrow"}), "/startsAt"),
        (json!({"name": "Gala", "timeZone": "Moon/Crater"}), "/timeZone"),
        (json!({"name": ""}), "/name"),
        (json!({"name": "x".repeat(10_000)}), "/name"),
    ] {
        let answer = tenant.admin.post("/events", &body);
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.pointers(), [pointer], "{}", answer.describe());
    }
    for body in [json!([]), json!("Gala"), json!(null), json!({}), json!(7)] {
        tenant.admin.post("/events", &body).expect_problem(422, "invalid");
    }
}

#[test]
fn a_fault_deep_in_a_body_is_named_by_its_whole_path() {
    let competition = Competition::new();
    let mut body = competition.marks(&["5", "6"]);
    body["scores"][1]["value"] = json!("not a number");
    let answer = competition.judges[0].client.put(&competition.own_sheet(0), &body);
    assert_eq!(answer.status, 422, "{}", answer.describe());
    assert!(
        answer.pointers().iter().all(|pointer| pointer.starts_with("/scores/1")),
        "{}",
        answer.describe()
    );
}

#[test]
fn bodies_are_limited_in_size_and_depth() {
    let server =
        Server::with(Options::default().set("server.body_limit_kib", "4").set("server.json_depth", "8"));
    let admin = server.admin();
    let body = json!({"name": "Gala", "description": "d".repeat(5_000)}).to_string();
    let answer = post_event(&admin, body.as_bytes());
    answer.expect_problem(413, "too_large");
    assert_eq!(answer.pointers(), [""]);
    let chunked = [JSON, ("transfer-encoding", "chunked")];
    let chunks = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let head: String = chunked.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request =
        format!("POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{head}\r\n{chunks}");
    let answer = crate::support::exchange(&admin.peer, request.as_bytes()).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 413 "), "{}", String::from_utf8_lossy(&answer));
    for deep in [format!("{}{}", "[".repeat(9), "]".repeat(9)), format!("{}1", "{\"a\":".repeat(100))] {
        let answer = post_event(&admin, deep.as_bytes());
        answer.expect_problem(400, "malformed_json");
        assert_eq!(answer.pointers(), [""]);
    }
    assert_eq!(post_event(&admin, br#"{"name": "Gala", "description": "[[[[[[[[[[[["}"#).status, 201);
}

#[test]
fn a_body_of_another_type_is_a_415() {
    let tenant = Tenant::new();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "", "nonsense"] {
        let answer =
            tenant.admin.raw("POST", "/api/v1/events", &[("content-type", kind)], br#"{"name": "Gala"}"#);
        answer.expect_problem(415, "unsupported_media_type");
    }
    let with_charset = [("content-type", "application/json; charset=utf-8")];
    assert_eq!(tenant.admin.raw("POST", "/api/v1/events", &with_charset, br#"{"name": "Gala"}"#).status, 201);
}

#[test]
fn query_parameters_and_cursors_that_make_no_sense_are_a_400() {
    let tenant = Tenant::new();
    for query in [
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=x",
        "limit=",
        "limit=99999999999999999999",
        "cursor=nonsense",
        "cursor=",
        "cursor=1.2.3",
        "cursor=%00",
        "includeDeleted=perhaps",
        "colour=red",
        "limit=1&limit=2",
        "%ff=%fe",
    ] {
        let problem = tenant.admin.get(&format!("/events?{query}")).expect_problem(400, "bad_request");
        let detail = problem["detail"].as_str().unwrap();
        let name = query.split('=').next().unwrap().replace("%ff", "\u{fffd}");
        assert!(detail.starts_with(&name) && !detail.contains("deserialize"), "{query}: {detail}");
    }
    for path in ["/audit?cursor=x", "/trash?cursor=x", "/trash?kind=colour", "/audit?limit=0"] {
        tenant.admin.get(path).expect_problem(400, "bad_request");
    }
}

#[test]
fn an_if_match_that_is_no_etag_is_a_400() {
    let competition = Competition::new();
    let path = format!("/events/{}", competition.event);
    for tag in ["7", "\"7", "\"1\" \"2", "\"1\",", ""] {
        let answer = competition.admin().if_match(tag).patch(&path, &json!({"name": "Other"}));
        answer.expect_problem(400, "bad_request");
    }
    competition
        .admin()
        .if_match("\"1\"")
        .patch(&path, &json!({"name": "Other"}))
        .expect_problem(412, "version_mismatch");
}

#[test]
fn a_path_that_names_nothing_is_a_404() {
    let tenant = Tenant::new();
    for id in
        ["7", "no-id", "%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "'%20or%201=1", "0", &"9".repeat(5_000)]
    {
        tenant.admin.get(&format!("/events/{id}")).expect_problem(404, "not_found");
    }
}

#[test]
fn a_document_of_problems_is_what_every_operation_promises() {
    for operation in operations() {
        let responses = operation.document["responses"].as_object().unwrap();
        let of_server: Vec<&str> =
            responses.keys().map(String::as_str).filter(|status| status.starts_with('5')).collect();
        let expected: &[&str] = if operation.method == "GET" { &["503"] } else { &["503", "507"] };
        assert_eq!(of_server, expected, "{operation:?}");
        let problems = responses.iter().filter(|(status, _)| status.as_str() >= "400");
        let described =
            |response: &Value| response["content"]["application/problem+json"]["schema"].is_object();
        assert!(problems.into_iter().all(|(_, response)| described(response)), "{operation:?}");
    }
}

#[test]
fn of_thousands_of_faults_a_hundred_are_told() {
    let members: serde_json::Map<_, _> =
        (0..40_000).map(|name| (format!("member{name}"), json!(1))).collect();
    let login = Server::shared().anonymous().post("/auth/login", &Value::Object(members));
    assert_eq!(login.expect_problem(422, "invalid")["errors"].as_array().unwrap().len(), 100);
}
