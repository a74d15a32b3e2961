//! A start that fails says in one plain sentence what is wrong and what to do, and ends with 1.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::support::{Options, Server, program};

/// The user `nobody`, to whom nothing belongs.
const NOBODY: &str = "65534";

/// What does not count: warnings, and that a program built to measure coverage may not write its profile as nobody.
const ASIDES: [&str; 2] = ["warning: ", "LLVM Profile Error: "];

/// What a failed start says: one line for people, no trace of the program's insides.
#[track_caller]
fn sentence(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
    let complaints: Vec<&str> = said
        .lines()
        .filter(|line| !line.is_empty() && !ASIDES.iter().any(|aside| line.starts_with(aside)))
        .collect();
    assert_eq!(complaints.len(), 1, "{command:?}: {said}");
    for insides in ["panicked", "RUST_BACKTRACE", "src/", "Os {"] {
        assert!(!said.contains(insides), "{said}");
    }
    complaints[0].to_owned()
}

#[track_caller]
fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is missing in {said:?}");
    }
}

/// A directory that everybody may look into.
fn open_directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

/// `serve` on a free port, with the data in a directory.
fn serve(data: &Path) -> Command {
    let mut command = program();
    command.current_dir("/").args(["serve", "--address", "127.0.0.1:0", "--data"]).arg(data);
    command
}

/// The same command as somebody without privileges: tests may run as root, whom nothing is forbidden.
fn without_privileges(command: &Command) -> Command {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        let mut same = Command::new(command.get_program());
        same.args(command.get_args()).current_dir("/");
        return same;
    }
    let mut dropped = Command::new("setpriv");
    dropped.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps=-all", "--"]);
    dropped.arg(command.get_program()).args(command.get_args()).current_dir("/");
    dropped
}

#[test]
fn an_address_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let directory = open_directory();
    let data = directory.path().join("data");
    let said =
        sentence(program().current_dir("/").args(["serve", "--address", &address, "--data"]).arg(&data));
    assert_says(&said, &["cannot listen on", &address, "another program uses it", "--port"]);
    assert!(!data.exists(), "a start that is refused leaves no data");
}

#[test]
fn an_address_that_this_machine_does_not_have() {
    let directory = open_directory();
    let data = directory.path().join("data");
    // TEST-NET-1 of RFC 5737: nobody has it.
    let arguments = ["serve", "--address", "192.0.2.1:8080", "--data"];
    let said = sentence(program().current_dir("/").args(arguments).arg(&data));
    assert_says(&said, &["192.0.2.1:8080", "no such address", "--address"]);
    assert!(!data.exists());
}

#[test]
fn a_port_that_needs_a_permission() {
    let directory = open_directory();
    let mut plain = program();
    plain.args(["serve", "--address", "0.0.0.0:80", "--data"]).arg(directory.path().join("data"));
    // A network of its own has the kernel's own rule for ports; a machine may have loosened it.
    let dropped = without_privileges(&plain);
    let mut command = Command::new("unshare");
    if dropped.get_program() == "setpriv" {
        command.arg("--net");
    } else {
        command.args(["--user", "--net"]);
    }
    command.arg("--").arg(dropped.get_program()).args(dropped.get_args()).current_dir("/");
    let said = sentence(&mut command);
    assert_says(&said, &["0.0.0.0:80", "below 1024", "--port", "CAP_NET_BIND_SERVICE"]);
}

#[test]
fn a_data_directory_in_which_nothing_can_be_written() {
    let directory = open_directory();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o555)).unwrap();
    let said = sentence(&mut without_privileges(&serve(&data)));
    assert_says(&said, &["data directory", data.to_str().unwrap(), "ermission denied", "--data"]);
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
    let said = sentence(&mut without_privileges(&serve(&directory.path().join("new"))));
    assert_says(&said, &["data directory", "/new", "ermission denied", "belong to the user"]);
}

#[test]
fn a_data_directory_that_is_a_file() {
    let directory = open_directory();
    let data = directory.path().join("data");
    fs::write(&data, "not a directory").unwrap();
    assert_says(&sentence(&mut serve(&data)), &["data directory", "a file is in its place", "--data"]);
}

#[test]
fn a_file_system_that_is_read_only() {
    let mut server = Server::on_small_disk(Options::default().set("store.free_floor_mib", "1"), 64);
    assert!(server.stop().success());
    let directory = server.directory().to_str().unwrap().to_owned();
    let remounted = server.disk().command("mount").args(["-o", "remount,ro", &directory]).status().unwrap();
    assert!(remounted.success());
    let said = sentence(&mut server.command(&["serve"]));
    assert_says(&said, &["data directory", "ead-only file system", "mount its file system for writing"]);
}

#[test]
fn data_that_another_process_uses() {
    let server = Server::start();
    let said = sentence(&mut server.command(&["serve"]));
    assert_says(&said, &[server.data().to_str().unwrap(), "in use", "stop"]);
    server.admin().get("/events").expect(200);
}

#[test]
fn a_configuration_that_cannot_be_read() {
    let directory = open_directory();
    let config = directory.path().join("config.toml");
    fs::write(&config, "").unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = serve(&directory.path().join("data"));
    command.arg("--config").arg(&config);
    let said = sentence(&mut without_privileges(&command));
    assert_says(&said, &[config.to_str().unwrap(), "ermission denied", "make it readable"]);
    let mut command = serve(&directory.path().join("data"));
    command.arg("--config").arg(directory.path().join("none.toml"));
    assert_says(&sentence(&mut command), &["none.toml", "No such file", "--config"]);
}

#[test]
fn a_configuration_with_a_mistake() {
    let directory = open_directory();
    let config = directory.path().join("config.toml");
    fs::write(&config, "[server]\nadress = \"127.0.0.1:1\"\n").unwrap();
    let said = sentence(program().current_dir("/").args(["serve", "--config"]).arg(&config));
    assert_says(&said, &["config.toml:2", "adress", "did you mean address?"]);
}

#[test]
fn a_data_file_that_is_damaged() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let file = server.data().join("event-manager.redb");
    let length = fs::metadata(&file).unwrap().len();
    fs::write(&file, vec![0x5a; usize::try_from(length).unwrap()]).unwrap();
    let said = sentence(&mut server.command(&["serve"]));
    assert_says(&said, &["damaged", "event-manager.damaged-"]);
    assert!(!file.exists(), "it was put aside");
}
