//! Everything that a network and a host can do to a call: each has its own word in the log of attempts, is held against the
//! host or not, and takes bounded time.

use std::{fs, net::SocketAddr, time::Duration};

use serde_json::{Value, json};

use super::{
    SOON, admin,
    house::{BUCKET, House, SERVICES, with_services_at},
    in_state, options,
};
use crate::{
    peers::{
        Authority,
        Behaviour::{self, BlackHole, CutAfter, Delay, Garbage, Refuse, Throttle},
        ChaosProxy, Receiver, Reply, S3Peer, SmtpPeer, TwilioMock,
    },
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

/// The peers of a house, each behind a proxy.
struct Network {
    relay: SmtpPeer,
    store: S3Peer,
    hook: Receiver,
    program: Receiver,
    provider: TwilioMock,
    scanner: Receiver,
}

impl Network {
    fn start() -> Self {
        let network = Self {
            relay: SmtpPeer::start(),
            store: S3Peer::start(),
            hook: Receiver::start(),
            program: Receiver::start(),
            provider: TwilioMock::start(),
            scanner: Receiver::start(),
        };
        network.store.make_bucket(BUCKET);
        network.scanner.answer_with(Reply::status(200).body(r#"{"infected": false}"#));
        network
    }

    fn address(&self, service: &str) -> SocketAddr {
        match service {
            "email" => self.relay.address(),
            "storage" => self.store.address(),
            "webhook" => self.hook.address(),
            "external_api" => self.program.address(),
            "sms" => self.provider.address(),
            _ => self.scanner.address(),
        }
    }
}

/// What becomes of a call that fails this way: of one that can tell when it is done twice, or does no harm then, and of one
/// whose receiver may have acted.
fn outcome(service: &str, is_sent: bool) -> &'static str {
    // Mail is not sent before the end of its content, and storing and scanning are done again without harm.
    let may_have_arrived = is_sent && matches!(service, "webhook" | "external_api" | "sms");
    if may_have_arrived { "unknown" } else { "failed" }
}

#[test]
fn what_a_network_does_to_a_service_has_a_word_and_is_held_against_it() {
    let network = Network::start();
    let proxies = SERVICES.map(|service| (service, ChaosProxy::before(network.address(service))));
    let proxy = |service: &str| &proxies.iter().find(|(name, _)| *name == service).unwrap().1;
    let address = |service: &str| proxy(service).address();
    // All calls are made, whatever became of those before.
    let house = House::with(with_services_at(address).set("resilience.enforce_from_start", "false"), address);
    // A mail may take a minute, a line of the relay's included, and a transfer to storage two.
    let outlasts = |service: &str, behaviour: Behaviour| match behaviour {
        BlackHole => matches!(service, "email" | "storage"),
        Garbage => service == "email",
        _ => false,
    };
    let attempts = |behaviour: Behaviour| {
        proxies.iter().for_each(|(_, proxy)| proxy.set(behaviour));
        let ids = SERVICES.map(|service| (service, house.cause(service)));
        let ended = |(service, _): &&(&str, String)| !outlasts(service, behaviour);
        let first = |(service, id): &(&'static str, String)| (*service, house.first_attempt(service, id));
        let attempts: Vec<_> = ids.iter().filter(ended).map(first).collect();
        (attempts, ids)
    };
    for behaviour in [Delay(Duration::from_millis(300)), Throttle(100_000)] {
        for (service, attempt) in attempts(behaviour).0 {
            assert_eq!(attempt["outcome"], "arrived", "{behaviour:?} {service} {attempt}");
            let took = attempt["tookMs"].as_u64().unwrap();
            assert!(took >= 300 || behaviour == Throttle(100_000), "{service} {attempt}");
        }
    }
    assert_eq!(SERVICES.map(|service| house.failures(service)), [0; 6]);
    let cases = [
        (Refuse, "connect", false),
        (CutAfter(0), "reset", true),
        (Garbage, "malformed", true),
        (BlackHole, "timeout", true),
    ];
    let mut hanging = SERVICES.map(|service| (service, String::new()));
    for (number, (behaviour, class, is_sent)) in (1..).zip(cases) {
        let (attempts, ids) = attempts(behaviour);
        for (service, attempt) in &attempts {
            let expected = (&json!(outcome(service, is_sent)), &json!(class));
            assert_eq!(
                (&attempt["outcome"], &attempt["class"]),
                expected,
                "{behaviour:?} {service} {attempt}"
            );
            assert!(attempt["tookMs"].as_u64().unwrap() < 30_000, "{service} {attempt}");
            assert!(house.failures(service) >= number, "{behaviour:?} {service}");
        }
        for (service, id) in ids.iter().filter(|(service, _)| *service == "sms") {
            let delivery = house.owner(service).get(&format!("/deliveries/{id}")).expect(200);
            assert_eq!(delivery["ambiguous"], json!(is_sent), "{behaviour:?} {delivery}");
        }
        hanging = ids;
    }
    proxies.iter().for_each(|(_, proxy)| proxy.set(Behaviour::Pass));
    for service in SERVICES {
        assert_eq!(house.first_attempt(service, &house.cause(service))["outcome"], "arrived", "{service}");
    }
    for (service, id) in hanging.iter().filter(|(service, _)| outlasts(service, BlackHole)) {
        assert_eq!(house.first_attempt(service, id)["outcome"], "arrived", "{service} goes on");
    }
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
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    assert!(metrics.contains("circuit_breaker_failures_total{service=\"webhook\"} 0"), "{metrics}");
}
