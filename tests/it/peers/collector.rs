//! A collector of OpenTelemetry: rotel, which takes traces and logs over OTLP and prints what it has understood of them.

use std::{collections::BTreeMap, net::SocketAddr, process::Command};

use tempfile::TempDir;

use super::program::{Program, from_registry};

/// Runs its program, which lies within its package.
const RUN: &str = r#"import os, sys, rotel
program = os.path.join(os.path.dirname(rotel.__file__), "rotel-agent")
os.execv(program, [program, *sys.argv[1:]])"#;

/// The collector.
pub struct Collector {
    program: Program,
    address: SocketAddr,
    _directory: TempDir,
}

/// A span or a record, as it printed it: its fields by their names, those of attributes included.
type Printed = BTreeMap<String, String>;

impl Collector {
    /// # Panics
    /// When rotel is not installed.
    #[track_caller]
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (program, port) = Program::start_on_free_port("Starting Rotel", |port| {
            let mut command = Command::new(from_registry("venv/bin/python"));
            command.args([
                "-c",
                RUN,
                "start",
                "--exporter",
                "blackhole",
                "--otlp-grpc-endpoint",
                "127.0.0.1:0",
            ]);
            command.args([
                "--debug-log",
                "traces",
                "--debug-log",
                "logs",
                "--debug-log-verbosity",
                "detailed",
            ]);
            command.arg("--otlp-http-endpoint").arg(format!("127.0.0.1:{port}"));
            command.arg("--pid-file").arg(directory.path().join("pid"));
            command
        });
        Self { program, address: ([127, 0, 0, 1], port).into(), _directory: directory }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The spans that it was sent, in their order.
    pub fn spans(&self) -> Vec<Printed> {
        self.printed("Span #")
    }

    /// The lines of the log that it was sent, in their order.
    pub fn records(&self) -> Vec<Printed> {
        self.printed("LogRecord #")
    }

    /// The attributes of the sources that it was sent something from.
    pub fn resources(&self, kind: &str) -> Vec<Printed> {
        self.printed(&format!("{kind} #"))
    }

    /// What it said of requests that it did not understand.
    pub fn complaints(&self) -> Vec<String> {
        self.program
            .lines()
            .into_iter()
            .filter(|line| line.contains("ERROR") || line.contains("WARN"))
            .collect()
    }

    fn printed(&self, heading: &str) -> Vec<Printed> {
        let mut all = Vec::new();
        let mut within = false;
        for line in self.program.lines() {
            if line.contains(" #") && !line.starts_with(' ') {
                within = line.starts_with(heading);
                if within {
                    all.push(Printed::new());
                }
            } else if line.starts_with("ScopeSpans ") || line.starts_with("ScopeLogs ") {
                within = false;
            } else if let Some((name, value)) = line.split_once(':').filter(|_| within)
                && let Some(last) = all.last_mut()
            {
                let name = name.trim().trim_start_matches("-> ");
                last.insert(name.to_owned(), value.trim().to_owned());
            }
        }
        all
    }
}
