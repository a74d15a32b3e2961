//! Alerts: operators are told when something is wrong, and say that they look after it.

use event_manager::domain::AlertRule;
use serde_json::{Value, json};

use super::{SOON, options, publishing::assert_keeps_to_its_schema, webhook};
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
fn a_backup_that_fails_is_published_and_so_are_the_alert_of_it_and_its_end() {
    let (operators, place) = (Receiver::start(), tempfile::tempdir().unwrap());
    let directory = place.path().join("backups");
    std::fs::write(&directory, "no directory").unwrap();
    let set = options()
        .set("backup.directory", directory.to_str().unwrap())
        .set("backup.every_s", "0")
        .set("alerts.look_every_s", "1");
    let server = Server::with(set);
    let operator = server.super_admin().with_header("X-Correlation-ID", "the-nightly-backup");
    webhook(&operator, &operators, &["alert.*", "backup.*"]);
    operator.call("/backups").expect(202);
    wait_until("an alert fires", || !firing(&operator).is_empty());
    operators.wait_for(2, SOON);
    std::fs::remove_file(&directory).unwrap();
    operator.call("/backups").expect(202);
    let told: Vec<Value> = operators.wait_for(4, SOON).iter().map(|request| request.json()).collect();
    let catalogue = operator.get("/event-types").expect(200)["items"].as_array().unwrap().clone();
    told.iter().for_each(|event| assert_keeps_to_its_schema(event, &catalogue));
    let of =
        |kind: &str| told.iter().find(|event| event["type"] == kind).unwrap_or_else(|| panic!("{told:?}"));
    let failed = of("backup.failed");
    assert_eq!(failed["correlationId"], "the-nightly-backup");
    assert!(failed["data"]["why"].as_str().unwrap().contains(directory.to_str().unwrap()), "{failed}");
    let (fired, resolved) = (of("alert.fired"), of("alert.resolved"));
    assert_eq!(
        (&fired["data"]["rule"], &resolved["data"]["rule"]),
        (&json!("BackupStale"), &json!("BackupStale"))
    );
    assert_eq!(fired["data"]["id"], resolved["data"]["id"]);
    assert_eq!(
        of("backup.made")["data"]["name"].as_str().map(|name| name.ends_with(".embackup")),
        Some(true)
    );
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
