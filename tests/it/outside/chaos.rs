//! Everything that a network and a host can do to a call: each has its own word in the log of attempts, is held against the
//! host or not, and takes bounded time.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use super::{SOON, admin, in_state, options};
use crate::{
    peers::{Authority, Behaviour, ChaosProxy, Receiver, Reply},
    support::{Client, Server, id_of, wait_until},
};

/// The first attempt of a test of a webhook, once it has ended.
fn first_attempt(admin: &Client, url: &str) -> Value {
    let body = json!({"name": "Chaos", "url": url, "events": ["user.purged"]});
    let id = id_of(&admin.create("/webhooks", &body));
    let path = format!("/deliveries/{}", id_of(&admin.call(&format!("/webhooks/{id}/test")).expect(202)));
    let mut attempt = Value::Null;
    wait_until("the attempt has ended", || {
        attempt = admin.get(&path).expect(200)["attempts"][0].clone();
        attempt["outcome"].is_string()
    });
    attempt
}

fn failures(server: &Server) -> String {
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let of_webhooks = "circuit_breaker_failures_total{service=\"webhook\"} ";
    metrics.lines().find_map(|line| line.strip_prefix(of_webhooks)).unwrap().to_owned()
}

#[test]
fn what_a_network_does_has_a_word_each_and_counts_against_the_host() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let proxy = ChaosProxy::before(receiver.address());
    let admin = admin(&server);
    let url = format!("http://{}/", proxy.address());
    receiver.answer_with(Reply::status(200).body(vec![b'x'; 4_096]));
    let cases = [
        (Behaviour::Refuse, "failed", "connect"),
        (Behaviour::CutRequestAfter(0), "unknown", "reset"),
        (Behaviour::CutAfter(10), "unknown", "reset"),
    ];
    for (number, (behaviour, outcome, class)) in (1..).zip(cases) {
        proxy.set(behaviour);
        let attempt = first_attempt(&admin, &url);
        assert_eq!((&attempt["outcome"], &attempt["class"]), (&json!(outcome), &json!(class)), "{attempt}");
        assert_eq!(failures(&server), number.to_string(), "{class}");
    }
    proxy.set(Behaviour::Delay(Duration::from_millis(300)));
    let attempt = first_attempt(&admin, &url);
    assert_eq!(attempt["outcome"], "arrived");
    assert!(attempt["tookMs"].as_u64().unwrap() >= 300, "{attempt}");
    proxy.set(Behaviour::Throttle(100_000));
    assert_eq!(first_attempt(&admin, &url)["outcome"], "arrived");
    assert_eq!(failures(&server), "3");
}

#[test]
fn an_answer_that_never_comes_ends_at_the_limit() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let proxy = ChaosProxy::before(receiver.address());
    let admin = admin(&server);
    proxy.set(Behaviour::BlackHole);
    let attempt = first_attempt(&admin, &format!("http://{}/", proxy.address()));
    assert_eq!((&attempt["outcome"], &attempt["class"]), (&json!("unknown"), &json!("timeout")));
    assert!((14_000..30_000).contains(&attempt["tookMs"].as_u64().unwrap()), "{attempt}");
}

#[test]
fn a_certificate_that_proves_nothing_is_not_believed_and_one_of_a_further_authority_is() {
    let authority = Authority::new();
    let receiver = Receiver::start_with_tls(&authority);
    let stranger = Server::with(options());
    let attempt = first_attempt(&admin(&stranger), &receiver.url("/"));
    assert_eq!((&attempt["outcome"], &attempt["class"]), (&json!("failed"), &json!("tls")), "{attempt}");
    assert_eq!(receiver.requests().len(), 0);

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("authority.pem");
    fs::write(&file, authority.pem()).unwrap();
    let friend = Server::with(options().set("outbound.authorities_file", file.to_str().unwrap()));
    let client = admin(&friend);
    let body = json!({"name": "Secure", "url": receiver.url("/"), "events": ["user.purged"]});
    let id = id_of(&client.create("/webhooks", &body));
    let sent = client.call(&format!("/webhooks/{id}/test")).expect(202);
    in_state(&client, &id_of(&sent), "done");
    receiver.wait_for(1, SOON);
}

#[test]
fn what_the_host_says_of_the_call_is_not_held_against_it() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    receiver.answer_script([
        Reply::status(404),
        Reply::status(302).header("Location", "http://169.254.169.254/"),
        // From here on the host is left alone.
        Reply::status(429).header("Retry-After", "120"),
    ]);
    for (outcome, class) in [("failed", "status"), ("failed", "redirect"), ("paused", "status")] {
        let attempt = first_attempt(&admin, &receiver.url("/"));
        assert_eq!((&attempt["outcome"], &attempt["class"]), (&json!(outcome), &json!(class)), "{attempt}");
    }
    assert_eq!(failures(&server), "0");
}
