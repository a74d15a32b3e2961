//! A damaged data file: put aside and never overwritten, told in a sentence, and replaced by the newest sound copy when
//! the operator says so.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::json;

use super::{
    copies::{busy, copied, copies},
    failure, success,
};
use crate::support::{Client, Options, Server, id_of, program, wait_until};

fn data_file(server: &Server) -> PathBuf {
    server.data().join("event-manager.redb")
}

/// What was put aside.
fn aside(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains("event-manager.damaged-")).collect()
}

/// Overwrites the middle of a file, as a failing disk does.
fn damage(file: &Path) -> Vec<u8> {
    let mut bytes = fs::read(file).unwrap();
    let (from, to) = (bytes.len() / 4, bytes.len() / 4 * 3);
    bytes[from..to].fill(0x5a);
    fs::write(file, &bytes).unwrap();
    bytes
}

/// Turns one bit of the first byte wherever something stands in a file: in the page that is in use, and in those that were.
fn turn_a_bit(file: &Path, of: &[u8]) -> Vec<u8> {
    let mut bytes = fs::read(file).unwrap();
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(of)).collect();
    assert!(!places.is_empty(), "it stands nowhere");
    places.into_iter().for_each(|at| bytes[at] ^= 1);
    fs::write(file, &bytes).unwrap();
    bytes
}

fn names(client: &Client) -> Vec<String> {
    let page = client.get("/events?limit=500").expect(200);
    page["items"].as_array().unwrap().iter().map(|event| event["name"].as_str().unwrap().to_owned()).collect()
}

/// The outcome of a command that is told something on standard input.
fn told(command: &mut Command, answer: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_damaged_file_is_put_aside_and_the_newest_copy_goes_on_in_its_place() {
    let mut server = Server::with(busy());
    let admin = server.admin();
    admin.create("/events", &json!({"name": "Copied"}));
    copied(&server);
    assert!(server.stop().success());
    // What comes now is in no copy, but sealed in the log when the program stops.
    server.configure("store.copy_every_s", "0");
    server.start_again();
    server.client(admin.credentials.clone()).create("/events", &json!({"name": "Lost"}));
    assert!(server.stop().success());

    let file = data_file(&server);
    let damaged = damage(&file);
    let said = failure(&mut server.command(&["serve"]));
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(said.contains("is damaged") && said.contains("serve --restore-copy"), "{said}");
    assert!(!file.exists());
    let kept = aside(&server.data());
    assert_eq!((kept.len(), fs::read(&kept[0]).unwrap()), (1, damaged));

    // There was data: nobody is shown a set-up instead, whatever is started.
    for arguments in
        [&["serve"][..], &["user", "create", "--tenant", "system", "--email", "a@b.example", "--name", "A"]]
    {
        let said = failure(&mut server.command(arguments));
        assert!(said.contains("missing") && said.contains(kept[0].to_str().unwrap()), "{said}");
        assert!(!file.exists());
    }

    let refused = told(&mut server.command(&["serve", "--restore-copy"]), "no\n");
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stdout).unwrap();
    assert!(said.contains("house: 1 audit records are missing"), "{said}");
    assert!(said.contains("system: nothing that the log has sealed is missing"), "{said}");
    let again: Vec<&str> =
        said.lines().filter(|line| line.contains(" POST /api/v1/events by the user ")).collect();
    assert_eq!(again.len(), 1, "what has to be done again is told: {said}");
    assert!(!file.exists() && String::from_utf8(refused.stderr).unwrap().contains("nothing was restored"));

    server.start_with(&["--restore-copy", "--yes"]);
    let admin = server.admin();
    assert_eq!(names(&admin), ["Copied"]);
    admin.create("/events", &json!({"name": "Later"}));
    assert_eq!(aside(&server.data()), kept, "what was damaged is still there");
    let said = failure(&mut server.command(&["audit", "verify"]));
    assert!(said.contains("does not hold"), "what was lost is not hidden: {said}");
    assert!(server.stop().success());

    let said = failure(&mut server.command(&["serve", "--restore-copy", "--yes"]));
    assert!(said.contains("is sound"), "{said}");
    server.start_again();
    assert_eq!(names(&server.admin()), ["Copied", "Later"]);
}

#[test]
fn a_turned_bit_in_a_file_that_is_checked_is_found_at_the_start_and_the_file_put_aside() {
    let mut server = Server::start();
    server.admin().create("/events", &json!({"name": "Midsummer"}));
    assert!(server.stop().success());
    let file = data_file(&server);
    // One letter of a name: what stands there can be read as well as before.
    let damaged = turn_a_bit(&file, b"Midsummer");
    let said = failure(&mut server.command(&["serve"]));
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    let kept = aside(&server.data());
    assert!(said.contains("is damaged") && said.contains(kept[0].to_str().unwrap()), "{said}");
    assert!(!file.exists(), "nothing is made in its place");
    assert_eq!((kept.len(), fs::read(&kept[0]).unwrap()), (1, damaged));
}

#[test]
fn a_turned_bit_in_a_file_too_large_to_be_checked_is_told_to_whoever_meets_it_and_found_by_the_next_check() {
    let mut server = Server::with(Options::default().set("store.check_mib", "0"));
    let admin = server.admin();
    let met = id_of(&admin.create("/events", &json!({"name": "Midsummer"})));
    let other = id_of(&admin.create("/events", &json!({"name": "Winter"})));
    assert!(server.stop().success());
    let file = data_file(&server);
    turn_a_bit(&file, b"name\xa9Midsummer");

    server.start_again();
    let operator = server.operator("house");
    operator.get(&format!("/events/{met}")).expect_problem(500, "data_damaged");
    operator.get(&format!("/events/{other}")).expect(200);
    assert!(server.stop().success());
    assert_eq!((file.exists(), aside(&server.data())), (true, Vec::new()), "the evening went on with it");

    let damaged = fs::read(&file).unwrap();
    let said = failure(&mut server.command(&["serve", "--restore-copy", "--yes"]));
    assert!(said.contains("no sound copy"), "checked whatever its size: {said}");
    let kept = aside(&server.data());
    assert_eq!((file.exists(), kept.len(), fs::read(&kept[0]).unwrap()), (false, 1, damaged));
}

#[test]
fn a_restore_that_is_killed_leaves_no_file_or_the_whole_one() {
    let mut server = Server::with(busy());
    let admin = server.admin();
    for number in 0..200 {
        admin
            .create("/events", &json!({"name": format!("Event {number}"), "description": "x".repeat(2_000)}));
    }
    copied(&server);
    assert!(server.stop().success());
    let file = data_file(&server);
    damage(&file);
    failure(&mut server.command(&["serve"]));
    let half = file.with_extension("restoring");
    for round in 0..6 {
        let mut command = server.command(&["serve", "--restore-copy", "--yes"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        wait_until("it is being restored", || {
            half.exists() || file.exists() || child.try_wait().unwrap().is_some()
        });
        if round % 2 == 1 {
            wait_until("it is restored", || file.exists());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if file.exists() {
            server.start_again();
            assert_eq!(names(&server.admin()).len(), 200);
            assert!(server.stop().success());
            fs::rename(&file, server.directory().join(format!("whole-{round}"))).unwrap();
        }
        assert_eq!(aside(&server.data()).len(), 1);
        assert!(!copies(&server).is_empty());
    }
    server.start_with(&["--restore-copy", "--yes"]);
    assert_eq!(names(&server.admin()).len(), 200);
    let said = success(&mut server.command(&["copies", "verify"]));
    assert!(said.contains("sound"), "{said}");
}

#[test]
fn a_file_that_is_no_data_file_or_empty_is_put_aside_and_not_taken_for_a_new_one() {
    for content in ["", "not a data file"] {
        for arguments in [&["serve", "--port", "0"][..], &["demo", "--port", "0"], &["user", "list"]] {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("event-manager.redb");
            fs::write(&file, content).unwrap();
            let said = failure(program().args(arguments).arg("--data").arg(directory.path()));
            assert!(said.contains("is damaged") && said.contains("no sound copy"), "{arguments:?}: {said}");
            let kept = aside(directory.path());
            assert_eq!((kept.len(), fs::read_to_string(&kept[0]).unwrap().as_str()), (1, content));
            assert!(!file.exists(), "{arguments:?}");
        }
    }
}
