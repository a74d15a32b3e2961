//! The log: one JSON object a line, one record a request, no secret, and nobody outside can write a line of it.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::support::{ADMIN_EMAIL, Client, Credentials, Options, PASSWORD, Server, fresh, id_of, program};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Stops the server; all bytes it ever logged.
pub(super) fn log_of(server: &mut Server) -> String {
    assert!(server.stop().success());
    log_left_by(server)
}

/// All bytes that a server which has ended ever logged.
pub(super) fn log_left_by(server: &Server) -> String {
    let mut files: Vec<_> = fs::read_dir(server.logs()).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_none_or(|extension| extension != "idx"));
    files.sort();
    files.iter().map(|file| String::from_utf8(unpacked(file)).unwrap()).collect()
}

/// A file of the log as it was before it was packed.
fn unpacked(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).unwrap();
    let packed = file.extension().is_some_and(|extension| extension == "zst");
    if packed { zstd::decode_all(&*bytes).unwrap() } else { bytes }
}

/// Every line as the object it is.
pub(super) fn lines_of(log: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let lines: Vec<Value> = log.lines().map(parse).collect();
    assert!(lines.iter().all(Value::is_object));
    lines
}

#[test]
fn every_request_has_exactly_one_record_with_its_ids_user_and_tenant() {
    let mut server = Server::start();
    let admin = server.admin();
    let me = admin.get("/me").expect(200);
    let asked = [
        ("GET", "/api/v1/events"),
        ("POST", "/api/v1/events"),
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/events/x"),
        ("PATCH", "/api/v1/audit"),
        ("GET", "/api/v1/users?limit=1"),
        ("GET", "/"),
        ("GET", "/missing"),
        ("GET", "/health/ready"),
        ("DELETE", "/api/v1/events"),
    ];
    let mut sent = BTreeMap::new();
    for number in 0..200 {
        let (method, path) = asked[number % asked.len()];
        let client = if number % 3 == 0 { server.anonymous() } else { admin.clone() };
        let (request, correlation) = (fresh("request"), fresh("correlation"));
        let traceparent = format!("00-{TRACE}-b7ad6b7169203331-01");
        let headers = [
            ("x-request-id", request.as_str()),
            ("x-correlation-id", &correlation),
            ("traceparent", &traceparent),
            ("content-type", "application/json"),
        ];
        let answer = client.raw(method, path, &headers, br#"{"name": "Gala"}"#);
        let known = matches!(client.credentials, Credentials::Session { .. });
        sent.insert(request, (method, path, answer.status, correlation, known));
    }
    let lines = lines_of(&log_of(&mut server));
    for (request, (method, path, status, correlation, known)) in sent {
        let of_request: Vec<&Value> =
            lines.iter().filter(|line| line["requestId"] == request.as_str()).collect();
        assert_eq!(of_request.len(), 1, "{method} {path}: {of_request:?}");
        let record = of_request[0];
        assert_eq!(record["module"], "event_manager::request", "{record}");
        assert_eq!(record["correlationId"], correlation.as_str(), "{record}");
        assert_eq!((&record["method"], &record["status"]), (&json!(method), &json!(status)), "{record}");
        assert_eq!(record["path"], path.split('?').next().unwrap(), "{record}");
        assert_eq!(record["trace_id"], TRACE, "{record}");
        assert_eq!(record["parent_span_id"], "b7ad6b7169203331", "{record}");
        assert!(
            record["durationUs"].is_u64() && record["span_id"].as_str().is_some_and(|id| id.len() == 16),
            "{record}"
        );
        if known && status < 300 && path.starts_with("/api/v1/") {
            assert_eq!(record["userId"], me["user"]["id"], "{record}");
            assert_eq!(record["tenantId"], me["tenant"]["id"], "{record}");
        }
        if !known {
            assert!(record["userId"].is_null() && record["tenantId"].is_null(), "{record}");
        }
    }
}

#[test]
fn the_log_tells_which_judge_came_by_a_link_and_nothing_of_the_link_and_its_pin() {
    let mut server = Server::start();
    let admin = server.admin();
    let judge = id_of(&admin.create("/judges", &json!({"name": "Lea"})));
    let link = admin.create(&format!("/judges/{judge}/links"), &json!({}));
    server.sign_in_by_link(&link).get("/me/categories").expect(200);
    let log = log_of(&mut server);
    let secret = link["url"].as_str().unwrap().split_once("#link=").unwrap().1;
    assert!(!log.contains(secret) && !log.contains(&format!("\"{}\"", link["pin"].as_str().unwrap())));
    let record = lines_of(&log).into_iter().find(|line| line["path"] == "/api/v1/me/categories").unwrap();
    assert_eq!((&record["judgeId"], &record["userId"]), (&json!(judge), &Value::Null), "{record}");
}

#[test]
fn every_line_begins_with_time_and_level_and_times_ascend() {
    let mut server = Server::start();
    server.admin().get("/events").expect(200);
    let lines = lines_of(&log_of(&mut server));
    let mut last = String::new();
    for line in lines {
        let time = line["timestamp"].as_str().unwrap().to_owned();
        assert!(time.len() == 27 && time.ends_with('Z'), "{time} is no time in UTC with microseconds");
        assert!(
            ["error", "warn", "info", "debug", "trace"].contains(&line["level"].as_str().unwrap()),
            "{line}"
        );
        assert!(line["message"].is_string() && line["module"].is_string(), "{line}");
        assert!(time[..19] >= *last.get(..19).unwrap_or_default(), "{time} after {last}");
        last = time;
    }
}

#[test]
fn the_same_lines_go_to_standard_output() {
    let mut server = Server::with(Options::default().set("log.stdout", "true"));
    server.anonymous().raw("GET", "/health/live", &[("x-request-id", "seen-on-stdout")], &[]);
    let line = std::iter::repeat_with(|| server.printed_line())
        .take(100)
        .find(|line| line.contains("seen-on-stdout"));
    let record: Value = serde_json::from_str(&line.expect("it is printed")).unwrap();
    assert_eq!(record["message"], "request");
    assert!(log_of(&mut server).contains("seen-on-stdout"));
}

#[test]
fn no_secret_reaches_the_log_at_any_level() {
    let mut server = Server::with(Options::default().set("log.level", "trace"));
    let canary = "canary-7f3a-password";
    let admin = server.admin();
    let made = admin.create("/tokens", &json!({
        "name": "a program", "grants": [{"role": "ADMIN", "scope": {"type": "tenant"}}], "expiresInDays": 1,
    }));
    let token = made["token"].as_str().unwrap().to_owned();
    let program = server.client(Credentials::Token(token.clone()));
    program
        .create("/users", &json!({"email": "c@it.example", "name": "C", "grants": [], "password": canary}));
    for password in [canary, PASSWORD] {
        for tenant in ["house", "nowhere"] {
            let body = json!({"email": "c@it.example", "password": password, "tenant": tenant});
            server.anonymous().post("/auth/login", &body);
        }
    }
    let body = json!({"currentPassword": canary, "newPassword": canary, "password": canary});
    admin.post("/auth/password", &body).expect(422);
    admin.post("/auth/password", &json!({"currentPassword": canary, "newPassword": canary}));
    let malformed = format!("{{\"password\": \"{canary}\"");
    server.anonymous().raw(
        "POST",
        "/api/v1/auth/login",
        &[("content-type", "application/json")],
        malformed.as_bytes(),
    );
    let wrong =
        [("authorization", format!("Basic {canary}")), ("cookie", format!("event_manager_session={canary}"))];
    for (name, value) in &wrong {
        server
            .anonymous()
            .raw("GET", "/api/v1/me", &[(name, value)], &[])
            .expect_problem(401, "unauthenticated");
    }
    let Credentials::Session { cookie, csrf } = admin.credentials.clone() else { panic!("no session") };
    let secret = cookie.split_once('=').unwrap().1.to_owned();
    admin.call("/auth/logout").expect(204);
    let log = log_of(&mut server);
    assert!(log.contains("/api/v1/auth/login"), "the requests are in the log");
    for secret in [canary, PASSWORD, &token, &secret, &csrf] {
        assert!(
            !log.contains(secret),
            "{}",
            log.lines().find(|line| line.contains(secret)).unwrap_or_default()
        );
    }
    lines_of(&log);
}

#[test]
fn nobody_can_forge_a_line_or_a_field() {
    let mut server = Server::start();
    let admin: Client = server.admin();
    let forged = "x\",\"forged\":true}\n{\"timestamp\":\"2000-01-01T00:00:00.000000Z\",\"forged\":true}\r\n\u{2028}\u{1b}[2J";
    let json = [("content-type", "application/json")];
    admin.post("/events", &json!({"name": forged, "description": forged}));
    admin.post("/auth/login", &json!({"email": forged, "password": forged, "tenant": forged}));
    admin.raw("POST", "/api/v1/events", &json, forged.as_bytes());
    let encoded = "%22%2C%22forged%22%3Atrue%7D%0A%7B%22forged%22%3Atrue%7D%0D%1B%5B2J%E2%80%A8";
    for path in [
        format!("/{encoded}"),
        format!("/api/v1/events/{encoded}"),
        format!("/api/v1/events?cursor={encoded}"),
    ] {
        admin.raw("GET", &path, &[], &[]);
        admin.raw("DELETE", &format!("{path}&reason={encoded}"), &[], &[]);
    }
    let quoted = "a\",\"forged\":true,\"b\":\"";
    for header in
        ["x-request-id", "x-correlation-id", "traceparent", "user-agent", "x-tenant", "if-match", "referer"]
    {
        admin.raw("GET", "/api/v1/events", &[(header, quoted)], &[]);
    }
    admin.raw("forged\"x", "/", &[], &[]);
    let log = log_of(&mut server);
    let lines = lines_of(&log);
    assert!(lines.iter().all(|line| line.get("forged").is_none()), "{log}");
    assert!(
        log.chars().all(|c| c == '\n' || !c.is_control()) && !log.contains('\u{2028}'),
        "raw control characters"
    );
    assert!(log.contains(ADMIN_EMAIL) || lines.len() > 10, "the requests are in the log");
}

#[test]
fn every_line_carries_ids_and_none_the_costs_of_another_step() {
    let mut server = Server::start();
    let log = log_of(&mut server);
    for line in lines_of(&log) {
        for id in ["requestId", "correlationId", "trace_id"] {
            assert!(line[id].is_string(), "{line}");
        }
        let of_server = line["module"].as_str().unwrap().starts_with("actix_");
        assert!(!of_server || line["dbCommitUs"].is_null(), "{line}");
    }
    assert!(log.contains("\"module\":\"actix_server"), "the server library says something");
}

#[test]
fn a_program_that_ends_by_a_panic_has_said_in_its_log_which() {
    // The server library panics if it may not open as many files as it begins with.
    let last_line = |files: u32| {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new("prlimit");
        command.arg(format!("--nofile={files}")).arg(program().get_program());
        command.args(["serve", "--yes", "--port", "0", "--data", "data"]).current_dir(directory.path());
        let output = command.env("EVENT_MANAGER__LOG__STDOUT", "false").output().unwrap();
        assert_eq!(output.status.code(), Some(101), "with {files} files");
        let log = fs::read_to_string(directory.path().join("data/logs/active.jsonl")).ok()?;
        lines_of(&log).pop()
    };
    // With some of these there is no room for the log either.
    let line = (5..10).find_map(last_line).expect("a line about a panic");
    assert_eq!((&line["level"], &line["thread"]), (&json!("error"), &json!("main")), "{line}");
    assert!(line["message"].as_str().unwrap().starts_with("panicked: "), "{line}");
    assert!(line["location"].is_string() && line["requestId"].is_string(), "{line}");
}
