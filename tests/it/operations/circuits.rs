//! Circuit breakers as an operator deals with them: opened, reset, put into modes, and still so after a restart, whatever
//! ends the program.

use std::{collections::BTreeSet, time::Duration};

use event_manager::domain::Timestamp;
use serde_json::{Value, json};

use crate::{
    peers::Receiver,
    support::{Client, Options, Server, wait_until},
};

fn circuit(key: &str) -> Value {
    json!({"service": "email", "key": key})
}

fn seen(operator: &Client, key: &str) -> Value {
    let list = operator.get("/breakers?service=email").expect(200);
    let found = list["items"].as_array().unwrap().iter().find(|breaker| breaker["key"] == key).cloned();
    found.unwrap_or_else(|| panic!("no circuit {key}: {list}"))
}

fn service(operator: &Client, word: &str) -> Value {
    let told = operator.get("/breakers/services").expect(200);
    told["items"].as_array().unwrap().iter().find(|service| service["service"] == word).unwrap().clone()
}

/// A metric of the service.
fn metric(server: &Server, name: &str) -> String {
    let text = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let series = format!("{name}{{service=\"email\"}} ");
    let value = text.lines().find_map(|line| line.strip_prefix(&series));
    value.expect("it is there from the start").to_owned()
}

fn gauge(server: &Server) -> String {
    metric(server, "circuit_breaker_state")
}

/// The newest records about circuits, as action and facts.
fn records(operator: &Client) -> Vec<(String, Value)> {
    let log = operator.get("/audit?limit=50").expect(200);
    let of_breakers =
        log["items"].as_array().unwrap().iter().filter(|record| record["subject"]["kind"] == "breaker");
    of_breakers
        .map(|record| (record["action"].as_str().unwrap().to_owned(), record["facts"].clone()))
        .collect()
}

#[test]
fn an_operator_opens_and_closes_a_circuit_and_all_of_it_is_on_record() {
    let server = Server::start();
    let operator = server.super_admin();
    assert_eq!(gauge(&server), "0");
    let opened = operator.post("/breakers/trip", &circuit("relay.example:587")).expect(200);
    assert_eq!(
        (&opened["state"], &opened["transitions"][0]["reason"]),
        (&json!("OPEN"), &json!("manual_trip"))
    );
    let wait = opened["retryAfterMs"].as_u64().unwrap();
    assert!((50_000..=72_000).contains(&wait), "a minute, and up to a fifth of chance: {wait}");
    for name in ["failures", "successes", "totalRequests"] {
        assert_eq!(opened[name], 0, "{name}");
    }
    assert_eq!((&opened["lastFailureTime"], &opened["lastSuccessTime"]), (&Value::Null, &Value::Null));
    assert_eq!(gauge(&server), "2");
    assert_eq!(service(&operator, "email")["state"], "OPEN");
    assert_eq!(service(&operator, "sms")["state"], "CLOSED");

    let closed = operator.post("/breakers/reset", &circuit("relay.example:587")).expect(200);
    assert_eq!((&closed["state"], &closed["retryAfterMs"]), (&json!("CLOSED"), &Value::Null));
    assert_eq!(gauge(&server), "0");
    wait_until("both changes are on record", || {
        records(&operator).iter().filter(|(action, _)| action == "breaker.stateChanged").count() == 2
    });
    let records = records(&operator);
    let facts = |action: &str| -> Vec<&Value> {
        records.iter().filter(|(found, _)| found == action).map(|(_, facts)| facts).collect()
    };
    let told = |seen: &Value| {
        let change = &seen["transitions"][0];
        let (from, to, reason, at) = (&change["from"], &change["to"], &change["reason"], &change["at"]);
        json!({"service": "email", "key": "relay.example:587", "from": from, "to": to, "reason": reason, "at": at})
    };
    let changes = [told(&closed), told(&opened)];
    assert_eq!(
        changes.each_ref().map(|change| &change["reason"]),
        [&json!("manual_reset"), &json!("manual_trip")]
    );
    assert_eq!(facts("breaker.stateChanged"), changes.iter().collect::<Vec<_>>());
    assert_eq!(facts("breaker.tripped")[0]["state"], "CLOSED");
    assert_eq!(facts("breaker.reset")[0]["state"], "OPEN");
}

#[test]
fn how_often_and_for_how_long_circuits_were_open_and_in_which_mode_they_are_is_counted() {
    let server = Server::start();
    let operator = server.super_admin();
    let counted = |name: &str| metric(&server, name).parse::<u64>().unwrap();
    assert_eq!(["circuit_breaker_opened_total", "circuit_breaker_open_seconds_total"].map(counted), [0, 0]);
    operator.post("/breakers/trip", &circuit("first")).expect(200);
    operator.post("/breakers/trip", &circuit("second")).expect(200);
    wait_until("it is open for two seconds", || counted("circuit_breaker_open_seconds_total") >= 2);
    operator.post("/breakers/reset", &circuit("first")).expect(200);
    let both = counted("circuit_breaker_open_seconds_total");
    wait_until("the other one is open", || counted("circuit_breaker_open_seconds_total") > both);
    assert_eq!(counted("circuit_breaker_opened_total"), 2);
    assert_eq!(counted("circuit_breaker_mode"), 1, "it is watched");
    for (mode, level) in [("disabled", 0), ("enforce", 2), ("forcedOpen", 3)] {
        operator.put("/breakers/mode", &json!({"service": "email", "mode": mode})).expect(200);
        assert_eq!(counted("circuit_breaker_mode"), level, "{mode}");
    }
}

#[test]
fn an_open_circuit_is_tried_again_when_its_time_is_over_without_anybody_calling() {
    let server = Server::with(Options::default().set("breaker.email.timeout_ms", "300"));
    let operator = server.super_admin();
    operator.post("/breakers/trip", &circuit("relay")).expect(200);
    wait_until("the gauge says half open", || gauge(&server) == "1");
    let view = seen(&operator, "relay");
    assert_eq!(
        (&view["state"], &view["transitions"][0]["reason"]),
        (&json!("HALF_OPEN"), &json!("open_elapsed"))
    );
}

#[test]
fn an_open_circuit_is_open_after_a_restart_and_for_no_longer() {
    let mut server = Server::start();
    let operator = server.super_admin();
    let before = operator.post("/breakers/trip", &circuit("relay")).expect(200);
    wait_until("the change is kept", || {
        records(&operator).iter().any(|(action, _)| action == "breaker.stateChanged")
    });
    server.kill();
    server.start_again();
    let after = seen(&server.super_admin(), "relay");
    assert_eq!(after["state"], "OPEN");
    let since = |view: &Value| view["since"].as_str().unwrap().parse::<Timestamp>().unwrap().millis();
    assert!((since(&after) - since(&before)).abs() <= 5, "the same time on another clock: {after}");
    assert!(after["retryAfterMs"].as_u64() < before["retryAfterMs"].as_u64(), "{after}");
    assert_eq!(gauge(&server), "2", "and the metrics say so");
}

#[test]
fn what_becomes_of_circuits_just_before_the_end_is_on_record_and_told_after_the_restart() {
    const CIRCUITS: usize = 60;
    let receiver = Receiver::start();
    let options = Options::default()
        .set("outbound.tenant_https_only", "false")
        .set("outbound.tenant_networks", "127.0.0.0/8");
    let mut server = Server::with(options);
    let operator = server.super_admin();
    let hook =
        json!({"name": "Operators", "url": receiver.url("/hook"), "events": ["breaker.state_changed"]});
    operator.create("/webhooks", &hook);
    for number in 0..CIRCUITS {
        operator.post("/breakers/trip", &circuit(&format!("relay-{number}"))).expect(200);
    }
    receiver.wait_for(CIRCUITS, Duration::from_secs(30));
    operator.put("/breakers/mode", &json!({"service": "email", "mode": "disabled"})).expect(200);
    server.stop();
    server.start_again();
    let told = receiver.wait_for(2 * CIRCUITS, Duration::from_secs(30));
    let closed: BTreeSet<String> = told
        .iter()
        .map(|request| request.json()["data"].clone())
        .filter(|data| data["reason"] == "disabled" && data["to"] == "CLOSED")
        .map(|data| data["key"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(closed.len(), CIRCUITS, "{closed:?}");
    assert!(
        (0..CIRCUITS)
            .all(|number| { seen(&server.super_admin(), &format!("relay-{number}"))["state"] == "CLOSED" })
    );
}

#[test]
fn modes_are_chosen_while_the_program_runs_and_stay_chosen() {
    let mut server = Server::start();
    let operator = server.super_admin();
    assert_eq!(service(&operator, "webhook")["mode"], "monitor", "a new installation watches first");
    let choose = |operator: &Client, body: Value| operator.put("/breakers/mode", &body).expect(200);
    choose(&operator, json!({"service": "webhook", "mode": "enforce"}));
    assert_eq!(service(&operator, "webhook")["mode"], "enforce");
    assert_eq!(service(&operator, "sms")["mode"], "monitor");
    choose(&operator, json!({"mode": "disabled"}));
    assert_eq!(service(&operator, "webhook")["mode"], "disabled", "what is chosen for all counts more");
    operator.post("/breakers/mode", &json!({"mode": "enforce"})).expect_problem(405, "method_not_allowed");
    operator.put("/breakers/mode", &json!({"service": "webhook"})).expect_problem(422, "invalid");

    server.stop();
    server.start_again();
    let operator = server.super_admin();
    assert_eq!(service(&operator, "sms")["mode"], "disabled");
    choose(&operator, json!({"mode": null}));
    assert_eq!(service(&operator, "webhook")["mode"], "enforce");
    choose(&operator, json!({"service": "webhook", "mode": null}));
    assert_eq!(service(&operator, "webhook")["mode"], "monitor");
    let modes: Vec<(String, Value)> = records(&operator);
    let set: Vec<&Value> =
        modes.iter().filter(|(action, _)| action == "breaker.modeSet").map(|(_, f)| f).collect();
    assert_eq!(set.len(), 4);
    assert_eq!(set[0], &json!({"service": "webhook", "from": "enforce", "to": null}));

    server.stop();
    server.configure("resilience.enforce_from_start", "true");
    server.start_again();
    assert_eq!(service(&server.super_admin(), "webhook")["mode"], "enforce");
    server.stop();
    server.configure("resilience.enabled", "false");
    server.start_again();
    let told = server.super_admin().get("/breakers/services").expect(200);
    assert_eq!((&told["enabled"], &told["items"][0]["mode"]), (&json!(false), &json!("disabled")));
}

#[test]
fn the_settings_of_each_service_are_those_of_the_configuration() {
    let options = Options::default()
        .set("breaker.sms.failure_threshold", "7")
        .set("breaker.sms.slow_call_ms", "900")
        .set("breaker.sms.slow_call_rate_percent", "50");
    let server = Server::with(options);
    let operator = server.super_admin();
    let settings = &service(&operator, "sms")["settings"];
    let told =
        ["failureThreshold", "successThreshold", "timeout", "windowSize", "volumeThreshold", "slowCallMs"];
    assert_eq!(
        told.map(|name| &settings[name]),
        [7, 2, 60_000, 60_000, 10, 900].map(|number| json!(number)).each_ref()
    );
    assert_eq!(settings["slowCallRate"], 50.0);
    assert_eq!(service(&operator, "storage")["settings"]["failureRate"], 50.0);
    let admin = server.admin();
    admin.get("/breakers").expect_problem(403, "forbidden");
}
