//! The log of mails and text messages: what it is searched by, taking it away as a file, and sending once more.

use serde_json::{Value, json};

use super::{
    SOON, admin, deliveries, in_state,
    mail::{by, plain},
};
use crate::{
    peers::{SmtpPeer, Stage},
    support::{Answer, Client, PASSWORD, Server, id_of, wait_until},
};

/// What was sent, oldest first: an invitation that arrived, a message to two, one of whom there is not.
struct Sent {
    invitation: Value,
    arrived: Value,
    refused: Value,
}

fn user(admin: &Client, email: &str, name: &str) -> String {
    id_of(&admin.create("/users", &json!({"email": email, "name": name, "grants": [{"role": "EMCEE"}]})))
}

fn sent(relay: &SmtpPeer, admin: &Client) -> Sent {
    let mara = user(admin, "mara@house.example", "Mara Lind");
    let gone = user(admin, "gone@house.example", "=HYPERLINK(1)");
    relay.refuse_recipient("gone@house.example", "550 5.1.1 no such user");
    let invited = admin.with_header("X-Correlation-ID", "the-invitation");
    let invitation = id_of(&invited.call(&format!("/users/{mara}/invitation")).expect(202));
    let invitation = in_state(admin, &invitation, "done");
    let message = json!({"to": {"users": [mara, gone]}, "subject": "Doors", "body": "Come early."});
    let many = admin.post("/messages", &message).expect(200);
    let over =
        |index: usize, state: &str| in_state(admin, many["deliveries"][index].as_str().unwrap(), state);
    Sent { invitation, arrived: over(0, "done"), refused: over(1, "dead") }
}

fn ids(found: &[Value]) -> Vec<&str> {
    found.iter().map(|delivery| delivery["id"].as_str().unwrap()).collect()
}

fn export(admin: &Client, query: &str) -> Answer {
    let answer = admin.get(&format!("/deliveries/export?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.describe());
    answer
}

#[test]
fn messages_are_found_by_recipient_template_state_message_id_correlation_id_and_time() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    let Sent { invitation, arrived, refused } = sent(&relay, &admin);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (first, second, third) = (text(&invitation["id"]), text(&arrived["id"]), text(&refused["id"]));
    let name = |delivery: &Value| text(&delivery["messageId"]);
    let at = |delivery: &Value| text(&delivery["createdAt"]);
    for (query, expected) in [
        ("".to_owned(), vec![&third, &second, &first]),
        ("recipient=mara".to_owned(), vec![&second, &first]),
        ("title=invitation".to_owned(), vec![&first]),
        ("title=message&state=dead".to_owned(), vec![&third]),
        (format!("messageId={}", name(&arrived)), vec![&second]),
        (format!("messageId=%3C{}@house.example%3E", name(&refused)), vec![&third]),
        ("correlationId=the-invitation".to_owned(), vec![&first]),
        (format!("until={}", at(&arrived)), vec![&first]),
        (format!("since={}&recipient=mara", at(&arrived)), vec![&second]),
        ("text=GONE@house".to_owned(), vec![&third]),
        ("text=the-invitation".to_owned(), vec![&first]),
        (format!("text={}", name(&arrived)), vec![&second]),
        ("text=nobody".to_owned(), vec![]),
    ] {
        let query = format!("messages=true&{query}");
        assert_eq!(ids(&deliveries(&admin, &query)), expected, "{query}");
    }
    let log = plain(&relay.mails()[0]);
    assert!(log.contains(&format!("<{}@house.example>", name(&invitation))), "the mail has the same name");
    assert!(deliveries(&server.super_admin(), "messages=true").is_empty(), "a tenant's log is its own");
    let refused = admin.get("/deliveries?messageId=x").expect_problem(400, "bad_request");
    assert!(refused["detail"].as_str().unwrap().starts_with("messageId: "), "{refused}");
}

#[test]
fn the_log_is_taken_away_as_a_table_and_as_json_as_far_as_it_is_shown() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    let Sent { invitation, refused, .. } = sent(&relay, &admin);
    let csv = export(&admin, "messages=true");
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    assert!(csv.header("content-disposition").unwrap().starts_with("attachment; filename=\"messages-"));
    let text = csv.text();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert!(
        lines[0].starts_with("createdAt,service,title,state,recipientName,recipientAddress,attempts,"),
        "{text}"
    );
    assert_eq!(lines.len(), 4, "{text}");
    assert!(
        lines[1].contains(",email,message,dead,'=HYPERLINK(1),gone@house.example,1,refused,"),
        "no formula: {text}"
    );
    for needed in [&invitation["messageId"], &invitation["correlationId"], &invitation["requestId"]] {
        assert!(lines[3].contains(needed.as_str().unwrap()), "{text}");
    }
    let narrowed = export(&admin, "messages=true&state=dead&format=json");
    let narrowed: Value = serde_json::from_str(&narrowed.text()).unwrap();
    let listed = deliveries(&admin, "messages=true&state=dead");
    assert_eq!((&narrowed["items"], &listed[0]["id"]), (&json!(listed), &refused["id"]));
    let nothing = export(&admin, "title=sung&format=json").text();
    assert_eq!(nothing, "{\"items\":[],\"nextCursor\":null}");
    assert_eq!(export(&admin, "title=sung").text().lines().count(), 1, "the headings alone");
    let foreign = export(&server.super_admin(), "format=json").text();
    assert!(!foreign.contains("house.example"), "{foreign}");
}

#[test]
fn a_long_log_is_exported_whole() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    relay.fail(Stage::Mail, "451 4.3.0 not now");
    let users: Vec<String> =
        (0..101).map(|number| user(&admin, &format!("u{number}@house.example"), "One")).collect();
    for _ in 0..6 {
        let message = json!({"to": {"users": users}, "subject": "Doors", "body": "Come early."});
        admin.post("/messages", &message).expect(200);
    }
    let whole: Value = serde_json::from_str(&export(&admin, "format=json").text()).unwrap();
    let items = whole["items"].as_array().unwrap();
    let distinct: std::collections::BTreeSet<&str> = ids(items).into_iter().collect();
    assert_eq!((items.len(), distinct.len()), (606, 606));
    assert_eq!(export(&admin, "recipient=u77@").text().lines().count(), 7);
}

#[test]
fn a_dead_letter_is_given_another_recipient_and_sent_there_once_more() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    relay.refuse_recipient("mra@house.example", "550 5.1.1 no such user");
    let sent = admin.post("/messages/test", &json!({"to": "mra@house.example"})).expect(202);
    let path = format!("/deliveries/{}", id_of(&sent));
    let dead = in_state(&admin, &id_of(&sent), "dead");

    let faults = admin.patch(&path, &json!({"to": "no address"}));
    faults.expect_problem(422, "invalid");
    assert_eq!(faults.pointers(), ["/to"]);
    let to = json!({"to": "mara@house.example"});
    admin.if_match("\"1\"").patch(&path, &to).expect_problem(412, "version_mismatch");
    let edited = admin.patch(&path, &to).expect(200);
    assert_eq!((&edited["recipient"]["address"], &edited["state"]), (&to["to"], &json!("dead")));
    assert_eq!(edited["attempts"], dead["attempts"], "what had gone wrong stays on record");

    let log = admin.get("/audit?limit=5").expect(200);
    let record = &log["items"][0];
    assert_eq!(
        (&record["action"], &record["subject"]["id"]),
        (&json!("delivery.updated"), &dead["id"]),
        "{log}"
    );
    let of = |side: &str| record["detail"][side]["address"].clone();
    assert_eq!((of("before"), of("after")), (json!("mra@house.example"), json!("mara@house.example")));

    let replayed = admin.post("/deliveries/replay", &json!({"service": "email"})).expect(200);
    assert_eq!(replayed["count"], 1);
    assert_eq!(replayed["deliveries"], json!([dead["id"]]));
    let again = admin.get(&path).expect(200)["replayedBy"].clone();
    let done = in_state(&admin, again.as_str().unwrap(), "done");
    assert_eq!((&done["replayOf"], &done["recipient"]), (&dead["id"], &edited["recipient"]));
    assert_eq!(
        relay.mails().iter().map(|mail| mail.to.clone()).collect::<Vec<_>>(),
        [["mara@house.example"]]
    );
    admin.patch(&path, &to).expect_problem(409, "not_editable");
    let arrived = format!("/deliveries/{}", id_of(&done));
    assert!(
        admin.patch(&arrived, &to).expect_problem(409, "not_editable")["detail"]
            .to_string()
            .contains("arrived")
    );
}

#[test]
fn a_message_that_somebody_wrote_says_something_else_when_it_is_sent_once_more_and_nobody_else_reads_it() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    let Sent { invitation, refused, .. } = sent(&relay, &admin);
    let path = format!("/deliveries/{}", id_of(&refused));
    let shown = admin.get(&path).expect(200);
    assert_eq!((&shown["subject"], &shown["body"]), (&json!("Doors"), &json!("Come early.")));
    let listed = deliveries(&admin, "title=message&state=dead").remove(0);
    assert_eq!((&listed["subject"], &listed["body"]), (&Value::Null, &Value::Null), "no list has it");
    let reader = json!({"email": "books@house.example", "name": "Vera", "grants": [{"role": "AUDITOR"}], "password": PASSWORD});
    admin.create("/users", &reader);
    let reader = server.sign_in("house", "books@house.example");
    assert_eq!(reader.get(&path).expect(200)["body"], Value::Null);

    let other = json!({"to": "lou@house.example", "body": "Come at nine."});
    let edited = admin.patch(&path, &other).expect(200);
    assert_eq!((&edited["body"], &edited["subject"]), (&other["body"], &json!("Doors")));
    let record = admin.get("/audit?limit=1").expect(200)["items"][0]["detail"].clone();
    let of = |side: &str| (record[side]["address"].clone(), record[side]["body"].clone());
    assert_eq!(of("before"), (json!("gone@house.example"), json!("Come early.")));
    assert_eq!(of("after"), (json!("lou@house.example"), json!("Come at nine.")));
    let before = relay.mails().len();
    let again = admin.call(&format!("{path}/replay")).expect(202);
    assert_ne!(again["messageId"], refused["messageId"]);
    let mail = relay.wait_for(before + 1, SOON).remove(before);
    assert!(plain(&mail).contains("Come at nine.") && mail.to == ["lou@house.example"]);

    let arrived = format!("/deliveries/{}", id_of(&invitation));
    admin.patch(&arrived, &json!({"body": "Else"})).expect_problem(409, "not_editable");
    relay.refuse_recipient("nobody@house.example", "550 5.1.1 no such user");
    let test = admin.post("/messages/test", &json!({"to": "nobody@house.example"})).expect(202);
    in_state(&admin, &id_of(&test), "dead");
    let refused = admin.patch(&format!("/deliveries/{}", id_of(&test)), &json!({"body": "Else"}));
    let refused = refused.expect_problem(409, "not_editable");
    assert!(refused["detail"].as_str().unwrap().contains("wording"), "{refused}");
}

#[test]
fn what_lets_somebody_set_a_password_and_what_goes_to_a_program_get_no_other_recipient() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    relay.refuse_recipient("gone@house.example", "550 5.1.1 no such user");
    let invited = user(&admin, "gone@house.example", "Gone");
    let invitation = id_of(&admin.call(&format!("/users/{invited}/invitation")).expect(202));
    in_state(&admin, &invitation, "dead");
    let to = json!({"to": "mara@house.example"});
    let refused = admin.patch(&format!("/deliveries/{invitation}"), &to).expect_problem(409, "not_editable");
    assert!(refused["detail"].as_str().unwrap().contains("password"), "{refused}");

    let hook = json!({"name": "Moved", "url": "http://169.254.169.254/", "events": ["user.purged"]});
    let hook = id_of(&admin.create("/webhooks", &hook));
    let test = id_of(&admin.call(&format!("/webhooks/{hook}/test")).expect(202));
    in_state(&admin, &test, "dead");
    admin.patch(&format!("/deliveries/{test}"), &to).expect_problem(409, "not_editable");
}

#[test]
fn what_arrived_and_holds_no_secret_is_sent_once_more() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    let Sent { invitation, arrived, refused } = sent(&relay, &admin);
    let before = relay.mails().len();
    let again = admin.call(&format!("/deliveries/{}/replay", id_of(&arrived))).expect(202);
    assert_eq!((&again["replayOf"], &again["messageId"]), (&arrived["id"], &arrived["messageId"]));
    let mail = relay.wait_for(before + 1, SOON).remove(before);
    assert!(plain(&mail).contains("Come early.") && mail.to == ["mara@house.example"]);
    let found = deliveries(&admin, &format!("messageId={}", arrived["messageId"].as_str().unwrap()));
    assert_eq!(ids(&found), [again["id"].as_str().unwrap(), arrived["id"].as_str().unwrap()]);
    admin.call(&format!("/deliveries/{}/replay", id_of(&invitation))).expect_problem(409, "not_replayable");

    relay.heal();
    admin.post("/messages/suppressions/lift", &json!({"address": "gone@house.example"})).expect(204);
    let again = admin.call(&format!("/deliveries/{}/replay", id_of(&refused))).expect(202);
    in_state(&admin, &id_of(&again), "done");
    wait_until("it arrives", || relay.mails().iter().any(|mail| mail.to == ["gone@house.example"]));
}
