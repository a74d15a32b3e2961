//! What circuit breakers tell of the calls that they have seen.

use event_manager::domain::Timestamp;
use serde_json::{Value, json};

use super::{in_state, mail::by, outcomes};
use crate::{
    peers::{SmtpPeer, Stage},
    support::{Client, Server, id_of, wait_until},
};

fn breaker(operator: &Client) -> Value {
    operator.get("/breakers?service=email").expect(200)["items"][0].clone()
}

/// What is told of mail as it is brought in: what was seen, and when circuits were opened.
fn report(operator: &Client) -> [Value; 2] {
    let told = operator.get("/breakers/services").expect(200);
    let email =
        told["items"].as_array().unwrap().iter().find(|service| service["service"] == "email").unwrap();
    [email["seen"].clone(), email["openings"].clone()]
}

fn mail(admin: &Client) -> String {
    id_of(&admin.post("/messages/test", &json!({"to": "mara@house.example"})).expect(202))
}

/// A mail whose first attempt fails; it is not tried again.
fn failed_mail(relay: &SmtpPeer, admin: &Client) {
    relay.fail_next(Stage::Mail, "451 4.3.0 try again later");
    let id = mail(admin);
    let path = format!("/deliveries/{id}");
    wait_until("it has failed", || outcomes_of(admin, &path) == ["failed"]);
    admin.call(&format!("{path}/cancel")).expect(200);
}

fn outcomes_of(admin: &Client, path: &str) -> Vec<String> {
    let delivery = admin.get(path).expect(200);
    let ended = delivery["attempts"].as_array().unwrap().iter().all(|attempt| attempt["outcome"].is_string());
    if ended { outcomes(&delivery).into_iter().map(ToOwned::to_owned).collect() } else { Vec::new() }
}

#[test]
fn each_circuit_tells_how_many_calls_failed_and_succeeded_and_when_the_last_did() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let (admin, operator) = (server.admin(), server.super_admin());
    for _ in 0..2 {
        in_state(&admin, &mail(&admin), "done");
    }
    failed_mail(&relay, &admin);
    let told = breaker(&operator);
    let numbers = ["state", "failures", "successes", "totalRequests"].map(|name| &told[name]);
    assert_eq!(numbers, [&json!("CLOSED"), &json!(1), &json!(2), &json!(3)], "{told}");
    let time = |name: &str| told[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(time("lastSuccessTime") <= time("lastFailureTime"), "{told}");
}

#[test]
fn a_breaker_that_only_watches_tells_what_it_would_have_rejected_and_when_it_would_have_opened_over_restarts()
{
    let relay = SmtpPeer::start();
    let options = by(&relay)
        .set("resilience.enforce_from_start", "false")
        .set("breaker.email.consecutive_failures", "1");
    let mut server = Server::with(options);
    let (admin, operator) = (server.admin(), server.super_admin());
    failed_mail(&relay, &admin);
    in_state(&admin, &mail(&admin), "done");
    failed_mail(&relay, &admin);
    let change = breaker(&operator)["transitions"][0].clone();
    let openings = json!([{
        "at": change["at"], "key": relay.address().to_string(), "reason": "consecutive_failures", "mode": "monitor",
    }]);
    let seen = |opened: u32| {
        json!({
            "calls": 3, "failed": 2, "opened": opened, "wouldReject": 2, "wouldRejectOk": 1, "wouldRejectFail": 1,
        })
    };
    assert_eq!(report(&operator), [seen(1), openings.clone()]);
    let by_hand = json!({"service": "email", "key": "another.relay:25"});
    operator.post("/breakers/trip", &by_hand).expect(200);
    server.stop();
    server.start_again();
    assert_eq!(
        report(&server.super_admin()),
        [seen(2), openings],
        "what somebody opens tells nothing of the service"
    );
}
