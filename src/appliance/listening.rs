//! Taking the address to listen on, and what helps if that fails.

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
};

use super::ApplianceError;

/// Takes an address, before anything is written: a start that is refused leaves no data behind.
///
/// # Errors
/// The address cannot be listened on.
pub fn listen(address: SocketAddr) -> Result<TcpListener, ApplianceError> {
    TcpListener::bind(address).map_err(|error| ApplianceError::Listen { address, error })
}

/// What to do about an address that cannot be taken.
pub(super) fn remedy(address: SocketAddr, error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => "another program uses it; end that, or choose another port with --port",
        ErrorKind::AddrNotAvailable => {
            "this machine has no such address; choose one it has with --address, or 0.0.0.0 for all"
        }
        ErrorKind::PermissionDenied if address.port() < 1_024 => {
            "ports below 1024 need a permission; choose a higher one with --port, or grant CAP_NET_BIND_SERVICE"
        }
        _ => "choose another with --address or --port",
    }
}
