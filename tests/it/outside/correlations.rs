//! Chains: one call finds all that came of a correlation ID, from the request that began it to the last delivery, and nothing
//! that belongs to another one or to another tenant.

use std::{net::TcpListener, sync::Arc};

use serde_json::{Value, json};

use super::{SOON, admin, in_state, options, webhook};
use crate::{
    peers::{Mail, Receiver, SmtpPeer, TwilioMock},
    support::{Client, Options, Server, Tenant, id_of, upload, wait_until},
};

/// What everything belongs to that a test looks for.
const GALA: &str = "the-gala";

/// The trace that callers say they are part of.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A server by which mail and text messages leave, and to which their provider reports.
fn with_everything(relay: &SmtpPeer, provider: &TwilioMock) -> Options {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    options()
        .set("server.address", &free.to_string())
        .set("server.public_url", &format!("http://{free}"))
        .set("email.host", "127.0.0.1")
        .set("email.port", &relay.address().port().to_string())
        .set("email.security", "plain")
        .set("email.from", "scores@house.example")
        .set("sms.account", TwilioMock::ACCOUNT_SID)
        .set("sms.token", TwilioMock::AUTH_TOKEN)
        .set("sms.from", "+15005550006")
        .set("sms.url", &provider.url())
}

/// Somebody whose requests belong to the gala, under a request ID.
fn in_gala(client: &Client, request: &str) -> Client {
    client.with_header("X-Correlation-ID", GALA).with_header("X-Request-ID", request)
}

fn chain(client: &Client, query: &str) -> Value {
    client.get(&format!("/correlations/{GALA}?{query}")).expect(200)
}

fn items(chain: &Value) -> Vec<Value> {
    chain["items"].as_array().unwrap().clone()
}

/// The chain, once it has so many deliveries and all that is in it is over.
fn over(client: &Client, deliveries: usize) -> Vec<Value> {
    let mut found = Vec::new();
    wait_until("all of it is over", || {
        found = items(&chain(client, ""));
        let states: Vec<&Value> = found.iter().map(|item| &item["delivery"]["state"]).collect();
        states.iter().filter(|state| **state == "done").count() == deliveries
            && found.iter().all(|item| item["job"].is_null() || item["job"]["state"] == "done")
    });
    found
}

fn of<'a>(items: &'a [Value], kind: &str, wanted: impl Fn(&Value) -> bool) -> &'a Value {
    let mut of_kind = items.iter().filter(|item| item["kind"] == kind);
    of_kind.find(|item| wanted(item)).unwrap_or_else(|| panic!("no such {kind}: {items:#?}"))
}

fn by_service<'a>(items: &'a [Value], service: &str) -> &'a Value {
    of(items, "delivery", |item| item["delivery"]["service"] == service)
}

/// The one attempt of a delivery.
fn attempt(link: &Value) -> &Value {
    let attempts = link["delivery"]["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{link}");
    &attempts[0]
}

#[test]
fn one_call_finds_job_mail_text_message_file_and_webhooks_and_what_each_came_of() {
    let (provider, relay, receiver) = (TwilioMock::start(), SmtpPeer::start(), Receiver::start());
    let server = Arc::new(Server::with(with_everything(&relay, &provider)));
    let (ours, theirs) = (Tenant::on(Arc::clone(&server)), Tenant::on(Arc::clone(&server)));
    let admin = &ours.admin;
    webhook(admin, &receiver, &["judge.created", "contest.created"]);
    let judge = json!({"name": "Lea", "contactPhone": "+49 151 12345678"});
    let lea = id_of(&in_gala(admin, "gala-judge").create("/judges", &judge));
    let event = id_of(&admin.create("/events", &json!({"name": "Gala"})));
    let contest =
        |name: &str| json!({"op": "create", "type": "contest", "parent": event, "body": {"name": name}});
    let bulk = json!({"name": "set-up", "operations": [contest("Junior")], "skipFaulty": true});
    in_gala(admin, "gala-bulk").post("/bulk", &bulk).expect(202);
    let mara = json!({"email": "mara@house.example", "name": "Mara", "grants": [{"role": "EMCEE"}]});
    let mara = id_of(&admin.create("/users", &mara));
    in_gala(admin, "gala-mail").call(&format!("/users/{mara}/invitation")).expect(202);
    let texted = json!({"send": "sms"});
    in_gala(admin, "gala-text").create(&format!("/judges/{lea}/links"), &texted);
    let file =
        upload(&in_gala(admin, "gala-file"), "name=Rules&purpose=document", "text/plain", b"Come early.");
    let file = file.expect(201);

    admin.with_header("X-Correlation-ID", "another").create("/judges", &judge);
    in_gala(&theirs.admin, "their-judge").create("/judges", &judge);
    let told = receiver.wait_for(3, SOON);
    let found = over(admin, 4);

    // Requests, each with what it changed.
    for (request, action, name) in [
        ("gala-judge", "judge.created", json!("Lea")),
        ("gala-bulk", "job.created", Value::Null),
        ("gala-text", "judgeLink.created", Value::Null),
        ("gala-file", "file.created", json!("Rules")),
    ] {
        let link = of(&found, "change", |item| item["requestId"] == request);
        let change = &link["change"]["changes"][0];
        assert_eq!((&change["action"], &change["subject"]["name"]), (&json!(action), &name), "{link}");
        assert_eq!((&link["causedBy"], &link["actorName"]), (&Value::Null, &json!("Somebody")));
        assert_eq!(change["version"], link["change"]["first"]);
    }
    let stored = &of(&found, "change", |item| item["requestId"] == "gala-file")["change"]["changes"][0];
    assert_eq!((&stored["subject"]["id"], &stored["file"]["sha256"]), (&file["id"], &file["sha256"]));

    // The job, what it changed, and the webhook that was told of that.
    let job = of(&found, "job", |_| true);
    assert_eq!((&job["causedBy"], &job["job"]["state"]), (&json!("gala-bulk"), &json!("done")));
    assert_eq!((&job["job"]["done"], &job["job"]["total"]), (&json!(1), &json!(1)));
    let made = of(&found, "change", |item| item["requestId"] == job["requestId"]);
    assert_eq!(made["change"]["changes"][0]["subject"]["name"], "Junior");
    let by_job = of(&found, "delivery", |item| item["delivery"]["title"] == "contest.created");
    assert_eq!((&by_job["causedBy"], &by_job["actorName"]), (&job["requestId"], &json!("Somebody")));
    let by_request = of(&found, "delivery", |item| item["delivery"]["title"] == "judge.created");
    assert_eq!(by_request["causedBy"], "gala-judge");

    // Every attempt is a request of its own, and goes by the name that its receiver knows.
    for link in [by_job, by_request] {
        let id = attempt(link)["requestId"].as_str();
        let heard = told.iter().find(|request| request.header("x-request-id") == id).unwrap();
        assert_eq!(heard.header("webhook-id"), link["delivery"]["messageId"].as_str());
        assert_eq!(heard.header("x-correlation-id"), Some(GALA));
        assert_eq!(link["delivery"]["queue"], json!(receiver.address().to_string()));
    }
    let (mail, letter): (&Value, Mail) = (by_service(&found, "email"), relay.wait_for(1, SOON).remove(0));
    assert_eq!((&mail["causedBy"], &attempt(mail)["outcome"]), (&json!("gala-mail"), &json!("arrived")));
    let name = mail["delivery"]["messageId"].as_str().unwrap();
    assert!(letter.header("Message-ID").unwrap().contains(name), "{name}");
    let text = by_service(&found, "sms");
    assert_eq!((&text["causedBy"], &text["delivery"]["ambiguous"]), (&json!("gala-text"), &json!(false)));

    // What the provider reports later, in a request of its own.
    let message = provider.messages().remove(0);
    assert_eq!(provider.send_status(&message.sid, "delivered"), 204);
    let found = over(admin, 4);
    let report = &by_service(&found, "sms")["delivery"]["report"];
    assert_eq!(report["status"], "delivered");
    assert!(report["requestId"].is_string(), "{report}");

    // A request of later that says it belongs here, and sends a webhook once more: its own is the newest of the chain.
    let again = in_gala(admin, "gala-later")
        .call(&format!("/deliveries/{}/replay", by_job["delivery"]["id"].as_str().unwrap()));
    in_state(admin, &id_of(&again.expect(202)), "done");
    let found = over(admin, 5);
    let repeated = of(&found, "delivery", |item| item["causedBy"] == "gala-later");
    assert_eq!(repeated["delivery"]["replayOf"], by_job["delivery"]["id"]);

    // In the order of time, and nothing of others.
    let times: Vec<&str> = found.iter().map(|item| item["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    let all = json!(found).to_string();
    assert!(!all.contains("another") && !all.contains("their-judge"), "{all}");
    let others = items(&chain(&theirs.admin, ""));
    let requests: Vec<&Value> = others.iter().map(|item| &item["requestId"]).collect();
    assert_eq!(requests, ["their-judge"]);
    assert_eq!(
        items(&server.super_admin().get(&format!("/correlations/{GALA}")).expect(200)),
        Vec::<Value>::new()
    );

    // The parts of it are the whole of it.
    let (mut parts, mut cursor) = (Vec::new(), String::new());
    loop {
        let part = chain(admin, &format!("limit=3{cursor}"));
        parts.extend(items(&part));
        let Some(next) = part["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(parts, found);
}

#[test]
fn what_is_told_of_a_change_goes_on_with_the_trace_of_the_request_that_made_it() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    webhook(&admin, &receiver, &["judge.created", "contest.created"]);
    let traced =
        in_gala(&admin, "traced").with_header("traceparent", &format!("00-{TRACE}-b7ad6b7169203331-01"));
    traced.create("/judges", &json!({"name": "Lou"}));
    let event = id_of(&admin.create("/events", &json!({"name": "Gala"})));
    let contest = json!({"op": "create", "type": "contest", "parent": event, "body": {"name": "Junior"}});
    let bulk = json!({"operations": [contest], "skipFaulty": true});
    traced.post("/bulk", &bulk).expect(202);
    let told = receiver.wait_for(2, SOON);
    let (mut types, mut spans) = (Vec::new(), Vec::new());
    for request in &told {
        types.push(request.json()["type"].as_str().unwrap().to_owned());
        let parent = request.header("traceparent").unwrap();
        let [_, trace, span, _] = parent.split('-').collect::<Vec<_>>()[..] else { panic!("{parent}") };
        assert_eq!(trace, TRACE, "by the request, and by the job that it has begun");
        spans.push(span.to_owned());
    }
    types.sort_unstable();
    assert_eq!(types, ["contest.created", "judge.created"]);
    spans.push("b7ad6b7169203331".to_owned());
    spans.sort_unstable();
    spans.dedup();
    assert_eq!(spans.len(), 3, "each attempt has its own place in it");
    for item in items(&chain(&admin, "")) {
        assert_eq!(item["traceId"], TRACE, "{item}");
    }
}

#[test]
fn what_nothing_belongs_to_is_empty_and_what_is_no_id_is_not_found() {
    let server = Server::start();
    let admin = admin(&server);
    let unknown = admin.get("/correlations/nobody").expect(200);
    assert_eq!((&unknown["items"], &unknown["nextCursor"]), (&json!([]), &Value::Null));
    assert_eq!(unknown["forgotten"]["mayConcern"], true, "it may be too old");
    for no_id in ["a%20b", "a%2Fb", &"x".repeat(129)] {
        admin.get(&format!("/correlations/{no_id}")).expect_problem(404, "not_found");
    }
    for query in ["limit=0", "limit=501", "cursor=1", "cursor=1.2.3", "what=1"] {
        admin.get(&format!("/correlations/nobody?{query}")).expect_problem(400, "bad_request");
    }
    admin.with_header("X-Correlation-ID", GALA).create("/judges", &json!({"name": "Lou"}));
    assert_eq!(chain(&admin, "")["forgotten"]["mayConcern"], false);
}
