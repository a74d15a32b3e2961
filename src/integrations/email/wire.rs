//! Bytes to and from a relay, in clear or under TLS. Everything ends by one deadline, however slowly the peer drips,
//! and no line grows without end. Uses `telemetry::clock`.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use super::classify::Trouble;
use crate::telemetry::clock::Stopwatch;

/// Longest line that is read; SMTP allows 512 bytes, and some relays send more.
const LINE_BYTES_MAX: usize = 4_096;

/// By when something must have ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    begun: Stopwatch,
    limit: Duration,
}

impl Deadline {
    /// So long from now.
    pub(super) fn after(limit: Duration) -> Self {
        Self { begun: Stopwatch::start(), limit }
    }

    /// What is left; an error of the kind `TimedOut` if nothing is.
    pub(super) fn left(&self) -> io::Result<Duration> {
        match self.limit.checked_sub(self.begun.elapsed()) {
            Some(left) if !left.is_zero() => Ok(left),
            _ => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// This one, or so long from now if that is earlier.
    pub(super) fn within(&self, limit: Duration) -> Self {
        Self::after(self.left().unwrap_or_default().min(limit))
    }
}

/// A socket whose every wait ends by the deadline.
struct Limited {
    socket: TcpStream,
    deadline: Deadline,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.socket.set_read_timeout(Some(self.deadline.left()?))?;
            match self.socket.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            self.socket.set_write_timeout(Some(self.deadline.left()?))?;
            match self.socket.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

enum Stream {
    Clear(Limited),
    Tls(Box<StreamOwned<ClientConnection, Limited>>),
}

/// A connection, and what of the peer's bytes has been received but not yet read.
pub(super) struct Wire {
    stream: Stream,
    unread: Vec<u8>,
}

impl Wire {
    /// A connection in clear.
    pub(super) fn new(socket: TcpStream, deadline: Deadline) -> Self {
        Self { stream: Stream::Clear(Limited { socket, deadline }), unread: Vec::new() }
    }

    /// Sets by when everything that follows must have ended.
    pub(super) fn limit(&mut self, deadline: Deadline) {
        match &mut self.stream {
            Stream::Clear(limited) => limited.deadline = deadline,
            Stream::Tls(stream) => stream.sock.deadline = deadline,
        }
    }

    /// The same connection under TLS, the peer's certificate checked.
    pub(super) fn encrypted(
        self,
        config: &Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> Result<Self, Trouble> {
        // What came in clear before TLS could have been put there by anybody on the way.
        if self.has_unread() {
            return Err(Trouble::Tls("the relay spoke in clear where TLS was to begin".to_owned()));
        }
        let mut limited = match self.stream {
            Stream::Clear(limited) => limited,
            Stream::Tls(_) => return Err(Trouble::Tls("the connection is encrypted already".to_owned())),
        };
        let mut connection = ClientConnection::new(Arc::clone(config), name)
            .map_err(|error| Trouble::Tls(error.to_string()))?;
        while connection.is_handshaking() {
            connection.complete_io(&mut limited).map_err(trouble)?;
        }
        let stream = Stream::Tls(Box::new(StreamOwned::new(connection, limited)));
        Ok(Self { stream, unread: Vec::new() })
    }

    /// Whether it is under TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// Whether the peer has said more than was read.
    pub(super) fn has_unread(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Sends all bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let sent = match &mut self.stream {
            Stream::Clear(limited) => limited.write_all(bytes).and_then(|()| limited.flush()),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        };
        sent.map_err(trouble)
    }

    /// Reads a line, without its end.
    pub(super) fn line(&mut self) -> Result<Vec<u8>, Trouble> {
        let mut searched = 0;
        loop {
            let rest = self.unread.iter().skip(searched);
            if let Some(end) = rest.clone().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.unread.drain(..=searched + end).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return if line.len() > LINE_BYTES_MAX { Err(TOO_LONG) } else { Ok(line) };
            }
            if self.unread.len() > LINE_BYTES_MAX {
                return Err(TOO_LONG);
            }
            searched = self.unread.len();
            self.receive()?;
        }
    }

    fn receive(&mut self) -> Result<(), Trouble> {
        let mut chunk = [0; 1_024];
        let received = match &mut self.stream {
            Stream::Clear(limited) => limited.read(&mut chunk),
            Stream::Tls(stream) => stream.read(&mut chunk),
        };
        let bytes = chunk.get(..received.map_err(trouble)?).unwrap_or_default();
        if bytes.is_empty() {
            return Err(Trouble::Lost("the relay closed the connection".to_owned()));
        }
        self.unread.extend_from_slice(bytes);
        Ok(())
    }
}

const TOO_LONG: Trouble = Trouble::Malformed("a line is too long");

fn trouble(error: io::Error) -> Trouble {
    match error.kind() {
        // A socket whose time is up says that it would block.
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Trouble::Late,
        _ if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            Trouble::Tls(error.to_string())
        }
        _ => Trouble::Lost(error.to_string()),
    }
}
