//! Mail through real relays: links that arrive, what takes the place of a relay that fails, and who gets no more mail.

use serde_json::{Value, json};

use super::{SOON, admin, deliveries, in_state, options, outcomes};
use crate::{
    peers::{Authority, Mail, Postfix, SmtpOptions, SmtpPeer, Stage},
    support::{Client, Options, Server, id_of, wait_until},
};

const SITE: &str = "https://scores.example.org";

/// A server that sends by a relay without TLS.
pub(super) fn by(relay: &SmtpPeer) -> Options {
    relayed(options(), "email", relay.address().port()).set("email.from", "scores@house.example").behind(SITE)
}

pub(super) fn relayed(options: Options, section: &str, port: u16) -> Options {
    options
        .set(&format!("{section}.host"), "127.0.0.1")
        .set(&format!("{section}.port"), &port.to_string())
        .set(&format!("{section}.security"), "plain")
}

fn user(admin: &Client, email: &str) -> String {
    let body = json!({"email": email, "name": "Mara Lind", "grants": [{"role": "EMCEE"}]});
    id_of(&admin.create("/users", &body))
}

/// What a mail says, its quoted-printable parts in plain.
pub(super) fn plain(mail: &Mail) -> String {
    let text = String::from_utf8_lossy(&mail.data).into_owned();
    text.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}

fn token_in(text: &str) -> String {
    let (_, rest) = text.split_once("#/reset?token=").expect("a link");
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[test]
fn an_invitation_arrives_with_a_link_that_works_and_is_forgotten_by_the_box() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    let id = user(&admin, "mara@house.example");
    let named = admin.with_header("X-Correlation-ID", "the-invitation");
    let sent = named.call(&format!("/users/{id}/invitation")).expect(202);
    let mail = relay.wait_for(1, SOON).remove(0);
    assert_eq!(mail.to, ["mara@house.example"]);
    let text = plain(&mail);
    assert!(text.contains("X-Correlation-ID: the-invitation"), "{text}");
    assert!(
        text.contains(&format!("Message-ID: <{}@house.example>", sent["messageId"].as_str().unwrap())),
        "{text}"
    );
    assert!(text.contains("Auto-Submitted: auto-generated") && text.contains("text/html"), "{text}");
    let body = json!({"token": token_in(&text), "password": "a-password-of-her-own"});
    server.anonymous().post("/auth/reset", &body).expect(204);

    let done = in_state(&admin, &id_of(&sent), "done");
    assert_eq!(done["recipient"], json!({"name": "Mara Lind", "address": "mara@house.example"}));
    assert_eq!(done["attempts"][0]["via"], json!(relay.address().to_string()));
    assert!(!done.to_string().contains("token="), "what it says is shown to nobody");
    let problem = admin.call(&format!("/deliveries/{}/replay", id_of(&sent))).expect(409);
    assert_eq!(problem["code"], "not_replayable", "what it said was forgotten");
    assert_eq!(deliveries(&admin, "recipient=MARA").len(), 1);
    assert_eq!(deliveries(&admin, "correlationId=the-invitation").len(), 1);
}

#[test]
fn whoever_has_lost_a_password_is_mailed_a_link_to_the_address_that_the_operator_has_set() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    user(&admin(&server), "mara@house.example");
    let asked = server.anonymous().with_header("X-Forwarded-Host", "evil.example");
    for email in ["mara@house.example", "nobody@house.example"] {
        let answer = asked.post("/auth/reset-request", &json!({"email": email}));
        assert_eq!((answer.status, answer.text()), (202, String::new()));
    }
    let mail = relay.wait_for(1, SOON).remove(0);
    let text = plain(&mail);
    assert!(text.contains(&format!("{SITE}/#/reset?token=")) && !text.contains("evil.example"), "{text}");
    asked.post("/auth/reset-request", &json!({"email": "mara@house.example"}));
    let body = json!({"token": token_in(&text), "password": "a-password-of-her-own"});
    server.anonymous().post("/auth/reset", &body).expect(204);
    assert_eq!(relay.mails().len(), 1, "once an hour, and to nobody who has no account");
}

#[test]
fn without_a_relay_no_mail_goes_out_and_that_is_said() {
    let server = Server::with(options());
    let admin = admin(&server);
    let id = user(&admin, "mara@house.example");
    let problem = admin.call(&format!("/users/{id}/invitation")).expect(409);
    assert_eq!((&problem["code"], &problem["service"]), (&json!("not_set_up"), &json!("email")));
    admin.post("/messages/test", &json!({})).expect(409);
}

#[test]
fn what_the_first_relay_cannot_take_the_second_one_takes_at_once() {
    let (first, second) = (SmtpPeer::start(), SmtpPeer::start());
    let server = Server::with(relayed(by(&first), "email_second", second.address().port()));
    let admin = admin(&server);
    first.fail(Stage::Mail, "451 4.3.0 not now");
    let sent = admin.post("/messages/test", &json!({})).expect(202);
    second.wait_for(1, SOON);
    let done = in_state(&admin, &id_of(&sent), "done");
    assert_eq!((outcomes(&done), done["ambiguous"].clone()), (vec!["arrived"], json!(false)));
    let detail = done["attempts"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(&first.address().to_string()) && detail.contains("not now"), "{detail}");
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let fallback = "circuit_breaker_fallbacks_total{service=\"email\",outcome=\"second_relay\"} 1";
    assert!(metrics.lines().any(|line| line == fallback), "{metrics}");
}

#[test]
fn when_the_first_relays_circuit_is_open_mail_goes_by_the_second_without_trying_the_first() {
    let (first, second) = (SmtpPeer::start(), SmtpPeer::start());
    let server = Server::with(relayed(by(&first), "email_second", second.address().port()));
    let admin = admin(&server);
    let circuit = json!({"service": "email", "key": first.address().to_string()});
    server.super_admin().post("/breakers/trip", &circuit).expect(200);
    let sent = admin.post("/messages/test", &json!({})).expect(202);
    second.wait_for(1, SOON);
    in_state(&admin, &id_of(&sent), "done");
    assert_eq!(first.sessions(), 0);
}

#[test]
fn a_mail_that_may_have_arrived_goes_by_no_other_relay_and_is_marked() {
    let (first, second) = (SmtpPeer::start(), SmtpPeer::start());
    let server = Server::with(relayed(by(&first), "email_second", second.address().port()));
    let admin = admin(&server);
    first.close_after_dot();
    let sent = admin.post("/messages/test", &json!({})).expect(202);
    let done = in_state(&admin, &id_of(&sent), "done");
    assert_eq!((outcomes(&done), done["ambiguous"].clone()), (vec!["unknown", "arrived"], json!(true)));
    let ids: Vec<String> = first
        .mails()
        .iter()
        .map(|mail| plain(mail).lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned())
        .collect();
    assert_eq!((ids.len(), ids[0] == ids[1], second.mails().len()), (2, true, 0), "the receiver can tell");
}

#[test]
fn while_all_relays_are_down_mail_waits_and_arrives_when_one_is_back() {
    let relay = SmtpPeer::start();
    let options =
        by(&relay).set("breaker.email.timeout_ms", "300").set("breaker.email.longest_timeout_ms", "300");
    let server = Server::with(options);
    let admin = admin(&server);
    relay.greeting("421 4.3.2 closing");
    let sent: Vec<String> =
        (0..7).map(|_| id_of(&admin.post("/messages/test", &json!({})).expect(202))).collect();
    let opened = || {
        let list = server.super_admin().get("/breakers?service=email").expect(200);
        list["items"][0]["totals"].is_object() && list["items"][0]["state"] != "CLOSED"
            || list["items"][0]["transitions"].as_array().is_some_and(|changes| !changes.is_empty())
    };
    wait_until("the circuit opens", opened);
    relay.heal();
    for id in &sent {
        in_state(&admin, id, "done");
    }
    assert_eq!(relay.mails().len(), 7, "each once");
}

#[test]
fn an_address_that_does_not_exist_is_given_up_gets_no_more_mail_and_can_be_let_in_again() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    let gone = user(&admin, "gone@house.example");
    relay.refuse_recipient("gone@house.example", "550 5.1.1 no such user");
    let message = json!({"to": {"role": "EMCEE"}, "subject": "Doors at six", "body": "Come early."});
    let sent = admin.post("/messages", &message).expect(200);
    assert_eq!(sent["deliveries"].as_array().unwrap().len(), 1);
    let dead = in_state(&admin, sent["deliveries"][0].as_str().unwrap(), "dead");
    assert_eq!(
        (&dead["attempts"][0]["status"], &dead["attempts"][0]["class"]),
        (&json!(550), &json!("recipient"))
    );
    let list = || admin.get("/messages/suppressions").expect(200)["items"].clone();
    assert_eq!((&list()[0]["address"], &list()[0]["why"]), (&json!("gone@house.example"), &json!("bounced")));
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    assert!(metrics.contains("circuit_breaker_failures_total{service=\"email\"} 0"), "the relay works");

    let again = admin.post("/messages", &message).expect(200);
    assert_eq!(
        (again["deliveries"].as_array().unwrap().len(), &again["suppressed"]),
        (0, &json!(["Mara Lind"]))
    );
    let invited = admin.call(&format!("/users/{gone}/invitation")).expect(202);
    let dead = in_state(&admin, &id_of(&invited), "dead");
    assert_eq!(dead["attempts"][0]["class"], "suppressed");
    admin.post("/messages/suppressions/lift", &json!({"address": "gone@house.example"})).expect(204);
    relay.heal();
    let invited = admin.call(&format!("/users/{gone}/invitation")).expect(202);
    in_state(&admin, &id_of(&invited), "done");
}

/// That a mail waits for an operator who mends the relay, and that its address is not to blame.
#[track_caller]
fn assert_waits_for_the_operator(server: &Server, id: &str) {
    let admin = admin(server);
    let mut delivery = Value::Null;
    wait_until("it was refused", || {
        delivery = admin.get(&format!("/deliveries/{id}")).expect(200);
        delivery["attempts"][0]["outcome"].is_string()
    });
    assert_eq!((&delivery["state"], outcomes(&delivery)), (&json!("waiting"), vec!["failed"]), "{delivery}");
    assert_eq!(delivery["attempts"][0]["class"], "credentials", "{delivery}");
    assert_eq!(admin.get("/messages/suppressions").expect(200)["items"], json!([]));
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    assert!(metrics.contains("circuit_breaker_failures_total{service=\"email\"} 1"), "{metrics}");
}

#[test]
fn a_relay_that_does_not_take_mail_from_us_says_nothing_about_the_address() {
    for reply in ["530 5.7.0 Authentication required", "550 5.7.1 Relaying denied", "550 relay not permitted"]
    {
        let relay = SmtpPeer::start();
        let server = Server::with(by(&relay));
        let admin = admin(&server);
        relay.fail(Stage::Rcpt, reply);
        let id = user(&admin, "mara@house.example");
        let sent = admin.call(&format!("/users/{id}/invitation")).expect(202);
        assert_waits_for_the_operator(&server, &id_of(&sent));
    }
    let postfix = Postfix::start_for_nobody();
    let port = postfix.address().port();
    let server = Server::with(relayed(options(), "email", port).set("email.from", "scores@house.example"));
    let sent =
        admin(&server).post("/messages/test", &json!({"to": "somebody@elsewhere.example"})).expect(202);
    assert_waits_for_the_operator(&server, &id_of(&sent));
}

#[test]
fn a_mail_that_is_refused_for_another_reason_is_given_up_and_its_address_gets_the_next_one() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    relay.refuse_recipient("full@house.example", "552 5.2.2 mailbox full");
    let id = user(&admin, "full@house.example");
    let invite = || id_of(&admin.call(&format!("/users/{id}/invitation")).expect(202));
    let dead = in_state(&admin, &invite(), "dead");
    assert_eq!(dead["attempts"][0]["class"], "refused", "{dead}");
    relay.heal();
    in_state(&admin, &invite(), "done");
}

#[test]
fn whoever_gets_mail_to_many_ends_it_with_one_request_and_still_gets_what_is_for_them() {
    let relay = SmtpPeer::start();
    let server = Server::with(by(&relay));
    let admin = admin(&server);
    let id = user(&admin, "mara@house.example");
    let judge = admin.create("/judges", &json!({"name": "Lou", "contactEmail": "LOU@house.example"}));
    admin.create("/judges", &json!({"name": "Nobody"}));
    let message = json!({"to": {"role": "EMCEE", "users": [id], "judges": [id_of(&judge)]},
                         "subject": "Doors\r\nBcc: all@evil.example", "body": "<script>x</script> & so on"});
    let sent = admin.post("/messages", &message).expect(200);
    assert_eq!(sent["deliveries"].as_array().unwrap().len(), 2, "each person once");
    let mails = relay.wait_for(2, SOON);
    let mail = mails.iter().find(|mail| mail.to == ["mara@house.example"]).unwrap();
    let text = plain(mail);
    assert!(!text.contains("\nBcc:") && text.contains("&lt;script&gt;x&lt;/script&gt; &amp;"), "{text}");
    assert!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{text}");
    let joined = text.replace("\r\n ", "").replace("\n ", "");
    let (_, rest) =
        joined.split_once(&format!("List-Unsubscribe: <{SITE}/unsubscribe?token=")).expect("a link");
    let token = rest.split_once('>').unwrap().0;
    let path = format!("/unsubscribe?token={token}");
    let page = server.anonymous().raw("GET", &path, &[], &[]);
    assert_eq!(page.status, 200);
    assert_eq!(admin.get("/messages/suppressions").expect(200)["items"], json!([]), "looking does nothing");
    assert_eq!(server.anonymous().raw("POST", &path, &[], b"List-Unsubscribe=One-Click").status, 200);
    assert_eq!(server.anonymous().raw("POST", "/unsubscribe?token=forged", &[], b"").status, 401);
    let again = admin.post("/messages", &message).expect(200);
    assert_eq!(again["suppressed"], json!(["Mara Lind"]));
    let invited = admin.call(&format!("/users/{id}/invitation")).expect(202);
    in_state(&admin, &id_of(&invited), "done");
}

#[test]
fn a_relay_with_tls_and_a_password_is_signed_in_to_and_wrong_credentials_are_told() {
    let authority = Authority::new();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let relay = SmtpPeer::with(SmtpOptions::default().starttls(&authority).login("scores", "right-password"));
    let with = |password: &str| {
        by(&relay)
            .set("email.security", "starttls")
            .set("email.user", "scores")
            .set("email.password", password)
            .set("outbound.authorities_file", file.to_str().unwrap())
    };
    let server = Server::with(with("right-password"));
    let client = admin(&server);
    let sent = client.post("/messages/test", &json!({})).expect(202);
    in_state(&client, &id_of(&sent), "done");

    let server = Server::with(with("wrong-password"));
    let client = admin(&server);
    let sent = client.post("/messages/test", &json!({})).expect(202);
    let mut delivery = Value::Null;
    wait_until("it was refused", || {
        delivery = client.get(&format!("/deliveries/{}", id_of(&sent))).expect(200);
        delivery["attempts"][0]["class"] == "credentials"
    });
    assert_eq!(delivery["state"], "waiting", "the operator may correct it");
    let log = std::fs::read_to_string(server.logs().join("active.jsonl")).unwrap();
    assert!(!delivery.to_string().contains("wrong-password") && !log.contains("wrong-password"));
}

#[test]
fn a_real_mail_server_takes_it() {
    let postfix = Postfix::start();
    let port = postfix.address().port();
    let options = relayed(options(), "email", port).set("email.from", "scores@house.example");
    let server = Server::with(options);
    let admin = admin(&server);
    let sent = admin.post("/messages/test", &json!({"to": "somebody@elsewhere.example"})).expect(202);
    let done = in_state(&admin, &id_of(&sent), "done");
    let detail = done["attempts"][0]["detail"].as_str().unwrap().to_owned();
    let queued = postfix.queue_ids_logged();
    assert!(queued.iter().any(|id| detail.contains(id.as_str())), "{detail}: {queued:?}");
}
