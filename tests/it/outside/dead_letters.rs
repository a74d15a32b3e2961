//! Dead letters: what nobody takes is given up, told and counted, whichever way it was to go.

use serde_json::{Value, json};

use super::{SOON, admin, deliveries, in_state, options, webhook};
use crate::{
    peers::{Receiver, Reply},
    support::{Client, Server, id_of, wait_until},
};

fn metric(server: &Server, series: &str) -> Option<String> {
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    metrics.lines().find_map(|line| line.strip_prefix(&format!("{series} ")).map(ToOwned::to_owned))
}

#[test]
fn what_webhooks_and_other_programs_do_not_take_is_given_up_told_and_counted() {
    let (failing, watcher) = (Receiver::start(), Receiver::start());
    failing.answer_with(Reply::status(500));
    let server = Server::with(options().set("outbound.attempts", "1").set("outbound.webhook_attempts", "1"));
    let admin = admin(&server);
    webhook(&admin, &watcher, &["job.dead"]);
    let hook = json!({"name": "Failing", "url": failing.url("/"), "events": ["judge.created"]});
    let hooks = [("webhook", "/webhooks"), ("external_api", "/actions")]
        .map(|(service, path)| (service, id_of(&admin.create(path, &hook))));
    let caused = admin.with_header("X-Correlation-ID", "a-new-judge");
    caused.create("/judges", &json!({"name": "Lea"}));
    let told: Vec<Value> = watcher.wait_for(2, SOON).iter().map(|request| request.json()).collect();
    for (service, id) in hooks {
        let dead = deliveries(&admin, &format!("hook={id}&state=dead"));
        assert_eq!(dead.len(), 1, "{service}: {dead:?}");
        let attempt = &dead[0]["attempts"][0];
        assert_eq!((&attempt["class"], &attempt["status"]), (&json!("status"), &json!(500)), "{service}");
        let news = told.iter().find(|event| event["data"]["service"] == service).unwrap();
        assert_eq!((&news["data"]["id"], &news["data"]["class"]), (&dead[0]["id"], &json!("status")));
        assert_eq!(news["correlationId"], "a-new-judge");
        let given_up =
            format!("circuit_breaker_fallbacks_total{{service=\"{service}\",outcome=\"dead_letter\"}}");
        assert_eq!(metric(&server, &given_up).as_deref(), Some("1"), "{service}");
        let lying = format!("job_dead_letters{{queue=\"{service}\"}}");
        wait_until("it is counted", || metric(&server, &lying).as_deref() == Some("1"));
    }
}

/// A server whose receivers are tried once.
fn impatient() -> Server {
    Server::with(options().set("outbound.attempts", "1").set("outbound.webhook_attempts", "1"))
}

/// The first dead letter of a webhook or action.
fn letter(admin: &Client, hook: &str) -> Value {
    let mut dead = Vec::new();
    wait_until("it is given up", || {
        dead = deliveries(admin, &format!("hook={hook}&state=dead"));
        !dead.is_empty()
    });
    dead.remove(0)
}

#[test]
fn what_a_call_is_made_of_is_changed_by_hand_and_goes_out_under_a_name_of_its_own() {
    let (server, chat) = (impatient(), Receiver::start());
    let admin = admin(&server);
    chat.answer_with(Reply::status(500));
    let body = json!({"text": "New: {{ event.data.name }}"});
    let action = json!({"name": "Chat", "url": chat.url("/old"), "events": ["judge.created"], "body": body});
    let action = id_of(&admin.create("/actions", &action));
    admin.create("/judges", &json!({"name": "Lea"}));
    let dead = letter(&admin, &action);
    let path = format!("/deliveries/{}", id_of(&dead));

    for (wrong, pointer) in
        [(json!({"body": "no JSON"}), "/body"), (json!({"body": "[]"}), "/body"), (json!({}), "")]
    {
        let refused = admin.patch(&path, &wrong);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer], "{wrong}");
    }
    admin.patch(&path, &json!({"to": "a@house.example"})).expect_problem(409, "not_editable");
    let mut event: Value = serde_json::from_str(dead["body"].as_str().unwrap()).unwrap();
    event["data"]["name"] = json!("Lea");
    let edit = json!({"body": event.to_string()});
    admin.if_match("\"1\"").patch(&path, &edit).expect_problem(412, "version_mismatch");
    let edited = admin.patch(&path, &edit).expect(200);
    assert_eq!((&edited["edited"], &edited["body"]), (&json!(true), &edit["body"]));
    assert_eq!(edited["attempts"], dead["attempts"], "what had gone wrong stays on record");
    let record = admin.get("/audit?limit=1").expect(200)["items"][0].clone();
    assert_eq!((&record["action"], &record["subject"]["id"]), (&json!("delivery.updated"), &dead["id"]));
    let said = |side: &str| record["detail"][side]["body"].clone();
    assert_eq!((said("before"), said("after")), (dead["body"].clone(), edit["body"].clone()));

    chat.answer_with(Reply::status(200));
    admin.patch(&format!("/actions/{action}"), &json!({"url": chat.url("/new")})).expect(200);
    let again = admin.call(&format!("{path}/replay")).expect(202);
    in_state(&admin, &id_of(&again), "done");
    let calls = chat.wait_for(2, SOON);
    assert_eq!((calls[1].path.as_str(), calls[1].json()), ("/new", json!({"text": "New: Lea"})));
    let names = calls.iter().map(|call| call.header("idempotency-key").unwrap()).collect::<Vec<_>>();
    assert_ne!(names[0], names[1], "no receiver takes it for what it knows");
    assert_eq!(
        (names[0], names[1]),
        (dead["messageId"].as_str().unwrap(), again["messageId"].as_str().unwrap())
    );
    admin.patch(&path, &edit).expect_problem(409, "not_editable");
}

#[test]
fn what_a_webhook_is_told_is_never_rewritten_and_goes_as_it_was_to_where_the_webhook_is_by_then() {
    let (server, receiver) = (impatient(), Receiver::start());
    let admin = admin(&server);
    receiver.answer_with(Reply::status(500));
    let (hook, secret) = webhook(&admin, &receiver, &["judge.created"]);
    admin.create("/judges", &json!({"name": "Lea"}));
    let dead = letter(&admin, &hook);
    let path = format!("/deliveries/{}", id_of(&dead));
    let refused = admin.patch(&path, &json!({"body": "{}"})).expect_problem(409, "not_editable");
    assert!(refused["detail"].as_str().unwrap().contains("signed as what happened"), "{refused}");
    assert_eq!(admin.get(&path).expect(200), dead, "nothing has changed");

    receiver.answer_with(Reply::status(200));
    admin.patch(&format!("/webhooks/{hook}"), &json!({"url": receiver.url("/moved")})).expect(200);
    let again = admin.call(&format!("{path}/replay")).expect(202);
    in_state(&admin, &id_of(&again), "done");
    let told = receiver.wait_for(2, SOON);
    assert_eq!((told[1].path.as_str(), &told[1].body), ("/moved", &told[0].body));
    told[1].verify(&secret).unwrap();
}
