//! Storage services of others on this machine: moto for S3, azurite for Azure. Each is started once for all tests, on a free
//! port, and ends with the process that started it, however that ends.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::OnceLock,
};

use parking_lot::Mutex;
use serde_json::{Value, json};

/// Starts a service, says on one line how to reach it, and then answers a line of JSON with a line of JSON.
const MOTO: &str = include_str!("moto.py");
const AZURITE: &str = include_str!("azurite.js");

/// A service on this machine.
pub(super) struct Peer {
    /// What it says of itself.
    pub hello: Value,
    lines: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    _child: Child,
}

impl Peer {
    fn start(mut command: Command, install: &str) -> Self {
        let program = command.get_program().to_owned();
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.unwrap_or_else(|error| panic!("{program:?}: {error}; {install}"));
        let mut lines = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut hello = String::new();
        lines.1.read_line(&mut hello).unwrap();
        let hello =
            serde_json::from_str(&hello).unwrap_or_else(|_| panic!("{program:?} did not start; {install}"));
        Self { hello, lines: Mutex::new(lines), _child: child }
    }

    /// A text it says of itself.
    pub(super) fn text(&self, name: &str) -> String {
        self.hello[name].as_str().unwrap().to_owned()
    }

    /// Has it do something from behind.
    pub(super) fn ask(&self, question: &Value) -> Value {
        let mut lines = self.lines.lock();
        writeln!(lines.0, "{question}").unwrap();
        let mut answer = String::new();
        lines.1.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    /// Makes a bucket or container.
    pub(super) fn bucket(&self, name: &str) -> String {
        let made = self.ask(&json!({"do": "bucket", "bucket": name}));
        assert!(made.as_u64().is_none_or(|status| status == 201), "{made}");
        name.to_owned()
    }
}

/// S3 that checks signatures.
pub(super) fn moto() -> &'static Peer {
    static PEER: OnceLock<Peer> = OnceLock::new();
    PEER.get_or_init(|| start_moto("checked"))
}

/// S3 that takes what it gets.
pub(super) fn moto_unchecked() -> &'static Peer {
    static PEER: OnceLock<Peer> = OnceLock::new();
    PEER.get_or_init(|| start_moto("unchecked"))
}

/// Azure Blob Storage.
pub(super) fn azurite() -> &'static Peer {
    static PEER: OnceLock<Peer> = OnceLock::new();
    PEER.get_or_init(|| {
        let mut command = Command::new("node");
        command.current_dir(folder()).args(["-e", AZURITE]);
        Peer::start(
            command,
            "`npm install --prefix target/peers azurite@3.35.0` installs what is missing (EVENT_MANAGER_PEERS names \
             another folder)",
        )
    })
}

fn start_moto(mode: &str) -> Peer {
    let mut command = Command::new(folder().join("venv/bin/python"));
    command.args(["-c", MOTO, mode]);
    Peer::start(
        command,
        "`python3 -m venv target/peers/venv && target/peers/venv/bin/pip install 'moto[server]==5.2.5'` installs what is \
         missing (EVENT_MANAGER_PEERS names another folder)",
    )
}

fn folder() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    env::var_os("EVENT_MANAGER_PEERS").map_or_else(|| root.join("target/peers"), |folder| root.join(folder))
}
