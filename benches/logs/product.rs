//! The product: the real binary on a data directory, which keeps all that is in its log.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::operator::Operator;

/// The tenant that it is set up with.
pub const TENANT: &str = "house";
/// Longest wait until it serves.
const START_LIMIT: Duration = Duration::from_secs(60);

pub struct Product {
    pub address: String,
    pub operator: Operator,
    child: Child,
}

impl Product {
    /// Starts it, and waits until it serves.
    pub fn start(data: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = free.to_string();
        let settings = [
            ("STORE__DATA_DIR", data.to_str().unwrap()),
            ("STORE__RESERVE_MIB", "1"),
            ("SERVER__ADDRESS", &address),
            ("SETUP__TENANT", "House"),
            ("SETUP__ADMIN_EMAIL", "admin@house.example"),
            ("SETUP__ADMIN_PASSWORD", "a-password-for-the-house"),
            ("LOG__STDOUT", "false"),
            ("LOG__TOTAL_MIB", "1048576"),
            ("LOG__FREE_MIB", "0"),
            ("LIMITS__REQUESTS_PER_S", "0"),
            ("LIMITS__ANONYMOUS_REQUESTS_PER_S", "0"),
        ];
        let child = Command::new(env!("CARGO_BIN_EXE_event-manager"))
            .arg("serve")
            .envs(settings.map(|(key, value)| (format!("EVENT_MANAGER__{key}"), value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let (begun, ready) = (Instant::now(), format!("http://{address}/health/ready"));
        while ureq::get(&ready).call().is_err() {
            assert!(begun.elapsed() < START_LIMIT, "it does not become ready");
            std::thread::sleep(Duration::from_millis(1));
        }
        Self { address, operator: Operator::of(data), child }
    }

    /// Stops it in order, so that all it has logged is written.
    pub fn stop(mut self) {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(self.child.wait().unwrap().success(), "it did not stop cleanly");
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
