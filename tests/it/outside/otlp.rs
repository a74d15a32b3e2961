//! Traces and logs on their way to a collector: a real one, which says what it has understood, and one that fails on command.

use std::{
    collections::BTreeMap,
    io::Read,
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::options;
use crate::{
    peers::{Collector, Received, Receiver, Reply, lines_in},
    support::{Client, Options, Server, wait_until},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";
const SECRET: &str = "a-token-of-the-collector";

/// A server that exports to an address, and tries its circuit again soon.
fn exporting_to(endpoint: &str) -> Options {
    options()
        .set("otlp.endpoint", endpoint)
        .set("otlp.headers", &format!("authorization=Bearer%20{SECRET},x-scope-orgid=venue"))
        .set("breaker.otlp.consecutive_failures", "2")
        .set("breaker.otlp.timeout_ms", "1000")
        .set("breaker.otlp.longest_timeout_ms", "1000")
}

/// Creates an event in a trace.
fn traced(admin: &Client, trace: &str) {
    let traceparent = format!("00-{trace}-{CALLER}-01");
    let headers = [("traceparent", traceparent.as_str()), ("content-type", "application/json")];
    let body = json!({"name": format!("Event {trace}")}).to_string();
    assert_eq!(admin.raw("POST", "/api/v1/events", &headers, body.as_bytes()).status, 201);
}

fn nth_trace(number: usize) -> String {
    format!("{:032x}", number + 0xabc_000)
}

/// What came of a kind in requests that were taken or not.
fn items(requests: &[Received], path: &str) -> Vec<Value> {
    let of = |request: &Received| {
        let mut body = String::new();
        GzDecoder::new(&request.body[..]).read_to_string(&mut body).unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        let (resources, scopes, items) = match path {
            "/v1/traces" => ("resourceSpans", "scopeSpans", "spans"),
            _ => ("resourceLogs", "scopeLogs", "logRecords"),
        };
        body[resources][0][scopes][0][items].as_array().unwrap().clone()
    };
    requests.iter().filter(|request| request.path == path).flat_map(of).collect()
}

/// How often each trace has a span of a request among items.
fn requests_of(spans: &[Value]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for span in spans.iter().filter(|span| span["name"] == "POST /api/v1/events") {
        *counts.entry(span["traceId"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

/// A counter of the export.
fn exported(server: &Server, signal: &str, outcome: &str) -> u64 {
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let series = format!("otlp_export_items_total{{signal=\"{signal}\",outcome=\"{outcome}\"}} ");
    let value = metrics.lines().find_map(|line| line.strip_prefix(&series));
    value.unwrap_or_else(|| panic!("{series}: {metrics}")).parse().unwrap()
}

fn circuit(server: &Server) -> Value {
    let list = server.super_admin().get("/breakers?service=otlp").expect(200);
    list["items"][0].clone()
}

#[test]
fn a_collector_is_sent_the_spans_of_a_request_each_once_with_times_kinds_and_parents() {
    let collector = Collector::start();
    let server = Server::with(exporting_to(&format!("http://{}", collector.address())));
    traced(&server.admin(), TRACE);
    let path = format!("/jaeger/api/v3/traces/{TRACE}");
    let mut known = Value::Null;
    wait_until("the trace is in the log", || {
        let answer = server.anonymous().raw("GET", &path, &[], &[]);
        known = if answer.status == 200 { answer.json() } else { Value::Null };
        known.is_object()
    });
    let resources = known["result"]["resourceSpans"].as_array().unwrap();
    let spans = resources.iter().flat_map(|part| part["scopeSpans"][0]["spans"].as_array().unwrap());
    let kinds = ["", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "", "SPAN_KIND_CONSUMER"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut expected: Vec<_> = spans
        .map(|span| {
            let kind = usize::try_from(span["kind"].as_u64().unwrap()).unwrap();
            let times = (text(&span["startTimeUnixNano"]), text(&span["endTimeUnixNano"]));
            (
                text(&span["spanId"]),
                text(&span["parentSpanId"]),
                text(&span["name"]),
                kinds[kind].to_owned(),
                times,
            )
        })
        .collect();
    expected.sort();
    let told = || {
        let spans = collector.spans().into_iter().filter(|span| span["Trace ID"] == TRACE);
        let mut told: Vec<_> = spans
            .map(|span| {
                let of = |name: &str| span[name].clone();
                (of("ID"), of("Parent ID"), of("Name"), of("Kind"), (of("Start time"), of("End time")))
            })
            .collect();
        told.sort();
        told
    };
    wait_until("the collector has its spans", || told().len() >= expected.len());
    // What comes behind it comes later: by then nothing of it came twice.
    traced(&server.admin(), &nth_trace(1));
    wait_until("the collector has the next trace", || {
        collector.spans().iter().any(|span| span["Trace ID"] == nth_trace(1))
    });
    assert_eq!(told(), expected);
    let request =
        expected.iter().find(|(_, parent, ..)| parent == CALLER).expect("the request is the caller's");
    assert!(
        expected.iter().any(|(_, parent, ..)| *parent == request.0),
        "its steps are beneath it: {expected:?}"
    );
    let source = &collector.resources("ResourceSpans")[0];
    assert_eq!(source["service.name"], "Str(event-manager)");
    assert_eq!(source["service.version"], format!("Str({})", env!("CARGO_PKG_VERSION")));
    assert!(source["service.instance.id"].len() > 36 && source["host.name"] != "Str()", "{source:?}");
    assert_eq!(collector.complaints(), Vec::<String>::new());
}

#[test]
fn a_collector_is_sent_the_lines_of_the_log_with_severity_and_their_place_in_a_trace() {
    let collector = Collector::start();
    let server = Server::with(exporting_to(&format!("http://{}/", collector.address())));
    traced(&server.admin(), TRACE);
    let told = || {
        let records = collector.records().into_iter();
        records.filter(|record| {
            record["Trace ID"] == TRACE && record.get("kind").is_some_and(|kind| kind == "Str(http)")
        })
    };
    wait_until("the collector has its line", || told().count() > 0);
    let record = told().next().unwrap();
    assert_eq!((&*record["SeverityText"], &*record["SeverityNumber"]), ("INFO", "SEVERITY_NUMBER_INFO(9)"));
    assert_eq!((&*record["status"], &*record["route"]), ("Int(201)", "Str(/api/v1/events)"));
    assert!(record["requestId"].starts_with("Str(") && record["Body"].starts_with("Str("), "{record:?}");
    wait_until("it is counted", || exported(&server, "logs", "exported") > 0);
    assert_eq!((exported(&server, "logs", "failed"), exported(&server, "logs", "rejected")), (0, 0));
    assert_eq!(collector.complaints(), Vec::<String>::new());
}

#[test]
fn a_collector_that_was_away_gets_everything_when_it_is_back_and_meanwhile_its_circuit_is_open() {
    const TRACES: usize = 40;
    let receiver = Receiver::start();
    receiver.answer_with(503);
    let server = Server::with(exporting_to(&receiver.url("")).set("otlp.logs", "false"));
    let admin = server.admin();
    (0..TRACES / 2).for_each(|number| traced(&admin, &nth_trace(number)));
    wait_until("its circuit is open", || circuit(&server)["state"] == "OPEN");
    (TRACES / 2..TRACES).for_each(|number| traced(&admin, &nth_trace(number)));
    assert!(exported(&server, "traces", "failed") > 0);
    assert_eq!(exported(&server, "traces", "exported"), 0);
    let (before, refused) = (receiver.requests().len(), exported(&server, "traces", "failed"));
    wait_until("it is counted that what waits still waits", || {
        exported(&server, "traces", "failed") > refused
    });
    receiver.answer_with(200);
    let taken = || requests_of(&items(&receiver.requests()[before..], "/v1/traces"));
    wait_until("all traces have arrived", || {
        (0..TRACES).all(|number| taken().contains_key(&nth_trace(number)))
    });
    wait_until("its circuit is closed", || circuit(&server)["state"] == "CLOSED");
    let counted = exported(&server, "traces", "exported");
    assert!(counted >= TRACES as u64 * 2, "with their steps: {counted}");
    assert!(receiver.requests().iter().all(|request| request.path == "/v1/traces"), "lines are not wanted");
    let deliveries = server.super_admin().get("/deliveries").expect(200);
    assert_eq!(deliveries["items"], json!([]), "it is no delivery");
}

#[test]
fn a_server_that_is_killed_while_it_exports_sends_everything_at_least_once() {
    const TRACES: usize = 10;
    let receiver = Receiver::start();
    receiver.hold();
    let mut server = Server::with(exporting_to(&receiver.url("")));
    let admin = server.admin();
    (0..TRACES).for_each(|number| traced(&admin, &nth_trace(number)));
    let record = format!("/jaeger/api/v3/traces/{}", nth_trace(TRACES - 1));
    wait_until("all of it is in the log", || server.anonymous().raw("GET", &record, &[], &[]).status == 200);
    receiver.wait_for(1, Duration::from_secs(30));
    server.kill();
    let before = receiver.requests().len();
    receiver.release();
    server.start_again();
    let sent = || requests_of(&items(&receiver.requests()[before..], "/v1/traces"));
    wait_until("all traces have arrived", || {
        (0..TRACES).all(|number| sent().contains_key(&nth_trace(number)))
    });
}

#[test]
fn a_collector_that_hangs_holds_up_neither_requests_nor_the_end_of_the_program() {
    let receiver = Receiver::start();
    receiver.hold();
    let mut server = Server::with(exporting_to(&receiver.url("")).set("otlp.timeout_s", "60"));
    let admin = server.admin();
    traced(&admin, &nth_trace(0));
    receiver.wait_for(1, Duration::from_secs(30));
    (1..20).for_each(|number| traced(&admin, &nth_trace(number)));
    let begun = Instant::now();
    assert!(server.stop().success());
    assert!(begun.elapsed() < Duration::from_secs(30), "it did not wait for the call: {:?}", begun.elapsed());
    let before = receiver.requests().len();
    receiver.release();
    server.start_again();
    let sent = || requests_of(&items(&receiver.requests()[before..], "/v1/traces"));
    wait_until("all traces have arrived", || (0..20).all(|number| sent().contains_key(&nth_trace(number))));
}

#[test]
fn what_a_collector_refuses_is_counted_told_once_and_not_sent_again() {
    let receiver = Receiver::start();
    receiver.answer_with(400);
    let server = Server::with(exporting_to(&receiver.url("")));
    let admin = server.admin();
    for number in 0..3 {
        let before = exported(&server, "traces", "rejected");
        traced(&admin, &nth_trace(number));
        wait_until("it is counted", || exported(&server, "traces", "rejected") > before);
    }
    assert_eq!((exported(&server, "traces", "exported"), exported(&server, "traces", "failed")), (0, 0));
    assert_eq!(
        requests_of(&items(&receiver.requests(), "/v1/traces")).into_values().max(),
        Some(1),
        "each was sent once"
    );
    receiver.answer_with(
        Reply::status(200).body(r#"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"old"}}"#),
    );
    let before = exported(&server, "traces", "rejected");
    traced(&admin, &nth_trace(9));
    wait_until("it goes on", || exported(&server, "traces", "exported") > 0);
    assert_eq!(
        exported(&server, "traces", "rejected"),
        before + 1,
        "that one of them was left out is counted"
    );
    assert_eq!(circuit(&server)["state"], "CLOSED", "the collector works");
    let sent = receiver.requests();
    for request in &sent {
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {SECRET}")));
        assert_eq!(
            (request.header("x-scope-orgid"), request.header("content-type")),
            (Some("venue"), Some("application/json"))
        );
    }
    let own = |lines: &[Value]| {
        lines.iter().filter(|line| line.to_string().contains("the log is not exported")).count()
    };
    assert_eq!(own(&items(&sent, "/v1/logs")), 0, "what the export itself logs is not exported");
    let log = lines_in(&server.logs());
    assert_eq!(log.matches("the log is not exported").count(), 2, "once for each signal: {log}");
    assert!(!log.contains(SECRET), "the log has no secret");
    let shown = server.command(&["config", "show"]).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout);
    assert!(shown.contains("[otlp]") && !shown.contains(SECRET), "{shown}");
}

#[test]
fn a_collector_that_wants_to_be_left_alone_is() {
    const ASKED: Duration = Duration::from_secs(3);
    let receiver = Receiver::start();
    receiver.answer_script([Reply::status(429).header("retry-after", "3")]);
    let server = Server::with(exporting_to(&receiver.url("")).set("otlp.logs", "false"));
    traced(&server.admin(), TRACE);
    let sent = receiver.wait_for(2, Duration::from_secs(30));
    assert!(sent[1].at - sent[0].at >= ASKED, "{:?}", sent[1].at - sent[0].at);
    assert_eq!(items(&sent[..1], "/v1/traces"), items(&sent[1..2], "/v1/traces"), "the same is sent again");
}

#[test]
fn nothing_is_sent_for_ever_by_what_sending_itself_logs() {
    let receiver = Receiver::start();
    let server = Server::with(exporting_to(&receiver.url("")).set("log.level", "trace"));
    let admin = server.admin();
    let lines_of = |trace: &str| {
        let lines = items(&receiver.requests(), "/v1/logs");
        lines.iter().filter(|line| line["traceId"] == *trace).count()
    };
    for number in 0..3 {
        traced(&admin, &nth_trace(number));
        wait_until("its lines have arrived", || lines_of(&nth_trace(number)) > 0);
    }
    // What the log says of the first calls stands before the last of these lines.
    assert!(lines_in(&server.logs()).contains("a call is let pass"));
    let own = |line: &Value| line["body"]["stringValue"] == "a call is let pass";
    assert!(!items(&receiver.requests(), "/v1/logs").iter().any(own), "its own calls are not exported");
}
