//! The metrics: every name of the catalogue, in a form that Prometheus reads.

use std::collections::{BTreeMap, BTreeSet};

use event_manager::{domain::OutboundService, telemetry::metrics as names};
use serde_json::json;

use crate::support::{ADMIN_EMAIL, Competition, Options, Server, id_of, wait_until};

/// The catalogue but for [`names::LOG_EVENTS_WITHOUT_CONTEXT`], which appears with a fault of the program only.
const CATALOGUE: [&str; 39] = [
    names::AUTH_ATTEMPTS,
    names::BACKUP_BYTES,
    names::BACKUP_DURATION,
    names::BACKUP_FAILURES,
    names::BACKUP_LAST_SUCCESS,
    names::BREAKER_CALLS,
    names::BREAKER_FAILURES,
    names::BREAKER_STATE,
    names::BUILD_INFO,
    names::DB_BATCH_OPERATIONS,
    names::DB_FILE_BYTES,
    names::DB_FREE_PAGES_BYTES,
    names::DB_FSYNC_DURATION,
    names::DB_TRANSACTION_DURATION,
    names::DB_WRITE_LOCK_WAIT,
    names::HTTP_ACTIVE_REQUESTS,
    names::HTTP_REQUEST_DURATION,
    names::HTTP_REQUESTS_REJECTED,
    names::HTTP_RESPONSE_BODY_BYTES,
    names::LOG_BYTES_WRITTEN,
    names::LOG_EVENTS,
    names::LOG_EVENTS_DROPPED,
    names::LOG_EVENTS_PERSISTED,
    names::LOG_QUERY_BYTES_SCANNED,
    names::LOG_QUERY_DURATION,
    names::LOG_REDACTIONS,
    names::LOG_WRITE_ERRORS,
    names::REQUEST_ID_REJECTED,
    names::SOFT_DELETE_OPERATIONS,
    names::SOFT_DELETED_ROWS,
    names::STORE_COPIES,
    names::STORE_COPY_AGE,
    names::STORE_COPY_DURATION,
    names::STORE_DAMAGE,
    names::STORE_FREE_BYTES,
    names::STORE_READ_ONLY,
    names::TOKIO_ALIVE_TASKS,
    names::TOKIO_QUEUE_DEPTH,
    names::TOKIO_WORKERS,
];

/// What the box tells of services outside and of jobs: name, type and labels.
const RESILIENCE_AND_JOBS: [(&str, &str, &[&str]); 19] = [
    ("circuit_breaker_state", "gauge", &["service"]),
    ("circuit_breaker_failures_total", "counter", &["service"]),
    ("circuit_breaker_opened_total", "counter", &["service"]),
    ("circuit_breaker_transitions_total", "counter", &["from", "service", "to"]),
    ("circuit_breaker_calls_total", "counter", &["outcome", "service"]),
    ("circuit_breaker_fallbacks_total", "counter", &["outcome", "service"]),
    ("circuit_breaker_open_seconds_total", "counter", &["service"]),
    ("circuit_breaker_mode", "gauge", &["service"]),
    ("outbound_request_duration_seconds", "histogram", &["operation", "outcome", "service"]),
    ("outbound_retries_total", "counter", &["service"]),
    ("jobs_enqueued_total", "counter", &["job", "queue"]),
    ("jobs_completed_total", "counter", &["job", "outcome", "queue"]),
    ("job_duration_seconds", "histogram", &["job", "queue"]),
    ("job_queue_wait_seconds", "histogram", &["job", "queue"]),
    ("job_queue_depth", "gauge", &["queue"]),
    ("job_oldest_age_seconds", "gauge", &["queue"]),
    ("job_dead_letters", "gauge", &["queue"]),
    ("email_messages_total", "counter", &["outcome"]),
    ("webhook_deliveries_total", "counter", &["outcome"]),
];

fn metrics(server: &Server) -> String {
    let answer = server.anonymous().raw("GET", "/metrics", &[], &[]);
    assert_eq!(answer.status, 200, "a program on this machine needs no token");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.text()
}

/// The metric a series belongs to.
fn family<'a>(series: &'a str, types: &BTreeMap<&str, &str>) -> &'a str {
    let name = series.split(['{', ' ']).next().unwrap_or_default();
    let parts = ["_bucket", "_sum", "_count"].iter().filter_map(|end| name.strip_suffix(end));
    parts.into_iter().find(|whole| types.get(whole) == Some(&"histogram")).unwrap_or(name)
}

#[test]
fn every_metric_of_the_catalogue_appears_once_it_has_happened() {
    let competition = Competition::new();
    competition.submit_all();
    let text = metrics(&competition.tenant.server);
    let types: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
    let present: BTreeSet<&str> =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| family(line, &types)).collect();
    for name in CATALOGUE {
        assert!(present.contains(name), "{name} is missing");
    }
    assert!(present.contains("process_resident_memory_bytes"));
}

/// The names of a series' labels, in order, but for the bound of a bucket.
fn labels(series: &str) -> BTreeSet<&str> {
    let inner = series.split_once('{').and_then(|(_, rest)| rest.strip_suffix('}')).unwrap_or_default();
    inner
        .split("\",")
        .filter_map(|label| Some(label.split_once('=')?.0))
        .filter(|name| *name != "le")
        .collect()
}

#[test]
fn what_is_told_of_services_outside_and_of_jobs_is_there_from_the_start_with_its_labels() {
    let text = metrics(&Server::start());
    let types: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
    for (name, kind, expected) in RESILIENCE_AND_JOBS {
        assert_eq!(types.get(name), Some(&kind), "{name}");
        let series = text.lines().filter(|line| !line.starts_with('#') && family(line, &types) == name);
        let series: Vec<&str> = series.filter_map(|line| Some(line.rsplit_once(' ')?.0)).collect();
        assert!(!series.is_empty(), "{name} is not there from the start");
        for series in series {
            assert!(labels(series).into_iter().eq(expected.iter().copied()), "{series}");
        }
    }
    for service in OutboundService::ALL {
        let there = |series: &str| text.lines().any(|line| line == series);
        let opened = format!("circuit_breaker_opened_total{{service=\"{service}\"}} 0");
        let mode = format!("circuit_breaker_mode{{service=\"{service}\"}} 1");
        assert!(there(&opened) && there(&mode), "{service} is watched first: {text}");
    }
}

/// What a series says, if it is there.
fn number_of(server: &Server, series: &str) -> Option<f64> {
    let text = metrics(server);
    text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
}

#[test]
fn each_runtime_tells_how_late_turns_come() {
    let server = Server::start();
    let http = "tokio_poll_delay_seconds_count{runtime=\"http\"}";
    let background = "tokio_poll_delay_seconds_count{runtime=\"background\"}";
    for series in [http, background, "tokio_workers", "tokio_alive_tasks"] {
        wait_until(series, || number_of(&server, series).is_some_and(|number| number > 0.0));
    }
}

#[test]
fn what_lies_in_the_trash_is_counted_by_kind() {
    let mut server = Server::start();
    let admin = server.sign_in("house", ADMIN_EMAIL);
    for name in ["Spring", "Autumn"] {
        let event = id_of(&admin.create("/events", &json!({"name": name})));
        admin.delete(&format!("/events/{event}")).expect(204);
    }
    // It is counted at the start, and then now and then.
    server.stop();
    server.start_again();
    let lying = "soft_deleted_rows{entity=\"event\"}";
    wait_until(lying, || number_of(&server, lying) == Some(2.0));
}

#[test]
fn the_text_keeps_the_rules_of_prometheus() {
    let competition = Competition::new();
    competition.submit_all();
    let text = metrics(&competition.tenant.server);
    let types: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
    let helped: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    let (mut series, mut order) = (BTreeSet::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let family = family(name, &types);
        assert!(value.parse::<f64>().is_ok_and(|value| value >= 0.0 || types[family] == "gauge"), "{line}");
        assert!(series.insert(name), "{name} appears twice");
        assert!(types.contains_key(family), "{line} has no type");
        assert!(helped.contains(family), "{family} has no help");
        assert_eq!(types[family] == "counter", family.ends_with("_total"), "{family} is a {}", types[family]);
        if order.last() != Some(&family) {
            assert!(!order.contains(&family), "the series of {family} do not stand together");
            order.push(family);
        }
    }
}

#[test]
fn requests_are_counted_by_the_template_of_their_path_never_by_the_path() {
    let competition = Competition::new();
    competition.submit_all();
    let strange = "/nothing/to/see-here";
    competition.tenant.server.anonymous().raw("BREW", strange, &[], &[]);
    let text = metrics(&competition.tenant.server);
    let series = "http_server_request_duration_seconds_count{method=\"PUT\",\
        route=\"/api/v1/categories/{id}/entries/{entryId}/sheet\",code=\"201\"}";
    assert!(text.contains(series), "{text}");
    assert!(!text.contains(&competition.category) && !text.contains(strange), "{text}");
    assert!(text.contains("method=\"_OTHER\",route=\"unmatched\""), "{text}");
}

#[test]
fn metrics_need_a_token_when_they_are_not_open_on_this_machine() {
    let server = Server::with(Options::default().set("server.metrics_open_on_loopback", "false"));
    server.anonymous().raw("GET", "/metrics", &[], &[]).expect_problem(401, "unauthenticated");
    assert_eq!(server.admin().raw("GET", "/metrics", &[], &[]).status, 200);
}

#[test]
fn a_proxy_on_this_machine_does_not_open_the_metrics_to_those_it_asks_for() {
    let server = Server::start();
    assert_eq!(server.anonymous().raw("GET", "/metrics", &[], &[]).status, 200);
    for header in [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9"), ("via", "1.1 proxy")]
    {
        server.anonymous().raw("GET", "/metrics", &[header], &[]).expect_problem(401, "unauthenticated");
    }
}
