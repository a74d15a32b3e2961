//! Text messages through a provider: links that arrive, the mail that takes their place, and what may have arrived, which is
//! never sent twice.

use std::net::TcpListener;

use event_manager::security::twilio_signature;
use serde_json::{Value, json};

use super::{SOON, admin, deliveries, in_state, options, outcomes};
use crate::{
    peers::{Behaviour, ChaosProxy, SmtpPeer, TwilioMock},
    support::{Answer, Client, Competition, Options, Server, id_of, wait_until},
};

const FROM: &str = "+15005550006";
const PHONE: &str = "+49 151 12345678";
/// The provider's number for tests of a number that gets nothing.
const NOBODY: &str = "+15005550001";

/// A server that sends text messages by a provider at an address.
fn by(url: &str) -> Options {
    options()
        .set("sms.account", TwilioMock::ACCOUNT_SID)
        .set("sms.token", TwilioMock::AUTH_TOKEN)
        .set("sms.from", FROM)
        .set("sms.url", url)
}

fn with_mail(options: Options, relay: &SmtpPeer) -> Options {
    options
        .set("email.host", "127.0.0.1")
        .set("email.port", &relay.address().port().to_string())
        .set("email.security", "plain")
        .set("email.from", "scores@house.example")
}

fn judge(admin: &Client, phone: &str) -> String {
    let body = json!({"name": "Lea", "contactPhone": phone, "contactEmail": "lea@house.example"});
    id_of(&admin.create("/judges", &body))
}

/// A new link for a judge, sent as a text message.
fn texted(admin: &Client, judge: &str) -> Value {
    admin.create(&format!("/judges/{judge}/links"), &json!({"send": "sms"}))
}

/// The same, and by mail if it does not arrive.
fn texted_or_mailed(admin: &Client, judge: &str) -> Value {
    admin.create(&format!("/judges/{judge}/links"), &json!({"send": "smsOrMail"}))
}

fn delivery_of(link: &Value) -> &str {
    link["deliveryId"].as_str().unwrap()
}

fn test(admin: &Client) -> String {
    id_of(&admin.post("/messages/test-sms", &json!({"to": PHONE})).expect(202))
}

fn metrics(server: &Server) -> String {
    server.anonymous().raw("GET", "/metrics", &[], &[]).text()
}

fn log(server: &Server) -> String {
    std::fs::read_to_string(server.logs().join("active.jsonl")).unwrap()
}

#[test]
fn a_judges_link_arrives_on_the_telephone_and_opens_the_score_sheets() {
    let provider = TwilioMock::start();
    let competition = Competition::on(Server::with(by(&provider.url())));
    let (admin, server) = (competition.admin(), &competition.tenant.server);
    let judge = judge(admin, PHONE);
    let seats = format!("/categories/{}/assignments", competition.category);
    admin.create(&seats, &json!({"judgeId": judge}));
    let made = texted(admin, &judge);
    let pin = made["pin"].as_str().unwrap();
    let message = provider.wait_for(1, SOON).remove(0);
    assert_eq!((message.to.as_str(), message.from.as_str()), ("+4915112345678", FROM));
    assert_eq!(message.status_callback, None, "nobody knows where we could be reached");
    assert!(message.body.contains("Gala") && !message.body.contains(pin), "{}", message.body);
    let url = message.body.split_whitespace().find(|word| word.contains("/judge#link=")).unwrap();
    let lea = server.sign_in_by_link(&json!({"url": url, "pin": pin}));
    lea.put(&competition.own_sheet(0), &competition.marks(&["9", "9"])).expect(201);

    let done = in_state(admin, delivery_of(&made), "done");
    assert_eq!((&done["service"], &done["title"]), (&json!("sms"), &json!("judge_link")));
    assert_eq!(done["attempts"][0]["detail"], json!(format!("accepted as {}", message.sid)));
    let secret = url.split_once("#link=").unwrap().1;
    let (shown, log) = (done.to_string(), log(server));
    for hidden in [secret, pin, TwilioMock::AUTH_TOKEN] {
        assert!(!shown.contains(hidden) && !log.contains(hidden), "{shown}");
    }
}

#[test]
fn links_of_a_contest_are_sent_to_all_judges_or_none_is_made() {
    let provider = TwilioMock::start();
    let competition = Competition::on(Server::with(by(&provider.url())));
    let admin = competition.admin();
    let path = format!("/contests/{}/judge-links", competition.contest);
    let refused = admin.post(&path, &json!({"send": "sms"}));
    refused.expect_problem(422, "invalid");
    assert!(refused.text().contains("without a contactPhone: Jo, Kim"), "{}", refused.describe());
    for seat in &competition.judges {
        let judge = format!("/judges/{}", seat.id);
        let etag = admin.get(&judge).etag().to_owned();
        admin.if_match(&etag).patch(&judge, &json!({"contactPhone": PHONE})).expect(200);
    }
    let made = admin.post(&path, &json!({"send": "sms"})).expect(200);
    assert_eq!(made["items"].as_array().unwrap().len(), 2);
    provider.wait_for(2, SOON);
    let refused =
        admin.post(&format!("/judges/{}/links", competition.judges[0].id), &json!({"send": "mail"}));
    assert_eq!(refused.expect_problem(409, "not_set_up")["service"], "email");
}

#[test]
fn whoever_may_make_no_link_learns_nothing_of_a_judges_contact() {
    let provider = TwilioMock::start();
    let competition = Competition::on(Server::with(by(&provider.url())));
    let elsewhere = id_of(&competition.admin().create("/events", &json!({"name": "Elsewhere"})));
    let scope = json!({"type": "event", "id": elsewhere});
    let organizer = competition.tenant.with_grants(&json!([{"role": "ORGANIZER", "scope": scope}]));
    let path = format!("/judges/{}/links", competition.judges[0].id);
    organizer.post(&path, &json!({"send": "sms"})).expect_problem(403, "out_of_scope");
    assert_eq!(provider.messages().len(), 0);
}

#[test]
fn a_link_is_mailed_to_a_judge_who_has_an_address() {
    let relay = SmtpPeer::start();
    let server = Server::with(with_mail(options(), &relay));
    let admin = admin(&server);
    let path = format!("/judges/{}/links", judge(&admin, PHONE));
    let made = admin.create(&path, &json!({"send": "mail"}));
    assert_eq!(relay.wait_for(1, SOON)[0].to, ["lea@house.example"]);
    in_state(&admin, delivery_of(&made), "done");
    let refused = admin.post(&path, &json!({"send": "sms"}));
    assert_eq!(refused.expect_problem(409, "not_set_up")["service"], "sms");
}

#[test]
fn a_number_that_gets_nothing_is_given_up_and_the_link_goes_by_mail_once() {
    let (provider, relay) = (TwilioMock::start(), SmtpPeer::start());
    let server = Server::with(with_mail(by(&provider.url()), &relay));
    let admin = admin(&server);
    for phone in [NOBODY, "0151 12345678"] {
        let made = texted_or_mailed(&admin, &judge(&admin, phone));
        let dead = in_state(&admin, delivery_of(&made), "dead");
        assert_eq!((outcomes(&dead), &dead["attempts"][0]["class"]), (vec!["refused"], &json!("recipient")));
        let mail = in_state(&admin, dead["takenOverBy"].as_str().unwrap(), "done");
        assert_eq!(mail["recipient"]["address"], "lea@house.example");
        assert_eq!(mail["correlationId"], dead["correlationId"]);
        let again = admin.call(&format!("/deliveries/{}/replay", delivery_of(&made))).expect(202);
        in_state(&admin, &id_of(&again), "dead");
    }
    assert_eq!((deliveries(&admin, "service=email").len(), relay.mails().len()), (2, 2), "once each");
    let metrics = metrics(&server);
    let fallback = "circuit_breaker_fallbacks_total{service=\"sms\",outcome=\"mail\"} 2";
    assert!(metrics.lines().any(|line| line == fallback), "{metrics}");
    assert!(metrics.contains("circuit_breaker_failures_total{service=\"sms\"} 0"), "the provider works");
}

#[test]
fn no_mail_takes_the_place_of_a_text_message_unless_whoever_sends_it_allows_that() {
    let (provider, relay) = (TwilioMock::start(), SmtpPeer::start());
    let server = Server::with(with_mail(by(&provider.url()), &relay));
    let admin = admin(&server);
    let dead = in_state(&admin, delivery_of(&texted(&admin, &judge(&admin, NOBODY))), "dead");
    assert_eq!(dead.get("takenOverBy"), None, "{dead}");
    let metrics = metrics(&server);
    let dead_letter = "circuit_breaker_fallbacks_total{service=\"sms\",outcome=\"mail\"} 0";
    assert!(metrics.lines().any(|line| line == dead_letter), "{metrics}");
    assert_eq!((deliveries(&admin, "service=email").len(), relay.mails().len()), (0, 0));

    let without_relay = Server::with(by(&provider.url()));
    let admin = without_relay.admin();
    let path = format!("/judges/{}/links", judge(&admin, PHONE));
    let refused = admin.post(&path, &json!({"send": "smsOrMail"}));
    assert_eq!(refused.expect_problem(409, "not_set_up")["service"], "email");
}

#[test]
fn a_message_that_may_have_arrived_is_neither_repeated_nor_mailed() {
    let (provider, relay) = (TwilioMock::start(), SmtpPeer::start());
    let proxy = ChaosProxy::before(provider.address());
    proxy.set(Behaviour::CutAfter(0));
    let server = Server::with(with_mail(by(&format!("http://{}", proxy.address())), &relay));
    let admin = admin(&server);
    let made = texted_or_mailed(&admin, &judge(&admin, PHONE));
    let dead = in_state(&admin, delivery_of(&made), "dead");
    assert_eq!((outcomes(&dead), &dead["ambiguous"]), (vec!["unknown"], &json!(true)));
    assert_eq!((provider.messages().len(), dead.get("takenOverBy")), (1, None));
    assert_eq!(deliveries(&admin, "service=email"), Vec::<Value>::new());
    proxy.set(Behaviour::Pass);
    let again = admin.call(&format!("/deliveries/{}/replay", delivery_of(&made))).expect(202);
    in_state(&admin, &id_of(&again), "done");
    assert_eq!((provider.messages().len(), relay.mails().len()), (2, 0), "somebody decided that");
}

#[test]
fn a_provider_that_has_too_much_to_do_is_left_alone_and_not_blamed() {
    let provider = TwilioMock::start();
    let server = Server::with(by(&provider.url()));
    let admin = admin(&server);
    provider.fail_next(429, 20_429, "Too Many Requests");
    let id = test(&admin);
    let mut delivery = Value::Null;
    wait_until("it was told to wait", || {
        delivery = admin.get(&format!("/deliveries/{id}")).expect(200);
        delivery["attempts"][0]["outcome"] == "paused"
    });
    assert_eq!((&delivery["state"], provider.messages().len()), (&json!("waiting"), 0));
    assert!(metrics(&server).contains("circuit_breaker_failures_total{service=\"sms\"} 0"));
}

#[test]
fn wrong_credentials_are_told_and_shown_to_nobody() {
    let provider = TwilioMock::start();
    let wrong = "0000wrong0000wrong0000wrong0000w";
    let server = Server::with(by(&provider.url()).set("sms.token", wrong));
    let admin = admin(&server);
    let dead = in_state(&admin, &test(&admin), "dead");
    let attempt = &dead["attempts"][0];
    assert_eq!((&attempt["class"], &attempt["status"]), (&json!("credentials"), &json!(401)));
    assert!(!dead.to_string().contains(wrong) && !log(&server).contains(wrong), "{dead}");
}

#[test]
fn what_became_of_a_message_is_believed_if_the_provider_has_signed_it() {
    let provider = TwilioMock::start();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let site = format!("http://{free}");
    let options =
        by(&provider.url()).set("server.address", &free.to_string()).set("server.public_url", &site);
    let server = Server::with(options);
    let admin = admin(&server);
    let (first, second) = (test(&admin), test(&admin));
    let report = |id: &str| admin.get(&format!("/deliveries/{id}")).expect(200)["report"].clone();
    in_state(&admin, &first, "done");
    in_state(&admin, &second, "done");
    let messages = provider.messages();
    let sid = |id: &str| {
        let wanted = |callback: &String| callback.starts_with(&site) && callback.ends_with(id);
        let of = messages.iter().find(|message| message.status_callback.as_ref().is_some_and(wanted));
        of.unwrap().sid.clone()
    };
    assert_eq!(provider.send_status_wrongly_signed(&sid(&first), "delivered"), 403);
    assert_eq!((provider.send_status(&sid(&first), "sent"), report(&first)), (204, Value::Null));
    assert_eq!(provider.send_status(&sid(&first), "delivered"), 204);
    assert_eq!(provider.send_status(&sid(&second), "undelivered"), 204);
    assert_eq!(report(&first)["status"], "delivered");
    assert_eq!(
        (&report(&second)["status"], &report(&second)["code"]),
        (&json!("undelivered"), &json!("30003"))
    );

    let unknown = "/callbacks/sms/0198f0c2-5a51-7cc1-a6a5-0c1f0f6f6a57/0198f0c2-5a51-7cc1-a6a5-0c1f0f6f6a57";
    let fields = [("MessageStatus".to_owned(), "delivered".to_owned())];
    let right = twilio_signature(TwilioMock::AUTH_TOKEN, &format!("{site}{unknown}"), &fields);
    let forged = report_to(&server, unknown, "");
    assert_eq!((forged.status, report_to(&server, unknown, &right).status), (403, 404));
    assert_eq!(report_to(&server, "/callbacks/sms/1/2", &right).status, 404);
}

fn report_to(server: &Server, path: &str, signature: &str) -> Answer {
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", signature)];
    server.anonymous().raw("POST", path, &headers, b"MessageStatus=delivered")
}
