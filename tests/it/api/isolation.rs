//! What another tenant has and does shows in no answer: not in what is counted or found, and not in how long it takes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    allowed::{Callers, Request},
    nouns::NOUNS,
};
use crate::support::{Answer, Client, Competition, Operation, operations};

/// Answers that tell of the box as a whole, or of the moment.
const OF_THE_BOX: [&str; 7] = [
    "listIntegrations",
    "getCorrelation",
    "searchLogs",
    "followLogs",
    "getLogVolume",
    "summarizeRequests",
    "getTrace",
];

/// Everything that can become of things does, in another tenant.
fn live_an_evening(competition: &Competition) {
    let admin = competition.admin();
    competition.submit_all();
    for noun in NOUNS.iter().filter(|noun| noun.kind.word() != "tenant") {
        let path = noun.item(noun.create(competition)["id"].as_str().unwrap());
        admin.patch(&path, &(noun.change)()).expect(200);
        admin.delete(&path).expect(204);
    }
    let judge = json!({"op": "create", "type": "judge", "body": {"name": "Ann"}});
    admin.post("/bulk", &json!({"operations": [judge]})).expect(200);
}

#[test]
fn nothing_that_happens_in_another_tenant_changes_an_answer() {
    let (mine, foreign) = (Callers::new(), Competition::new());
    mine.competition.submit_all();
    let is_read = |operation: &Operation| {
        let of_operators = operation.action().is_some_and(|action| {
            ["tenants.", "breakers.", "backups.", "alerts."]
                .iter()
                .any(|group| action.word().starts_with(group))
        });
        operation.method == "GET" && !of_operators && !OF_THE_BOX.contains(&operation.name())
    };
    let reads = operations().into_iter().filter(is_read);
    let requests: Vec<Request> = reads.map(|operation| mine.request(operation)).collect();
    let told = |answer: Answer| (answer.status, answer.header("etag").map(ToOwned::to_owned), answer.said());
    let ask = || requests.iter().map(|request| told(request.send())).collect::<Vec<_>>();
    let before = ask();
    live_an_evening(&foreign);
    for ((request, before), after) in requests.iter().zip(before).zip(ask()) {
        let guarded = request.operation.action().is_some();
        assert!(before.0 < 300 || !guarded, "{}: {before:?}", request.operation.name());
        assert_eq!(after, before, "{}", request.operation.name());
    }
}

/// How long somebody waits for an answer, as a rule: the middle of many times, taken in turn with those for other paths.
fn waits(client: &Client, paths: &[String; 3]) -> [Duration; 3] {
    const SAMPLES: usize = 31;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..SAMPLES {
        for (path, times) in paths.iter().zip(&mut times) {
            let started = Instant::now();
            client.get(path);
            times.push(started.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[SAMPLES / 2]
    })
}

/// An event that holds much.
fn large_event(competition: &Competition) -> String {
    let event = json!({"op": "create", "type": "event", "body": {"name": "Large"}});
    let contest = |n| json!({"op": "create", "type": "contest", "parent": "#0", "body": {"name": format!("Contest {n}")}});
    let operations: Vec<Value> = std::iter::once(event).chain((1..256).map(contest)).collect();
    competition.admin().post("/bulk", &json!({"operations": operations})).expect(200);
    let events = competition.admin().get("/events").expect(200);
    let large = events["items"].as_array().unwrap().iter().find(|event| event["name"] == "Large").unwrap();
    large["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_refusal_takes_no_longer_for_a_foreign_thing_than_for_none() {
    let (mine, foreign) = (Competition::new(), Competition::new());
    let (own, theirs) = (large_event(&mine), large_event(&foreign));
    let nobodys = "01890000-0000-7000-8000-000000000000".to_owned();
    for path in ["/exports/events/ID", "/events/ID/deletion"] {
        let paths = [&own, &theirs, &nobodys].map(|id| path.replace("ID", id));
        let [own, theirs, nobodys] = waits(mine.admin(), &paths);
        // Whoever looked into the event would wait about as long as for the own one.
        assert!(theirs < nobodys + (own - nobodys.min(own)) / 2, "{path}: {own:?} {theirs:?} {nobodys:?}");
        assert!(own > 2 * nobodys, "{path} is worth the measurement: {own:?} {nobodys:?}");
    }
}
