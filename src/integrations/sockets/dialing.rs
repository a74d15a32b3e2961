//! Connecting within a limit, name and all. Uses `telemetry` (time and threads).

use std::{io, net::TcpStream, os::unix::net::UnixStream, path::Path, time::Duration};

use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with,
    sockopt::{Timeout, set_socket_timeout},
};

use super::{
    deadline::Deadline,
    failing::{failure_of, is_shortage_here, timed_out},
    names::Names,
};
use crate::integrations::{Blame, Failure, Next};

/// Shortest wait for one of several addresses.
const SHARE_MIN: Duration = Duration::from_millis(1);

/// Connects. Clones share the count of names that are being looked up.
#[derive(Clone, Default, Debug)]
pub struct Dialer {
    names: Names,
}

impl Dialer {
    /// A connection to a host: to the first of its addresses that answers. None of them takes the time of the others.
    ///
    /// # Errors
    /// `dns`, `connect` or `timeout`; `local` when this machine is the cause.
    pub fn tcp(&self, host: &str, port: u16, deadline: Deadline) -> Result<TcpStream, Failure> {
        let addresses = self.names.look_up(host, port, deadline)?;
        let mut failure = None;
        for (index, address) in addresses.iter().enumerate() {
            let Ok(left) = deadline.left() else { break };
            let shares = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
            match TcpStream::connect_timeout(address, (left / shares).max(SHARE_MIN)) {
                Ok(stream) => {
                    // Requests are small and wait for their answers.
                    stream.set_nodelay(true).map_err(|error| failure_of(&error, host))?;
                    return Ok(stream);
                }
                Err(error) => failure = Some(not_connected(&error, &format!("{host} ({address})"))),
            }
        }
        Err(failure.unwrap_or_else(|| timed_out(host)))
    }

    /// A connection to a Unix socket.
    ///
    /// # Errors
    /// `connect` or `timeout`; `local` when this machine is the cause.
    pub fn unix(path: &Path, deadline: Deadline) -> Result<UnixStream, Failure> {
        connect_unix(path, deadline).map_err(|error| not_connected(&error, &path.display().to_string()))
    }
}

/// A listener that is too busy to accept would make the connection of the standard library wait without end.
fn connect_unix(path: &Path, deadline: Deadline) -> io::Result<UnixStream> {
    let address = SocketAddrUnix::new(path)?;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    set_socket_timeout(&socket, Timeout::Send, Some(deadline.left()?))?;
    connect(&socket, &address)?;
    Ok(UnixStream::from(socket))
}

fn not_connected(error: &io::Error, peer: &str) -> Failure {
    let waited = matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock);
    if waited || is_shortage_here(error) {
        return failure_of(error, peer);
    }
    Failure::new(Blame::Service, Next::Retry, "connect", format!("{peer} cannot be reached: {error}"))
}
