//! Every connection that the program makes was let pass by a circuit breaker: each server of the tests is recorded, and
//! compared with its log when it ends. Here is shown that this comparison finds what it looks for.

use std::{net::TcpListener, process::Command};

use super::{SOON, admin, options, webhook};
use crate::{
    peers::{ConnectRecorder, Receiver, Target, without_permit},
    support::Server,
};

#[test]
fn a_connection_that_nobody_let_pass_is_found() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let recorder = ConnectRecorder::new();
    let raw = format!("exec 3<>/dev/tcp/127.0.0.1/{}", address.port());
    let status = Command::new("bash").args(["-c", &raw]).envs(recorder.environment()).status().unwrap();
    assert!(status.success());
    let permit = |key: &str, cause: &str| {
        serde_json::json!({"message": "a call is let pass", "circuit": format!("webhook/{key}"), "causedBy": cause}).to_string()
    };
    let found = |log: &str| without_permit(recorder.connections(), log);
    assert_eq!(found("").len(), 1);
    assert_eq!(found("")[0].to, Target::Tcp(address));
    assert_eq!(found(&permit(&address.to_string(), "")).len(), 1, "one that belongs to nothing is none");
    assert_eq!(found(&permit("127.0.0.1:1", "the-finale")).len(), 1);
    assert_eq!(found(&permit(&address.to_string(), "the-finale")).len(), 0);
}

#[test]
fn a_server_is_recorded_and_what_it_calls_is_in_its_log() {
    let (server, receiver) = (Server::with(options()), Receiver::start());
    let admin = admin(&server);
    webhook(&admin, &receiver, &["judge.created"]);
    admin.create("/judges", &serde_json::json!({"name": "One"}));
    receiver.wait_for(1, SOON);
    assert!(server.recorded().iter().any(|connection| connection.to == Target::Tcp(receiver.address())));
}
