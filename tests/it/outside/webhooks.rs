//! Webhooks as their receivers see them: what they are told, how it is signed, and when they are told no more.

use serde_json::{Value, json};

use super::{SOON, admin, deliveries, in_state, options, outcomes, webhook};
use crate::{
    peers::{Receiver, Reply},
    support::{Server, id_of, wait_until},
};

#[test]
fn a_receiver_is_told_of_what_it_asked_for_in_a_form_that_the_public_library_verifies() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    let (_, secret) = webhook(&admin, &receiver, &["contestant.created", "judge.*"]);
    let named = admin.with_header("X-Correlation-ID", "the-finale");
    let contestant = id_of(&named.create("/contestants", &json!({"name": "Zoe"})));
    admin.patch(&format!("/contestants/{contestant}"), &json!({"name": "Zoé"})).expect(200);
    let judge = id_of(&admin.create("/judges", &json!({"name": "Lou"})));
    admin.delete(&format!("/judges/{judge}")).expect(204);

    let told = receiver.wait_for(3, SOON);
    let mut types: Vec<String> =
        told.iter().map(|request| request.json()["type"].as_str().unwrap().to_owned()).collect();
    types.sort_unstable();
    assert_eq!(types, ["contestant.created", "judge.created", "judge.deleted"]);
    for request in &told {
        request.verify(&secret).unwrap();
        let (id, timestamp) = (request.header("webhook-id"), request.header("webhook-timestamp"));
        assert!(id.unwrap().starts_with("msg_") && timestamp.unwrap().parse::<i64>().is_ok());
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
    let created = told.iter().find(|request| request.json()["type"] == "contestant.created").unwrap();
    let event = created.json();
    assert_eq!((&event["correlationId"], &event["data"]["id"]), (&json!("the-finale"), &json!(contestant)));
    assert_eq!(event["data"].get("name"), None, "who it is, is fetched by whoever may know");
    assert_eq!(created.header("x-correlation-id"), Some("the-finale"));
    let delivery = &deliveries(&admin, "correlationId=the-finale")[0];
    assert_eq!(created.header("x-request-id"), delivery["attempts"][0]["requestId"].as_str());
    assert!(created.header("traceparent").is_some());
    assert_ne!(
        delivery["attempts"][0]["requestId"], event["requestId"],
        "each attempt is a request of its own"
    );
}

#[test]
fn what_happens_before_a_webhook_is_there_or_while_it_is_off_is_not_told() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    admin.create("/judges", &json!({"name": "Before"}));
    let (id, _) = webhook(&admin, &receiver, &["judge.created", "contestant.created"]);
    admin.create("/judges", &json!({"name": "After"}));
    receiver.wait_for(1, SOON);
    admin.patch(&format!("/webhooks/{id}"), &json!({"enabled": false})).expect(200);
    let another = Receiver::start();
    webhook(&admin, &another, &["judge.created"]);
    admin.create("/judges", &json!({"name": "Meanwhile"}));
    another.wait_for(1, SOON);
    admin.patch(&format!("/webhooks/{id}"), &json!({"enabled": true})).expect(200);
    admin.create("/contestants", &json!({"name": "Again"}));
    let told = receiver.wait_for(2, SOON);
    let types: Vec<Value> = told.iter().map(|request| request.json()["type"].clone()).collect();
    assert_eq!(types, ["judge.created", "contestant.created"]);
}

#[test]
fn a_new_secret_takes_the_place_of_the_old_one_without_a_gap() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    let (id, first) = webhook(&admin, &receiver, &["judge.created"]);
    let renew = |body: Value| {
        let answer = admin.post(&format!("/webhooks/{id}/secret"), &body).expect(200);
        answer["secret"].as_str().unwrap().to_owned()
    };
    let second = renew(json!({}));
    admin.create("/judges", &json!({"name": "One"}));
    let told = receiver.wait_for(1, SOON).remove(0);
    assert_eq!([told.verify(&first), told.verify(&second)], [Ok(()), Ok(())]);
    let third = renew(json!({"keepPreviousSeconds": 0}));
    admin.create("/judges", &json!({"name": "Two"}));
    let told = receiver.wait_for(2, SOON).remove(1);
    told.verify(&third).unwrap();
    assert!(told.verify(&second).is_err(), "one that has become known ends at once");
    let listed = admin.get("/webhooks").expect(200).to_string();
    assert!([first, second, third].iter().all(|secret| !listed.contains(&secret[6..])), "it is told once");
}

#[test]
fn one_that_answers_410_is_told_no_more_until_a_test_arrives() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    let (id, _) = webhook(&admin, &receiver, &["judge.created"]);
    receiver.answer_with(410);
    admin.create("/judges", &json!({"name": "One"}));
    receiver.wait_for(1, SOON);
    let health = || admin.get(&format!("/webhooks/{id}/health")).expect(200);
    wait_until("it is stopped", || health()["stopped"]["why"] == "gone");
    admin.create("/judges", &json!({"name": "Two"}));
    receiver.answer_with(204);
    let test = admin.call(&format!("/webhooks/{id}/test")).expect(202);
    in_state(&admin, &id_of(&test), "done");
    assert_eq!(health()["stopped"], Value::Null);
    wait_until("it is told again", || {
        admin.create("/judges", &json!({"name": "Three"}));
        receiver.requests().len() > 2
    });
    let events: Vec<Value> =
        receiver.requests().iter().map(|request| request.json()["type"].clone()).collect();
    assert_eq!(events[..2], ["judge.created", "webhook.test"], "nothing was told while it was stopped");
}

#[test]
fn a_delivery_that_fails_is_tried_again_and_its_log_says_what_happened() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    let (id, _) = webhook(&admin, &receiver, &["judge.created"]);
    receiver.answer_script([Reply::status(500).body("out of order"), Reply::status(200).body("thanks")]);
    admin.create("/judges", &json!({"name": "One"}));
    let told = receiver.wait_for(2, SOON);
    assert_eq!(told[0].header("webhook-id"), told[1].header("webhook-id"), "so the receiver can tell");
    assert_ne!(told[0].header("x-request-id"), told[1].header("x-request-id"));
    let delivery = in_state(&admin, &id_of(&deliveries(&admin, &format!("hook={id}"))[0]), "done");
    assert_eq!(outcomes(&delivery), ["failed", "arrived"]);
    let [failed, arrived] = &delivery["attempts"].as_array().unwrap()[..] else { panic!("{delivery}") };
    assert_eq!((&failed["status"], &failed["class"]), (&json!(500), &json!("status")));
    assert!(failed["detail"].as_str().unwrap().contains("out of order"));
    assert_eq!((&arrived["status"], &arrived["detail"]), (&json!(200), &json!("thanks")));
    assert_eq!(failed["via"].as_str().unwrap(), receiver.address().to_string());
}

#[test]
fn addresses_that_tenants_must_not_reach_are_refused_and_nothing_is_sent() {
    let receiver = Receiver::start();
    let server = Server::with(options().set("outbound.tenant_networks", "10.0.0.0/8"));
    let admin = admin(&server);
    let port = receiver.address().port();
    for url in [
        receiver.url("/"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://0x7f000001:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let body = json!({"name": "Inside", "url": url, "events": ["user.purged"]});
        let id = id_of(&admin.create("/webhooks", &body));
        let sent = admin.call(&format!("/webhooks/{id}/test")).expect(202);
        let delivery = in_state(&admin, &id_of(&sent), "dead");
        assert_eq!(delivery["attempts"][0]["class"], "forbidden", "{url}: {delivery}");
    }
    assert_eq!(receiver.requests().len(), 0);
}

#[test]
fn an_action_calls_another_program_with_what_its_template_makes_of_the_event() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    let body = json!({
        "name": "Chat", "url": receiver.url("/say"), "method": "PUT", "events": ["event.created"],
        "headers": [{"name": "X-Room", "value": "jury"}],
        "body": {"text": "New: {{ event.data.name }}", "version": "{{ event.version }}", "silent": true},
    });
    let id = id_of(&admin.create("/actions", &body));
    let authorization = json!({"authorization": "Bearer of-the-chat"});
    admin.put(&format!("/actions/{id}/authorization"), &authorization).expect(204);
    assert_eq!(admin.get(&format!("/actions/{id}/authorization")).expect(200), json!({"set": true}));
    let event = json!({"name": "Gala \"x\"}", "startsAt": "2026-05-01T18:00:00Z", "endsAt": "2026-05-01T22:00:00Z",
                       "timeZone": "Europe/Vienna"});
    let made = admin.create("/events", &event);
    let told = receiver.wait_for(1, SOON).remove(0);
    assert_eq!(told.json(), json!({"text": "New: Gala \"x\"}", "version": made["version"], "silent": true}));
    assert_eq!((told.method.as_str(), told.header("x-room")), ("PUT", Some("jury")));
    assert_eq!(told.header("authorization"), Some("Bearer of-the-chat"));
    assert!(told.header("idempotency-key").is_some());
    let all = format!("{}{}", admin.get("/actions").expect(200), json!(deliveries(&admin, "")));
    assert!(!all.contains("of-the-chat"), "it is never shown again");
}

#[test]
fn a_template_is_checked_when_it_is_saved_and_what_an_event_lacks_of_it_is_nothing() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    let body = |text: &str| {
        json!({"name": "Chat", "url": receiver.url("/"), "events": ["judge.created"],
               "body": {"blocks": [{"type": "section", "text": text}]}})
    };
    let refused =
        admin.post("/actions", &body("New:\n{{ event.data.colour }}")).expect_problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/body/blocks/0/text");
    let told = refused["errors"][0]["message"].as_str().unwrap();
    assert!(told.starts_with("line 2: there is no variable `event.data.colour`; there are "), "{told}");
    assert!(told.contains("event.data.name") && !told.contains("sha256"), "{told}");

    // A judge's name is told to nobody outside.
    let made = admin.create("/actions", &body("New: {{ event.data.name }}!"));
    let path = format!("/actions/{}", id_of(&made));
    let change = json!({"body": {"text": "{% if event.data.name %}"}});
    let refused = admin.patch(&path, &change).expect_problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/body/text");
    assert_eq!(admin.get(&path).expect(200), made, "it stays as it is");
    admin.create("/judges", &json!({"name": "Lou"}));
    let told = receiver.wait_for(1, SOON).remove(0);
    assert_eq!(told.json(), json!({"blocks": [{"type": "section", "text": "New: !"}]}));
}
