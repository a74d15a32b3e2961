//! Verified local copies: made while the program runs, checked by the command line, and whole or absent when it is killed.

use std::{fs, path::PathBuf, time::Instant};

use serde_json::json;

use super::{crash, failure, success};
use crate::support::{Options, Server, wait_until};

/// A server that makes a copy every second in which something has changed.
pub fn busy() -> Options {
    Options::default().set("store.copy_every_s", "1").set("store.free_floor_mib", "0")
}

/// The finished copies, oldest first.
pub fn copies(server: &Server) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(server.data().join("copies")) else { return Vec::new() };
    let mut copies: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    copies.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("event-manager."));
    copies.sort();
    copies
}

/// Waits until the newest copy holds everything up to now.
pub fn copied(server: &Server) {
    let records = |tenant: &str| {
        let newest = server.operator(tenant).get("/audit?limit=1").expect(200);
        newest["items"][0]["sequence"].as_u64().unwrap()
    };
    let tenants = server.operator("system").get("/tenants?limit=500").expect(200);
    let slugs = tenants["items"].as_array().unwrap().iter().map(|tenant| tenant["slug"].as_str().unwrap());
    let all = format!(": sound, {} audit records", slugs.map(records).sum::<u64>());
    wait_until(&format!("the newest copy holds everything{all}"), || {
        let Some(newest) = copies(server).pop() else { return false };
        // It may be thinned out meanwhile.
        let output = server.command(&["copies", "verify", newest.to_str().unwrap()]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains(&all)
    });
}

#[test]
fn a_copy_is_made_when_something_changed_and_verifies() {
    let server = Server::with(busy());
    let admin = server.admin();
    wait_until("the first copy", || !copies(&server).is_empty());
    admin.create("/events", &json!({"name": "Gala"}));
    copied(&server);
    let free = "\ndb_free_pages_bytes ";
    wait_until("what is free within the file is told", || {
        let text = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
        let told = text.split_once(free).and_then(|(_, rest)| rest.lines().next()?.parse::<f64>().ok());
        told.is_some_and(|bytes| bytes > 0.0)
    });
    let listed = success(&mut server.command(&["copies", "list"]));
    assert_eq!(listed.lines().count(), copies(&server).len(), "{listed}");
    let said = success(&mut server.command(&["copies", "verify"]));
    assert!(!said.is_empty() && said.lines().all(|line| line.contains(": sound, ")), "{said}");

    let copy = copies(&server).pop().unwrap();
    let mut bytes = fs::read(&copy).unwrap();
    let (from, to) = (bytes.len() / 4, bytes.len() / 4 * 3);
    bytes[from..to].fill(0x5a);
    let broken = server.directory().join("broken.redb");
    fs::write(&broken, &bytes).unwrap();
    let said = failure(&mut server.command(&["copies", "verify", broken.to_str().unwrap()]));
    assert!(said.contains("damaged"), "{said}");
    assert_eq!(fs::read(&broken).unwrap(), bytes, "looking at a copy changes nothing in it");
}

#[test]
fn a_copy_of_a_clock_that_was_wrong_keeps_none_from_being_made() {
    let server = Server::with(busy());
    let admin = server.admin();
    wait_until("the first copy", || !copies(&server).is_empty());
    let future = server.data().join("copies/event-manager.20990101T000000Z.redb");
    let made_since = || {
        admin.create("/events", &json!({"name": "Gala"}));
        copies(&server).iter().any(|copy| *copy != future)
    };
    fs::rename(copies(&server).pop().unwrap(), &future).unwrap();
    for copy in copies(&server).into_iter().filter(|copy| *copy != future) {
        fs::remove_file(copy).unwrap();
    }
    wait_until("another copy", made_since);
}

#[test]
fn nothing_that_is_killed_leaves_a_copy_that_is_not_whole() {
    let (mut server, ledger) = crash::Ledger::with(busy(), 50);
    for round in 0..8 {
        let (before, admin) = (copies(&server), server.admin());
        crash::writers(&mut server, &ledger, 5, |server| {
            let unfinished = server.data().join("copies").join(".making.redb");
            let started = Instant::now();
            // In every other round it is killed while it makes a copy.
            while round % 2 == 0 && !unfinished.exists() && copies(server) == before {
                assert!(started.elapsed().as_secs() < 60, "no copy is made");
                admin.create("/events", &json!({"name": "Gala"}));
            }
            server.kill();
        });
        if !copies(&server).is_empty() {
            let said = success(&mut server.command(&["copies", "verify"]));
            assert!(said.lines().all(|line| line.contains(": sound, ")), "{said}");
        }
        server.start_again();
        ledger.check(&server);
    }
    copied(&server);
    assert!(server.stop().success());
    let left = fs::read_dir(server.data().join("copies")).unwrap().count();
    assert_eq!(left, copies(&server).len(), "nothing unfinished is left");
}
