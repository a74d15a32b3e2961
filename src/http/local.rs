//! The local socket: whoever can open it is the operator of the machine, known by the operating-system user.

use std::{
    any::Any,
    fs::{self, Permissions},
    io,
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::Path,
};

use actix_web::{dev::Extensions, rt::net::UnixStream};

/// Who is at the other end of the local socket.
#[derive(Clone, Debug)]
pub struct LocalPeer {
    /// The operating-system user, by name or number.
    pub user: Option<String>,
}

/// Opens the socket for its owner only. A socket left behind by a process that is gone is replaced: whoever calls this
/// holds the lock on the data.
///
/// # Errors
/// When the file system refuses.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Notes for a connection through the local socket who is at its other end.
pub fn note_peer(connection: &dyn Any, data: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<UnixStream>() {
        let user = stream.peer_cred().ok().map(|peer| user_name(peer.uid()));
        data.insert(LocalPeer { user });
    }
}

/// The name of a user, or its number if it has none.
fn user_name(uid: u32) -> String {
    let names = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = names.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {uid}"))
}
