//! The first start at a terminal: where to listen is asked once. The terminal is a real one, made by `script`, in a
//! network of its own, so that no other program has the port and the machine has the addresses that are given here.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::{failure, success};
use crate::support::{ADMIN_EMAIL, PASSWORD, program};

/// The machine's address in its network.
const ADDRESS: &str = "192.0.2.7";

/// `serve` in a directory, at a terminal.
struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: BufReader<ChildStdout>,
}

impl Terminal {
    fn serve(directory: &Path, arguments: &str) -> Self {
        Self::serve_with(directory, arguments, &[])
    }

    /// The same, set up beforehand.
    fn serve_set_up(directory: &Path, arguments: &str) -> Self {
        let set_up = [
            ("EVENT_MANAGER__SETUP__TENANT", "House"),
            ("EVENT_MANAGER__SETUP__ADMIN_EMAIL", ADMIN_EMAIL),
            ("EVENT_MANAGER__SETUP__ADMIN_PASSWORD", PASSWORD),
        ];
        Self::serve_with(directory, arguments, &set_up)
    }

    fn serve_with(directory: &Path, arguments: &str, environment: &[(&str, &str)]) -> Self {
        let program = program();
        let binary = program.get_program().to_str().unwrap();
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let user = if is_root { "" } else { "--user --map-root-user" };
        let network = format!("ip link set lo up && ip address add {ADDRESS}/24 dev lo");
        // `exec`, because not every shell replaces itself by its last command, and one that waits dies of Ctrl+C.
        let line = format!("exec unshare --net {user} sh -c '{network} && exec {binary} serve {arguments}'");
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.envs(environment.iter().copied());
        command.env("EVENT_MANAGER__LOG__STDOUT", "false").current_dir(directory);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("script (of util-linux) is there");
        let keyboard = child.stdin.take().unwrap();
        let screen = BufReader::new(child.stdout.take().unwrap());
        Self { child, keyboard, screen }
    }

    /// Reads the screen up to a text.
    fn until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        let mut byte = [0];
        while !String::from_utf8_lossy(&seen).ends_with(text) {
            let read = self.screen.read(&mut byte).unwrap();
            assert_eq!(read, 1, "{text:?} does not come: {}", String::from_utf8_lossy(&seen));
            seen.push(byte[0]);
        }
        String::from_utf8_lossy(&seen).into_owned()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.screen.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// What comes next is the address at the end of a line, as a code for a camera.
    fn expect_code_of(&mut self, line: &str) {
        let (_, address) = line.split_once(" at ").unwrap();
        let code = event_manager::reports::qr_text(address).unwrap();
        let seen: Vec<String> = code.lines().map(|_| self.line()).collect();
        assert_eq!(seen, code.lines().collect::<Vec<_>>(), "{address}");
    }

    fn type_line(&mut self, text: &str) {
        writeln!(self.keyboard, "{text}").unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Ctrl+C, and what is still said.
    fn interrupt(mut self) -> String {
        self.keyboard.write_all(b"\x03").unwrap();
        self.keyboard.flush().unwrap();
        let mut rest = String::new();
        self.screen.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
        rest
    }
}

#[test]
fn where_to_listen_is_asked_once_and_remembered() {
    let directory = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::serve(directory.path(), "");
    let asked = terminal.until("Number [1]: ");
    for choice in ["1  this machine only", "2  the whole network", "3  only 192.0.2.7 (lo)"] {
        assert!(asked.contains(choice), "{choice}: {asked}");
    }
    terminal.type_line("nonsense");
    terminal.until("Number [1]: ");
    terminal.type_line("");
    let told = terminal.until("Set it up with the code ");
    assert!(told.contains("event-manager serves at http://127.0.0.1:8080/"), "{told}");
    let link = terminal.line();
    assert!(link.contains(" at http://127.0.0.1:8080/#/setup?code="), "{link}");
    terminal.expect_code_of(&link);
    terminal.interrupt();
    let answer = directory.path().join("data/listen");
    assert_eq!(fs::read_to_string(&answer).unwrap(), "127.0.0.1:8080\n");
    assert_eq!(fs::metadata(&answer).unwrap().mode() & 0o777, 0o600);

    let shown = success(program().current_dir(directory.path()).args(["config", "show"]));
    assert!(shown.contains("address = \"127.0.0.1:8080\"  # from ./data/listen"), "{shown}");
    let mut again = Terminal::serve(directory.path(), "");
    let told = again.until("Set it up with the code ");
    assert!(!told.contains("Number"), "{told}");
    again.interrupt();
}

#[test]
fn once_it_is_set_up_every_address_has_a_code_that_leads_there() {
    let directory = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::serve_set_up(directory.path(), "--address 0.0.0.0:8080");
    for address in [ADDRESS, "127.0.0.1"] {
        terminal.until("event-manager serves");
        let told = terminal.line();
        assert_eq!(told, format!(" at http://{address}:8080/"));
        terminal.expect_code_of(&told);
    }
    terminal.interrupt();
}

#[test]
fn the_whole_network_is_every_address_of_the_machine() {
    let directory = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::serve(directory.path(), "");
    terminal.until("Number [1]: ");
    terminal.type_line("2");
    // Nobody knows which of them a telephone reaches: each has a link of its own, and a QR code after it.
    for address in [ADDRESS, "127.0.0.1"] {
        let told = terminal.until("Set it up with the code ");
        assert!(told.contains(&format!("event-manager serves at http://{address}:8080/")), "{told}");
        assert!(!told.contains("http://0.0.0.0"), "nobody can type that: {told}");
        let link = terminal.line();
        assert!(link.contains(&format!(" at http://{address}:8080/#/setup?code=")), "for others: {link}");
        terminal.expect_code_of(&link);
    }
    terminal.interrupt();
}

#[test]
fn nothing_is_asked_where_something_says_where_to_listen_or_nobody_is_to_be_asked() {
    for arguments in ["--yes", "--address 127.0.0.1:8081", "--port 8081"] {
        let directory = tempfile::tempdir().unwrap();
        let mut terminal = Terminal::serve(directory.path(), arguments);
        let told = terminal.until("event-manager serves at http://127.0.0.1:");
        assert!(!told.contains("Number"), "{arguments}: {told}");
        terminal.until("Set it up with the code ");
        terminal.interrupt();
        assert!(!directory.path().join("data/listen").exists(), "{arguments}");
    }
}

#[test]
fn a_remembered_answer_that_is_none_is_told_with_its_file() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    fs::write(directory.path().join("data/listen"), "everywhere\n").unwrap();
    let said = failure(program().current_dir(directory.path()).args(["config", "check"]));
    assert!(said.contains("./data/listen: server.address: \"everywhere\" is not allowed"), "{said}");
}
