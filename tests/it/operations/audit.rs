//! `audit verify` and `audit export`: the chain is intact, or the record that is not is named.

use redb::{Database, ReadableTable, TableDefinition};
use serde_json::Value;

use super::{failure, success};
use crate::support::Server;

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// The first byte of the keys of audit records.
const AUDIT: u8 = 133;

/// A stopped server with some history in the tenant `house`.
fn with_history() -> Server {
    let mut server = Server::start();
    let admin = server.admin();
    for name in ["One", "Two", "Three"] {
        admin.create("/events", &serde_json::json!({"name": name}));
    }
    assert!(server.stop().success());
    server
}

/// Flips one bit of the value of an audit record, of the tenant with the longest chain.
fn flip_a_bit(server: &Server, sequence: u64, at: impl Fn(usize) -> usize) {
    let database = Database::open(server.data().join("event-manager.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut rows = transaction.open_table(ROWS).unwrap();
        let mut records: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for row in rows.range::<&[u8]>(&[AUDIT][..]..&[AUDIT + 1][..]).unwrap() {
            let (key, value) = row.unwrap();
            records.push((key.value().to_vec(), value.value().to_vec()));
        }
        let tenant = records.last().unwrap().0[..17].to_vec();
        let key = [tenant, sequence.to_be_bytes().to_vec()].concat();
        let (_, mut value) =
            records.into_iter().find(|(found, _)| *found == key).expect("the record is there");
        let place = at(value.len());
        value[place] ^= 1;
        rows.insert(key.as_slice(), value.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
}

#[test]
fn an_untouched_chain_verifies_whether_the_server_runs_or_not() {
    let mut server = with_history();
    for running in [false, true] {
        if running {
            server.start_again();
        }
        let said = success(&mut server.command(&["audit", "verify"]));
        assert_eq!(said.lines().count(), 2, "the operators' chain and the tenant's: {said}");
        assert!(said.lines().all(|line| line.contains("records intact, head ")), "{said}");
        let one = success(&mut server.command(&["audit", "verify", "--tenant", "house"]));
        assert!(one.starts_with("house: ") && one.lines().count() == 1, "{one}");
    }
}

#[test]
fn one_flipped_bit_in_a_record_is_found_and_named() {
    let beginning = |_: usize| 0_usize;
    let end = |length: usize| length - 1;
    let middle = |length: usize| length / 2;
    for (sequence, place) in [(2, &beginning as &dyn Fn(usize) -> usize), (3, &middle), (1, &end)] {
        let server = with_history();
        flip_a_bit(&server, sequence, place);
        let said = failure(&mut server.command(&["audit", "verify"]));
        assert!(said.contains(&format!("house: record {sequence}: the record was changed")), "{said}");
    }
}

#[test]
fn an_export_has_every_record_in_order_once() {
    let server = with_history();
    let exported = success(&mut server.command(&["audit", "export", "--tenant", "house"]));
    let records: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sequences: Vec<u64> = records.iter().map(|record| record["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (1..=records.len() as u64).collect::<Vec<_>>());
    let created = records.iter().filter(|record| record["action"] == "event.created").count();
    assert_eq!(created, 3);
    success(&mut server.command(&["audit", "export", "--tenant", "house", "--output", "audit.jsonl"]));
    assert_eq!(std::fs::read_to_string(server.directory().join("audit.jsonl")).unwrap(), exported);
}
