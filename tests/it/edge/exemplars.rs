//! Exemplars of the durations of requests, as a real Prometheus takes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::{
    peers::Prometheus,
    support::{Server, wait_until},
};

/// What a Prometheus says that it would like.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
    text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

#[test]
fn a_prometheus_finds_by_its_exemplars_the_traces_of_requests() {
    let server = Server::start();
    let admin = server.admin();
    let before = now();
    admin.create("/events", &json!({"name": "Traced"}));
    let prometheus = Prometheus::scraping(server.address());
    let query =
        "http_server_request_duration_seconds_bucket%7Broute=%22/api/v1/events%22,method=%22POST%22%7D";
    let mut exemplar = Value::Null;
    wait_until("Prometheus has an exemplar", || {
        let (start, end) = (before.as_secs() - 60, now().as_secs() + 60);
        let found = prometheus.ask(&format!("query_exemplars?query={query}&start={start}&end={end}"));
        exemplar = found[0]["exemplars"][0].clone();
        exemplar.is_object()
    });
    let (trace, request) =
        (exemplar["labels"]["trace_id"].as_str().unwrap(), &exemplar["labels"]["request_id"]);
    let seconds: f64 = exemplar["value"].as_str().unwrap().parse().unwrap();
    let at = Duration::from_secs_f64(exemplar["timestamp"].as_f64().unwrap());
    assert!(
        seconds > 0.0 && at + Duration::from_secs(1) > before && at < now() + Duration::from_secs(1),
        "{exemplar}"
    );
    let mut spans = Value::Null;
    wait_until("the trace is in the log", || {
        let answer = admin.get(&format!("/traces/{trace}"));
        spans = if answer.status == 200 { answer.json()["spans"].clone() } else { Value::Null };
        spans.as_array().is_some_and(|spans| !spans.is_empty())
    });
    assert!(
        spans.to_string().contains(request.as_str().unwrap()),
        "it is the trace of that request: {spans}"
    );
    let targets = prometheus.ask("targets");
    assert_eq!(
        targets["activeTargets"][0]["lastError"], "",
        "nothing is wrong with what it reads: {targets}"
    );
}

#[test]
fn the_metrics_are_the_same_in_either_form() {
    let server = Server::start();
    let read = |accept: &str| {
        let answer = server.anonymous().raw("GET", "/metrics", &[("accept", accept)], &[]);
        (answer.header("content-type").unwrap().to_owned(), answer.text())
    };
    let (kind, text) = read("*/*");
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    let (open_kind, open) = read(ACCEPT);
    assert_eq!(open_kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(open.ends_with("\n# EOF\n") && !text.contains("# EOF"));
    assert!(
        open.contains("# TYPE log_events counter\n") && text.contains("# TYPE log_events_total counter\n")
    );
    let names = |text: &str| {
        let series = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut names: Vec<String> =
            series.map(|line| line.split(['{', ' ']).next().unwrap_or_default().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(names(&text), names(&open));
    let help = open.lines().filter(|line| line.starts_with("# HELP"));
    assert!(
        help.clone().count() > 50 && help.into_iter().all(|line| !line.contains('"')),
        "quotation marks need escapes"
    );
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}
