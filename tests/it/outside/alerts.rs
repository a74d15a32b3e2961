//! Alerts: operators are told when something is wrong, and say that they look after it.

use event_manager::domain::AlertRule;
use serde_json::{Value, json};

use super::{SOON, options, webhook};
use crate::{
    peers::{Receiver, SmtpPeer},
    support::{Client, Server, id_of, wait_until},
};

fn firing(operator: &Client) -> Vec<Value> {
    operator.get("/alerts?firing=true").expect(200)["items"].as_array().unwrap().clone()
}

#[test]
fn dead_letters_are_told_to_operators_by_mail_and_webhook_until_somebody_acknowledges_them() {
    let (relay, operators) = (SmtpPeer::start(), Receiver::start());
    let set = super::mail::relayed(options(), "email", relay.address().port())
        .set("email.from", "scores@house.example")
        .set("alerts.email", "ops@house.example")
        .set("alerts.look_every_s", "1");
    let server = Server::with(set);
    let operator = server.super_admin();
    webhook(&operator, &operators, &["alert.*"]);
    assert_eq!(firing(&operator), [Value::Null; 0]);
    let admin = server.admin();
    let mut letters = 0;
    // The first look takes what there is for given.
    wait_until("an alert fires", || {
        letters += 1;
        let address = format!("nobody-{letters}@house.example");
        relay.refuse_recipient(&address, "550 5.1.1 no such user");
        admin.post("/messages/test", &json!({"to": address})).expect(202);
        !firing(&operator).is_empty()
    });
    let mail = relay.wait_for(1, SOON).remove(0);
    assert_eq!(mail.to, ["ops@house.example"]);
    let subject = mail.header("Subject").unwrap_or_default();
    assert!(subject.contains("Deliveries are given up"), "{subject}");
    let alert = firing(&operator).remove(0);
    assert_eq!((&alert["rule"], &alert["severity"]), (&json!("DeadLettersGrowing"), &json!("warning")));
    let told = operators.wait_for(1, SOON).remove(0).json();
    assert_eq!((&told["type"], &told["data"]["id"]), (&json!("alert.fired"), &alert["id"]));

    let path = format!("/alerts/{}/acknowledge", id_of(&alert));
    admin.post(&path, &json!({})).expect_problem(403, "forbidden");
    let mine = operator.post(&path, &json!({"note": "on it"})).expect(200);
    assert_eq!(mine["acknowledged"]["note"], "on it");
    assert_eq!(firing(&operator)[0]["acknowledged"]["note"], "on it");
}

#[test]
fn every_rule_is_in_the_runbook() {
    let runbook = std::fs::read_to_string("docs/runbook.md").unwrap();
    for rule in AlertRule::ALL {
        let heading = format!("\n## {}\n", rule.word());
        let (_, section) = runbook.split_once(&heading).unwrap_or_else(|| panic!("no section{heading}"));
        let section = section.split("\n## ").next().unwrap_or_default();
        for part in ["**It means**", "**Look**", "**Mend**"] {
            assert!(section.contains(part), "{}: {part}", rule.word());
        }
    }
}
