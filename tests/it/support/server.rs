//! The real program, serving on a free port from a data directory of its own.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, Weak},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    client::{Answer, Client, Credentials, Peer},
    small_disk::SmallDisk,
};
use crate::peers::{ConnectRecorder, Connection, Target, lines_in, without_permit};

/// The address of the administrator and operator that unattended set-up makes.
pub const ADMIN_EMAIL: &str = "admin@it.example";

/// The password of every account that tests make.
pub const PASSWORD: &str = "a-password-for-tests";

/// How a server is started. The default is set up unattended, with passwords that are cheap to hash and without limits to
/// requests.
#[derive(Clone, Debug)]
pub struct Options {
    environment: Vec<(String, String)>,
}

/// A running server. It is stopped in order when dropped, which must end with success.
pub struct Server {
    options: Options,
    directory: TempDir,
    disk: Option<SmallDisk>,
    running: Option<Running>,
    /// Every connection that it makes.
    connections: ConnectRecorder,
    /// Whether it was killed once: what it had not written to its log by then is not there.
    was_killed: bool,
}

struct Running {
    child: Child,
    address: SocketAddr,
    stdout: BufReader<ChildStdout>,
}

impl Default for Options {
    fn default() -> Self {
        Self::without_set_up()
            .set("setup.tenant", "House")
            .set("setup.admin_email", ADMIN_EMAIL)
            .set("setup.admin_password", PASSWORD)
    }
}

impl Options {
    /// A server that waits for its set-up code.
    pub fn without_set_up() -> Self {
        Self { environment: Vec::new() }
            .set("server.address", "127.0.0.1:0")
            .set("log.stdout", "false")
            .set("log.level", "info,event_manager::resilience::breaker=debug")
            .set("store.reserve_mib", "1")
            .set("auth.argon2_memory_kib", "8192")
            .set("auth.argon2_iterations", "1")
            .set("limits.requests_per_s", "0")
            .set("limits.anonymous_requests_per_s", "0")
            .set("limits.client_sign_in_failures", "100000")
    }

    /// With the limits to requests that the product has when nobody configures any.
    pub fn with_default_limits(mut self) -> Self {
        self.environment.retain(|(name, _)| !name.starts_with("EVENT_MANAGER__LIMITS__"));
        self
    }

    /// A server that people reach by another address than the one it listens on, and which says only that one: so its own is
    /// chosen beforehand.
    pub fn behind(self, public_url: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        self.set("server.public_url", public_url).set("server.address", &free.to_string())
    }

    /// The address that was chosen beforehand.
    fn address(&self) -> Option<SocketAddr> {
        let chosen = self.environment.iter().find(|(name, _)| name == "EVENT_MANAGER__SERVER__ADDRESS")?;
        chosen.1.parse().ok().filter(|address: &SocketAddr| address.port() != 0)
    }

    /// Sets a key of the configuration, such as `log.level`.
    pub fn set(self, key: &str, value: &str) -> Self {
        self.variable(&format!("EVENT_MANAGER__{}", key.replace('.', "__").to_ascii_uppercase()), value)
    }

    /// Sets a variable of the environment.
    pub fn variable(mut self, variable: &str, value: &str) -> Self {
        self.environment.retain(|(name, _)| name != variable);
        self.environment.push((variable.to_owned(), value.to_owned()));
        self
    }
}

impl Server {
    /// A server of this test alone.
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    /// A server of this test alone, with a configuration.
    pub fn with(options: Options) -> Self {
        let mut server = Self::prepared(options);
        server.start_again();
        server
    }

    /// As [`Server::with`], on a disk of so many MiB.
    pub fn on_small_disk(options: Options, mib: u32) -> Self {
        let mut server = Self::prepared(options);
        server.disk = Some(SmallDisk::mount(server.directory.path(), mib));
        server.start_again();
        server
    }

    fn prepared(options: Options) -> Self {
        let directory = tempfile::Builder::new().prefix("event-manager-it-").tempdir().unwrap();
        let connections = ConnectRecorder::new();
        Self { options, directory, disk: None, running: None, connections, was_killed: false }
    }

    /// The small disk that it is on.
    pub fn disk(&self) -> &SmallDisk {
        self.disk.as_ref().expect("it is on a small disk")
    }

    /// The server that tests running at the same time share. The last one to let go of it stops it.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            // Its mail, its text messages and its backups go nowhere, but they go out. Many ask it at once: slow is no warning.
            let options = Options::default()
                .set("log.slow_request_ms", "600000")
                .set("email.host", "127.0.0.1")
                .set("email.port", "9")
                .set("email.security", "plain")
                .set("email.from", "scores@it.example")
                .set("storage.bucket", "nowhere")
                .set("storage.endpoint", "http://127.0.0.1:9")
                .set("storage.access_key", "none")
                .set("storage.secret_key", "none")
                .set("sms.account", "AC01")
                .set("sms.token", "the-token-of-nobody")
                .set("sms.from", "+15005550006")
                .set("sms.url", "http://127.0.0.1:9");
            let server = Arc::new(Self::with(options));
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// The program with a command line, where it finds no configuration but what this server has.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = match &self.disk {
            Some(disk) => without_configuration(disk.command(PROGRAM)),
            None => program(),
        };
        command.current_dir(self.directory.path());
        command.args(arguments).envs(self.options.environment.iter().cloned());
        command.env("EVENT_MANAGER__STORE__DATA_DIR", self.data());
        command
    }

    /// Sets a key of the configuration from the next start on.
    pub fn configure(&mut self, key: &str, value: &str) {
        self.options = self.options.clone().set(key, value);
    }

    /// Shows it a wall clock that is so many hours ahead, or behind, from the next start on.
    pub fn set_clock_ahead(&mut self, hours: i64) {
        self.options = self.options.clone().variable("CLOCK_AHEAD_S", &(hours * 3_600).to_string());
    }

    /// Starts the stopped server again on the same data and waits until it is ready.
    pub fn start_again(&mut self) {
        self.start_with(&[]);
    }

    /// As [`Server::start_again`], with further arguments.
    pub fn start_with(&mut self, arguments: &[&str]) {
        assert!(self.running.is_none(), "it runs already");
        let stderr = self.directory.path().join("stderr.txt");
        let mut command = self.command(&[&["serve"], arguments].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&stderr).unwrap());
        command.envs(self.connections.environment());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let printed = stdout.by_ref().lines().map_while(Result::ok);
        let chosen = self.options.address();
        let Some(address) = printed.filter_map(|line| chosen.or_else(|| address_in(&line))).next() else {
            let ended = child.wait().unwrap();
            panic!("no server: {ended}: {}", fs::read_to_string(&stderr).unwrap_or_default());
        };
        self.running = Some(Running { child, address, stdout });
        let ready = |_: &u32| {
            let health = self.anonymous().try_raw("GET", "/health/ready", &[], &[]);
            health.is_ok_and(|answer| answer.status == 200)
        };
        assert!((0..1_000).any(|attempt| ready(&attempt)), "it does not become ready");
    }

    /// Asks the program to end, as service managers do, and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        self.end_with("TERM")
    }

    /// Asks the program to end, as Ctrl+C in a terminal does, and waits until it has.
    pub fn interrupt(&mut self) -> ExitStatus {
        self.end_with("INT")
    }

    /// Ends the program without letting it finish anything.
    pub fn kill(&mut self) {
        self.was_killed = true;
        self.end_with("KILL");
    }

    fn end_with(&mut self, signal: &str) -> ExitStatus {
        self.signal(signal);
        self.end_stop()
    }

    /// Asks the program to end; [`Self::end_stop`] waits until it has.
    pub fn begin_stop(&self) {
        self.signal("TERM");
    }

    /// Waits until the program has ended that was asked to.
    pub fn end_stop(&mut self) -> ExitStatus {
        self.running.take().expect("it runs").child.wait().unwrap()
    }

    fn signal(&self, signal: &str) {
        let process = self.running.as_ref().expect("it runs").child.id().to_string();
        Command::new("kill").args(["-s", signal, &process]).status().unwrap();
    }

    /// The next line the program prints; it prints little.
    pub fn printed_line(&mut self) -> String {
        let mut line = String::new();
        self.running.as_mut().expect("it runs").stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The directory of the log files.
    pub fn logs(&self) -> PathBuf {
        self.data().join("logs")
    }

    /// The temporary directory that holds the data directory: the working directory of the program.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub fn address(&self) -> SocketAddr {
        self.running.as_ref().expect("it runs").address
    }

    /// A caller with credentials.
    pub fn client(&self, credentials: Credentials) -> Client {
        Client::new(Peer::Tcp(self.address()), credentials)
    }

    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> Client {
        self.client(Credentials::None)
    }

    /// The operator of the machine, through the local socket, in the tenant of a short name (`system`, `house`).
    pub fn operator(&self, tenant: &str) -> Client {
        let credentials = Credentials::Operator { tenant: tenant.to_owned() };
        Client::new(Peer::Local(self.data().join("admin.sock")), credentials)
    }

    /// An account that signs in, in the tenant of a short name.
    #[track_caller]
    pub fn sign_in(&self, tenant: &str, email: &str) -> Client {
        self.signed_in(&self.try_sign_in(tenant, email, &json!({})))
    }

    /// Somebody tries to sign in with the password of all test accounts and more.
    pub fn try_sign_in(&self, tenant: &str, email: &str, more: &Value) -> Answer {
        let mut body = json!({"email": email, "password": PASSWORD, "tenant": tenant});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.anonymous().post("/auth/login", &body)
    }

    /// A judge who signs in by a link, on a device of its own.
    #[track_caller]
    pub fn sign_in_by_link(&self, link: &Value) -> Client {
        let secret = link["url"].as_str().and_then(|url| url.split_once("#link=")).unwrap().1;
        let body = json!({"link": secret, "pin": link["pin"]});
        self.signed_in(&self.anonymous().post("/auth/judge-link", &body))
    }

    /// The caller whose session an answer to a sign-in begins.
    #[track_caller]
    pub fn signed_in(&self, answer: &Answer) -> Client {
        let session = answer.expect(200);
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).unwrap();
        let csrf = session["csrfToken"].as_str().unwrap();
        self.client(Credentials::Session { cookie: cookie.to_owned(), csrf: csrf.to_owned() })
    }

    /// The most memory that it has had.
    pub fn peak_memory_bytes(&self) -> u64 {
        let process = self.running.as_ref().expect("it runs").child.id();
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
    }

    /// Every connection that it has made.
    pub fn recorded(&self) -> Vec<Connection> {
        self.connections.connections()
    }

    /// The connections that it made and that no circuit breaker had let pass, as far as its log tells. Its own verbs talk to
    /// the running server through its socket, which leads nowhere outside.
    fn unpermitted(&self) -> Vec<Connection> {
        let own = Target::Local(self.data().join("admin.sock"));
        let outside = self.connections.connections().into_iter().filter(|connection| connection.to != own);
        without_permit(outside.collect(), &lines_in(&self.logs()))
    }

    /// The administrator of the tenant `house` that unattended set-up makes.
    pub fn admin(&self) -> Client {
        self.sign_in("house", ADMIN_EMAIL)
    }

    /// The SUPER_ADMIN that unattended set-up makes.
    pub fn super_admin(&self) -> Client {
        self.sign_in("system", ADMIN_EMAIL)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let status = self.running.is_some().then(|| self.stop());
        if std::thread::panicking() {
            return;
        }
        assert!(status.is_none_or(|status| status.success()), "the program ended with {status:?}");
        // A full disk has lost lines of the log, too.
        let lost_lines = self.was_killed || self.disk.is_some();
        let raw = if lost_lines { Vec::new() } else { self.unpermitted() };
        assert!(raw.is_empty(), "connections without a permit of a circuit breaker: {raw:?}");
    }
}

/// The program, with no configuration but what a test gives it.
pub fn program() -> Command {
    without_configuration(Command::new(PROGRAM))
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_event-manager");

fn without_configuration(mut command: Command) -> Command {
    let foreign = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("EVENT_MANAGER__"));
    foreign.for_each(|name| {
        command.env_remove(name);
    });
    command
}

/// The address in `event-manager serves at http://127.0.0.1:8080/`.
fn address_in(line: &str) -> Option<SocketAddr> {
    let rest = line.split_once("http://")?.1;
    rest.trim_end().trim_end_matches('/').parse().ok()
}
