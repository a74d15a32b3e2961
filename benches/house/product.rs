//! The product: the real binary on a temporary directory, with authentication, audit and logging on, and everything outside
//! set up.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use tempfile::TempDir;

use super::{
    connect_recorder::{ConnectRecorder, Target, lines_in, without_permit},
    operator::Operator,
};

/// The tenant that it is set up with.
pub const TENANT: &str = "house";
/// Longest wait until it serves.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Longest wait until what was done is in the log.
const LOG_LIMIT: Duration = Duration::from_secs(5);

pub struct Product {
    /// Host and port, the same after each start.
    pub address: String,
    /// Of an ADMIN.
    pub token: String,
    pub operator: Operator,
    directory: TempDir,
    settings: Vec<(String, String)>,
    /// Every connection that it makes.
    connections: ConnectRecorder,
    child: Child,
}

impl Product {
    /// With keys of the configuration, such as `log.level`, and their values.
    pub async fn start(settings: Vec<(String, String)>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = free.to_string();
        let connections = ConnectRecorder::new();
        let child = serve(&directory, &address, &settings, &connections);
        let operator = Operator::of(directory.path());
        let token = json!({"name": "House", "grants": [{"role": "ADMIN"}], "expiresInDays": 1});
        let token = operator.ask(TENANT, "POST", "/tokens", &token).await;
        let token = token["token"].as_str().unwrap().to_owned();
        Self { address, token, operator, directory, settings, connections, child }
    }

    /// Ends it without letting it finish anything, and starts it again on the same data.
    pub fn kill_and_start_again(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = serve(&self.directory, &self.address, &self.settings, &self.connections);
    }

    /// Fails if the process has made a connection that no circuit breaker had let pass, as far as the log tells. It is asked
    /// of one that runs: what one that is killed had not written to its log by then is not there.
    pub async fn ensure_permitted(&self) {
        let (begun, process) = (Instant::now(), self.child.id());
        assert!(self.connections.processes().contains(&process), "its connections are not recorded");
        let own = Target::Local(self.directory.path().join("admin.sock"));
        let made = self.connections.connections();
        let made: Vec<_> =
            made.into_iter().filter(|made| made.process == process && made.to != own).collect();
        assert!(!made.is_empty(), "it was not connected to anything");
        loop {
            let raw = without_permit(made.clone(), &lines_in(&self.directory.path().join("logs")));
            if raw.is_empty() {
                println!("connections made by process {process}, each let pass: {}", made.len());
                return;
            }
            assert!(
                begun.elapsed() < LOG_LIMIT,
                "connections without a permit of a circuit breaker: {raw:?}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A field of what the kernel tells of the process, such as `VmRSS`, in its own unit.
    pub fn status(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

/// The program, once it serves.
fn serve(
    directory: &TempDir,
    address: &str,
    settings: &[(String, String)],
    connections: &ConnectRecorder,
) -> Child {
    let variable = |key: &str| format!("EVENT_MANAGER__{}", key.replace('.', "__").to_ascii_uppercase());
    let own = [
        ("server.address", address),
        ("setup.tenant", "House"),
        ("setup.admin_email", "admin@house.example"),
        ("setup.admin_password", "a-password-for-the-house"),
        ("log.stdout", "false"),
        // Which calls were let pass.
        ("log.level", "info,event_manager::resilience::breaker=debug"),
        ("limits.requests_per_s", "0"),
        ("limits.anonymous_requests_per_s", "0"),
    ];
    let child = Command::new(env!("CARGO_BIN_EXE_event-manager"))
        .arg("serve")
        .env(variable("store.data_dir"), directory.path())
        .envs(own.map(|(key, value)| (variable(key), value.to_owned())))
        .envs(settings.iter().map(|(key, value)| (variable(key), value)))
        .envs(connections.environment())
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (begun, ready) = (Instant::now(), format!("http://{address}/health/ready"));
    while ureq::get(&ready).call().is_err() {
        assert!(begun.elapsed() < START_LIMIT, "it does not become ready");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
