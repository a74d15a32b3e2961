//! Settings of services that can never work: they are told before anything is served, by the check of the configuration as by
//! the start, at the key that is wrong, and without any secret.

use std::process::{Command, Stdio};

use serde_json::json;

use super::{admin, options};
use crate::support::{Server, program};

const SECRET: &str = "a-secret-of-the-house";

/// What is set for a service, and what must be said of it.
const CASES: &[(&[(&str, &str)], &str)] = &[
    (&[("storage.provider", "ftp")], "storage.provider"),
    (&[("storage.bucket", "b"), ("storage.access_key", "a"), ("storage.endpoint", "nonsense")], "storage"),
    (&[("storage.bucket", "b"), ("storage.access_key", "a"), ("storage.endpoint", METADATA)], "storage"),
    (&[("storage.bucket", "b/../c"), ("storage.access_key", "a")], "storage"),
    (&[("storage.bucket", "b"), ("storage.provider", "gcs")], "storage"),
    (&[("sms.provider", "pigeon")], "sms.provider"),
    (&[("sms.account", "AC1"), ("sms.from", "+15005550006"), ("sms.url", "nonsense")], "sms"),
    (&[("sms.account", "AC1"), ("sms.from", "+15005550006"), ("sms.url", METADATA)], "sms"),
    (&[("virus_scan.url", "ftp://scanner.example/")], "virus_scan.url"),
    (&[("virus_scan.url", METADATA)], "virus_scan.url"),
    (&[("virus_scan.address", "nowhere")], "virus_scan.address"),
    (
        &[("virus_scan.address", "127.0.0.1:3310"), ("virus_scan.url", "http://scanner.example/")],
        "virus_scan",
    ),
    (&[("redis.url", "http://redis.example/")], "redis.url"),
    (&[("redis.url", "redis://user:a-secret-of-the-house@redis.example/")], "redis.url"),
    (&[("otlp.endpoint", "collector:4318")], "otlp.endpoint"),
    (&[("otlp.endpoint", METADATA)], "otlp.endpoint"),
    (&[("otlp.endpoint", "http://user:a-secret-of-the-house@collector.example/")], "otlp.endpoint"),
    (&[("otlp.endpoint", "http://collector.example/?key=a-secret-of-the-house")], "otlp.endpoint"),
    (&[("otlp.endpoint", "http://collector.example/"), ("otlp.headers", SECRET)], "otlp.headers"),
    (&[("email.security", "rot13")], "email.security"),
    (&[("email.host", "relay.example")], "email.from"),
    (&[("email.host", "relay\n.example"), ("email.from", "a@b.example")], "email.host"),
    (&[("email.host", "a relay"), ("email.from", "a@b.example")], "a relay"),
    (&[("outbound.authorities_file", "/nonexistent/authorities.pem")], "/nonexistent/authorities.pem"),
];

/// Where clouds keep the credentials of their machines.
const METADATA: &str = "http://169.254.169.254/latest";

/// What a command complains of when it fails.
fn complaint(verb: &[&str], settings: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let mut command: Command = program();
    command.current_dir(directory.path()).args(verb).stdin(Stdio::null());
    let section = |key: &str| key.split('.').next().map(ToOwned::to_owned);
    let has_a_key = |key: &str| settings.iter().any(|(set, _)| section(set) == section(key));
    let secrets = [("storage.secret_key", SECRET), ("sms.token", SECRET)].into_iter();
    let secrets = secrets.filter(|(key, _)| has_a_key(key));
    let all = secrets.chain(settings.iter().copied()).chain([("server.address", "127.0.0.1:0")]);
    for (key, value) in all {
        command.env(format!("EVENT_MANAGER__{}", key.replace('.', "__").to_ascii_uppercase()), value);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{verb:?} {settings:?}: {said}");
    said
}

#[test]
fn what_can_never_work_is_told_by_the_check_and_by_the_start() {
    for (settings, named) in CASES {
        for verb in [&["config", "check"][..], &["serve"]] {
            let said = complaint(verb, settings);
            assert!(said.contains(named), "{verb:?} {settings:?}: {said}");
            assert!(!said.contains(SECRET) && !said.contains("panicked"), "{verb:?} {settings:?}: {said}");
        }
    }
}

#[test]
fn an_address_of_a_tenant_that_is_none_is_refused_where_it_is_given() {
    let server = Server::with(options());
    let admin = admin(&server);
    for kind in ["webhooks", "actions"] {
        for url in
            ["ftp://example.org/", "https://ann:pw@example.org/", "no address", "https://", "//example.org/"]
        {
            let body = json!({"name": "Odd", "url": url, "events": ["*"]});
            let refused = admin.post(&format!("/{kind}"), &body);
            refused.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), ["/url"], "{kind} {url}: {}", refused.describe());
        }
    }
}
