//! A real virus scanner, whose only signature is that of a text which the tests have chosen.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use tempfile::TempDir;

use super::program::{Program, installed};

/// A file that holds this text is found to be infected, with [`Clamd::SIGNATURE`].
pub const INFECTED: &str = "EVENT-MANAGER-TEST-FILE-THAT-COUNTS-AS-INFECTED";

/// The scanner. It ends when this is dropped.
pub struct Clamd {
    program: Program,
    address: SocketAddr,
    directory: TempDir,
}

impl Clamd {
    /// What it calls an [`INFECTED`] file.
    pub const SIGNATURE: &str = "Event-Manager-Test.UNOFFICIAL";

    /// The most bytes that it scans in one stream.
    pub const STREAM_BYTES_MAX: usize = 1024 * 1024;

    /// Listening on TCP and on a Unix socket.
    ///
    /// # Panics
    /// When clamd is not installed.
    #[track_caller]
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().display();
        let marker: String = INFECTED.bytes().map(|byte| format!("{byte:02x}")).collect();
        fs::create_dir(directory.path().join("database")).unwrap();
        fs::write(directory.path().join("database/marker.ndb"), format!("Event-Manager-Test:0:*:{marker}\n"))
            .unwrap();
        // The last line it prints before it accepts connections.
        let (program, port) = Program::start_on_free_port("Self checking every", |port| {
            let configuration = format!(
                "Foreground yes\nTCPAddr 127.0.0.1\nTCPSocket {port}\nLocalSocket {folder}/clamd.sock\n\
                 DatabaseDirectory {folder}/database\nTemporaryDirectory {folder}\nStreamMaxLength {}\n",
                Self::STREAM_BYTES_MAX
            );
            let file = directory.path().join("clamd.conf");
            fs::write(&file, configuration).unwrap();
            let mut command = installed("clamd", "clamav-daemon");
            command.arg("--config-file").arg(file);
            command
        });
        Self { program, address: (Ipv4Addr::LOCALHOST, port).into(), directory }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its Unix socket.
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("clamd.sock")
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
