//! Every connect() that a program and its children make, recorded by a library that is preloaded into them. It sees what
//! goes through the C library, as the standard library of Rust does; it needs a C compiler and no rights. The same library
//! can show a program another time of day.

use std::{
    fs::{self, File},
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// The record of the programs that were started with it.
pub struct ConnectRecorder {
    directory: TempDir,
}

/// One call of connect(), whatever came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connection {
    pub to: Target,
    /// The process that made it.
    pub process: u32,
    /// When it was made, on the monotonic clock of the system.
    pub monotonic: Duration,
    /// When it was made, since the beginning of 1970: to be compared with logs.
    pub since_1970: Duration,
}

/// What was connected to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    Tcp(SocketAddr),
    Udp(SocketAddr),
    /// A Unix socket; an abstract name begins with `@`.
    Local(PathBuf),
    /// In a family of addresses that nobody here knows.
    Other(String),
}

const SOURCES: [(&str, &str); 2] =
    [("connects.c", include_str!("connect_shim.c")), ("clock.c", include_str!("clock_shim.c"))];

impl ConnectRecorder {
    /// # Panics
    /// When there is no C compiler.
    #[track_caller]
    pub fn new() -> Self {
        static LIBRARY: OnceLock<Vec<u8>> = OnceLock::new();
        let directory = tempfile::tempdir().unwrap();
        let recorder = Self { directory };
        fs::write(recorder.library(), LIBRARY.get_or_init(compiled)).unwrap();
        File::create(recorder.record()).unwrap();
        recorder
    }

    /// The variables under which a program is recorded.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        let (library, record) = (self.library().display().to_string(), self.record().display().to_string());
        [("LD_PRELOAD", library), ("CONNECT_RECORD", record)]
    }

    /// The calls so far, in their order.
    pub fn connections(&self) -> Vec<Connection> {
        let record = fs::read_to_string(self.record()).unwrap();
        record.lines().filter_map(|line| line.strip_prefix("connect ")).map(Connection::parse).collect()
    }

    /// The processes that are or were recorded: a program that is not among them may have connected anywhere. Programs
    /// that a recorded one starts are here too.
    pub fn processes(&self) -> Vec<u32> {
        let record = fs::read_to_string(self.record()).unwrap();
        let processes = record.lines().filter_map(|line| line.strip_prefix("watches "));
        processes.map(|process| process.parse().unwrap()).collect()
    }

    fn library(&self) -> PathBuf {
        self.directory.path().join("connects.so")
    }

    fn record(&self) -> PathBuf {
        self.directory.path().join("connects.txt")
    }
}

impl Connection {
    fn parse(line: &str) -> Self {
        let words: Vec<&str> = line.splitn(5, ' ').collect();
        let number = |place: usize| words[place].parse::<u64>().unwrap();
        let to = match words[3] {
            "local" => Target::Local(words[4].into()),
            kind => match (words[4].parse(), kind) {
                (Ok(address), "tcp") => Target::Tcp(address),
                (Ok(address), _) => Target::Udp(address),
                (Err(_), _) => Target::Other(words[4].to_owned()),
            },
        };
        let (monotonic, since_1970) = (Duration::from_nanos(number(1)), Duration::from_nanos(number(2)));
        Self { to, process: words[0].parse().unwrap(), monotonic, since_1970 }
    }
}

/// The connections that no circuit breaker had let pass, as far as a log tells: each call that is let pass leaves a line with
/// the key of its circuit, which names where it goes, and with what it belongs to.
pub fn without_permit(connections: Vec<Connection>, log: &str) -> Vec<Connection> {
    let permits: Vec<String> = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["message"] == "a call is let pass")
        .filter(|line| line["causedBy"].as_str().is_some_and(|id| !id.is_empty()))
        .map(|line| line["circuit"].as_str().unwrap_or_default().to_owned())
        .collect();
    let is_permitted = |connection: &Connection| {
        let place = match &connection.to {
            Target::Tcp(address) | Target::Udp(address) => address.to_string(),
            Target::Local(path) => path.display().to_string(),
            Target::Other(_) => return false,
        };
        permits.iter().any(|key| names(key, &place))
    };
    connections.into_iter().filter(|connection| !is_permitted(connection)).collect()
}

/// All lines of the log files in a directory, packed ones included.
pub fn lines_in(logs: &Path) -> String {
    let mut lines = String::new();
    for file in fs::read_dir(logs).into_iter().flatten().flatten() {
        let path = file.path();
        let Ok(mut opened) = File::open(&path) else { continue };
        // Whatever is read while it is packed and removed is there under its other name.
        let _ = match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl") => opened.read_to_string(&mut lines),
            Some("zst") => {
                zstd::Decoder::new(opened).and_then(|mut packed| packed.read_to_string(&mut lines))
            }
            _ => Ok(0),
        };
    }
    lines
}

/// Whether a circuit is that of a place, and not of one whose name only begins or ends alike.
fn names(circuit: &str, place: &str) -> bool {
    let goes_on = |end: Option<char>| end.is_some_and(|end| end.is_ascii_alphanumeric() || end == '.');
    circuit.match_indices(place).any(|(at, _)| {
        let (before, found) = circuit.split_at(at);
        let behind = found.strip_prefix(place).unwrap_or_default();
        !goes_on(before.chars().next_back()) && !goes_on(behind.chars().next())
    })
}

fn compiled() -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let library = directory.path().join("shim.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&library);
    for (name, source) in SOURCES {
        let path = directory.path().join(name);
        fs::write(&path, source).unwrap();
        compiler.arg(path);
    }
    let output = compiler.output().expect("cc is missing: apt-get install build-essential");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read(library).unwrap()
}
