//! A real mail relay: Postfix with a configuration, a queue and a log of its own. It takes every mail, queues it, and
//! delivers it to nowhere; or it takes none, because it knows nobody.

use std::{
    fs::{self, Permissions},
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
    process::Command,
    time::Duration,
};

use rustix::process::geteuid;
use tempfile::TempDir;

use super::program::{PID_FILE, Program, installed};

/// The relay. It ends when this is dropped. Its supervisor runs as root, which Postfix insists on; everything that touches
/// a connection or a mail runs as the user `postfix`.
pub struct Postfix {
    program: Program,
    address: SocketAddr,
    _directory: TempDir,
}

/// The services a relay needs, none of them in a chroot; all but the supervisor's helpers give up their rights.
const SERVICES: &str = "\
    cleanup unix n - n - 0 cleanup\n\
    qmgr unix n - n 300 1 qmgr\n\
    rewrite unix - - n - - trivial-rewrite\n\
    bounce unix - - n - 0 bounce\n\
    defer unix - - n - 0 bounce\n\
    trace unix - - n - 0 bounce\n\
    error unix - - n - - error\n\
    retry unix - - n - - error\n\
    discard unix - - n - - discard\n\
    anvil unix - - n - 1 anvil\n\
    postlog unix-dgram n - n - 1 postlogd\n";

impl Postfix {
    /// A relay for everybody on this machine.
    ///
    /// # Panics
    /// When Postfix is not installed, or the tests do not run as root.
    #[track_caller]
    pub fn start() -> Self {
        Self::for_networks("127.0.0.0/8")
    }

    /// A relay for nobody: whoever wants something sent would have to sign in, which it does not offer.
    ///
    /// # Panics
    /// As [`Postfix::start`].
    #[track_caller]
    pub fn start_for_nobody() -> Self {
        Self::for_networks("")
    }

    #[track_caller]
    fn for_networks(networks: &str) -> Self {
        assert!(geteuid().is_root(), "Postfix runs only as root: run the tests as root");
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path();
        // Its processes run as another user and find everything by its path.
        fs::set_permissions(home, Permissions::from_mode(0o755)).unwrap();
        for folder in ["etc", "queue", "data"] {
            fs::create_dir(home.join(folder)).unwrap();
        }
        let (user, group) = account("postfix");
        chown(home.join("data"), Some(user), Some(group)).unwrap();
        let (program, port) =
            Program::start_on_free_port("daemon started", |port| Self::command(home, port, networks));
        Self { program, address: (Ipv4Addr::LOCALHOST, port).into(), _directory: directory }
    }

    fn command(home: &Path, port: u16, networks: &str) -> Command {
        let folder = home.display();
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data\n\
             maillog_file = /dev/stdout\nmyhostname = relay.peers.test\nmydestination =\n\
             inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmynetworks = {networks}\nalias_maps =\n\
             alias_database =\nlocal_recipient_maps =\ndefault_transport = discard:\nrelay_transport = discard:\n\
             smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"
        );
        fs::write(home.join("etc/main.cf"), main).unwrap();
        let master = format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}");
        fs::write(home.join("etc/master.cf"), master).unwrap();
        let mut command = installed("postfix", "postfix");
        command
            .arg("-c")
            .arg(home.join("etc"))
            .arg("start-fg")
            .env(PID_FILE, home.join("queue/pid/master.pid"));
        command
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The ids under which it has queued mails, in the order of its log.
    pub fn queue_ids_logged(&self) -> Vec<String> {
        self.program.lines().iter().filter_map(|line| queue_id(line).map(ToOwned::to_owned)).collect()
    }

    /// Waits until its log says that the mail with a queue id was delivered.
    ///
    /// # Panics
    /// When it does not within the limit.
    #[track_caller]
    pub fn wait_until_delivered(&self, queue_id: &str, limit: Duration) {
        let said = format!(": {queue_id}: ");
        let is_it = |line: &str| line.contains(&said) && line.contains("status=sent");
        let found = self.program.wait_for_line(limit, is_it);
        assert!(found.is_some(), "{queue_id} is not delivered: {}", self.program.lines().join("\n"));
    }
}

/// The id in `... postfix/qmgr[1066]: D5CD79CA0C3: from=<a@x.test>, size=301, nrcpt=1 (queue active)`.
fn queue_id(line: &str) -> Option<&str> {
    let rest = line.split_once("postfix/qmgr[")?.1.split_once("]: ")?.1;
    rest.split_once(": from=").map(|(id, _)| id)
}

/// The numbers of a user and its group.
#[track_caller]
fn account(name: &str) -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let user = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|line| line[0] == name);
    let user = user.unwrap_or_else(|| panic!("there is no user {name}: apt-get install {name}"));
    (user[2].parse().unwrap(), user[3].parse().unwrap())
}
