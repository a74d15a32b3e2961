//! Outages, one a row of the table of fallbacks: a service is out of order, its circuit opens, something takes its place, what
//! is for it waits, it is mended, the circuit closes, and everything has arrived once, or says that it may have arrived more
//! often.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    house::{BUCKET, House, with_service_at},
    in_state, outcomes,
};
use crate::{
    peers::{
        Azurite, Behaviour, ChaosProxy, Clamd, GoogleStorage, Receiver, Reply, S3Peer, SmtpPeer, TwilioMock,
    },
    support::{Options, wait_until},
};

/// How many deliveries are caused while a service is out of order: more than its circuit lets fail.
fn caused(service: &str) -> usize {
    if service == "storage" { 3 } else { 8 }
}

/// Plays the outage of a service of a house that is behind a proxy. Returns the deliveries once they have arrived.
#[track_caller]
fn outage(
    house: &House,
    service: &str,
    (proxy, behaviour): (&ChaosProxy, Behaviour),
    fallback: &str,
) -> Vec<Value> {
    let circuit = || house.circuit(service, "")["state"].clone();
    proxy.set(behaviour);
    let ids: Vec<String> = (0..caused(service)).map(|_| house.cause(service)).collect();
    wait_until("the circuit opens", || circuit() == "OPEN");
    wait_until("something takes its place", || house.fallbacks(service, fallback) > 0);
    let is_parked = |delivery: &Value| delivery["attemptsMade"] == 0 && delivery["parkedForMs"].is_u64();
    wait_until("what is for it waits", || {
        house.deliveries(service).iter().any(|delivery| is_parked(delivery) && delivery["state"] == "waiting")
    });
    proxy.set(Behaviour::Pass);
    let arrived = ids.iter().map(|id| in_state(house.owner(service), id, "done")).collect();
    wait_until("the circuit closes", || circuit() == "CLOSED");
    arrived
}

#[track_caller]
fn assert_none_is_marked(deliveries: &[Value]) {
    assert!(deliveries.iter().all(|delivery| delivery["ambiguous"] == false), "{deliveries:?}");
}

#[test]
fn mail_waits_and_arrives_once() {
    let relay = SmtpPeer::start();
    let proxy = ChaosProxy::before(relay.address());
    let house = House::with_only("email", proxy.address());
    let arrived = outage(&house, "email", (&proxy, Behaviour::CutAfter(0)), "queue");
    assert_none_is_marked(&arrived);
    let names: BTreeSet<_> = relay.mails().iter().map(|mail| mail.header("message-id").unwrap()).collect();
    assert_eq!((relay.mails().len(), names.len()), (8, 8));
}

#[test]
fn a_second_relay_takes_all_mail_at_once_until_the_first_is_found_again() {
    let (first, second) = (SmtpPeer::start(), SmtpPeer::start());
    let proxy = ChaosProxy::before(first.address());
    let options = with_service_at("email", proxy.address())
        .set("email_second.host", "127.0.0.1")
        .set("email_second.port", &second.address().port().to_string())
        .set("email_second.security", "plain")
        .set("breaker.email.timeout_ms", "5000")
        .set("breaker.email.longest_timeout_ms", "5000");
    let house = House::with(options, |_| proxy.address());
    let key = proxy.address().to_string();
    let send = || in_state(&house.admin, &house.cause("email"), "done");
    proxy.set(Behaviour::CutAfter(0));
    for _ in 0..5 {
        let sent = send();
        assert!(sent["attempts"][0]["detail"].as_str().unwrap().contains(&key), "{sent}");
        assert_eq!(outcomes(&sent), ["arrived"], "at once");
    }
    assert_eq!(house.circuit("email", &key)["state"], "OPEN");
    let sent = send();
    assert!(!sent["attempts"][0]["detail"].as_str().unwrap().contains(&key), "it is not tried: {sent}");
    assert_eq!((second.mails().len(), house.fallbacks("email", "second_relay")), (6, 6));
    proxy.set(Behaviour::Pass);
    let mut count = 6;
    wait_until("the first is found again", || {
        send();
        count += 1;
        house.circuit("email", &key)["state"] == "CLOSED"
    });
    assert!(!first.mails().is_empty());
    assert_eq!(first.mails().len() + second.mails().len(), count, "each by one of them");
}

/// Backups stay on this machine while the store is away, and leave when it is back.
fn storage_outage(settings: impl Fn(Options, &ChaosProxy) -> Options, proxy: &ChaosProxy) {
    // Longer than a backup takes to be made.
    let options = with_service_at("storage", proxy.address())
        .set("breaker.storage.timeout_ms", "6000")
        .set("breaker.storage.longest_timeout_ms", "6000");
    let options = settings(options, proxy);
    let house = House::with(options, |_| proxy.address());
    let arrived = outage(&house, "storage", (proxy, Behaviour::Refuse), "local_spool");
    assert_none_is_marked(&arrived);
    let backups = house.operator.get("/backups").expect(200)["items"].clone();
    assert!(
        backups.as_array().unwrap().iter().all(|backup| backup["state"] == "sound"),
        "they are here: {backups}"
    );
    for delivery in arrived {
        let detail = delivery["attempts"].as_array().unwrap().last().unwrap()["detail"].clone();
        assert!(detail.as_str().unwrap().ends_with("bytes, checked"), "{delivery}");
    }
}

#[test]
fn backups_for_s3_stay_here_and_leave_when_it_is_back() {
    let store = S3Peer::start();
    store.make_bucket(BUCKET);
    storage_outage(|options, _| options, &ChaosProxy::before(store.address()));
}

#[test]
fn backups_for_azure_stay_here_and_leave_when_it_is_back() {
    let store = Azurite::start();
    store.make_container(BUCKET);
    let settings = |options: Options, proxy: &ChaosProxy| {
        options
            .set("storage.provider", "azure")
            .set("storage.endpoint", &format!("http://{}/{}", proxy.address(), Azurite::ACCOUNT))
            .set("storage.access_key", Azurite::ACCOUNT)
            .set("storage.secret_key", Azurite::KEY)
    };
    storage_outage(settings, &ChaosProxy::before(store.address()));
}

#[test]
fn backups_for_google_stay_here_and_leave_when_it_is_back() {
    let store = S3Peer::start();
    // The library writes hyphens in names of buckets in a way that only Google takes.
    store.make_bucket("backups");
    let google = GoogleStorage::before(store.address());
    let settings = |options: Options, _: &ChaosProxy| {
        options
            .set("storage.provider", "gcs")
            .set("storage.bucket", "backups")
            .set("storage.secret_key", &GoogleStorage::service_account())
    };
    storage_outage(settings, &ChaosProxy::before(google.address()));
}

#[test]
fn the_next_object_store_takes_backups_at_once() {
    let store = S3Peer::start();
    store.make_bucket(BUCKET);
    let proxy = ChaosProxy::before(store.address());
    let options = with_service_at("storage", proxy.address())
        .set("storage_second.bucket", BUCKET)
        .set("storage_second.endpoint", &store.url())
        .set("storage_second.access_key", "test")
        .set("storage_second.secret_key", "a-secret-of-the-store")
        .set("breaker.storage.timeout_ms", "60000")
        .set("breaker.storage.longest_timeout_ms", "60000");
    let house = House::with(options, |_| proxy.address());
    let key = proxy.address().to_string();
    proxy.set(Behaviour::Refuse);
    for is_tried in [true, true, false] {
        let done = in_state(&house.operator, &house.cause("storage"), "done");
        let detail = done["attempts"][0]["detail"].as_str().unwrap();
        assert_eq!((outcomes(&done), detail.contains(&key)), (vec!["arrived"], is_tried), "{done}");
    }
    assert_eq!(house.fallbacks("storage", "next_target"), 3);
    proxy.set(Behaviour::Pass);
    let circuit = json!({"service": "storage", "key": house.circuit("storage", &key)["key"]});
    house.operator.post("/breakers/reset", &circuit).expect(200);
    let done = in_state(&house.operator, &house.cause("storage"), "done");
    assert_eq!(done["attempts"][0]["via"], house.circuit("storage", &key)["key"]);
    assert_eq!(house.fallbacks("storage", "next_target"), 3);
}

#[test]
fn webhooks_wait_and_arrive_once() {
    let receiver = Receiver::start();
    let proxy = ChaosProxy::before(receiver.address());
    let house = House::with_only("webhook", proxy.address());
    let arrived = outage(&house, "webhook", (&proxy, Behaviour::Refuse), "queue");
    assert_none_is_marked(&arrived);
    let names: BTreeSet<_> = receiver
        .requests()
        .iter()
        .map(|request| request.header("webhook-id").map(ToOwned::to_owned))
        .collect();
    assert_eq!((receiver.requests().len(), names.len()), (8, 8));
}

#[test]
fn calls_of_other_programs_wait_and_are_marked_if_they_may_have_arrived_twice() {
    let receiver = Receiver::start();
    let proxy = ChaosProxy::before(receiver.address());
    let house = House::with_only("external_api", proxy.address());
    let arrived = outage(&house, "external_api", (&proxy, Behaviour::CutAfter(0)), "queue");
    let requests = receiver.requests();
    for delivery in &arrived {
        let name = delivery["messageId"].as_str();
        let times = requests.iter().filter(|request| request.header("idempotency-key") == name).count();
        assert_eq!(delivery["ambiguous"] == true, times > 1, "{times}: {delivery}");
    }
    assert!(arrived.iter().any(|delivery| delivery["ambiguous"] == true), "{arrived:?}");
}

#[test]
fn text_messages_wait_and_arrive_once() {
    let provider = TwilioMock::start();
    let proxy = ChaosProxy::before(provider.address());
    let house = House::with_only("sms", proxy.address());
    let arrived = outage(&house, "sms", (&proxy, Behaviour::Refuse), "queue");
    assert_none_is_marked(&arrived);
    assert_eq!(provider.messages().len(), 8);
}

#[test]
fn files_for_a_clamd_that_hangs_are_kept_back_until_it_has_seen_them() {
    let scanner = Clamd::start();
    let proxy = ChaosProxy::before(scanner.address());
    let options = with_service_at("virus_scan", proxy.address())
        .set("virus_scan.url", "")
        .set("virus_scan.address", &proxy.address().to_string())
        .set("virus_scan.timeout_s", "1");
    let house = House::with(options, |_| proxy.address());
    files_are_kept_back(&house, &proxy, Behaviour::BlackHole);
}

#[test]
fn files_for_a_scanner_over_http_that_breaks_off_are_kept_back_until_it_has_seen_them() {
    let scanner = Receiver::start();
    scanner.answer_with(Reply::status(200).body(r#"{"infected": false}"#));
    let proxy = ChaosProxy::before(scanner.address());
    let house = House::with_only("virus_scan", proxy.address());
    files_are_kept_back(&house, &proxy, Behaviour::CutRequestAfter(20));
    assert_eq!(scanner.requests().len(), 8, "each once");
}

#[track_caller]
fn files_are_kept_back(house: &House, proxy: &ChaosProxy, behaviour: Behaviour) {
    let scans = || {
        let files = house.admin.get("/files").expect(200)["items"].clone();
        let states =
            files.as_array().unwrap().iter().map(|file| file["scan"]["state"].as_str().unwrap().to_owned());
        states.collect::<Vec<_>>()
    };
    assert_none_is_marked(&outage(house, "virus_scan", (proxy, behaviour), "quarantine"));
    assert_eq!(scans(), vec!["clean"; 8]);
}
