//! What leaves the box, with real receivers that fail as they do in life.

mod alerts;
mod bad_answers;
mod bad_settings;
mod chaos;
mod connections;
mod correlations;
mod dead_letters;
mod deliveries;
mod dkim;
mod house;
mod integrations;
mod mail;
mod message_log;
mod otlp;
mod outages;
mod probes;
mod publishing;
mod redis;
mod reports;
mod results_mail;
mod scan;
mod sms;
mod storage;
mod stored_backups;
mod stored_files;
mod transitions;
mod webhooks;
mod wordings;

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    peers::Receiver,
    support::{Client, Options, Server, id_of, wait_until},
};

/// Longest wait for something to arrive.
const SOON: Duration = Duration::from_secs(30);

/// A server whose tenants may reach this machine, and whose circuits are enforced from the start.
fn options() -> Options {
    Options::default()
        .set("outbound.tenant_https_only", "false")
        .set("outbound.tenant_networks", "127.0.0.0/8")
        .set("resilience.enforce_from_start", "true")
}

fn admin(server: &Server) -> Client {
    server.admin()
}

/// A webhook at a receiver, and its secret.
fn webhook(admin: &Client, receiver: &Receiver, events: &[&str]) -> (String, String) {
    let body = json!({"name": "Receiver", "url": receiver.url("/hook"), "events": events});
    let id = id_of(&admin.create("/webhooks", &body));
    let secret = admin.post(&format!("/webhooks/{id}/secret"), &json!({})).expect(200);
    (id, secret["secret"].as_str().unwrap().to_owned())
}

/// The deliveries that pass a filter, newest first.
fn deliveries(admin: &Client, filter: &str) -> Vec<Value> {
    admin.get(&format!("/deliveries?limit=500&{filter}")).expect(200)["items"].as_array().unwrap().clone()
}

/// The delivery once it is in a state.
#[track_caller]
fn in_state(admin: &Client, id: &str, state: &str) -> Value {
    let mut delivery = Value::Null;
    wait_until(&format!("the delivery is {state}"), || {
        delivery = admin.get(&format!("/deliveries/{id}")).expect(200);
        let is_over = ["done", "dead", "cancelled"].iter().any(|over| delivery["state"] == *over);
        assert!(!is_over || delivery["state"] == state, "it ended as no {state} one: {delivery}");
        delivery["state"] == state
    });
    delivery
}

/// What became of the attempts of a delivery, oldest first.
fn outcomes(delivery: &Value) -> Vec<&str> {
    delivery["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["outcome"].as_str().unwrap())
        .collect()
}
