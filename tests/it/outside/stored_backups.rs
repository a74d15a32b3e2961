//! A machine that is new, or has lost its data, gets at the backups that were taken away.

use std::{fs, process::Command};

use serde_json::{Value, json};

use super::{deliveries, in_state, options};
use crate::{
    operations::{failure, success},
    peers::{CheckedS3, GcsPeer, GoogleStorage},
    support::{Options, Server, id_of, wait_until},
};

/// The name of an event of the first machine.
const EVENT: &str = "Winter Gala";

/// A command on another machine than the server's.
fn elsewhere(server: &Server, arguments: &[&str]) -> Command {
    let mut command = server.command(arguments);
    command.env("EVENT_MANAGER__STORE__DATA_DIR", server.directory().join("elsewhere"));
    command
}

fn stored_at(url: &str, bucket: &str, secret: &str) -> Options {
    options().set("storage.endpoint", url).set("storage.bucket", bucket).set("storage.secret_key", secret)
}

/// An S3 that checks signatures, under a secret.
fn stored_in(store: &CheckedS3, secret: &str) -> Options {
    stored_at(&store.url, CheckedS3::BUCKET, secret).set("storage.access_key", &store.access_key)
}

/// The name of a backup with the event, stored before the machine is gone.
fn stored(server: &mut Server) -> String {
    server.admin().create("/events", &json!({"name": EVENT}));
    let operator = server.super_admin();
    let name = operator.call("/backups").expect(202)["name"].as_str().unwrap().to_owned();
    let mut upload = None;
    wait_until("the upload is caused", || {
        upload = deliveries(&operator, "service=storage").first().map(id_of);
        upload.is_some()
    });
    let done = in_state(&operator, &upload.unwrap(), "done");
    assert!(done["attempts"][0]["detail"].as_str().unwrap().contains("checked"), "{done}");
    server.stop();
    name
}

/// Fetches a backup to another machine and goes on with it there.
fn comes_back(server: &Server, name: &str) {
    let said = success(&mut elsewhere(server, &["backup", "fetch", name]));
    assert!(said.contains("sound") && said.contains("audit records"), "{said}");
    let file = server.directory().join("elsewhere/backups").join(name);
    let said = success(&mut elsewhere(server, &["backup", "restore", file.to_str().unwrap(), "--yes"]));
    assert!(said.contains("Restored."), "{said}");
    let records = success(&mut elsewhere(server, &["audit", "export", "--tenant", "house"]));
    assert!(records.contains(EVENT), "the data is that of the first machine");
}

#[test]
fn a_backup_comes_back_from_an_s3_that_checks_signatures_on_another_machine() {
    let store = CheckedS3::start();
    let mut server = Server::with(stored_in(&store, &store.secret_key));
    let name = stored(&mut server);
    let listed = success(&mut elsewhere(&server, &["backup", "stored", "--json"]));
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let backup = &listed["items"][0];
    assert_eq!(backup["name"], json!(name), "{listed}");
    assert!(
        backup["bytes"].as_u64() > Some(0) && backup["targets"].as_array().unwrap().len() == 1,
        "{listed}"
    );
    assert!(success(&mut elsewhere(&server, &["backup", "stored"])).contains(&name));
    comes_back(&server, &name);

    let said = failure(&mut elsewhere(&server, &["backup", "fetch", &name]));
    assert!(said.contains("cannot be written"), "what is there already stays: {said}");
    let missing = "event-manager-20200101T000000Z.embackup";
    let said = failure(&mut elsewhere(&server, &["backup", "fetch", missing]));
    assert!(said.contains("not_found"), "{said}");
    let kept = fs::read_dir(server.directory().join("elsewhere/backups")).unwrap();
    assert!(kept.into_iter().all(|entry| !entry.unwrap().path().to_string_lossy().ends_with(".part")));
}

#[test]
fn a_wrong_secret_is_told_by_whatever_uses_it_and_shown_by_nothing() {
    const WRONG: &str = "not-the-secret-of-the-store";
    let store = CheckedS3::start();
    let server = Server::with(stored_in(&store, WRONG));
    let operator = server.super_admin();
    let sent = operator.call("/backups/storage-test").expect(202);
    let dead = in_state(&operator, &id_of(&sent), "dead");
    let attempt = &dead["attempts"][0];
    assert_eq!((&attempt["class"], &attempt["status"]), (&json!("credentials"), &json!(403)), "{dead}");
    let said = failure(&mut elsewhere(&server, &["backup", "stored"]));
    assert!(said.contains("credentials"), "{said}");
    for shown in [dead.to_string(), said] {
        assert!(!shown.contains(WRONG), "{shown}");
    }
}

#[test]
fn a_backup_comes_back_from_a_google_cloud_storage() {
    let emulator = GcsPeer::start();
    let google = GoogleStorage::before_emulator(emulator.address());
    let url = format!("http://{}", google.address());
    let options = stored_at(&url, GcsPeer::BUCKET, &GoogleStorage::service_account());
    let mut server = Server::with(options.set("storage.provider", "gcs"));
    let name = stored(&mut server);
    comes_back(&server, &name);
}

#[test]
fn without_object_storage_that_is_said() {
    let said = failure(&mut Server::start().command(&["backup", "stored"]));
    assert!(said.contains("no object storage is set up"), "{said}");
}
