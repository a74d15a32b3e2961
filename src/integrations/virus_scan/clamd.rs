//! The client of clamd: sends a file as it is read (`INSTREAM`) and reads what was found. Uses `integrations::sockets`.

use std::{
    io::{self, ErrorKind, Read, Write},
    time::Duration,
};

use super::{Scan, Scanner, clamd_address::ClamdAddress, clamd_reply, one_line, unreadable};
use crate::integrations::{
    CallIds, Failure,
    sockets::{Deadline, Dialer, Socket, Timed, failure_of},
};

/// Most bytes of a file that are sent at once.
const CHUNK_BYTES_MAX: u64 = 64 * 1_024;

/// How a clamd is reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClamdSettings {
    /// Where it listens.
    pub address: ClamdAddress,
    /// Longest wait for the connection, name and all.
    pub connect_limit: Duration,
    /// Longest wait for everything.
    pub total_limit: Duration,
}

impl ClamdSettings {
    /// The usual limits: 5 s to connect, 60 s for everything.
    pub fn new(address: ClamdAddress) -> Self {
        Self { address, connect_limit: Duration::from_secs(5), total_limit: Duration::from_secs(60) }
    }
}

/// A clamd.
#[derive(Debug)]
pub struct Clamd {
    settings: ClamdSettings,
    dialer: Dialer,
}

type Line = Timed<Box<dyn Socket>>;

/// Whose fault it is that a file was not sent whole.
enum NotSent {
    File(io::Error),
    Peer(io::Error),
}

impl Clamd {
    /// A clamd; nothing is connected before the first call.
    pub fn new(settings: ClamdSettings) -> Self {
        Self { settings, dialer: Dialer::default() }
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// When it does not, or not as a clamd.
    pub fn ping(&self) -> Result<(), Failure> {
        match self.ask(b"zPING\0")?.as_str() {
            "PONG" => Ok(()),
            other => Err(clamd_reply::malformed(other)),
        }
    }

    /// The versions of the program and of its signatures: `ClamAV 1.4.6/27000/Mon Jan  5 10:00:00 2026`.
    ///
    /// # Errors
    /// When it does not answer, or not as a clamd.
    pub fn version(&self) -> Result<String, Failure> {
        let version = one_line(&self.ask(b"zVERSION\0")?);
        if version.is_empty() || version == "UNKNOWN COMMAND" {
            return Err(clamd_reply::malformed(&version));
        }
        Ok(version)
    }

    fn ask(&self, command: &[u8]) -> Result<String, Failure> {
        let mut line = self.connect()?;
        line.write_all(command).map_err(|error| self.failure(&error))?;
        clamd_reply::read(&mut line).map_err(|error| self.failure(&error))
    }

    fn connect(&self) -> Result<Line, Failure> {
        let deadline = Deadline::after(self.settings.total_limit);
        let connected_by = deadline.part(self.settings.connect_limit);
        let socket: Box<dyn Socket> = match &self.settings.address {
            ClamdAddress::Tcp { host, port } => Box::new(self.dialer.tcp(host, *port, connected_by)?),
            ClamdAddress::Unix(path) => Box::new(Dialer::unix(path, connected_by)?),
        };
        Ok(Timed::new(socket, deadline))
    }

    fn failure(&self, error: &io::Error) -> Failure {
        match error.kind() {
            ErrorKind::InvalidData => clamd_reply::malformed("(too much)"),
            _ => failure_of(error, &format!("clamd at {}", self.settings.address)),
        }
    }

    /// What a clamd said before it stopped listening: it answers at once when a file is too large, and closes.
    fn last_words(&self, line: Line, error: &io::Error) -> Failure {
        let mut socket = line.into_socket();
        // Whatever it said lies here already; the time for waiting may be over.
        let said = socket.never_wait().and_then(|()| clamd_reply::read(&mut socket));
        match said.map(|reply| clamd_reply::verdict(&reply)) {
            Ok(Err(failure)) => failure,
            // Nothing is known of a file that was not read whole.
            Ok(Ok(_)) | Err(_) => self.failure(error),
        }
    }
}

impl Scanner for Clamd {
    fn key(&self) -> String {
        self.settings.address.to_string()
    }

    fn scan(&self, data: &mut dyn Read, _ids: &CallIds) -> Result<Scan, Failure> {
        let mut line = self.connect()?;
        match send(&mut line, data) {
            Ok(()) => {}
            Err(NotSent::File(error)) => return Err(unreadable(&error)),
            Err(NotSent::Peer(error)) => return Err(self.last_words(line, &error)),
        }
        let reply = clamd_reply::read(&mut line).map_err(|error| self.failure(&error))?;
        clamd_reply::verdict(&reply)
    }

    fn probe(&self, _ids: &CallIds) -> Result<String, Failure> {
        self.ping()?;
        self.version()
    }
}

/// Sends a file: chunks that say how long they are, and an empty one.
fn send(line: &mut Line, data: &mut dyn Read) -> Result<(), NotSent> {
    line.write_all(b"zINSTREAM\0").map_err(NotSent::Peer)?;
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        chunk.extend([0; 4]);
        let length = data.take(CHUNK_BYTES_MAX).read_to_end(&mut chunk).map_err(NotSent::File)?;
        if let (Some(head), Ok(length)) = (chunk.first_chunk_mut(), u32::try_from(length)) {
            *head = length.to_be_bytes();
        }
        line.write_all(&chunk).map_err(NotSent::Peer)?;
        if length == 0 {
            return Ok(());
        }
    }
}
