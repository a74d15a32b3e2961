//! Tenants' own wording of messages: what is taken, how it would look, and what is sent.

use serde_json::{Value, json};

use super::{
    SOON, admin, in_state,
    mail::{by, plain},
    options,
};
use crate::{
    peers::SmtpPeer,
    support::{Client, Server, fresh, id_of},
};

fn worded(admin: &Client, kind: &str, language: &str, parts: Value) -> Value {
    let mut body = parts;
    body["kind"] = json!(kind);
    body["language"] = json!(language);
    admin.create("/wordings", &body)
}

/// How a kind of message is worded in a language.
fn text_in(admin: &Client, kind: &str, language: &str) -> Value {
    let kinds = admin.get("/message-texts").expect(200);
    let kind = kinds["items"].as_array().unwrap().iter().find(|found| found["kind"] == kind).unwrap().clone();
    let texts = kind["texts"].as_array().unwrap();
    texts.iter().find(|text| text["language"] == language).cloned().unwrap_or_default()
}

fn test_mail(admin: &Client) -> String {
    id_of(&admin.post("/messages/test", &json!({"to": "somebody@house.example"})).expect(202))
}

#[test]
fn every_text_is_listed_with_what_it_may_name_beside_the_tenants_own() {
    let server = Server::with(options());
    let admin = admin(&server);
    let kinds = admin.get("/message-texts").expect(200);
    let kinds = kinds["items"].as_array().unwrap();
    assert_eq!(kinds.len(), 7);
    for kind in kinds {
        let languages: Vec<&Value> =
            kind["texts"].as_array().unwrap().iter().map(|text| &text["language"]).collect();
        assert_eq!(languages, ["en", "de"], "{kind}");
        assert_eq!(kind["texts"][0]["builtIn"]["sms"].is_string(), kind["goesBySms"] == true, "{kind}");
        assert!(kind["placeholders"].as_array().unwrap().contains(&json!("tenant")), "{kind}");
    }
    let own = worded(&admin, "test", "fr", json!({"subject": "Essai", "text": "Bonjour", "sms": "Essai"}));
    let french = text_in(&admin, "test", "fr");
    assert_eq!(
        french,
        json!({"language": "fr", "builtIn": null, "own": {"id": own["id"], "version": own["version"]}})
    );
    assert_eq!(text_in(&admin, "alert", "fr"), Value::Null);
}

#[test]
fn wording_that_cannot_be_sent_is_refused_with_its_place_and_shows_how_it_would_look_otherwise() {
    let server = Server::with(options());
    let admin = admin(&server);
    let body = json!({"kind": "invitation", "language": "en", "subject": "For {{ nmae }}",
                      "text": "Hello\n{% if inviter %}{{ url }}"});
    for path in ["/wordings", "/wordings/preview"] {
        let refused = admin.post(path, &body).expect_problem(422, "invalid");
        let errors = refused["errors"].as_array().unwrap();
        assert_eq!(
            (errors.len(), &errors[0]["pointer"], &errors[1]["pointer"]),
            (2, &json!("/subject"), &json!("/text"))
        );
        let told = errors[0]["message"].as_str().unwrap();
        assert!(
            told.starts_with("line 1: there is no variable `nmae`; there are inviter, name, tenant, url"),
            "{told}"
        );
        assert_eq!(errors[1]["message"], "line 2: `if` is not closed by `endif`");
    }
    let refused = admin.post("/wordings", &json!({"kind": "test", "language": "fr", "text": "x"}));
    let refused = refused.expect_problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/subject", "there is none built in");
    admin.post("/wordings", &json!({"kind": "test", "language": "en"})).expect_problem(422, "invalid");
    admin
        .post("/wordings", &json!({"kind": "sung", "language": "en", "text": "x"}))
        .expect_problem(422, "invalid");
    admin
        .post("/wordings", &json!({"kind": "test", "language": "_", "text": "x"}))
        .expect_problem(422, "invalid");

    let settings = json!({"displayName": "The Harbour Fair", "accentColour": "#0f766e"});
    admin.patch("/settings", &settings).expect(200);
    let body = json!({"kind": "invitation", "language": "en", "text": "Hi {{ name }}!\n\nGo: {{ url }}"});
    let look = admin.post("/wordings/preview", &body).expect(200);
    assert_eq!(look["subject"], "J\u{f6}rg Wei\u{df} invites you to The Harbour Fair", "as built in");
    assert!(
        look["text"].as_str().unwrap().starts_with("Hi Zo\u{eb} M\u{fc}ller-O'Neill!\n\nGo: https://"),
        "{look}"
    );
    assert!(look["html"].as_str().unwrap().contains("background:#0f766e"), "{look}");
    assert_eq!(look["sms"], Value::Null, "an invitation goes to no telephone");
    assert_eq!(admin.get("/wordings").expect(200)["items"], json!([]), "looking keeps nothing");
}

#[test]
fn mail_is_in_the_language_and_the_words_of_the_tenant_until_those_are_taken_back() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    let sent = || {
        let before = relay.mails().len();
        in_state(&admin, &test_mail(&admin), "done");
        plain(&relay.wait_for(before + 1, SOON).remove(before))
    };
    assert!(sent().contains("This is a test message from"));
    admin.patch("/settings", &json!({"language": "de-at"})).expect(200);
    assert_eq!(admin.get("/settings").expect(200)["language"], "de-AT");
    let mail = sent();
    assert!(mail.contains("Content-Language: de") && mail.contains("Testnachricht"), "{mail}");

    let own = worded(&admin, "test", "de", json!({"subject": "Probe von {{ tenant }}"}));
    worded(&admin, "test", "en", json!({"subject": "Nobody gets this"}));
    let mail = sent();
    assert!(mail.contains("Subject: Probe von ") && mail.contains("Testnachricht"), "part by part: {mail}");

    let path = format!("/wordings/{}", id_of(&own));
    let stale = admin.with_header("If-Match", "\"1\"").patch(&path, &json!({"text": "Alles klar."}));
    stale.expect_problem(412, "version_mismatch");
    admin.patch(&path, &json!({"text": "Alles klar.\n\n- {{ asked_by }}", "subject": null})).expect(200);
    let mail = sent();
    assert!(mail.contains("Alles klar.") && mail.contains("<li>") && !mail.contains("Probe von"), "{mail}");
    let again = json!({"kind": "test", "language": "DE", "sms": "x"});
    assert_eq!(admin.post("/wordings", &again).expect_problem(409, "taken")["holder"], own["id"]);

    admin.delete(&path).expect(204);
    assert!(sent().contains("Testnachricht"), "as built in");
    admin.call(&format!("{path}/restore")).expect(200);
    assert!(sent().contains("Alles klar."));
    let told = admin.get("/audit?limit=100").expect(200);
    let actions: Vec<&str> =
        told["items"].as_array().unwrap().iter().filter_map(|line| line["action"].as_str()).collect();
    for action in ["wording.created", "wording.updated", "wording.deleted", "wording.restored"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
}

#[test]
fn a_wording_that_does_not_do_when_it_is_sent_gives_way_to_the_built_in_text_and_that_is_said() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    // With every made-up name something comes of it.
    let only_for = json!({"text": "{% if sender == 'J\u{f6}rg Wei\u{df}' %}Hello{% endif %}"});
    worded(&admin, "message", "en", only_for);
    let me = admin.get("/me").expect(200)["user"]["id"].clone();
    let correlation = fresh("gives-way");
    let message = json!({"to": {"users": [me]}, "subject": "Doors", "body": "Come early."});
    let named = admin.with_header("X-Correlation-ID", &correlation);
    let sent = named.post("/messages", &message).expect(200);
    let done = in_state(&admin, sent["deliveries"][0].as_str().unwrap(), "done");
    assert!(plain(&relay.wait_for(1, SOON)[0]).contains("Come early."));
    let detail = done["attempts"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("the built-in text took its place: text: nothing comes of it"), "{detail}");
    let log = std::fs::read_to_string(server.logs().join("active.jsonl")).unwrap();
    let line = log.lines().find(|line| line.contains("a wording did not do")).expect("a line in the log");
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["level"], &line["correlationId"]), (&json!("warn"), &json!(correlation)));
}

#[test]
fn the_wording_of_a_tenant_is_its_own() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let (admin, operator) = (admin(&server), server.super_admin());
    let own = worded(&admin, "test", "en", json!({"subject": "Ours alone"}));
    operator.get(&format!("/wordings/{}", id_of(&own))).expect(404);
    assert_eq!(text_in(&operator, "test", "en")["own"], Value::Null);
    in_state(&operator, &test_mail(&operator), "done");
    assert!(!plain(&relay.wait_for(1, SOON)[0]).contains("Ours alone"));
}
