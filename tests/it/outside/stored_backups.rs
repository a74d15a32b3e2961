//! A machine that is new, or has lost its data, gets at the backups that were taken away.

use std::fs;

use serde_json::{Value, json};

use super::{
    house::{BUCKET, House},
    in_state,
};
use crate::{
    operations::{failure, success},
    peers::S3Peer,
    support::Server,
};

#[test]
fn a_backup_comes_back_from_object_storage_on_another_machine() {
    let store = S3Peer::start();
    store.make_bucket(BUCKET);
    let mut house = House::with_only("storage", store.address());
    house.admin.create("/events", &json!({"name": "Winter Gala"}));
    let delivery = house.cause("storage");
    in_state(&house.operator, &delivery, "done");
    house.server.stop();

    let elsewhere = house.server.directory().join("elsewhere");
    let on_another_machine = |arguments: &[&str]| {
        let mut command = house.server.command(arguments);
        command.env("EVENT_MANAGER__STORE__DATA_DIR", &elsewhere);
        command
    };
    let listed: Value =
        serde_json::from_str(&success(&mut on_another_machine(&["backup", "stored", "--json"]))).unwrap();
    let backup = &listed["items"][0];
    let name = backup["name"].as_str().unwrap();
    assert!(
        backup["bytes"].as_u64() > Some(0) && backup["targets"].as_array().unwrap().len() == 1,
        "{listed}"
    );
    assert!(success(&mut on_another_machine(&["backup", "stored"])).contains(name));

    let said = success(&mut on_another_machine(&["backup", "fetch", name]));
    assert!(said.contains("sound") && said.contains("audit records"), "{said}");
    let file = elsewhere.join("backups").join(name);
    let said = success(&mut on_another_machine(&["backup", "restore", file.to_str().unwrap(), "--yes"]));
    assert!(said.contains("Restored."), "{said}");
    let records = success(&mut on_another_machine(&["audit", "export", "--tenant", "house"]));
    assert!(records.contains("Winter Gala"), "the data is that of the first machine");
    let said = failure(&mut on_another_machine(&["backup", "fetch", name]));
    assert!(said.contains("cannot be written"), "what is there already stays: {said}");

    let missing = "event-manager-20200101T000000Z.embackup";
    let said = failure(&mut on_another_machine(&["backup", "fetch", missing]));
    assert!(said.contains("not_found"), "{said}");
    let kept = fs::read_dir(elsewhere.join("backups")).unwrap();
    assert!(kept.into_iter().all(|entry| !entry.unwrap().path().to_string_lossy().ends_with(".part")));
}

#[test]
fn without_object_storage_that_is_said() {
    let said = failure(&mut Server::start().command(&["backup", "stored"]));
    assert!(said.contains("no object storage is set up"), "{said}");
}
