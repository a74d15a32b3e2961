//! A limit for everything that one call waits for. Each read and write is given what is left of it, so that a peer
//! that drips cannot stretch it. Uses `telemetry` (time).

use std::{
    fmt::Debug,
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::Duration,
};

use crate::telemetry::clock::Stopwatch;

/// The end of a call.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    started: Stopwatch,
    limit: Duration,
}

impl Deadline {
    /// So long from now.
    pub fn after(limit: Duration) -> Self {
        Self { started: Stopwatch::start(), limit }
    }

    /// The time until then, never zero.
    ///
    /// # Errors
    /// `TimedOut` when it has come.
    pub fn left(&self) -> io::Result<Duration> {
        let left = self.limit.saturating_sub(self.started.elapsed());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        Ok(left)
    }

    /// The end of a part of the call: so long from now, and not later than the whole.
    #[must_use]
    pub fn part(&self, limit: Duration) -> Self {
        Self::after(self.left().unwrap_or_default().min(limit))
    }
}

/// A connection whose waits can be limited.
pub trait Socket: Read + Write + Debug + Send {
    /// Longest wait of each read that follows.
    ///
    /// # Errors
    /// When the operating system refuses.
    fn limit_reads(&self, limit: Duration) -> io::Result<()>;

    /// Longest wait of each write that follows.
    ///
    /// # Errors
    /// When the operating system refuses.
    fn limit_writes(&self, limit: Duration) -> io::Result<()>;

    /// From now on nothing waits: only what is there already is read.
    ///
    /// # Errors
    /// When the operating system refuses.
    fn never_wait(&self) -> io::Result<()>;
}

impl Socket for TcpStream {
    fn limit_reads(&self, limit: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(limit))
    }

    fn limit_writes(&self, limit: Duration) -> io::Result<()> {
        self.set_write_timeout(Some(limit))
    }

    fn never_wait(&self) -> io::Result<()> {
        self.set_nonblocking(true)
    }
}

impl Socket for UnixStream {
    fn limit_reads(&self, limit: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(limit))
    }

    fn limit_writes(&self, limit: Duration) -> io::Result<()> {
        self.set_write_timeout(Some(limit))
    }

    fn never_wait(&self) -> io::Result<()> {
        self.set_nonblocking(true)
    }
}

impl<S: Socket + ?Sized> Socket for Box<S> {
    fn limit_reads(&self, limit: Duration) -> io::Result<()> {
        (**self).limit_reads(limit)
    }

    fn limit_writes(&self, limit: Duration) -> io::Result<()> {
        (**self).limit_writes(limit)
    }

    fn never_wait(&self) -> io::Result<()> {
        (**self).never_wait()
    }
}

/// A connection that is used until a deadline. What comes too late is `TimedOut`.
#[derive(Debug)]
pub struct Timed<S> {
    socket: S,
    deadline: Deadline,
}

impl<S: Socket> Timed<S> {
    /// A connection that is used until then.
    pub fn new(socket: S, deadline: Deadline) -> Self {
        Self { socket, deadline }
    }

    /// The same connection for the next call.
    pub fn set_deadline(&mut self, deadline: Deadline) {
        self.deadline = deadline;
    }

    /// The connection itself.
    pub fn socket(&self) -> &S {
        &self.socket
    }

    /// The connection without the deadline.
    pub fn into_socket(self) -> S {
        self.socket
    }
}

impl<S: Socket> Read for Timed<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.limit_reads(self.deadline.left()?)?;
        self.socket.read(buffer).map_err(too_late)
    }
}

impl<S: Socket> Write for Timed<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.limit_writes(self.deadline.left()?)?;
        self.socket.write(bytes).map_err(too_late)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// The operating system says of a wait that was too long only that it would go on.
fn too_late(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}
