//! A TCP connection on which every read and every write ends when the attempt's time is over, however often it made some
//! progress before. Uses what is beside it.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use super::progress::Progress;

/// A connection with an end in time.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    progress: Arc<Progress>,
    connecting: bool,
}

impl Socket {
    /// Connects to the first of some addresses that answers. Each has its share of the time that is left.
    ///
    /// # Errors
    /// That of the last address.
    pub(super) fn connect(addresses: &[SocketAddr], progress: Arc<Progress>) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for (address, remaining) in addresses.iter().zip((1..=addresses.len()).rev()) {
            let left = progress.left_to_connect().ok_or(io::ErrorKind::TimedOut)?;
            let share = left / u32::try_from(remaining).unwrap_or(u32::MAX);
            match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    progress.connected(*address);
                    return Ok(Self { stream, progress, connecting: true });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// From now on everything that is left of the time may be used, not only that for the connection.
    pub(super) fn established(&mut self) {
        self.connecting = false;
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = if self.connecting { self.progress.left_to_connect() } else { self.progress.left() };
        left.map(Some).ok_or_else(|| io::ErrorKind::TimedOut.into())
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.stream.set_read_timeout(self.left()?)?;
            match self.stream.read(buffer) {
                Err(error) if is_passing(&error) => {}
                done => return done,
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            self.stream.set_write_timeout(self.left()?)?;
            match self.stream.write(bytes) {
                Err(error) if is_passing(&error) => {}
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether it is to be tried again, as long as there is time: a signal came, or the socket's own limit did.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock)
}
