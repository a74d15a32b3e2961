//! SIGTERM: what was acknowledged stays, what is under way ends, the log is complete, the exit code says success.

use std::fs;

use serde_json::Value;

use super::crash::{Ledger, writers};
use crate::support::Server;

#[test]
fn a_stop_under_load_loses_nothing_that_was_acknowledged() {
    let (mut server, ledger) = Ledger::new(60);
    let last = writers(&mut server, &ledger, 100, |server| {
        assert!(server.stop().success(), "a stop that was asked for is a success");
    });
    let log = fs::read_to_string(server.logs().join("active.jsonl")).unwrap();
    for request in last {
        assert!(
            log.contains(&format!("\"requestId\":\"{request}\"")),
            "no record of {request}, which was answered"
        );
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap()["message"], "stopped");
    server.start_again();
    ledger.check(&server);
}

#[test]
fn an_interrupt_at_the_terminal_ends_it_as_well() {
    let mut server = Server::start();
    assert!(server.interrupt().success());
    server.start_again();
    server.admin().get("/events").expect(200);
}
