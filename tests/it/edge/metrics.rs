//! The metrics: every name of the catalogue, in a form that Prometheus reads.

use std::collections::{BTreeMap, BTreeSet};

use event_manager::telemetry::metrics as names;

use crate::support::{Competition, Options, Server};

/// The catalogue but for [`names::LOG_EVENTS_WITHOUT_CONTEXT`], which appears with a fault of the program only.
const CATALOGUE: [&str; 34] = [
    names::AUTH_ATTEMPTS,
    names::BACKUP_BYTES,
    names::BACKUP_DURATION,
    names::BACKUP_FAILURES,
    names::BACKUP_LAST_SUCCESS,
    names::BREAKER_CALLS,
    names::BREAKER_FAILURES,
    names::BREAKER_REJECTED,
    names::BREAKER_STATE,
    names::BREAKER_WOULD_REJECT,
    names::BUILD_INFO,
    names::DB_BATCH_OPERATIONS,
    names::DB_FILE_BYTES,
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
    names::LOG_REDACTIONS,
    names::LOG_WRITE_ERRORS,
    names::REQUEST_ID_REJECTED,
    names::SOFT_DELETE_OPERATIONS,
    names::STORE_COPIES,
    names::STORE_COPY_AGE,
    names::STORE_COPY_DURATION,
    names::STORE_DAMAGE,
    names::STORE_FREE_BYTES,
    names::STORE_READ_ONLY,
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
