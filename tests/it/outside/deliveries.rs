//! The outbox: what is to leave the box waits while nobody takes it, is neither lost nor doubled by a crash, and is sent once
//! more when somebody says so.

use serde_json::{Value, json};

use super::{SOON, admin, deliveries, in_state, options, outcomes, webhook};
use crate::{
    peers::{Behaviour, ChaosProxy, Receiver},
    support::{Client, Server, id_of, wait_until},
};

fn circuit(server: &Server, key: &str) -> String {
    let list = server.super_admin().get("/breakers?service=webhook").expect(200);
    let found = list["items"].as_array().unwrap().iter().find(|breaker| breaker["key"] == key).cloned();
    found.map_or_else(String::new, |breaker| breaker["state"].as_str().unwrap().to_owned())
}

/// A webhook behind a proxy, and the key of its circuit.
fn behind(admin: &Client, proxy: &ChaosProxy) -> (String, String) {
    let url = format!("http://{}/hook", proxy.address());
    let body = json!({"name": "Behind", "url": url, "events": ["judge.created"]});
    (id_of(&admin.create("/webhooks", &body)), proxy.address().to_string())
}

#[test]
fn while_its_circuit_is_open_what_is_for_a_host_waits_without_using_an_attempt() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let proxy = ChaosProxy::before(receiver.address());
    let admin = admin(&server);
    let (id, key) = behind(&admin, &proxy);
    proxy.set(Behaviour::Refuse);
    for number in 0..12 {
        admin.create("/judges", &json!({"name": format!("No. {number}")}));
    }
    wait_until("the circuit opens", || circuit(&server, &key) == "OPEN");
    let waiting = || deliveries(&admin, &format!("hook={id}&state=waiting"));
    wait_until("none is under way", || waiting().len() == 12);
    assert!(waiting().iter().any(|delivery| delivery["attemptsMade"] == 0), "{:?}", waiting());
    for delivery in waiting() {
        assert!((1..=72_000).contains(&delivery["parkedForMs"].as_u64().unwrap()), "{delivery}");
    }
    proxy.set(Behaviour::Pass);
    let reset = json!({"service": "webhook", "key": key});
    server.super_admin().post("/breakers/reset", &reset).expect(200);
    receiver.wait_for(12, SOON);
}

#[test]
fn while_a_service_is_forced_open_what_is_for_it_is_parked_and_uses_no_attempt() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let (admin, operator) = (admin(&server), server.super_admin());
    let (id, _) = webhook(&admin, &receiver, &["judge.created"]);
    let choose = |mode: &str| {
        operator.put("/breakers/mode", &json!({"service": "webhook", "mode": mode})).expect(200);
    };
    choose("forcedOpen");
    for number in 0..3 {
        admin.create("/judges", &json!({"name": format!("No. {number}")}));
    }
    let waiting = || deliveries(&admin, &format!("hook={id}&state=waiting"));
    wait_until("all are parked", || {
        let waiting = waiting();
        waiting.len() == 3 && waiting.iter().all(|delivery| delivery["parked"] == true)
    });
    for delivery in waiting() {
        assert_eq!((&delivery["attemptsMade"], &delivery["parkedForMs"]), (&json!(0), &Value::Null));
    }
    choose("enforce");
    receiver.wait_for(3, SOON);
    wait_until("none waits", || waiting().is_empty());
    for delivery in deliveries(&admin, &format!("hook={id}")) {
        assert_eq!((&delivery["attemptsMade"], &delivery["parked"]), (&json!(1), &json!(false)));
    }
}

#[test]
fn a_host_that_hangs_holds_up_no_other() {
    let (server, hanging, well) = (Server::with(options()), Receiver::start(), Receiver::start());
    let proxy = ChaosProxy::before(hanging.address());
    let admin = admin(&server);
    behind(&admin, &proxy);
    let (id, _) = webhook(&admin, &well, &["judge.created"]);
    proxy.set(Behaviour::BlackHole);
    for number in 0..20 {
        admin.create("/judges", &json!({"name": format!("No. {number}")}));
    }
    well.wait_for(20, SOON);
    wait_until("all have arrived", || deliveries(&admin, &format!("hook={id}&state=done")).len() == 20);
    assert_eq!(hanging.requests().len(), 0);
}

#[test]
fn a_crash_loses_no_delivery_and_marks_what_may_have_arrived() {
    let (mut server, receiver) = (Server::with(options()), Receiver::start());
    let client = admin(&server);
    let (id, _) = webhook(&client, &receiver, &["judge.created"]);
    receiver.hold();
    for number in 0..10 {
        client.create("/judges", &json!({"name": format!("No. {number}")}));
    }
    receiver.wait_for(4, SOON);
    wait_until("all are caused", || deliveries(&client, &format!("hook={id}")).len() == 10);
    server.kill();
    receiver.release();
    server.start_again();
    let client = admin(&server);
    wait_until("all have arrived", || deliveries(&client, &format!("hook={id}&state=done")).len() == 10);
    let all = deliveries(&client, &format!("hook={id}"));
    let marked: Vec<&Value> = all.iter().filter(|delivery| delivery["ambiguous"] == true).collect();
    assert_eq!(marked.len(), 4, "those that were under way");
    assert!(marked.iter().all(|delivery| outcomes(delivery) == ["interrupted", "arrived"]), "{marked:?}");
    let sent = receiver.requests();
    for delivery in &all {
        let name = delivery["messageId"].as_str();
        let times = sent.iter().filter(|request| request.header("webhook-id") == name).count();
        assert_eq!(delivery["attemptsMade"], json!(times), "{delivery}");
    }
}

#[test]
fn a_stop_waits_for_what_is_under_way() {
    let (mut server, receiver) = (Server::with(options()), Receiver::start());
    let client = admin(&server);
    let (id, _) = webhook(&client, &receiver, &["judge.created"]);
    receiver.hold();
    client.create("/judges", &json!({"name": "One"}));
    receiver.wait_for(1, SOON);
    server.begin_stop();
    receiver.release();
    server.end_stop();
    server.start_again();
    let delivery = &deliveries(&admin(&server), &format!("hook={id}"))[0];
    assert_eq!((&delivery["state"], &delivery["ambiguous"]), (&json!("done"), &json!(false)));
    assert_eq!(receiver.requests().len(), 1);
}

#[test]
fn dead_letters_are_sent_once_more_one_or_all_and_a_rehearsal_says_which() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    let body = json!({"name": "Moved", "url": "http://169.254.169.254/", "events": ["judge.created"]});
    let id = id_of(&admin.create("/webhooks", &body));
    for number in 0..3 {
        admin.create("/judges", &json!({"name": format!("No. {number}")}));
    }
    let dead = || deliveries(&admin, &format!("hook={id}&state=dead"));
    wait_until("all are dead", || dead().len() == 3);
    admin.patch(&format!("/webhooks/{id}"), &json!({"url": receiver.url("/moved")})).expect(200);

    let rehearsal = admin.post("/deliveries/replay", &json!({"hook": id, "dryRun": true})).expect(200);
    assert_eq!((&rehearsal["count"], &rehearsal["more"]), (&json!(3), &json!(false)));
    assert_eq!(receiver.requests().len(), 0);
    let first = id_of(&dead()[2]);
    let again = admin.call(&format!("/deliveries/{first}/replay")).expect(202);
    let done = in_state(&admin, &id_of(&again), "done");
    assert_eq!(done["replayOf"], json!(first));
    let told = receiver.wait_for(1, SOON).remove(0);
    assert_eq!(
        told.header("webhook-id"),
        dead()[2]["messageId"].as_str(),
        "the receiver knows it by the same name"
    );
    let problem = admin.call(&format!("/deliveries/{first}/replay")).expect(409);
    assert_eq!(problem["code"], "not_replayable");

    let replay = admin.post("/deliveries/replay", &json!({"hook": id})).expect(200);
    assert_eq!(replay["count"], 2);
    receiver.wait_for(3, SOON);
    let left = admin.post("/deliveries/replay", &json!({"hook": id})).expect(200);
    assert_eq!(left["count"], 0, "each is sent once more once");
}

#[test]
fn what_a_black_hole_swallows_is_given_up_with_every_attempt_on_record_and_arrives_once_in_the_end() {
    let options = options().set("outbound.webhook_attempts", "2").set("alerts.look_every_s", "1");
    let (server, receiver, watcher) = (Server::with(options), Receiver::start(), Receiver::start());
    let proxy = ChaosProxy::before(receiver.address());
    let (admin, operator) = (admin(&server), server.super_admin());
    let (id, _) = behind(&admin, &proxy);
    webhook(&admin, &watcher, &["job.dead"]);
    proxy.set(Behaviour::BlackHole);
    let cause = admin.with_header("X-Correlation-ID", "the-black-hole");
    cause.create("/judges", &json!({"name": "One"}));
    let dead = || deliveries(&admin, &format!("hook={id}&state=dead"));
    wait_until("it is tried again", || {
        deliveries(&admin, &format!("hook={id}")).iter().any(|delivery| delivery["attemptsMade"] == 2)
    });
    wait_until("its attempts are used up", || dead().len() == 1);
    let letter = dead().remove(0);
    let attempts = letter["attempts"].as_array().unwrap();
    assert_eq!((attempts.len(), &letter["attemptsMade"]), (2, &json!(2)));
    for attempt in attempts {
        assert_eq!(
            (&attempt["class"], &attempt["outcome"]),
            (&json!("timeout"), &json!("unknown")),
            "{letter}"
        );
        assert!(attempt["tookMs"].as_u64().unwrap() >= 14_000, "it waited for an answer: {letter}");
    }
    assert_ne!(attempts[0]["requestId"], attempts[1]["requestId"]);
    assert_eq!(letter["ambiguous"], true, "nobody can tell what became of a request that got no answer");

    let told = watcher.wait_for(1, SOON).remove(0);
    assert_eq!(told.json()["data"]["id"], letter["id"]);
    assert_eq!(told.header("x-correlation-id"), Some("the-black-hole"));
    wait_until("an alert tells of it", || {
        let firing = operator.get("/alerts?firing=true").expect(200)["items"].clone();
        firing.as_array().unwrap().iter().any(|alert| alert["rule"] == "DeadLettersGrowing")
    });

    // What is in the hole is gone.
    proxy.set(Behaviour::Refuse);
    proxy.set(Behaviour::Pass);
    let again = admin.call(&format!("/deliveries/{}/replay", id_of(&letter))).expect(202);
    in_state(&admin, &id_of(&again), "done");
    let arrived = receiver.requests();
    assert_eq!(arrived.len(), 1, "once");
    assert_eq!(arrived[0].header("webhook-id"), letter["messageId"].as_str());
    assert_eq!(dead()[0]["replayedBy"], again["id"]);
}

#[test]
fn one_that_waits_can_be_stopped() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    let (id, _) = webhook(&admin, &receiver, &["judge.created"]);
    receiver.answer_with(500);
    admin.create("/judges", &json!({"name": "One"}));
    receiver.wait_for(1, SOON);
    let path = format!("/deliveries/{}", id_of(&deliveries(&admin, &format!("hook={id}"))[0]));
    wait_until("it waits", || admin.get(&path).expect(200)["state"] == "waiting");
    let stopped = admin.call(&format!("{path}/cancel")).expect(200);
    assert_eq!(stopped["state"], "cancelled");
    let again = admin.call(&format!("{path}/cancel")).expect(200);
    assert_eq!(again["version"], stopped["version"], "it stays as it is");
}

#[test]
fn deliveries_and_webhooks_of_a_tenant_are_its_own() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let (admin, operator) = (admin(&server), server.super_admin());
    let (id, _) = webhook(&admin, &receiver, &["judge.created"]);
    admin.create("/judges", &json!({"name": "One"}));
    receiver.wait_for(1, SOON);
    let delivery = id_of(&deliveries(&admin, &format!("hook={id}"))[0]);
    operator.get(&format!("/deliveries/{delivery}")).expect(404);
    operator.call(&format!("/deliveries/{delivery}/replay")).expect(404);
    operator.post(&format!("/webhooks/{id}/secret"), &json!({})).expect(404);
    assert!(deliveries(&operator, "").is_empty());
}

#[test]
fn what_waits_and_what_was_tried_is_counted() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    let (id, _) = webhook(&admin, &receiver, &["judge.created"]);
    receiver.answer_script([500, 200]);
    admin.create("/judges", &json!({"name": "One"}));
    wait_until("it arrives", || deliveries(&admin, &format!("hook={id}&state=done")).len() == 1);
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    for line in [
        "delivery_attempts_total{service=\"webhook\",outcome=\"failed\"} 1",
        "delivery_attempts_total{service=\"webhook\",outcome=\"arrived\"} 1",
        "outbound_retries_total{service=\"webhook\"} 1",
        "jobs_enqueued_total{queue=\"webhook\",job=\"webhook\"} 1",
        "jobs_completed_total{queue=\"webhook\",job=\"webhook\",outcome=\"done\"} 1",
        "webhook_deliveries_total{outcome=\"done\"} 1",
        "job_duration_seconds_count{queue=\"webhook\",job=\"webhook\"} 2",
        "job_queue_wait_seconds_count{queue=\"webhook\",job=\"webhook\"} 2",
        "outbound_request_duration_seconds_count{service=\"webhook\",operation=\"webhook\",outcome=\"success\"} 1",
        "outbound_request_duration_seconds_count{service=\"webhook\",operation=\"webhook\",outcome=\"failure\"} 1",
        "circuit_breaker_calls_total{service=\"webhook\",outcome=\"success\"} 1",
        "circuit_breaker_calls_total{service=\"webhook\",outcome=\"failure\"} 1",
        "job_queue_depth{queue=\"webhook\"} 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
    }
}
