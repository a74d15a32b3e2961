//! Commands that need no data: configuration, versions, documents, health.

use std::fs;

use serde_json::{Value, json};

use super::{failure, success};
use crate::support::{Server, program};

#[test]
fn config_check_succeeds_exactly_when_the_configuration_is_valid() {
    let directory = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        fs::write(directory.path().join("config.toml"), text).unwrap();
        let mut command = program();
        command.current_dir(directory.path()).args(["config", "check"]);
        command
    };
    assert_eq!(
        success(&mut check("[server]\naddress = \"127.0.0.1:9000\"\n")).trim(),
        "configuration is valid"
    );
    for (text, line) in [
        ("[server]\n\nadress = \"127.0.0.1:9000\"\n", "3"),
        ("[server]\naddress = \"nowhere\"\n", "2"),
        ("[servers]\n", "1"),
        ("this is no TOML", "1"),
    ] {
        let said = failure(&mut check(text));
        assert!(said.contains(&format!("config.toml:{line}")), "{text:?}: {said}");
    }
    let said = failure(&mut check("[server]\nadress = \"127.0.0.1:9000\"\n"));
    assert!(said.contains("address"), "a mistyped key is told what it may be: {said}");
    let refused = failure(check("[store]\ncache_mib = 0\n").arg("--port").arg("9"));
    assert!(refused.contains("cache_mib"), "{refused}");
}

#[test]
fn config_check_tells_each_fault_once_and_on_standard_error() {
    let directory = tempfile::tempdir().unwrap();
    let text = "[server]\naddress = \"nowhere\"\n[store]\ncache_mib = 0\n";
    fs::write(directory.path().join("config.toml"), text).unwrap();
    let output = program().current_dir(directory.path()).args(["config", "check"]).output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stdout).as_ref()), (Some(1), ""));
    let said = String::from_utf8(output.stderr).unwrap();
    for key in ["server.address", "store.cache_mib"] {
        assert_eq!(said.matches(key).count(), 1, "{key}: {said}");
    }
}

#[test]
fn config_check_tells_what_is_worth_a_warning_and_succeeds() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = program();
    command.current_dir(directory.path()).env("EVENT_MANAGER__SERVER__ADDRESS", "0.0.0.0:8080");
    let output = command.args(["config", "check"]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "configuration is valid");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("warning: server.address 0.0.0.0:8080"), "{said}");
}

#[test]
fn a_faulty_configuration_keeps_every_command_from_running() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("config.toml"), "[server]\nport = 1\n").unwrap();
    for arguments in
        [&["serve"][..], &["user", "list"], &["audit", "verify"], &["healthcheck"], &["config", "show"]]
    {
        let said = failure(program().current_dir(directory.path()).args(arguments));
        assert!(said.contains("the configuration is not valid"), "{arguments:?}: {said}");
    }
    assert!(!directory.path().join("data").exists());
}

#[test]
fn config_show_tells_where_each_value_came_from_but_no_secret() {
    let server = Server::start();
    let shown = success(&mut server.command(&["config", "show", "--port", "4711"]));
    assert!(shown.contains("address = \"127.0.0.1:4711\"") && shown.contains("--port"), "{shown}");
    assert!(shown.contains("EVENT_MANAGER__SETUP__TENANT"), "{shown}");
    assert!(!shown.contains(crate::support::PASSWORD), "{shown}");
}

#[test]
fn the_shipped_configuration_is_every_default() {
    let shown = success(program().args(["config", "show", "--defaults"]));
    let shipped = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config.toml")).unwrap();
    assert_eq!(shown.trim_end(), shipped.trim_end());
}

#[test]
fn the_version_is_told_in_words_and_as_json() {
    let version = env!("CARGO_PKG_VERSION");
    let json: Value = serde_json::from_str(&success(program().args(["version", "--json"]))).unwrap();
    assert_eq!(json, json!({"version": version, "dataFormat": event_manager::store::FORMAT}));
    assert!(success(program().arg("version")).starts_with(&format!("event-manager {version} ")));
    assert_eq!(success(program().arg("--version")).trim(), format!("event-manager {version}"));
}

#[test]
fn the_printed_openapi_document_is_the_served_one() {
    let printed: Value = serde_json::from_str(&success(program().arg("openapi"))).unwrap();
    let served = Server::shared().anonymous().raw("GET", "/api/openapi.json", &[], &[]).expect(200);
    assert_eq!(printed, served);
}

#[test]
fn the_health_check_succeeds_exactly_while_the_server_is_ready() {
    let mut server = Server::start();
    let url = format!("http://{}", server.address());
    assert_eq!(success(&mut server.command(&["healthcheck", "--url", &url])).trim(), "ready");
    let port = server.address().port().to_string();
    assert_eq!(success(&mut server.command(&["healthcheck", "--port", &port])).trim(), "ready");
    for (path, status) in [("/health/live", "live"), ("/health/ready", "ready"), ("/health", "ready")] {
        assert_eq!(server.anonymous().raw("GET", path, &[], &[]).expect(200)["status"], status);
    }
    assert!(server.stop().success());
    let said = failure(&mut server.command(&["healthcheck", "--url", &url]));
    assert!(said.contains("is not ready"), "{said}");
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused_with_where_to_find_help() {
    for arguments in
        [&[][..], &["sing"], &["serve", "--colour"], &["user", "create"], &["serve", "--port", "many"]]
    {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("Usage:") || said.contains("--help"), "{arguments:?}: {said}");
    }
}
