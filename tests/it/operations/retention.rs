//! The box's own work on its trash: what lies there for longer than is configured is destroyed, unless the wall clock cannot
//! be trusted. The time between starts is what the program is shown.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::log::log_of;
use crate::support::{Options, Server, id_of, wait_until};

fn kept_for(days: u32) -> Server {
    Server::with(Options::default().set("trash.retention_days", &days.to_string()))
}

/// Stops it, and starts it again so many hours after the beginning, as its clock has it.
fn start_at(server: &mut Server, hours: i64) {
    assert!(server.stop().success());
    server.set_clock_ahead(hours);
    server.start_again();
}

/// An event with a contest, in the trash from now on.
fn deleted(server: &Server) -> String {
    let admin = server.admin();
    let event = id_of(&admin.create("/events", &json!({"name": "Gala"})));
    admin.create(&format!("/events/{event}/contests"), &json!({"name": "Solo"}));
    admin.delete(&format!("/events/{event}")).expect(204);
    event
}

fn trash(server: &Server) -> BTreeSet<String> {
    let page = server.admin().get("/trash").expect(200);
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// How often the box has gone through the trash, and how many rows it has destroyed, once it is done.
fn gone_through(server: &Server) -> (usize, u64) {
    let operator = server.operator("system");
    let mut jobs: Vec<Value> = Vec::new();
    wait_until("no job is under way", || {
        jobs = operator.get("/jobs").expect(200)["items"].as_array().unwrap().clone();
        jobs.iter().all(|job| job["state"] == "done")
    });
    (jobs.len(), jobs.iter().map(|job| job["done"].as_u64().unwrap()).sum())
}

#[test]
fn what_was_deleted_longer_ago_than_is_configured_is_destroyed_and_nothing_younger() {
    let mut server = kept_for(1);
    let old = deleted(&server);
    start_at(&mut server, 20);
    let young = deleted(&server);
    assert_eq!(trash(&server), BTreeSet::from([old, young.clone()]));
    start_at(&mut server, 30);
    wait_until("the trash is gone through again", || gone_through(&server).0 == 2);
    assert_eq!(gone_through(&server), (2, 2), "the event and its contest");
    assert_eq!(trash(&server), BTreeSet::from([young.clone()]));
    server.admin().call(&format!("/events/{young}/restore")).expect(200);
    assert_eq!(server.admin().get("/audit/verify").expect(200)["intact"], true);
}

#[test]
fn with_no_number_of_days_everything_is_kept_for_ever() {
    let mut server = kept_for(0);
    let event = deleted(&server);
    for hours in (20..=100).step_by(20) {
        start_at(&mut server, hours);
        assert_eq!(trash(&server), BTreeSet::from([event.clone()]), "signing in is a change of that time");
    }
    // Whoever stops waits until it has been looked for what is old.
    start_at(&mut server, 100);
    assert_eq!(gone_through(&server), (0, 0));
}

#[test]
fn a_clock_that_is_far_from_the_last_change_destroys_nothing_that_seems_old() {
    let mut server = kept_for(1);
    let event = deleted(&server);
    assert_eq!(gone_through(&server), (1, 0));
    for wrong in [500 * 24, -500 * 24] {
        start_at(&mut server, wrong);
    }
    start_at(&mut server, 1);
    assert_eq!(gone_through(&server), (1, 0), "neither begun, nor is what was done before forgotten");
    assert_eq!(trash(&server), BTreeSet::from([event.clone()]));
    server.admin().call(&format!("/events/{event}/restore")).expect(200);
    let log = log_of(&mut server);
    let told = log.lines().filter(|line| line.contains("the clock may be wrong")).count();
    assert_eq!(told, 2, "{log}");
}
