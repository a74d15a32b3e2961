//! Data that an older release wrote: this one opens it, keeps a copy of it as it was, and answers of it as of its own.

use std::fs;

use event_manager::store::FORMAT;
use serde_json::{Value, json};

use super::success;
use crate::support::{Client, Server};

/// The data file of a box that ran the last release of format 1. A judge was created in it under a correlation ID that was
/// drawn, and under another that was given one, with 300 contestants that a job made.
const FORMAT_1: &[u8] = include_bytes!("../../golden/evening-of-format-1.redb.zst");
const GIVEN: &str = "the-old-import";
const DRAWN: &str = "01a21557-4cc0-7631-b6b2-4adf6a120ec1";

/// What belongs to an ID, but that what is tried again since the start is given up, whenever that may be.
fn chain(client: &Client, id: &str) -> Vec<Value> {
    let mut items =
        client.get(&format!("/correlations/{id}")).expect(200)["items"].as_array().unwrap().clone();
    items.retain(|item| item["change"]["changes"][0]["action"] != "delivery.died");
    items
}

#[test]
fn data_of_format_1_opens_and_answers_what_belonged_together() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let data = server.data();
    fs::write(data.join("event-manager.redb"), zstd::decode_all(FORMAT_1).unwrap()).unwrap();
    server.start_again();
    let operator = server.operator("house");

    let found = chain(&operator, GIVEN);
    let of = |kind: &str| -> Vec<&Value> { found.iter().filter(|item| item["kind"] == kind).collect() };
    let (changes, jobs, deliveries) = (of("change"), of("job"), of("delivery"));
    let count: u64 = changes.iter().map(|item| item["change"]["count"].as_u64().unwrap()).sum();
    assert_eq!(count, 302, "300 contestants, the job, and a judge: {found:#?}");
    assert_eq!((jobs.len(), deliveries.len()), (1, 1));
    assert_eq!((&jobs[0]["job"]["state"], &jobs[0]["job"]["done"]), (&json!("done"), &json!(300)));
    assert_eq!(deliveries[0]["delivery"]["title"], "judge.created");
    let kim = chain(&operator, DRAWN);
    assert_eq!(kim[0]["change"]["changes"][0]["subject"]["name"], "Kim");
    let listed = operator.get(&format!("/deliveries?correlationId={DRAWN}")).expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "the list of deliveries finds them as before");

    let new = operator.with_header("X-Correlation-ID", GIVEN);
    new.create("/contestants", &json!({"name": "Another"}));
    assert_eq!(chain(&operator, GIVEN).len(), found.len() + 1, "what is new belongs to the same");
    let verified = operator.get("/audit/verify").expect(200);
    assert_eq!(verified["intact"], true, "{verified}");

    let copy = data.join("event-manager.format-1.redb");
    assert!(copy.exists() && FORMAT > 1);
    let said = success(&mut server.command(&["copies", "verify", copy.to_str().unwrap()]));
    assert!(said.contains(": sound, "), "{said}");
}
