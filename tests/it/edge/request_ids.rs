//! Ids of requests: taken from the caller if they are harmless, drawn otherwise, and in every answer.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, Tenant};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// One request for each kind of answer, with the headers given.
fn every_kind_of_answer(tenant: &Tenant, headers: &[(&str, &str)]) -> Vec<(u16, Answer)> {
    let (anonymous, admin) = (tenant.server.anonymous(), &tenant.admin);
    let json = [headers, &[("content-type", "application/json")]].concat();
    let kept = anonymous.raw("GET", "/", &[], &[]).etag().to_owned();
    let seen = [headers, &[("if-none-match", kept.as_str())]].concat();
    vec![
        (200, admin.raw("GET", "/api/v1/events", headers, &[])),
        (201, admin.raw("POST", "/api/v1/events", &json, br#"{"name": "Gala"}"#)),
        (200, anonymous.raw("GET", "/health/live", headers, &[])),
        (200, anonymous.raw("GET", "/metrics", headers, &[])),
        (200, anonymous.raw("GET", "/api/openapi.json", headers, &[])),
        (200, anonymous.raw("GET", "/", headers, &[])),
        (304, anonymous.raw("GET", "/", &seen, &[])),
        (400, admin.raw("POST", "/api/v1/events", &json, b"{")),
        (401, anonymous.raw("GET", "/api/v1/events", headers, &[])),
        (403, tenant.with_grants(&json!([{"role": "CONTESTANT"}])).raw("GET", "/api/v1/users", headers, &[])),
        (404, anonymous.raw("GET", "/nothing/here", headers, &[])),
        (404, anonymous.raw("GET", "/missing.js", headers, &[])),
        (404, anonymous.raw("GET", "/api/v1/nothing", headers, &[])),
        (404, admin.raw("GET", "/api/v1/events/no-id", headers, &[])),
        (405, anonymous.raw("PATCH", "/api/v1/events", headers, &[])),
        (415, admin.raw("POST", "/api/v1/events", headers, b"name=Gala")),
        (422, admin.raw("POST", "/api/v1/events", &json, b"{}")),
    ]
}

#[test]
fn the_ids_of_the_caller_are_in_every_answer() {
    let tenant = Tenant::new();
    let longest = "x".repeat(128);
    for (request, correlation) in
        [("desk-7", "finale"), ("A.b_c-9", longest.as_str()), (longest.as_str(), "1")]
    {
        let headers = [("X-Request-ID", request), ("X-Correlation-ID", correlation)];
        for (status, answer) in every_kind_of_answer(&tenant, &headers) {
            assert_eq!(answer.status, status, "{}", answer.describe());
            assert_eq!(answer.header("x-request-id"), Some(request), "{}", answer.describe());
            assert_eq!(answer.header("x-correlation-id"), Some(correlation), "{}", answer.describe());
        }
    }
}

#[test]
fn a_request_without_ids_gets_a_new_uuid_and_correlates_with_itself() {
    let mut seen = std::collections::BTreeSet::new();
    for (_, answer) in every_kind_of_answer(&Tenant::new(), &[]) {
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(Uuid::parse_str(id).unwrap().get_version_num(), 7, "{}", answer.describe());
        assert_eq!(answer.header("x-correlation-id"), Some(id));
        assert!(seen.insert(id.to_owned()), "two requests with the id {id}");
    }
}

#[test]
fn ids_that_are_too_long_or_strange_or_come_twice_are_replaced_and_counted() {
    let tenant = Tenant::new();
    let (too_long, client) = ("x".repeat(129), tenant.server.anonymous());
    let strange =
        [too_long.as_str(), "", "two words", "quote\"", "semi;colon", "slash/", "umläut", "<b>", "a\tb"];
    for name in ["X-Request-ID", "X-Correlation-ID"] {
        let counted = format!("request_id_rejected_total{{header=\"{name}\"}}");
        for value in strange {
            let before = figure(&tenant, &counted);
            let answer = client.raw("GET", "/health/live", &[(name, value)], &[]);
            let id = answer.header(&name.to_ascii_lowercase()).unwrap();
            assert_eq!(Uuid::parse_str(id).unwrap().get_version_num(), 7, "{value:?} became {id:?}");
            assert!(figure(&tenant, &counted) > before, "{name}: {value:?} is not counted");
        }
        let twice = [(name, "one"), (name, "two")];
        let answer = client.raw("GET", "/health/live", &twice, &[]);
        assert!(Uuid::parse_str(answer.header(&name.to_ascii_lowercase()).unwrap()).is_ok());
    }
}

#[test]
fn a_traceparent_that_is_malformed_or_comes_twice_is_counted() {
    let tenant = Tenant::new();
    let counted = "request_id_rejected_total{header=\"traceparent\"}";
    let client = tenant.server.anonymous();
    let good = format!("00-{TRACE}-b7ad6b7169203331-01");
    let zeros = format!("00-{}-b7ad6b7169203331-01", "0".repeat(32));
    let (short, upper) = (good[..54].to_owned(), good.to_uppercase());
    for bad in [zeros.as_str(), short.as_str(), upper.as_str(), "ff-nonsense", ""] {
        let before = figure(&tenant, counted);
        assert_eq!(client.raw("GET", "/health/live", &[("traceparent", bad)], &[]).status, 200);
        assert!(figure(&tenant, counted) > before, "{bad:?} is not counted");
    }
    let twice = [("traceparent", good.as_str()), ("traceparent", good.as_str())];
    let before = figure(&tenant, counted);
    client.raw("GET", "/health/live", &twice, &[]);
    assert!(figure(&tenant, counted) > before, "a traceparent that comes twice is not counted");
}

#[test]
fn a_problem_names_the_ids_of_its_headers() {
    let headers = [("X-Request-ID", "desk-7"), ("X-Correlation-ID", "finale")];
    for (status, answer) in every_kind_of_answer(&Tenant::new(), &headers) {
        if status >= 400 {
            let problem = answer.json();
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{}",
                answer.describe()
            );
            assert_eq!(problem["status"], status, "{}", answer.describe());
            assert_eq!(problem["requestId"], "desk-7", "{}", answer.describe());
            assert_eq!(problem["correlationId"], "finale", "{}", answer.describe());
            assert!(problem["code"].is_string() && problem["instance"].is_string(), "{}", answer.describe());
        }
    }
}

/// A figure of the metrics; other tests may let it grow meanwhile.
fn figure(tenant: &Tenant, series: &str) -> f64 {
    let metrics = tenant.server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let line =
        metrics.lines().find_map(|line| line.strip_prefix(series)).unwrap_or_else(|| panic!("no {series}"));
    line.trim().parse().unwrap()
}
