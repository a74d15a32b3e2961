//! Every request can be followed: ten thousand of all kinds at once, answered, refused unread or given up by whoever
//! asked, and each of them stands in the log exactly once under the id it was told, as does whatever leaves the box for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::symlink,
};

use serde_json::Value;

use super::{
    log::{lines_of, log_left_by, log_of},
    rush::{BEFORE, End, callers, correlation_of},
};
use crate::{
    peers::{Received, Receiver},
    support::{Server, wait_until},
};

const REQUESTS: usize = 10_000;
/// So many of them create an event.
const EVENTS: usize = REQUESTS / 25 * 2;

/// The records of all requests since the rush began, by their ids.
struct Records<'a>(BTreeMap<&'a str, &'a Value>);

impl<'a> Records<'a> {
    /// Each id has one record, with both ids.
    fn of(lines: &'a [Value]) -> Self {
        for line in lines.iter().filter(|line| is_record(line)) {
            assert!(line["requestId"].is_string() && line["correlationId"].is_string(), "{line}");
        }
        let records = lines.iter().filter(|line| is_record(line));
        let mut found = BTreeMap::new();
        for line in records.skip_while(|line| line["requestId"] != BEFORE).skip(1) {
            let id = line["requestId"].as_str().unwrap();
            assert_eq!(found.insert(id, line), None, "two records of {id}");
        }
        Self(found)
    }

    /// Each request that ended in some way has a record that says so.
    fn tell_of(&self, ends: &BTreeMap<String, End>) {
        let known =
            |(id, end): &(&String, &End)| **end == End::Unanswered || self.0.contains_key(id.as_str());
        let missing: Vec<_> = ends.iter().filter(|end| !known(end)).collect();
        assert!(missing.is_empty(), "{} are not in the log, such as {:?}", missing.len(), missing.first());
        for (id, end) in ends {
            let Some(line) = self.0.get(id.as_str()) else { continue };
            if let Some(number) = id.strip_prefix("rush-") {
                assert_eq!(line["correlationId"], correlation_of(number.parse().unwrap()), "{line}");
            }
            let is_so = match end {
                End::Answered(status) => line["status"] == *status && line["aborted"].is_null(),
                End::RefusedUnread => line["level"] == "warn",
                // A server that ends does not wait for the rest.
                End::Aborted => {
                    (line["aborted"] == true && line["status"].is_null()) || line["status"] == 503
                }
                // The server may have been done before it saw that nobody waits any more.
                End::NotAwaited => line["status"] == 200 || line["aborted"] == true,
                // It may have been done before it ended.
                End::Unanswered => true,
            };
            assert!(is_so, "{end:?}: {line}");
        }
    }
}

/// Whether a line is the record of a request, or of one that was refused unread.
fn is_record(line: &Value) -> bool {
    line["module"] == "event_manager::request"
        || line["message"] == "a request was refused before it was read"
}

/// Attempts of deliveries, by their own request ids: each is told by one line.
fn attempts(lines: &[Value]) -> BTreeMap<&str, &Value> {
    let mut found = BTreeMap::new();
    for line in lines.iter().filter(|line| line["module"] == "event_manager::jobs::outbox::attempt") {
        let id = line["requestId"].as_str().unwrap();
        assert_eq!(found.insert(id, line), None, "two attempts with the id {id}");
    }
    found
}

/// What arrived carries ids: its own, which an attempt in the log has, and those of the request that caused it.
fn is_traced(received: &Received, attempts: &BTreeMap<&str, &Value>, requests: &Records<'_>) {
    let attempt = attempts[received.header("x-request-id").unwrap()];
    let event = received.json();
    let cause = requests.0[event["requestId"].as_str().unwrap()];
    assert_eq!((&cause["status"], &cause["route"]), (&201.into(), &"/api/v1/events".into()), "{cause}");
    for told in [&attempt["correlationId"], &event["correlationId"]] {
        assert_eq!(told, &cause["correlationId"], "{attempt} {event}");
    }
    assert_eq!(received.header("x-correlation-id"), cause["correlationId"].as_str());
}

#[test]
fn ten_thousand_requests_of_all_kinds_at_once_stand_in_the_log_exactly_once_each() {
    let (hesitant, broken) = (Receiver::start(), Receiver::start());
    hesitant.answer_script([503; 3]);
    broken.answer_with(503);
    let (mut server, callers) = callers(&[&hesitant, &broken]);
    let ends = callers.rush(REQUESTS, REQUESTS, || {});
    let unanswered: Vec<_> = ends.iter().filter(|(_, end)| **end == End::Unanswered).collect();
    assert_eq!((ends.len(), unanswered), (REQUESTS, Vec::new()));
    let kinds: BTreeSet<End> = ends.values().copied().collect();
    let answered = [200, 201, 304, 401, 403, 404, 408, 413, 422].map(End::Answered);
    assert_eq!(
        kinds,
        answered.into_iter().chain([End::RefusedUnread, End::Aborted, End::NotAwaited]).collect()
    );
    let arrived = || hesitant.requests().len();
    wait_until("all webhooks have arrived, three of them twice", || arrived() == EVENTS + 3);
    let circuits = server.operator("system").get("/breakers").expect(200);
    let open = circuits["items"].as_array().unwrap().iter().find(|circuit| circuit["state"] == "OPEN");
    let address = broken.address().to_string();
    assert!(open.unwrap()["key"].as_str().unwrap().contains(&address), "{open:?}");

    let lines = lines_of(&log_of(&mut server));
    let records = Records::of(&lines);
    records.tell_of(&ends);
    let own = ["/api/v1/breakers"];
    let foreign = records
        .0
        .iter()
        .find(|(id, line)| !ends.contains_key(**id) && !own.iter().any(|route| line["route"] == *route));
    assert_eq!(foreign, None, "nobody was told this id");
    let attempts = attempts(&lines);
    let (told, refused) = (hesitant.requests(), broken.requests());
    told.iter().chain(&refused).for_each(|received| is_traced(received, &attempts, &records));
    let causes: BTreeSet<String> =
        told.iter().map(|received| received.json()["requestId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(causes.len(), EVENTS);
    assert_eq!(attempts.len(), told.len() + refused.len(), "an attempt that did not arrive anywhere");
}

#[test]
fn whatever_was_answered_before_the_end_stands_in_the_log_when_the_server_is_ended_in_the_middle_of_a_rush() {
    let receiver = Receiver::start();
    let (mut server, callers) = callers(&[&receiver]);
    let mut ends = callers.rush(REQUESTS / 2, REQUESTS / 4, || server.begin_stop());
    // Nobody knows whether those have been read.
    ends.retain(|_, end| *end != End::NotAwaited);
    assert!(server.end_stop().success());
    let answered = ends.values().filter(|end| matches!(end, End::Answered(_))).count();
    assert!((1..REQUESTS / 2 - 100).contains(&answered), "it ended in the middle: {answered} were answered");

    let lines = lines_of(&log_left_by(&server));
    assert_eq!(lines.last().unwrap()["message"], "stopped");
    let records = Records::of(&lines);
    records.tell_of(&ends);
    let attempts = attempts(&lines);
    receiver.requests().iter().for_each(|received| is_traced(received, &attempts, &records));
}

/// A metric without labels.
fn metric(server: &Server, name: &str) -> f64 {
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().parse().unwrap()
}

#[test]
fn the_box_itself_looks_whether_what_it_logged_is_in_the_log() {
    let (whole, robbed) = (Server::start(), Server::start());
    let file = robbed.logs().join("active.jsonl");
    fs::remove_file(&file).unwrap();
    symlink("/dev/null", &file).unwrap();
    let has_looked = |server: &Server| metric(server, "traceability_canary_duration_seconds ") > 0.0;
    wait_until("both have looked", || has_looked(&whole) && has_looked(&robbed));
    let found = |server: &Server| metric(server, "traceability_canary_success ");
    assert_eq!((found(&whole), found(&robbed)), (1.0, 0.0));
    assert_eq!(metric(&whole, "traceability_ratio "), 1.0);
}
