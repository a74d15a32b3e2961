//! One change of a circuit, followed to everybody who is told of it.

use std::fs;

use serde_json::{Value, json};

use super::{SOON, admin, mail::relayed, options, webhook};
use crate::{
    peers::{Receiver, SmtpPeer, Stage},
    support::{EventStream, Server, wait_until},
};

/// The lines of the server's log that say something.
fn lines(server: &Server, message: &str) -> Vec<Value> {
    let files = fs::read_dir(server.logs()).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter_map(|path| fs::read_to_string(path).ok());
    let lines = texts.flat_map(|text| text.lines().map(ToOwned::to_owned).collect::<Vec<_>>());
    let lines = lines.filter_map(|line| serde_json::from_str::<Value>(&line).ok());
    lines.filter(|line| line["message"] == message).collect()
}

#[test]
fn one_change_of_a_circuit_is_in_log_metrics_audit_log_stream_and_webhook_under_one_correlation_id() {
    let (relay, listening) = (SmtpPeer::start(), Receiver::start());
    relay.fail(Stage::Mail, "451 4.3.0 try again later");
    let options = relayed(options(), "email", relay.address().port())
        .set("email.from", "scores@house.example")
        .set("breaker.email.consecutive_failures", "1");
    let server = Server::with(options);
    let operator = server.super_admin();
    webhook(&operator, &listening, &["breaker.state_changed"]);
    let mut stream = EventStream::open(&operator);
    let caused = admin(&server).with_header("X-Correlation-ID", "the-last-straw");
    caused.post("/messages/test", &json!({"to": "mara@house.example"})).expect(202);

    let told = listening.wait_for(1, SOON).remove(0);
    let (event, key) = (told.json(), relay.address().to_string());
    let change = json!({
        "service": "email", "key": key, "from": "CLOSED", "to": "OPEN", "reason": "consecutive_failures",
        "at": event["data"]["at"],
    });
    assert_eq!((&event["data"], &event["correlationId"]), (&change, &json!("the-last-straw")));
    assert_eq!(told.header("x-correlation-id"), Some("the-last-straw"));

    let seen = operator.get("/breakers?service=email").expect(200)["items"][0]["transitions"][0].clone();
    assert_eq!((&seen["at"], &seen["correlationId"]), (&change["at"], &json!("the-last-straw")));

    let audit = operator.get("/audit?limit=50").expect(200);
    let record = audit["items"].as_array().unwrap().iter().find(|it| it["action"] == "breaker.stateChanged");
    let record = record.unwrap_or_else(|| panic!("{audit}"));
    assert_eq!((&record["facts"], &record["correlationId"]), (&change, &json!("the-last-straw")));
    assert_eq!(record["sequence"], event["version"]);

    let streamed = stream.until("breaker.stateChanged").pop().unwrap();
    assert_eq!(streamed.id, event["version"].as_u64());
    assert_eq!(streamed.data["correlationId"], "the-last-straw");

    wait_until("it is in the log", || !lines(&server, "circuit opened").is_empty());
    let line = lines(&server, "circuit opened").remove(0);
    assert_eq!((&line["correlationId"], &line["at"]), (&json!("the-last-straw"), &change["at"]), "{line}");
    assert_eq!(line["reason"], change["reason"]);

    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let counted = r#"circuit_breaker_transitions_total{service="email",from="CLOSED",to="OPEN"} 1"#;
    assert!(metrics.lines().any(|line| line == counted), "{metrics}");
}
