//! A real Redis, which keeps nothing on disk.

use std::net::{Ipv4Addr, SocketAddr};

use tempfile::TempDir;

use super::program::{Program, installed};

/// The server. It ends when this is dropped.
pub struct RedisServer {
    program: Program,
    address: SocketAddr,
    _directory: TempDir,
}

impl RedisServer {
    /// An empty one without a password.
    ///
    /// # Panics
    /// When redis-server is not installed.
    #[track_caller]
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (program, port) = Program::start_on_free_port("Ready to accept connections", |port| {
            let mut command = installed("redis-server", "redis-server");
            command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
            command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(directory.path());
            command
        });
        Self { program, address: (Ipv4Addr::LOCALHOST, port).into(), _directory: directory }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as clients of Redis are given it.
    pub fn url(&self) -> String {
        format!("redis://{}/", self.address)
    }

    /// Stops it where it is: connections stay open and nothing is answered.
    pub fn freeze(&self) {
        self.program.freeze();
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.program.thaw();
    }
}
