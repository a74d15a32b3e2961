//! A Prometheus that scrapes a program every second, and keeps exemplars.

use std::{fs, net::SocketAddr};

use serde_json::Value;
use tempfile::TempDir;

use super::program::{Program, installed};

/// The Prometheus.
pub struct Prometheus {
    _program: Program,
    port: u16,
    _directory: TempDir,
}

impl Prometheus {
    /// # Panics
    /// When it is not installed.
    #[track_caller]
    pub fn scraping(target: SocketAddr) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("prometheus.yml");
        let job = format!("[{{job_name: event-manager, static_configs: [{{targets: ['{target}']}}]}}]");
        fs::write(&config, format!("global: {{scrape_interval: 1s}}\nscrape_configs: {job}\n")).unwrap();
        let (program, port) =
            Program::start_on_free_port("Server is ready to receive web requests", |port| {
                let mut command = installed("prometheus", "prometheus");
                command
                    .arg("--config.file")
                    .arg(&config)
                    .arg("--storage.tsdb.path")
                    .arg(directory.path().join("series"));
                command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
                command.arg("--enable-feature=exemplar-storage");
                command
            });
        Self { _program: program, port, _directory: directory }
    }

    /// What it answers, such as to `targets` or `query_exemplars?query=..`.
    #[track_caller]
    pub fn ask(&self, question: &str) -> Value {
        let mut answer =
            ureq::get(format!("http://127.0.0.1:{}/api/v1/{question}", self.port)).call().unwrap();
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        answer["data"].clone()
    }
}
