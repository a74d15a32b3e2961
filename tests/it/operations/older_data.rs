//! Data that an older release wrote: this one opens it, keeps a copy of it as it was, and answers of it as of its own.

use std::fs;

use event_manager::store::FORMAT;
use serde_json::{Value, json};

use super::success;
use crate::support::{Client, Server};

/// The data file of a box that ran the last release of format 1. A judge was created in it under a correlation ID that was
/// drawn, and under another that was given one, with 300 contestants that a job made.
const FORMAT_1: &[u8] = include_bytes!("../../golden/evening-of-format-1.redb.zst");

/// The data file of a box that ran an earlier release of format 1, with one deleted thing of each kind that it knew, and what
/// that release itself told of it: the trash, how many rows each list has without and with what is deleted, and the end of
/// each audit chain.
const TRASH_OF_FORMAT_1: (&[u8], &str) = (
    include_bytes!("../../golden/trash-of-format-1.redb.zst"),
    include_str!("../../golden/trash-of-format-1.json"),
);
const GIVEN: &str = "the-old-import";
const DRAWN: &str = "01a21557-4cc0-7631-b6b2-4adf6a120ec1";

/// What belongs to an ID, but that what is tried again since the start is given up, whenever that may be.
fn chain(client: &Client, id: &str) -> Vec<Value> {
    let mut items =
        client.get(&format!("/correlations/{id}")).expect(200)["items"].as_array().unwrap().clone();
    items.retain(|item| item["change"]["changes"][0]["action"] != "delivery.died");
    items
}

/// A server that goes on with a packed data file.
fn on(packed: &[u8]) -> Server {
    let mut server = Server::start();
    assert!(server.stop().success());
    fs::write(server.data().join("event-manager.redb"), zstd::decode_all(packed).unwrap()).unwrap();
    server.start_again();
    server
}

#[test]
fn data_of_format_1_opens_and_answers_what_belonged_together() {
    let server = on(FORMAT_1);
    let data = server.data();
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

#[test]
fn what_was_deleted_in_format_1_is_what_it_was_and_comes_back() {
    let server = on(TRASH_OF_FORMAT_1.0);
    assert!(server.data().join("event-manager.format-1.redb").exists(), "the copy of it as it was");
    let told: Value = serde_json::from_str(TRASH_OF_FORMAT_1.1).unwrap();
    // The operator of the machine does not sign in, which would go on record.
    for (tenant, told) in told.as_object().unwrap() {
        let operator = server.operator(tenant);
        let verified = operator.get("/audit/verify").expect(200);
        assert_eq!((&verified["head"], &verified["records"]), (&told["head"], &told["records"]));
        assert_eq!(verified["intact"], true, "{verified}");
        let trash = operator.get("/trash?limit=100").expect(200)["items"].clone();
        let (found, kept) = (trash.as_array().unwrap(), told["trash"].as_array().unwrap());
        assert_eq!(found.len(), kept.len());
        for (found, kept) in found.iter().zip(kept) {
            for (field, value) in kept.as_object().unwrap() {
                assert_eq!(&found[field], value, "{field} of {kept}");
            }
        }
        for (path, counts) in told["counts"].as_object().unwrap() {
            let count = |more: &str| {
                let page = operator.get(&format!("{path}?limit=100{more}")).expect(200);
                page["items"].as_array().unwrap().len()
            };
            assert_eq!(json!([count(""), count("&includeDeleted=true")]), *counts, "{path}");
        }
        for item in kept {
            let path = item["path"].as_str().unwrap().strip_prefix("/api/v1").unwrap();
            let confirm =
                if matches!(item["kind"].as_str(), Some("sheet" | "mark")) { "" } else { "?confirm=true" };
            operator.call(&format!("{path}/restore{confirm}")).expect(200);
        }
        assert_eq!(operator.get("/trash").expect(200)["items"], json!([]));
        assert_eq!(operator.get("/audit/verify").expect(200)["intact"], true);
    }
}
