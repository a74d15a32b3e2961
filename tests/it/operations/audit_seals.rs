//! Seals of the audit log: the heads of its chains, signed and logged, which a rewritten data file cannot agree with.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::{failure, success};
use crate::support::{Client, Options, Server};

/// The data file of a stopped server.
fn data_file(server: &Server) -> PathBuf {
    server.data().join("event-manager.redb")
}

/// The signing key of a server.
fn key_file(server: &Server) -> PathBuf {
    server.data().join("audit-signing.key")
}

/// The lines of a server's log that are seals. While it starts, there may be no line yet, or half a line.
fn seals(server: &Server) -> Vec<Value> {
    let log = fs::read_to_string(server.logs().join("active.jsonl")).unwrap_or_default();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["message"] == "audit head").collect()
}

/// Waits until a server has sealed what it found at its start, so that what is done next comes after it.
fn await_seals_of_start(server: &Server, start: usize) {
    let operators = event_manager::domain::SYSTEM_TENANT.to_string();
    let sealed = |_: &u32| {
        server.anonymous().raw("GET", "/health/live", &[], &[]);
        seals(server).iter().filter(|seal| seal["tenantId"] == operators.as_str()).count() >= start
    };
    assert!((0..10_000).any(|attempt| sealed(&attempt)), "the operators' chain is not sealed");
}

/// The same seals, as a file that a collector of logs keeps outside of the data directory.
fn kept_elsewhere(server: &Server, seals: &[Value]) -> PathBuf {
    let path = server.directory().join("kept.log");
    let lines: Vec<String> = seals.iter().map(|line| format!("venue event-manager: {line}\n")).collect();
    fs::write(&path, lines.concat()).unwrap();
    path
}

fn change(admin: &Client) {
    admin.create("/events", &json!({"name": "Gala"}));
}

/// A stopped server that was started twice, with changes in the tenant `house` each time; its data file was kept in
/// between.
fn with_an_older_copy() -> (Server, Vec<u8>) {
    let mut server = Server::start();
    await_seals_of_start(&server, 1);
    change(&server.admin());
    assert!(server.stop().success());
    let older = fs::read(data_file(&server)).unwrap();
    server.start_again();
    await_seals_of_start(&server, 2);
    change(&server.admin());
    assert!(server.stop().success());
    (server, older)
}

fn confirmed(said: &str, tenant: &str) -> u64 {
    let line =
        said.lines().find(|line| line.starts_with(&format!("{tenant}: "))).expect("the tenant is told");
    let number = line.split(" of ").next().and_then(|rest| rest.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{line}"))
}

#[test]
fn heads_are_sealed_at_the_start_and_at_the_stop_if_they_moved() {
    let mut server = Server::with(Options::default().set("log.level", "error"));
    await_seals_of_start(&server, 1);
    let admin = server.admin();
    let house = admin.get("/me").expect(200)["tenant"]["id"].clone();
    change(&admin);
    let head = admin.get("/audit/verify").expect(200)["head"].clone();
    assert!(server.stop().success());
    let found = seals(&server);
    let of_house: Vec<&Value> = found.iter().filter(|seal| seal["tenantId"] == house).collect();
    let of_system = found.len() - of_house.len();
    assert_eq!((of_house.len(), of_system), (2, 1), "the operators' chain has not moved: {found:?}");
    for seal in &found {
        assert_eq!((&seal["level"], &seal["module"]), (&json!("info"), &json!("event_manager::audit")));
        assert!(seal["requestId"].as_str().unwrap().starts_with("audit-seal-"), "{seal}");
        assert_eq!(seal["signedBy"], found[0]["signedBy"]);
    }
    let newest = of_house[1];
    assert_eq!((&newest["sequence"], &newest["hash"]), (&head["sequence"], &head["hash"]));
}

#[test]
fn verify_confirms_every_seal_in_the_log_whether_the_server_runs_or_not() {
    let (mut server, _) = with_an_older_copy();
    let said = success(&mut server.command(&["audit", "verify"]));
    assert_eq!((confirmed(&said, "house"), confirmed(&said, "system")), (4, 2), "{said}");
    server.start_again();
    let said = success(&mut server.command(&["audit", "verify", "--tenant", "house"]));
    assert!(confirmed(&said, "house") >= 4, "{said}");
}

#[test]
fn an_older_copy_of_the_data_does_not_hold_the_newest_seal() {
    let (server, older) = with_an_older_copy();
    let newest = seals(&server).pop().unwrap();
    fs::write(data_file(&server), older).unwrap();
    let said = failure(&mut server.command(&["audit", "verify"]));
    let expected = format!(
        "house: the seal of {} on record {} does not hold: the log ends before it",
        newest["signedAt"].as_str().unwrap(),
        newest["sequence"]
    );
    assert!(said.contains(&expected), "{said}");
}

#[test]
fn another_history_does_not_hold_seals_that_were_kept_elsewhere() {
    let (mut server, older) = with_an_older_copy();
    let kept = kept_elsewhere(&server, &seals(&server));
    let kept = kept.to_str().unwrap();
    fs::write(data_file(&server), older).unwrap();
    fs::remove_dir_all(server.logs()).unwrap();
    server.start_again();
    for _ in 0..3 {
        change(&server.admin());
    }
    success(&mut server.command(&["audit", "verify"]));
    let said = failure(&mut server.command(&["audit", "verify", "--seals", kept]));
    assert!(said.contains("does not hold: another record stands there: the past was rewritten"), "{said}");
}

#[test]
fn seals_kept_elsewhere_are_checked_by_their_signatures() {
    let (server, _) = with_an_older_copy();
    let mut found = seals(&server);
    let kept = kept_elsewhere(&server, &found);
    let kept = kept.to_str().unwrap();
    fs::remove_dir_all(server.logs()).unwrap();
    let said = success(&mut server.command(&["audit", "verify", "--seals", kept]));
    assert_eq!(confirmed(&said, "house"), 4, "{said}");
    found[0]["signedAt"] = json!("2026-01-01T00:00:00.000Z");
    kept_elsewhere(&server, &found);
    let said = failure(&mut server.command(&["audit", "verify", "--seals", kept]));
    assert!(said.contains("the seal of 2026-01-01T00:00:00.000Z") && said.contains("was altered"), "{said}");
    fs::write(kept, "no seal\n").unwrap();
    let said = failure(&mut server.command(&["audit", "verify", "--seals", kept]));
    assert!(said.contains("there is no seal in it"), "{said}");
}

#[test]
fn a_lost_or_damaged_key_is_replaced_and_its_seals_count_when_it_is_named() {
    let (server, _) = with_an_older_copy();
    let lost = seals(&server)[0]["signedBy"].as_str().unwrap().to_owned();
    fs::write(key_file(&server), "damaged").unwrap();
    let said = failure(&mut server.command(&["audit", "verify"]));
    assert!(said.contains("audit-signing.key is no Ed25519 private key"), "{said}");
    let by_name = |server: &Server| {
        success(&mut server.command(&["audit", "verify", "--tenant", "house", "--public-key", &lost]))
    };
    assert_eq!(confirmed(&by_name(&server), "house"), 4);
    assert_eq!(fs::read_to_string(server.data().join("audit-signing.key.damaged")).unwrap(), "damaged");
    let said = success(&mut server.command(&["audit", "verify", "--tenant", "house"]));
    assert!(confirmed(&said, "house") > 0, "by the new key: {said}");
    assert!(confirmed(&by_name(&server), "house") == 4, "by the old key");
    fs::remove_file(key_file(&server)).unwrap();
    success(&mut server.command(&["user", "list", "--tenant", "house"]));
    assert!(fs::read_to_string(key_file(&server)).unwrap().contains("BEGIN PRIVATE KEY"));
    assert!(!fs::read_to_string(key_file(&server)).unwrap().contains(&lost));
}

#[test]
fn the_api_says_whether_the_log_passes_through_a_head() {
    let server = Server::shared();
    let operator = server.operator("house");
    let head = operator.get("/audit/verify").expect(200)["head"].clone();
    let known = format!("{}:{}", head["sequence"], head["hash"].as_str().unwrap());
    let found = operator.get(&format!("/audit/verify?heads={known}")).expect(200);
    assert_eq!(
        (&found["intact"], &found["confirmed"], &found["missed"]),
        (&json!(true), &json!(1), &json!([]))
    );
    let other = format!("1:{}", "a7".repeat(32));
    let found = operator.get(&format!("/audit/verify?heads={known},{other}")).expect(200);
    assert_eq!(
        (&found["intact"], &found["confirmed"], &found["fault"]),
        (&json!(false), &json!(1), &Value::Null)
    );
    assert_eq!(found["missed"][0]["sequence"], 1);
    for heads in ["1", "x:y", &format!("{other},"), &vec![other.as_str(); 201].join(",")] {
        operator.get(&format!("/audit/verify?heads={heads}")).expect_problem(400, "bad_request");
    }
}
