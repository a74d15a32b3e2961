//! A real Redis, which keeps nothing on disk.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
};

use tempfile::TempDir;

use super::program::{Program, installed};

/// The server. It ends when this is dropped.
pub struct RedisServer {
    program: Program,
    address: SocketAddr,
    directory: TempDir,
}

/// What it prints when it can be used.
const READY: &str = "Ready to accept connections";

impl RedisServer {
    /// An empty one without a password.
    ///
    /// # Panics
    /// When redis-server is not installed.
    #[track_caller]
    pub fn start() -> Self {
        Self::with_arguments(&[])
    }

    /// An empty one that wants a password.
    ///
    /// # Panics
    /// When redis-server is not installed.
    #[track_caller]
    pub fn with_password(password: &str) -> Self {
        Self::with_arguments(&["--requirepass", password])
    }

    /// An empty one with further arguments.
    ///
    /// # Panics
    /// When redis-server is not installed.
    #[track_caller]
    pub fn with_arguments(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (program, port) = Program::start_on_free_port(READY, |port| {
            let mut command = command(directory.path(), port);
            command.args(arguments);
            command
        });
        Self { program, address: (Ipv4Addr::LOCALHOST, port).into(), directory }
    }

    /// The same after it was killed and started again, at the same address: it has forgotten everything.
    ///
    /// # Panics
    /// When it does not start.
    #[track_caller]
    pub fn killed_and_started_again(self) -> Self {
        let Self { program, address, directory } = self;
        drop(program);
        let program = Program::start(command(directory.path(), address.port()), READY).unwrap();
        Self { program, address, directory }
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

fn command(directory: &Path, port: u16) -> Command {
    let mut command = installed("redis-server", "redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
    command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(directory);
    command
}
