//! Backups that leave for object storage: they arrive, what takes the place of a target that fails, and what is found when
//! it lies.

use serde_json::json;

use super::{deliveries, house::BUCKET, in_state, options, outcomes};
use crate::{
    peers::{Behaviour, ChaosProxy, S3Peer},
    support::{Client, Options, Server, id_of, wait_until},
};

pub(super) fn stored_at(options: Options, section: &str, url: &str) -> Options {
    options
        .set(&format!("{section}.bucket"), BUCKET)
        .set(&format!("{section}.endpoint"), url)
        .set(&format!("{section}.access_key"), "test")
        .set(&format!("{section}.secret_key"), "a-secret-of-the-store")
}

/// A backup is made, and its upload followed until it is in a state.
fn uploaded(operator: &Client, state: &str) -> serde_json::Value {
    operator.call("/backups").expect(202);
    let mut id = None;
    wait_until("the upload is caused", || {
        id = deliveries(operator, "service=storage").first().map(id_of);
        id.is_some()
    });
    in_state(operator, &id.unwrap(), state)
}

#[test]
fn a_backup_is_uploaded_and_checked_and_says_under_which_correlation_it_was_made() {
    let peer = S3Peer::start();
    peer.make_bucket(BUCKET);
    let server = Server::with(stored_at(options(), "storage", &peer.url()));
    let operator = server.super_admin().with_header("X-Correlation-ID", "the-nightly-backup");
    let done = uploaded(&operator, "done");
    assert_eq!((&done["title"], &done["correlationId"]), (&json!("backup"), &json!("the-nightly-backup")));
    assert!(done["attempts"][0]["detail"].as_str().unwrap().contains("checked"), "{done}");
    let shown = done.to_string();
    assert!(!shown.contains("a-secret-of-the-store"), "{shown}");
}

#[test]
fn what_the_first_target_cannot_take_the_second_one_takes_at_once() {
    let peer = S3Peer::start();
    peer.make_bucket(BUCKET);
    let proxy = ChaosProxy::before(peer.address());
    proxy.set(Behaviour::Refuse);
    let first = stored_at(options(), "storage", &format!("http://{}", proxy.address()));
    let server = Server::with(stored_at(first, "storage_second", &peer.url()));
    let done = uploaded(&server.super_admin(), "done");
    assert_eq!(outcomes(&done), ["arrived"]);
    let detail = done["attempts"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(&proxy.address().to_string()) && detail.contains("checked"), "{detail}");
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let fallback = "circuit_breaker_fallbacks_total{service=\"storage\",outcome=\"next_target\"} 1";
    assert!(metrics.lines().any(|line| line == fallback), "{metrics}");
}

#[test]
fn an_operator_tries_whether_storage_works_and_is_told_what_does_not() {
    let peer = S3Peer::start();
    peer.make_bucket(BUCKET);
    let server = Server::with(stored_at(options(), "storage", &peer.url()));
    let operator = server.super_admin();
    let sent = operator.call("/backups/storage-test").expect(202);
    in_state(&operator, &id_of(&sent), "done");

    let elsewhere = stored_at(options(), "storage", &peer.url()).set("storage.bucket", "no-such-bucket");
    let server = Server::with(elsewhere);
    let operator = server.super_admin();
    let sent = operator.call("/backups/storage-test").expect(202);
    let dead = in_state(&operator, &id_of(&sent), "dead");
    assert_eq!(dead["attempts"][0]["class"], "no_bucket", "{dead}");
    let problem = Server::with(options()).super_admin().call("/backups/storage-test").expect(409);
    assert_eq!(problem["code"], "not_set_up");
}
