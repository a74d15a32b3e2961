//! Backups: made while the program serves, by a schedule, by the API and by the command line; put in place by hand, with
//! what was there moved aside.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{crash, failure, success};
use crate::support::{self, Client, Options, Server, wait_until};

fn options() -> Options {
    Options::default().set("store.free_floor_mib", "0").set("store.copy_every_s", "0")
}

fn directory(server: &Server) -> PathBuf {
    server.data().join("backups")
}

/// The names in a directory; none if it is not there.
fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// The names of the backups of a server, with all that lies beside them.
fn left(server: &Server) -> Vec<String> {
    names(&directory(server))
}

/// Asks for a backup and waits until it is there, or is not.
fn made(operator: &Client) -> Value {
    let answer = operator.call("/backups");
    let name = answer.expect(202)["name"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/backups/{name}").as_str()));
    settled(operator, &name)
}

fn settled(operator: &Client, name: &str) -> Value {
    let mut backup = Value::Null;
    wait_until("nothing more is done with the backup", || {
        backup = operator.get(&format!("/backups/{name}")).expect(200);
        !matches!(backup["state"].as_str(), Some("waiting" | "making" | "checking"))
    });
    backup
}

/// What `backup` was asked to write somewhere else.
pub fn taken(server: &Server, name: &str) -> PathBuf {
    let file = server.directory().join(name);
    success(&mut server.command(&["backup", "--to", file.to_str().unwrap()]));
    file
}

/// A file that takes long to pack and does not get smaller.
fn upload(server: &Server, bytes: usize) -> (PathBuf, Vec<u8>) {
    let file = server.data().join("blobs/0198f0c2-5a51-7cc1-a6a5-0c1f0f6f6a57").join("a7".repeat(32));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut state = 1_u64;
    let random = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    });
    let content: Vec<u8> = random.take(bytes).collect();
    fs::write(&file, &content).unwrap();
    (file, content)
}

fn health(server: &Server) -> Value {
    server.anonymous().raw("GET", "/health", &[], &[]).expect(200)
}

fn metric(server: &Server, name: &str) -> f64 {
    let text = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let line =
        text.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap_or_else(|| panic!("{name}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

fn restore(server: &Server, file: &Path) -> String {
    success(&mut server.command(&["backup", "restore", file.to_str().unwrap(), "--yes"]))
}

#[test]
fn a_backup_under_load_holds_all_that_was_acknowledged_before_and_nothing_else() {
    let (mut server, ledger) = crash::Ledger::with(options(), 60);
    let (mut before, mut file) = (0, PathBuf::new());
    crash::writers(&mut server, &ledger, 40, |server| {
        before = ledger.len();
        file = taken(server, "taken.embackup");
        server.kill();
    });
    assert!(before >= 40 && ledger.len() > before, "it was written to meanwhile");
    fs::rename(server.data(), server.directory().join("lost")).unwrap();
    let said = restore(&server, &file);
    assert!(said.contains("sound") && said.contains("Restored."), "{said}");
    server.start_again();
    ledger.check_first(&server, before);
    // Some were acknowledged twice, because a judge may come by the same entry again.
    assert!(ledger.check_none_invented(&server) > 0);
}

#[test]
fn a_backup_that_lacks_an_uploaded_file_is_there_and_says_what_it_lacks() {
    let server = Server::with(options());
    let (admin, operator) = (server.admin(), server.super_admin());
    let document = |text: &str| {
        support::upload(&admin, "name=Rules&purpose=document", "text/plain", text.as_bytes()).expect(201)
    };
    let (lost, damaged) = (document("Come early."), document("Leave late."));
    document("Stay long.");
    let blobs = server.data().join("blobs");
    let blob_of = |file: &Value| {
        let sha256 = file["sha256"].as_str().unwrap();
        let all = support::files_beneath(&blobs);
        blobs.join(all.iter().find(|path| path.ends_with(sha256)).unwrap())
    };
    fs::remove_file(blob_of(&lost)).unwrap();
    fs::write(blob_of(&damaged), "Leave later.").unwrap();
    let backup = made(&operator);
    assert_eq!(
        (&backup["state"], &backup["content"]["files"]),
        (&json!("incomplete"), &json!(2)),
        "{backup}"
    );
    let fault = backup["fault"].as_str().unwrap();
    assert!(fault.starts_with("it lacks 2 of 3 uploaded files"), "{fault}");
    assert!([&lost, &damaged].iter().all(|file| fault.contains(file["sha256"].as_str().unwrap())), "{fault}");
    let health = health(&server);
    assert_eq!(
        (&health["status"], &health["checks"]["backups"]["status"], &health["checks"]["backups"]["reason"]),
        (&json!("degraded"), &json!("incomplete"), &json!(fault))
    );
    assert_eq!(metric(&server, "backup_failures_total"), 1.0);
    let name = backup["name"].as_str().unwrap();
    operator.call(&format!("/backups/{name}/verify")).expect(202);
    assert_eq!(settled(&operator, name)["state"], "incomplete", "read again, it is what it was");
    let file = directory(&server).join(name);
    let said = success(&mut server.command(&["backup", "verify", file.to_str().unwrap()]));
    assert!(said.contains(&format!("NOT COMPLETE: {fault}")), "{said}");
}

#[test]
fn a_backup_is_listed_checked_taken_away_and_on_record() {
    let server = Server::with(options());
    let operator = server.super_admin();
    operator.get("/backups").expect(200)["items"].as_array().unwrap().is_empty().then_some(()).unwrap();
    let backup = made(&operator);
    let name = backup["name"].as_str().unwrap();
    assert_eq!((&backup["state"], &backup["content"]["keys"]), (&json!("sound"), &json!("included")));
    assert_eq!(operator.get("/backups").expect(200)["items"], json!([backup]));
    let path = directory(&server).join(name);
    assert_eq!(left(&server), [name.to_owned(), format!("{name}.json")]);

    let taken = operator.get(&format!("/backups/{name}/content"));
    assert_eq!((taken.status, &taken.body), (200, &fs::read(&path).unwrap()));
    assert!(taken.header("content-disposition").unwrap().contains(name));
    let log = operator.get("/audit?limit=20").expect(200);
    let of_backups =
        log["items"].as_array().unwrap().iter().filter(|record| record["subject"]["kind"] == "backup");
    let told: Vec<(&Value, &Value)> =
        of_backups.map(|record| (&record["action"], &record["facts"])).collect();
    let facts = json!({"name": name, "sha256": backup["content"]["sha256"], "bytes": backup["bytes"]});
    assert_eq!(told, [(&json!("backup.downloaded"), &facts), (&json!("backup.created"), &facts)]);

    operator.call(&format!("/backups/{name}/verify")).expect(202);
    let checked = settled(&operator, name);
    assert_eq!(checked["state"], "sound");
    assert!(checked["content"]["checkedAt"].as_str() > backup["content"]["checkedAt"].as_str());
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    operator.call(&format!("/backups/{name}/verify")).expect(202);
    assert_eq!(settled(&operator, name)["state"], "unsound");
    assert!(metric(&server, "backup_failures_total") >= 1.0);

    for name in ["event-manager-20260501T190000Z.embackup", "..%2f..%2fetc%2fpasswd", "admin.sock", "%2e%2e"]
    {
        for path in ["", "/content"] {
            operator.get(&format!("/backups/{name}{path}")).expect_problem(404, "not_found");
        }
        operator.call(&format!("/backups/{name}/verify")).expect_problem(404, "not_found");
    }
    server.admin().call("/backups").expect_problem(403, "forbidden");
}

#[test]
fn backups_are_made_by_themselves_and_the_oldest_go() {
    let server = Server::with(options().set("backup.every_s", "1").set("backup.kept", "2"));
    let operator = server.operator("system");
    assert_eq!(health(&server)["checks"]["backups"]["status"], "ok");
    let listed = || operator.get("/backups").expect(200)["items"].as_array().unwrap().clone();
    let sound = |items: &[Value]| items.iter().filter(|backup| backup["state"] == "sound").count();
    wait_until("two are there", || sound(&listed()) == 2);
    let first = listed().last().unwrap()["name"].clone();
    wait_until("the first has gone", || listed().iter().all(|backup| backup["name"] != first));
    assert!(sound(&listed()) <= 2);
    assert!(metric(&server, "backup_last_success_timestamp_seconds") > 1.7e9);
    assert!(metric(&server, "backup_bytes") > 100.0);
    let names = left(&server);
    let labels = names.iter().filter(|name| name.ends_with(".json")).count();
    assert!(labels <= 3, "labels go with their backups: {names:?}");
}

#[test]
fn a_backup_that_cannot_be_made_is_told_everywhere_and_stops_nobody() {
    let server = Server::with(options().set("backup.directory", "/proc/no-such-place"));
    let operator = server.operator("system");
    let backup = made(&operator);
    assert_eq!(backup["state"], "failed");
    assert!(backup["fault"].as_str().unwrap().contains("/proc/no-such-place"), "{backup}");
    let health = health(&server);
    assert_eq!(
        (&health["status"], &health["checks"]["backups"]["status"]),
        (&json!("degraded"), &json!("failed"))
    );
    let ready = server.anonymous().raw("GET", "/health/ready", &[], &[]).expect(200);
    assert_eq!(ready, json!({"status": "ready"}));
    assert_eq!(metric(&server, "backup_failures_total"), 1.0);
    server.admin().create("/events", &json!({"name": "Gala"}));
    let said = failure(&mut server.command(&["backup"]));
    assert!(said.contains("no backup was made"), "{said}");
}

#[test]
fn a_full_disk_leaves_no_half_backup_and_the_server_serves_on() {
    let server = Server::on_small_disk(options().set("store.reserve_mib", "1"), 32);
    let (admin, operator) = (server.admin(), server.super_admin());
    server.disk().fill(1 << 20);
    let backup = made(&operator);
    assert_eq!(backup["state"], "failed", "{backup}");
    assert!(backup["fault"].as_str().unwrap().contains("no room"), "{backup}");
    admin.create("/events", &json!({"name": "Gala"}));
    assert_eq!(names(&server.disk().path(&directory(&server))), Vec::<String>::new());
    server.disk().free();
    assert_eq!(made(&operator)["state"], "sound");
    assert_eq!(health(&server)["status"], "ready");
}

#[test]
fn what_is_killed_while_it_makes_a_backup_leaves_nothing_that_stays() {
    let mut server = Server::with(options());
    upload(&server, 24 << 20);
    server.operator("system").call("/backups").expect(202);
    let unfinished = directory(&server).join(".making.embackup");
    wait_until("it is being made", || unfinished.exists());
    server.kill();
    assert!(left(&server).iter().all(|name| name.starts_with(".making")), "{:?}", left(&server));
    server.start_again();
    wait_until("what was left is removed", || left(&server).is_empty());
    assert_eq!(made(&server.operator("system"))["state"], "sound");
    // Stopping in order does not wait for one, and leaves nothing at all.
    server.operator("system").call("/backups").expect(202);
    wait_until("it is being made", || unfinished.exists());
    assert!(server.stop().success());
    assert!(left(&server).iter().all(|name| !name.starts_with(".making")), "{:?}", left(&server));
}

#[test]
fn the_verbs_work_whether_the_server_runs_or_not() {
    let mut server = Server::with(options());
    server.admin().create("/events", &json!({"name": "Gala"}));
    let online = taken(&server, "online.embackup");
    let said = failure(&mut server.command(&["backup", "restore", online.to_str().unwrap(), "--yes"]));
    assert!(said.contains("a server runs on this data; stop it first"), "{said}");
    assert!(server.stop().success());
    let offline = taken(&server, "offline.embackup");
    let said = failure(&mut server.command(&["backup", "--to", offline.to_str().unwrap()]));
    assert!(said.contains("is there already"), "{said}");

    let listed = success(&mut server.command(&["backup", "list"]));
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(listed.lines().all(|line| line.contains("  sound at ")), "{listed}");
    let as_json: Value =
        serde_json::from_str(&success(&mut server.command(&["backup", "list", "--json"]))).unwrap();
    assert_eq!(as_json["items"].as_array().unwrap().len(), 2);
    for file in [&online, &offline] {
        let said = success(&mut server.command(&["backup", "verify", file.to_str().unwrap()]));
        assert!(said.contains(": sound, ") && said.contains("house: up to change "), "{said}");
    }
}

#[test]
fn a_restore_moves_what_is_there_aside_tells_what_is_missing_and_brings_keys_and_files() {
    let mut server = Server::with(options());
    let admin = server.admin();
    let (upload, content) = upload(&server, 100_000);
    admin.create("/events", &json!({"name": "Kept"}));
    let file = taken(&server, "taken.embackup");
    admin.create("/events", &json!({"name": "Later"}));
    assert!(server.stop().success());
    let data = server.data();
    let keys = ["sealing.key", "audit-signing.key"].map(|key| fs::read(data.join(key)).unwrap());
    fs::write(data.join("sealing.key"), "another").unwrap();
    fs::write(&upload, "another").unwrap();
    let present = fs::read(data.join("event-manager.redb")).unwrap();

    // Nobody answers: nothing is done.
    let said = failure(&mut server.command(&["backup", "restore", file.to_str().unwrap()]));
    assert!(said.contains("nothing was restored"), "{said}");
    assert_eq!(fs::read(data.join("event-manager.redb")).unwrap(), present);
    assert!(!data.join("restoring-backup").exists());

    let said = restore(&server, &file);
    assert!(said.contains("house: 1 audit records are missing"), "{said}");
    let aside = names(&data).into_iter().find(|name| name.starts_with("before-restore-")).unwrap();
    assert!(said.contains(&aside), "{said}");
    assert_eq!(
        names(&data.join(&aside)),
        ["audit-signing.key", "blobs", "event-manager.redb", "sealing.key"]
    );
    assert_eq!(fs::read(data.join(&aside).join("event-manager.redb")).unwrap(), present);
    assert_eq!(fs::read(data.join(&aside).join("sealing.key")).unwrap(), b"another");
    assert_eq!(fs::read(&upload).unwrap(), content);
    let restored = ["sealing.key", "audit-signing.key"].map(|key| fs::read(data.join(key)).unwrap());
    assert_eq!(restored, keys);

    // The log knows what was cut.
    let said = failure(&mut server.command(&["audit", "verify"]));
    assert!(said.contains("does not hold"), "{said}");
    server.start_again();
    let events = server.client(admin.credentials).get("/events").expect(200);
    let events: Vec<&Value> =
        events["items"].as_array().unwrap().iter().map(|event| &event["name"]).collect();
    assert_eq!(events, ["Kept"]);
    assert!(server.stop().success());
    restore(&server, &file);
    let asides = names(&data).iter().filter(|name| name.starts_with("before-restore-")).count();
    assert_eq!(asides, 2, "no aside takes the place of another");
}

#[test]
fn a_restore_elsewhere_goes_on_with_an_intact_audit_log_and_keys_may_be_left_out() {
    let mut server = Server::with(options().set("backup.include_keys", "false"));
    server.admin().create("/events", &json!({"name": "Gala"}));
    let file = taken(&server, "taken.embackup");
    assert!(server.stop().success());
    let said = success(&mut server.command(&["backup", "verify", file.to_str().unwrap()]));
    assert!(said.contains("without keys"), "{said}");
    fs::rename(server.data(), server.directory().join("lost")).unwrap();
    restore(&server, &file);
    assert!(!server.data().join("sealing.key").exists());
    server.start_again();
    let said = success(&mut server.command(&["audit", "verify"]));
    assert!(said.lines().all(|line| line.contains("intact")), "{said}");
    assert_eq!(server.admin().get("/events").expect(200)["items"][0]["name"], "Gala");
}

#[test]
fn an_interrupted_restore_is_no_new_beginning() {
    let mut server = Server::with(options());
    let file = taken(&server, "taken.embackup");
    assert!(server.stop().success());
    // As it stands when what is there was moved aside, and nothing has taken its place.
    let stage = server.data().join("restoring-backup");
    fs::create_dir(&stage).unwrap();
    fs::rename(server.data().join("event-manager.redb"), stage.join("event-manager.redb")).unwrap();
    let said = failure(&mut server.command(&["serve"]));
    assert!(said.contains("was interrupted") && said.contains("backup restore"), "{said}");
    assert!(!server.data().join("event-manager.redb").exists());
    restore(&server, &file);
    assert!(!stage.exists());
    server.start_again();
    server.admin();
}
