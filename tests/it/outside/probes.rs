//! Half open circuits that nothing waits to use: the box tries them itself where that changes nothing and reaches nobody.

use serde_json::{Value, json};

use super::{house::BUCKET, mail::relayed, options};
use crate::{
    peers::{Clamd, RedisServer, S3Peer, SmtpPeer},
    support::{Client, Options, Server, wait_until},
};

/// The services that can be asked whether they work.
const ASKED: [&str; 4] = ["email", "storage", "virus_scan", "redis"];

/// With circuits that are half open a moment after they were opened.
fn soon_half_open(mut options: Options) -> Options {
    for service in ASKED.into_iter().chain(["webhook"]) {
        for limit in ["timeout_ms", "longest_timeout_ms"] {
            options = options.set(&format!("breaker.{service}.{limit}"), "300");
        }
    }
    options
}

fn circuit(operator: &Client, service: &str) -> Value {
    operator.get(&format!("/breakers?service={service}")).expect(200)["items"][0].clone()
}

/// Opens the circuit to where a service goes first.
fn trip(operator: &Client, service: &str) {
    let integrations = operator.get("/integrations").expect(200);
    let of_service =
        integrations["items"].as_array().unwrap().iter().find(|found| found["service"] == service).unwrap();
    let circuit = json!({"service": service, "key": of_service["targets"][0]["key"]});
    operator.post("/breakers/trip", &circuit).expect(200);
}

#[test]
fn half_open_circuits_that_nothing_waits_for_are_tried_by_the_box_and_close() {
    let (relay, store, clamd, redis) =
        (SmtpPeer::start(), S3Peer::start(), Clamd::start(), RedisServer::start());
    store.make_bucket(BUCKET);
    let options = relayed(options(), "email", relay.address().port())
        .set("email.from", "scores@house.example")
        .set("storage.bucket", BUCKET)
        .set("storage.endpoint", &store.url())
        .set("storage.access_key", "test")
        .set("storage.secret_key", "a-secret-of-the-store")
        .set("virus_scan.address", &clamd.address().to_string())
        .set("redis.url", &redis.url());
    let server = Server::with(soon_half_open(options));
    let operator = server.super_admin();
    ASKED.into_iter().for_each(|service| trip(&operator, service));
    for service in ASKED {
        wait_until(&format!("{service} is closed"), || circuit(&operator, service)["state"] == "CLOSED");
        let closed = circuit(&operator, service);
        assert_eq!(closed["transitions"][0]["reason"], "trials_succeeded", "{service}");
        // A Redis is told of what happens here, too.
        if service == "redis" {
            continue;
        }
        // Nobody has called it: no number of calls may say so.
        assert_eq!((&closed["successes"], &closed["totalRequests"]), (&json!(0), &json!(0)), "{closed}");
        assert_eq!(
            (&closed["lastSuccessTime"], &closed["totals"]["ok"]),
            (&Value::Null, &json!(0)),
            "{closed}"
        );
        assert!(closed["totals"]["probes"].as_u64() >= Some(2), "{closed}");
        let report = operator.get("/breakers/services").expect(200);
        let mut report = report["items"].as_array().unwrap().iter();
        let of_service = report.find(|found| found["service"] == service).unwrap();
        assert_eq!(of_service["seen"]["calls"], 0, "{of_service}");
    }
    assert_eq!(relay.mails().len(), 0, "nobody was sent anything");
}

#[test]
fn a_service_that_still_fails_is_found_out_and_one_that_cannot_be_asked_is_left_alone() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = relayed(options(), "email", nobody.port()).set("email.from", "scores@house.example");
    let server = Server::with(soon_half_open(options));
    let operator = server.super_admin();
    operator.post("/breakers/trip", &json!({"service": "webhook", "key": "hall.example:443"})).expect(200);
    trip(&operator, "email");
    wait_until("it was tried in vain", || {
        let transitions = circuit(&operator, "email")["transitions"].clone();
        transitions.as_array().unwrap().iter().any(|change| change["reason"] == "trial_failed")
    });
    let failed = &circuit(&operator, "email")["errors"][0];
    assert_eq!(failed["error"], "connect", "{failed}");
    let untried = circuit(&operator, "webhook");
    assert_eq!((&untried["state"], &untried["totalRequests"]), (&json!("HALF_OPEN"), &json!(0)));
}
