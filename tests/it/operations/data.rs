//! The data directory: whose it is, what is refused, and that nobody else can read it.

use std::{
    fs,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::Path,
};

use redb::{Database, TableDefinition};

use super::{failure, success};
use crate::support::{Server, program};

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// The key of the stored format.
const FORMAT_KEY: &[u8] = b"\x80format";

#[test]
fn nobody_but_the_owner_can_read_data_logs_or_socket() {
    let mut server = Server::start();
    server.admin().get("/events").expect(200);
    assert_private(&server.data());
    assert!(fs::metadata(server.data().join("admin.sock")).unwrap().file_type().is_socket());
    assert!(server.stop().success());
    assert_private(&server.data());
    assert!(!server.data().join("admin.sock").exists(), "a stopped server leaves no socket");
}

fn assert_private(path: &Path) {
    let metadata = fs::metadata(path).unwrap();
    let mode = metadata.permissions().mode() & 0o7777;
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(mode, expected, "{} has mode {mode:o}", path.display());
    if metadata.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| assert_private(&entry.unwrap().path()));
    }
}

#[test]
fn data_of_a_newer_format_is_refused_with_what_to_do_and_left_alone() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let file = server.data().join("event-manager.redb");
    let known = event_manager::store::FORMAT;
    let known_value = format_value(&file, None);
    // A number of MessagePack below 128 is one byte, and stands at the end.
    let mut newer = known_value.clone();
    *newer.last_mut().unwrap() += 1;
    format_value(&file, Some(&newer));
    for arguments in [&["serve"][..], &["user", "list"], &["audit", "verify"]] {
        let said = failure(&mut server.command(arguments));
        let expected = format!("format {}", known + 1);
        assert!(said.contains(&expected) && said.contains("install"), "{arguments:?}: {said}");
    }
    assert_eq!(format_value(&file, None), newer);
    format_value(&file, Some(&known_value));
    server.start_again();
    server.admin().get("/events").expect(200);
}

/// The stored value of the format, before it is replaced by another.
fn format_value(file: &Path, other: Option<&[u8]>) -> Vec<u8> {
    let database = Database::open(file).unwrap();
    let transaction = database.begin_write().unwrap();
    let value = {
        let mut rows = transaction.open_table(ROWS).unwrap();
        let value = redb::ReadableTable::get(&rows, FORMAT_KEY).unwrap().unwrap().value().to_vec();
        if let Some(other) = other {
            rows.insert(FORMAT_KEY, other).unwrap();
        }
        value
    };
    transaction.commit().unwrap();
    value
}

#[test]
fn a_second_server_on_the_same_data_is_refused_in_one_sentence() {
    let server = Server::start();
    let said = failure(&mut server.command(&["serve"]));
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(said.contains("data") && said.contains("use"), "{said}");
    server.admin().get("/events").expect(200);
    server.operator("house").get("/events").expect(200);
}

#[test]
fn an_address_in_use_is_refused_with_what_to_do() {
    let server = Server::start();
    let other = tempfile::tempdir().unwrap();
    let address = server.address().to_string();
    let data = other.path().join("data");
    let mut command = server.command(&["serve", "--address", &address, "--data", data.to_str().unwrap()]);
    let said = failure(&mut command);
    assert!(said.contains(&format!("cannot listen on {address}")) && said.contains("--port"), "{said}");
    assert!(!data.exists(), "a start that is refused leaves no data");
}

#[test]
fn a_directory_without_data_is_refused_by_its_name_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let create = ["user", "create", "--email", "a@it.example", "--name", "A", "--role", "ADMIN"];
    for arguments in [
        &["user", "list"][..],
        &["user", "passwd", "--email", "a@it.example"],
        &["audit", "verify"],
        &["audit", "export"],
        &create,
    ] {
        let said = failure(program().args(arguments).arg("--data").arg(directory.path()));
        let expected = format!("{} is no data directory", directory.path().display());
        assert!(said.contains(&expected) && said.contains("serve"), "{arguments:?}: {said}");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{arguments:?}");
    }
}

#[test]
fn a_socket_left_by_a_crash_is_in_nobodys_way() {
    let mut server = Server::start();
    server.kill();
    assert!(server.data().join("admin.sock").exists());
    success(&mut server.command(&["user", "list", "--tenant", "house"]));
    server.start_again();
    server.operator("house").get("/events").expect(200);
}
