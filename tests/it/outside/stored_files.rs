//! Contents of files in object storage: each is kept there once besides on this machine, whatever becomes of either.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::{admin, deliveries, house::BUCKET, in_state, options, outcomes, storage::stored_at};
use crate::{
    peers::{Behaviour, ChaosProxy, Clamd, INFECTED, S3Peer},
    support::{Client, Options, Server, after_job, id_of, upload, upload_photo, wait_until},
};

const DOCUMENT: &str = "name=Rules&purpose=document";

fn store() -> S3Peer {
    let store = S3Peer::start();
    store.make_bucket(BUCKET);
    store
}

/// Storage at an address, whose circuit is tried again soon.
fn kept_at(section: &str, url: &str) -> Options {
    stored_at(soon(options()), section, url)
}

fn soon(options: Options) -> Options {
    options.set("breaker.storage.timeout_ms", "300").set("breaker.storage.longest_timeout_ms", "300")
}

fn document(client: &Client, text: &str) -> Value {
    upload(client, DOCUMENT, "text/plain", text.as_bytes()).expect(201)
}

fn path(file: &Value) -> String {
    format!("/files/{}", id_of(file))
}

/// Where a file is kept, once that is in a state.
#[track_caller]
fn storage(client: &Client, file: &Value, state: &str) -> Value {
    let mut storage = Value::Null;
    wait_until(&format!("the file is {state}"), || {
        storage = client.get(&path(file)).expect(200)["storage"].clone();
        storage["state"] == state
    });
    storage
}

fn tenant(client: &Client) -> String {
    client.get("/me").expect(200)["tenant"]["id"].as_str().unwrap().to_owned()
}

/// The name of the object that a content is.
fn object(client: &Client, file: &Value) -> String {
    format!("event-manager/files/{}/{}", tenant(client), file["sha256"].as_str().unwrap())
}

/// Where a content lies on this machine.
fn blob(server: &Server, client: &Client, file: &Value) -> PathBuf {
    server.data().join("blobs").join(tenant(client)).join(file["sha256"].as_str().unwrap())
}

fn content(client: &Client, file: &Value) -> String {
    client.get(&format!("{}/content", path(file))).text()
}

/// Destroys a file for good.
fn destroy(client: &Client, file: &Value) {
    client.delete(&path(file)).expect(204);
    let trash = client.get("/trash?kind=file").expect(200);
    let line = trash["items"].as_array().unwrap().iter().find(|line| line["id"] == file["id"]).unwrap();
    let purge = format!("/trash/{}/purge", line["version"]);
    after_job(client, &client.post(&purge, &json!({"name": line["name"]})).expect(202));
}

#[test]
fn every_content_is_stored_once_checked_and_says_where_it_is() {
    let store = store();
    let server = Server::with(kept_at("storage", &store.url()));
    let client = admin(&server).with_header("X-Correlation-ID", "the-upload");
    let (first, second) = (document(&client, "Come early."), document(&client, "Come early."));
    for file in [&first, &second] {
        let kept = storage(&client, file, "kept");
        assert!(kept["target"].as_str().unwrap().ends_with(BUCKET) && kept["at"].is_string(), "{kept}");
    }
    assert_eq!(store.object(BUCKET, &object(&client, &first)).0, b"Come early.");
    let judge = id_of(&client.create("/judges", &json!({"name": "Lea"})));
    let photo = upload_photo(&client, "judge", &judge, 10);
    storage(&client, &photo, "kept");
    wait_until("the small form is there, too", || store.objects(BUCKET).len() == 3);
    let stored = deliveries(&client, "service=storage");
    assert_eq!(stored.len(), 3, "{stored:?}");
    for delivery in &stored {
        let done = in_state(&client, &id_of(delivery), "done");
        assert_eq!((&done["title"], &done["correlationId"]), (&json!("file"), &json!("the-upload")));
        assert!(done["attempts"][0]["detail"].as_str().unwrap().contains("checked"), "{done}");
    }
    let listed = client.get("/files").expect(200);
    assert!(
        listed["items"].as_array().unwrap().iter().all(|file| file["storage"]["state"] == "kept"),
        "{listed}"
    );
}

#[test]
fn a_large_content_is_stored_in_parts() {
    let store = store();
    let server = Server::with(kept_at("storage", &store.url()));
    let client = admin(&server);
    let file = document(&client, &"Come early. ".repeat(1_500_000));
    storage(&client, &file, "kept");
    let (bytes, etag) = store.object(BUCKET, &object(&client, &file));
    assert_eq!((bytes.len(), etag.ends_with("-3\"")), (18_000_000, true), "{etag}");
}

#[test]
fn nothing_waits_for_a_cloud_that_is_down_and_each_content_arrives_once_when_it_is_back() {
    let store = store();
    let proxy = ChaosProxy::before(store.address());
    proxy.set(Behaviour::Refuse);
    let server = Server::with(kept_at("storage", &format!("http://{}", proxy.address())));
    let client = admin(&server);
    let files: Vec<Value> = (0..6).map(|number| document(&client, &format!("No. {number}"))).collect();
    wait_until("the circuit opens", || {
        server.super_admin().get("/breakers?service=storage").expect(200)["items"][0]["state"] == "OPEN"
    });
    for (number, file) in files.iter().enumerate() {
        let waiting = storage(&client, file, "waiting");
        assert!(waiting["delivery"].is_string(), "{waiting}");
        assert_eq!(content(&client, file), format!("No. {number}"));
    }
    proxy.set(Behaviour::Pass);
    for file in &files {
        let delivery = client.get(&path(file)).expect(200)["storage"]["delivery"].clone();
        storage(&client, file, "kept");
        if let Some(id) = delivery.as_str() {
            let done = in_state(&client, id, "done");
            assert_eq!(outcomes(&done).iter().filter(|outcome| **outcome == "arrived").count(), 1, "{done}");
        }
    }
    assert_eq!(store.objects(BUCKET).len(), 6);
    assert_eq!(deliveries(&client, "service=storage").len(), 6);
}

#[test]
fn only_what_a_scanner_has_found_clean_is_stored() {
    let (store, scanner) = (store(), Clamd::start());
    let proxy = ChaosProxy::before(scanner.address());
    proxy.set(Behaviour::Refuse);
    let options = kept_at("storage", &store.url())
        .set("virus_scan.address", &proxy.address().to_string())
        .set("breaker.virus_scan.timeout_ms", "300")
        .set("breaker.virus_scan.longest_timeout_ms", "300");
    let server = Server::with(options);
    let client = admin(&server);
    let (clean, infected) =
        (document(&client, "Come early."), document(&client, &format!("Come. {INFECTED}")));
    assert_eq!(client.get(&path(&clean)).expect(200)["storage"], json!({"state": "waiting"}));
    assert_eq!(deliveries(&client, "service=storage"), [] as [Value; 0]);
    proxy.set(Behaviour::Pass);
    storage(&client, &clean, "kept");
    assert_eq!(storage(&client, &infected, "off"), json!({"state": "off"}));
    assert_eq!(store.objects(BUCKET), [object(&client, &clean)]);
    assert_eq!(deliveries(&client, "service=storage").len(), 1);
}

#[test]
fn what_was_destroyed_is_deleted_there_once_nothing_has_it_and_what_lies_in_the_trash_is_not() {
    let store = store();
    let server = Server::with(kept_at("storage", &store.url()));
    let client = admin(&server);
    let (first, second) = (document(&client, "twice"), document(&client, "twice"));
    let other = document(&client, "once");
    storage(&client, &first, "kept");
    storage(&client, &other, "kept");
    client.delete(&path(&second)).expect(204);
    client.call(&format!("{}/restore", path(&second))).expect(200);
    destroy(&client, &first);
    destroy(&client, &other);
    wait_until("what nothing has is deleted", || store.objects(BUCKET) == [object(&client, &second)]);
    let operator = server.super_admin();
    let deletions = deliveries(&operator, "service=storage");
    assert_eq!(deletions.len(), 1, "{deletions:?}");
    assert_eq!(in_state(&operator, &id_of(&deletions[0]), "done")["title"], "file deletion");
    // It comes again, and is stored again.
    let again = document(&client, "once");
    storage(&client, &again, "kept");
    assert_eq!(store.objects(BUCKET).len(), 2);
}

#[test]
fn what_the_second_target_took_is_deleted_there_as_soon_as_both_can_be_asked() {
    let (first, second) = (store(), store());
    let proxy = ChaosProxy::before(first.address());
    proxy.set(Behaviour::Refuse);
    let options = kept_at("storage", &format!("http://{}", proxy.address()));
    let server = Server::with(stored_at(options, "storage_second", &second.url()));
    let client = admin(&server);
    let file = document(&client, "Come early.");
    let kept = storage(&client, &file, "kept");
    assert!(kept["target"].as_str().unwrap().contains(&second.address().to_string()), "{kept}");
    destroy(&client, &file);
    let operator = server.super_admin();
    let mut deletion = Vec::new();
    wait_until("the deletion is caused", || {
        deletion = deliveries(&operator, "service=storage");
        !deletion.is_empty()
    });
    let other = document(&client, "Stay late.");
    storage(&client, &other, "kept");
    let waits = operator.get(&format!("/deliveries/{}", id_of(&deletion[0]))).expect(200);
    assert_eq!(waits["state"], "waiting", "no file waits for it: {waits}");
    proxy.set(Behaviour::Pass);
    in_state(&operator, &id_of(&deletion[0]), "done");
    assert_eq!(second.objects(BUCKET), [object(&client, &other)]);
}

#[test]
fn a_content_that_is_missing_here_is_fetched_back_by_whoever_wants_it() {
    let store = store();
    let server = Server::with(kept_at("storage", &store.url()));
    let client = admin(&server);
    let file = document(&client, "Come early.");
    storage(&client, &file, "kept");
    fs::remove_file(blob(&server, &client, &file)).unwrap();
    let away = client.get(&format!("{}/content", path(&file)));
    let problem = away.expect_problem(503, "content_away");
    assert!(away.header("retry-after").is_some(), "{problem}");
    let done = in_state(&client, problem["delivery"].as_str().unwrap(), "done");
    assert_eq!(done["title"], "file fetch");
    assert_eq!(content(&client, &file), "Come early.");
    storage(&client, &file, "kept");
}

#[test]
fn other_bytes_than_were_stored_are_not_taken_and_the_right_ones_are_once_they_are_there() {
    let store = store();
    let server = Server::with(kept_at("storage", &store.url()));
    let client = admin(&server);
    let file = document(&client, "Come early.");
    storage(&client, &file, "kept");
    let (name, blob) = (object(&client, &file), blob(&server, &client, &file));
    store.put(BUCKET, &name, b"Come never!");
    fs::remove_file(&blob).unwrap();
    let want = || client.get(&format!("{}/content", path(&file))).expect_problem(503, "content_away");
    let id = want()["delivery"].as_str().unwrap().to_owned();
    let mut attempt = Value::Null;
    wait_until("the first attempt has ended", || {
        attempt = client.get(&format!("/deliveries/{id}")).expect(200)["attempts"][0].clone();
        attempt["outcome"].is_string()
    });
    assert_eq!((&attempt["outcome"], &attempt["class"]), (&json!("failed"), &json!("checksum")), "{attempt}");
    assert_eq!(
        (want()["delivery"].as_str(), blob.exists()),
        (Some(id.as_str()), false),
        "one fetch at a time"
    );
    assert_eq!(storage(&client, &file, "fetching")["delivery"], json!(id));
    store.put(BUCKET, &name, b"Come early.");
    in_state(&client, &id, "done");
    assert_eq!(content(&client, &file), "Come early.");
}

#[test]
fn files_of_before_are_stored_when_storage_is_set_up_and_what_a_disk_has_lost_is_fetched_at_the_start() {
    let store = store();
    let mut server = Server::with(options());
    let client = admin(&server);
    let files: Vec<Value> = (0..3).map(|number| document(&client, &format!("No. {number}"))).collect();
    assert_eq!(client.get(&path(&files[0])).expect(200)["storage"], json!({"state": "off"}));
    server.stop();
    for (key, value) in [
        ("bucket", BUCKET),
        ("endpoint", &store.url()),
        ("access_key", "test"),
        ("secret_key", "a-secret-of-the-store"),
    ] {
        server.configure(&format!("storage.{key}"), value);
    }
    server.start_again();
    let client = admin(&server);
    for file in &files {
        storage(&client, file, "kept");
    }
    let jobs = server.super_admin().get("/jobs").expect(200)["items"].clone();
    let job = jobs.as_array().unwrap().iter().find(|job| job["task"]["type"] == "storage").unwrap();
    assert_eq!((&job["state"], &job["done"]), (&json!("done"), &json!(3)), "{job}");

    let blobs: Vec<PathBuf> = files.iter().map(|file| blob(&server, &client, file)).collect();
    server.stop();
    blobs.iter().for_each(|blob| fs::remove_file(blob).unwrap());
    server.start_again();
    let client = admin(&server);
    wait_until("what was lost is back", || blobs.iter().all(|blob| blob.exists()));
    assert_eq!(content(&client, &files[2]), "No. 2");
    assert_eq!(deliveries(&client, "service=storage").len(), 6, "three were stored, three fetched back");
}

#[test]
fn files_stay_on_this_machine_alone_where_that_is_set() {
    let store = store();
    let server = Server::with(kept_at("storage", &store.url()).set("storage.files", "false"));
    let client = admin(&server);
    let file = document(&client, "Come early.");
    assert_eq!(file["storage"], json!({"state": "off"}));
    fs::remove_file(blob(&server, &client, &file)).unwrap();
    client.get(&format!("{}/content", path(&file))).expect_problem(500, "data_damaged");
    assert_eq!(deliveries(&client, "service=storage"), [] as [Value; 0]);
    assert_eq!(store.objects(BUCKET), [] as [String; 0]);
}
