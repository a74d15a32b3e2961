//! Lines: the queries that people write, and those that Grafana makes of them.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{CATEGORIZE, address, auditor, get, lines, lines_between, now, requests};
use crate::support::{Options, Server, Tenant, fresh, wait_until};

const ALL: &str = "{app=\"event-manager\"}";

#[test]
fn the_queries_of_the_customers_document_find_a_request_by_its_ids() {
    let tenant = Tenant::new();
    let reader = auditor(&tenant);
    let (request, correlation) = (fresh("literal-request"), fresh("literal-correlation"));
    let headers = [("x-request-id", request.as_str()), ("x-correlation-id", &correlation)];
    assert_eq!(tenant.admin.raw("GET", "/api/v1/events", &headers, b"").status, 200);
    for query in [
        format!(r#"{{app="event-manager"}} |= "requestId:{request}""#),
        format!(r#"{{app="event-manager"}} |= "correlationId:{correlation}""#),
        format!(r#"{{app="event-manager"}} | json | requestId="{request}""#),
        format!(r#"{{app="event-manager"}} | json | correlationId="{correlation}""#),
        format!(r#"{{app="event-manager", kind="http", level=~"INFO|WARN"}} |= `"{request}"`"#),
    ] {
        wait_until("it is found", || !lines(&reader, &query).is_empty());
        let found = lines(&reader, &query);
        let [(time, line, labels)] = &found[..] else { panic!("{query}: {found:?}") };
        let fields: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&fields["requestId"], &fields["route"]), (&json!(request), &json!("/api/v1/events")));
        assert_eq!(labels["correlationId"], json!(correlation), "{query}");
        assert_eq!(
            (&labels["app"], &labels["level"], &labels["kind"]),
            (&json!("event-manager"), &json!("info"), &json!("http"))
        );
        assert!((now() - time).abs() < 600_000_000_000, "{time}");
    }
    let half = request.strip_suffix(char::is_numeric).unwrap();
    assert_eq!(lines(&reader, &format!(r#"{ALL} |= "requestId:{half}""#)), [], "a part of an ID is none");
}

#[test]
fn labels_stand_together_or_apart_as_they_are_asked_for() {
    let tenant = Tenant::new();
    let (reader, correlation) = (auditor(&tenant), requests(&tenant, 1));
    let query = format!(r#"{ALL} |= "correlationId:{correlation}" | json"#);
    let start = (now() - 600_000_000_000).to_string();
    let path = address("/loki/api/v1/query_range", &[("query", &query), ("start", &start)]);
    let apart = reader.raw("GET", &path, &[CATEGORIZE], b"").expect(200)["data"].clone();
    let stream = &apart["result"][0];
    let names: Vec<&String> = stream["stream"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["app", "kind", "level", "module", "service_name"]);
    let (metadata, parsed) =
        (&stream["values"][0][2]["structuredMetadata"], &stream["values"][0][2]["parsed"]);
    assert_eq!((&metadata["correlationId"], &parsed["status"]), (&json!(correlation), &json!("200")));

    let together = reader.raw("GET", &path, &[], b"").expect(200)["data"].clone();
    assert_eq!(together.get("encodingFlags"), None);
    let stream = &together["result"][0];
    assert_eq!(stream["values"][0].as_array().unwrap().len(), 2, "{stream}");
    assert_eq!(
        (&stream["stream"]["correlationId"], &stream["stream"]["status"]),
        (&json!(correlation), &json!("200"))
    );
    let summary = &together["stats"]["summary"];
    assert!(
        summary["totalBytesProcessed"].as_u64() > Some(0)
            && summary["totalLinesProcessed"].as_u64() > Some(0)
    );
}

#[test]
fn adjacent_windows_have_every_line_once_and_pages_go_on_where_the_last_one_ended() {
    let tenant = Tenant::new();
    let (reader, correlation) = (auditor(&tenant), requests(&tenant, 30));
    let query = format!(r#"{ALL} | json | correlationId="{correlation}""#);
    let whole = lines(&reader, &query);
    assert!(whole.len() == 30 && whole.is_sorted_by(|one, next| one.0 >= next.0), "newest first");
    let (first, last) = (whole[29].0, whole[0].0);
    // Windows end on the very times of lines, between them, and between microseconds.
    for cut in [whole[10].0, whole[10].0 + 1, whole[10].0 - 1, i128::midpoint(first, last)] {
        let mut parts = lines_between(&reader, &query, (cut, last + 1), "backward", 1_000);
        parts.extend(lines_between(&reader, &query, (first, cut), "backward", 1_000));
        assert_eq!(parts, whole, "cut at {cut}");
    }
    assert_eq!(
        lines_between(&reader, &query, (first, last), "backward", 1_000).len(),
        29,
        "its end is not in it"
    );
    let mut forward = lines_between(&reader, &query, (first, last + 1), "forward", 1_000);
    forward.reverse();
    assert_eq!(forward, whole);
    assert_eq!(lines_between(&reader, &query, (first, last + 1), "backward", 7), whole[..7]);
    let oldest = lines_between(&reader, &query, (first, last + 1), "forward", 7);
    assert!(oldest.iter().eq(whole.iter().rev().take(7)));
}

#[test]
fn the_context_of_a_line_and_the_way_from_a_trace_to_its_lines_are_found() {
    let tenant = Tenant::new();
    let (reader, correlation) = (auditor(&tenant), requests(&tenant, 5));
    let all = lines(&reader, &format!(r#"{ALL} |= "correlationId:{correlation}""#));
    let (time, line, labels) = &all[2];
    // Grafana asks for what stands before and behind in the row's own stream.
    let selector = format!(
        r#"{{app="event-manager", kind="http", level="info", module={}, service_name="event-manager"}} |= "{correlation}""#,
        labels["module"]
    );
    let two_hours = 7_200_000_000_000;
    let before = lines_between(&reader, &selector, (time - two_hours, *time), "backward", 100);
    let behind = lines_between(&reader, &selector, (*time, time + two_hours), "forward", 100);
    assert_eq!((before.len(), behind.len()), (2, 3), "the row itself begins what is behind");
    assert_eq!(&behind[0].1, line);

    let trace = labels["trace_id"].as_str().unwrap();
    let usual = format!(
        r#"{ALL} | label_format log_line_contains_trace_id=`{{{{ contains "{trace}" __line__  }}}}` | log_line_contains_trace_id="true" or trace_id="{trace}""#
    );
    for query in [usual, format!(r#"{ALL} | json | trace_id="{trace}""#)] {
        let found = lines(&reader, &query);
        assert_eq!(found.iter().map(|(_, line, _)| line).collect::<Vec<_>>(), [line], "{query}");
    }
}

#[test]
fn a_query_may_be_posted_and_its_answer_packed() {
    let tenant = Tenant::new();
    let (reader, correlation) = (auditor(&tenant), requests(&tenant, 5));
    let query = format!(r#"{ALL} |= "correlationId:{correlation}""#);
    let form = address("", &[("query", &query), ("limit", "100")]);
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("accept-encoding", "deflate, gzip;q=1.0")];
    let answer = reader.raw("POST", "/loki/api/v1/query_range", &headers, &form.as_bytes()[1..]);
    assert_eq!((answer.status, answer.header("content-encoding")), (200, Some("gzip")));
    let mut unpacked = String::new();
    GzDecoder::new(&answer.body[..]).read_to_string(&mut unpacked).unwrap();
    let posted: Value = serde_json::from_str(&unpacked).unwrap();
    let plain = get(&reader, "/loki/api/v1/query_range", &[("query", &query), ("limit", "100")]);
    assert_eq!(
        (plain.header("content-encoding"), &plain.expect(200)["data"]["result"]),
        (None, &posted["data"]["result"])
    );
    assert_eq!(posted["data"]["result"].as_array().unwrap().len(), 5, "each request has labels of its own");
}

#[test]
fn what_is_not_understood_is_refused_with_its_place_and_nothing_else_is() {
    let tenant = Tenant::new();
    let reader = auditor(&tenant);
    let refused = |path: &str, parameters: &[(&str, &str)]| {
        let problem = get(&reader, path, parameters).expect(400);
        assert_eq!((&problem["status"], &problem["errorType"]), (&json!("error"), &json!("bad_data")));
        problem["message"].as_str().unwrap().to_owned()
    };
    let range = "/loki/api/v1/query_range";
    for (query, said) in [
        (
            r#"{app="event-manager"} | pattern "<ip>""#,
            "parse error at line 1, col 25: the stage pattern is not supported",
        ),
        ("{app=\"event-manager\"}\n| json |", "parse error at line 2, col 8: expected a name"),
        (
            "sum by (level) (stddev_over_time({a=\"b\"}[1m]))",
            "parse error at line 1, col 17: the function stddev_over_time is not supported",
        ),
    ] {
        assert_eq!(refused(range, &[("query", query)]), said);
    }
    assert_eq!(refused(range, &[]), "the parameter query is missing");
    let sized = |limit: &str| refused(range, &[("query", ALL), ("limit", limit)]);
    assert_eq!(sized("5001"), "the parameter limit must be from 1 to 5000, not 5001");
    assert_eq!(sized("many"), "the parameter limit must be a whole number");
    assert!(
        refused(range, &[("query", ALL), ("start", "soon")])
            .starts_with("the parameter start must be a time")
    );
    let count = r#"count_over_time({app="event-manager"}[1m])"#;
    assert!(refused(range, &[("query", count), ("step", "1ms")]).contains("more than 11000"));
    assert!(refused("/loki/api/v1/query", &[("query", ALL)]).contains("query_range"));
    assert!(refused("/loki/api/v1/series", &[("match[]", count)]).contains("a query for lines"));
}

#[test]
fn lines_in_packed_files_are_found_as_before() {
    let server = Server::with(Options::default().set("log.segment_mib", "1"));
    let (admin, loki) = (server.admin(), server.anonymous());
    let (first, padding) = (fresh("before-all"), "x".repeat(2_000));
    assert_eq!(admin.raw("GET", "/api/v1/me", &[("x-request-id", &first)], b"").status, 200);
    let packed = || {
        let names = std::fs::read_dir(server.logs()).unwrap().map(|file| file.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().ends_with(".zst")).count()
    };
    wait_until("a file is packed", || {
        for _ in 0..100 {
            admin.get(&format!("/events/{padding}"));
        }
        packed() > 0
    });
    assert_eq!(lines(&loki, &format!(r#"{ALL} |= "requestId:{first}""#)).len(), 1);
    let read = |query: &str| {
        let answer = get(&loki, "/loki/api/v1/index/stats", &[("query", query)]).expect(200);
        answer["bytes"].as_u64().unwrap()
    };
    assert!(read(&format!(r#"{ALL} |= "requestId:{first}""#)) < read(ALL), "the index is used");
    let metrics = loki.raw("GET", "/metrics", &[], b"").text();
    let counted = |series: &str| {
        let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.trim().parse::<f64>().ok());
        value.is_some_and(|value| value > 0.0)
    };
    assert!(
        counted("log_query_bytes_scanned_total") && counted("log_query_duration_seconds_count{kind=\"id\"}")
    );
    assert!(counted("log_query_duration_seconds_count{kind=\"volume\"}"), "{metrics}");
}
