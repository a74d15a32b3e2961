//! The catalogue of events: every type of it can be provoked, and what is told has the form that its schema gives.

use std::collections::BTreeSet;

use event_manager::domain::Role;
use serde_json::{Value, json};

use super::options;
use crate::{
    api::nouns::{NOUNS, NounCase},
    support::{Client, Competition, Server, fresh, id_of, upload},
};

/// The types of all events that were told to a webhook, with one of each.
fn told(client: &Client, hook: &str) -> Vec<Value> {
    let mut events = Vec::new();
    let mut path = format!("/deliveries?hook={hook}&limit=500");
    loop {
        let page = client.get(&path).expect(200);
        events.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|delivery| serde_json::from_str::<Value>(delivery["body"].as_str().unwrap()).unwrap()),
        );
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("/deliveries?hook={hook}&limit=500&cursor={cursor}"),
            None => return events,
        }
    }
}

/// A webhook that nothing is sent to: its host cannot be resolved, and what is published can be read all the same.
fn listener(client: &Client) -> String {
    let body = json!({"name": "All", "url": "https://nobody.invalid/", "events": ["*"]});
    id_of(&client.create("/webhooks", &body))
}

/// A file is made of bytes, and is no row of the table of nouns.
fn a_files_life(admin: &Client) {
    let made = upload(admin, "name=Rules&purpose=document", "text/plain", b"Be kind.").expect(201);
    let item = format!("/files/{}", id_of(&made));
    admin.patch(&item, &json!({"name": "Rules of the house"})).expect(200);
    admin.delete(&item).expect(204);
    admin.call(&format!("{item}/restore")).expect(200);
    admin.delete(&item).expect(204);
    let trash = admin.get("/trash?limit=1").expect(200);
    let (version, name) = (&trash["items"][0]["version"], &trash["items"][0]["name"]);
    admin.post(&format!("/trash/{version}/purge"), &json!({"name": name})).expect(202);
}

/// Creates, changes, deletes, restores, deletes and destroys something.
fn through_its_life(noun: &NounCase, competition: &Competition) {
    let manager = noun.manager(competition);
    let item = noun.item(&id_of(&noun.create(competition)));
    let ok = |status: u16| assert!((200..300).contains(&status), "{item}: {status}");
    ok(manager.patch(&item, &(noun.change)()).status);
    ok(manager.delete(&item).status);
    ok(manager.call(&noun.confirmed(format!("{item}/restore"))).status);
    ok(manager.delete(&item).status);
    let trash = manager.get("/trash?limit=1").expect(200);
    let (version, name) = (&trash["items"][0]["version"], &trash["items"][0]["name"]);
    manager.post(&format!("/trash/{version}/purge"), &json!({"name": name})).expect(202);
}

#[test]
fn every_type_of_event_is_published_and_keeps_to_its_schema() {
    let competition = Competition::on(Server::with(options()));
    let (admin, operator) = (competition.admin().clone(), competition.tenant.server.super_admin());
    let hooks = [(admin.clone(), listener(&admin)), (operator.clone(), listener(&operator))];

    for noun in &NOUNS {
        through_its_life(noun, &competition);
    }
    a_files_life(&admin);
    competition.submit_all();
    let sheet = competition.sheet(0, 0);
    admin.post(&format!("{sheet}/reopen"), &json!({"reason": "a slip"})).expect(200);
    let event = format!("/events/{}", competition.event);
    admin.call(&format!("{event}/lock")).expect(200);
    let (asking, asked) = (competition.tenant.with_role(Role::Organizer), format!("{event}/unlock-requests"));
    asking.create(&asked, &json!({"reason": "A name is wrong"}));
    admin.post(&format!("{asked}/refuse"), &json!({"reason": "It is right"})).expect(204);
    admin.call(&format!("{event}/unlock")).expect(200);
    operator.post("/breakers/trip", &json!({"service": "sms", "key": fresh("gateway")})).expect(200);
    operator.call("/backups").expect(202);
    let dead = json!({"name": "Dead", "url": "http://169.254.169.254/", "events": ["user.purged"]});
    let dead = id_of(&admin.create("/webhooks", &dead));
    admin.call(&format!("/webhooks/{dead}/test")).expect(202);

    let catalogue = admin.get("/event-types").expect(200)["items"].as_array().unwrap().clone();
    let wanted: BTreeSet<&str> = catalogue.iter().map(|event| event["type"].as_str().unwrap()).collect();
    // What goes wrong with the box has a test of its own: `alerts`.
    let elsewhere = BTreeSet::from(["alert.fired", "alert.resolved", "backup.failed"]);
    let mut events = Vec::new();
    let missing = |events: &[Value]| -> Vec<String> {
        let seen: BTreeSet<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        let unseen = wanted.difference(&seen).filter(|name| !elsewhere.contains(*name));
        unseen.map(ToString::to_string).collect()
    };
    for _ in 0..300 {
        events = hooks.iter().flat_map(|(client, hook)| told(client, hook)).collect();
        if missing(&events).is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(missing(&events), [""; 0]);
    for event in &events {
        assert_keeps_to_its_schema(event, &catalogue);
    }
}

/// Fails if an event has not the form that the catalogue gives its type.
#[track_caller]
pub fn assert_keeps_to_its_schema(event: &Value, catalogue: &[Value]) {
    let name = event["type"].as_str().unwrap();
    let of_type = catalogue.iter().find(|listed| listed["type"] == name);
    let schema = &of_type.unwrap_or_else(|| panic!("{name} is in no catalogue"))["schema"];
    let data = event["data"].as_object().unwrap();
    let known = schema["properties"].as_object().unwrap();
    assert!(data.keys().all(|key| known.contains_key(key)), "{name}: {event}");
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(data.contains_key(required.as_str().unwrap()), "{name}: {event}");
    }
    for field in ["timestamp", "tenantId", "version", "actor", "requestId", "correlationId"] {
        assert!(!event[field].is_null(), "{name}: {field}");
    }
}
