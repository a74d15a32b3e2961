//! Services outside as admins see them: what is set up, how it fares, and trying it, with a real scanner and a real Redis.

use serde_json::{Value, json};

use super::{admin, in_state, options, outcomes};
use crate::{
    peers::{Behaviour, ChaosProxy, Clamd, RedisServer},
    support::{Client, Options, Server, id_of, wait_until},
};

const SCANNER_TEST: &str = "/integrations/virus-scan/test";
const REDIS_TEST: &str = "/integrations/redis/test";

/// What is told of a service.
#[track_caller]
fn integration(client: &Client, service: &str) -> Value {
    let list = client.get("/integrations").expect(200);
    let mut items = list["items"].as_array().unwrap().iter();
    items.find(|item| item["service"] == service).unwrap().clone()
}

fn circuit(client: &Client, service: &str) -> Value {
    integration(client, service)["targets"][0]["circuit"].clone()
}

/// A test that was asked for, once it is over.
#[track_caller]
fn tried(client: &Client, path: &str, state: &str) -> Value {
    in_state(client, &id_of(&client.call(path).expect(202)), state)
}

#[test]
fn services_that_are_not_set_up_go_nowhere_and_cannot_be_tried() {
    let server = Server::with(options());
    let client = admin(&server);
    let list = client.get("/integrations").expect(200);
    let told: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["service"].clone()).collect();
    assert_eq!(told, ["email", "sms", "storage", "virus_scan", "redis", "otlp"]);
    for service in ["virus_scan", "redis"] {
        assert_eq!(integration(&client, service)["targets"], json!([]));
    }
    for (path, service) in [(SCANNER_TEST, "virus_scan"), (REDIS_TEST, "redis")] {
        assert_eq!(client.call(path).expect_problem(409, "not_set_up")["service"], service);
    }
}

#[test]
fn services_that_are_set_up_are_told_with_where_they_go_and_without_their_secrets() {
    let options = options()
        .set("email.host", "relay.invalid")
        .set("email.from", "box@it.example")
        .set("email.user", "box")
        .set("email.password", "a-password-of-the-relay")
        .set("email_second.host", "second.invalid")
        .set("redis.url", "redis://cache.invalid")
        .set("redis.password", "a-password-of-the-cache");
    let server = Server::with(options);
    let client = admin(&server);
    let mail = integration(&client, "email");
    let targets = mail["targets"].as_array().unwrap();
    let keys: Vec<_> = targets.iter().map(|target| target["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["relay.invalid:587", "second.invalid:587"], "in the order in which they are tried");
    assert_eq!((&targets[1]["circuit"], &mail["mode"]), (&Value::Null, &json!("enforce")), "not called yet");
    assert_eq!(integration(&client, "redis")["targets"][0]["key"], "cache.invalid:6379");
    let told = client.get("/integrations").expect(200).to_string();
    assert!(!told.contains("a-password"), "{told}");
}

#[test]
fn a_scanner_that_works_says_what_it_is_and_one_that_does_not_is_told_at_once() {
    let scanner = Clamd::start();
    let proxy = ChaosProxy::before(scanner.address());
    let options =
        options().set("virus_scan.address", &proxy.address().to_string()).set("virus_scan.timeout_s", "2");
    let server = Server::with(options);
    let client = admin(&server);
    let done = tried(&client, SCANNER_TEST, "done");
    assert_eq!((&done["service"], &done["title"]), (&json!("virus_scan"), &json!("probe")));
    let said = done["attempts"][0]["detail"].as_str().unwrap();
    assert!(said.contains("ClamAV"), "{said}");
    let circuit_now = circuit(&client, "virus_scan");
    assert_eq!(circuit_now["state"], "CLOSED");
    assert!(
        circuit_now["lastSuccessTime"].is_string() && circuit_now["lastError"].is_null(),
        "{circuit_now}"
    );

    proxy.set(Behaviour::Refuse);
    let dead = tried(&client, SCANNER_TEST, "dead");
    assert_eq!(
        (outcomes(&dead), &dead["attemptsMade"]),
        (vec!["refused"], &json!(1)),
        "it is not tried again"
    );
    assert_eq!(circuit(&client, "virus_scan")["lastError"], dead["attempts"][0]["class"]);
}

#[test]
fn a_redis_says_its_version_and_while_its_circuit_is_open_a_test_waits_for_that() {
    let redis = RedisServer::start();
    let options: Options = options().set("redis.url", &redis.url());
    let server = Server::with(options);
    let client = admin(&server);
    let done = tried(&client, REDIS_TEST, "done");
    let said = done["attempts"][0]["detail"].as_str().unwrap();
    assert!(said.starts_with("Redis ") && said.contains('.'), "{said}");

    let operator = server.super_admin();
    let key = integration(&client, "redis")["targets"][0]["key"].clone();
    operator.post("/breakers/trip", &json!({"service": "redis", "key": key})).expect(200);
    let open = circuit(&client, "redis");
    assert!(open["state"] == "OPEN" && open["retryAfterMs"].is_u64(), "{open}");
    let waiting = id_of(&client.call(REDIS_TEST).expect(202));
    wait_until("it is parked", || {
        let delivery = client.get(&format!("/deliveries/{waiting}")).expect(200);
        delivery["parkedForMs"].is_u64() && delivery["attemptsMade"] == 0
    });
    operator.post("/breakers/reset", &json!({"service": "redis", "key": key})).expect(200);
    in_state(&client, &waiting, "done");
}
