//! A real program that a test starts, with what it prints. It is a process group of its own, so that it freezes and ends
//! as a whole.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use parking_lot::{Condvar, Mutex};
use rustix::{
    fs::{Mode, fchmod},
    process::{Pid, Signal, WaitOptions, kill_process_group, waitpid},
};

/// The program. It is killed when this is dropped.
pub(super) struct Program {
    child: Child,
    is_frozen: Mutex<bool>,
    pid_file: Option<PathBuf>,
    printed: Arc<Printed>,
    reading: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Printed {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    is_over: bool,
}

/// The variable by which the command of a program that leaves its process group says in which file it writes the number
/// of the group that it leads.
pub(super) const PID_FILE: &str = "PID_FILE";

/// Longest time that any of them takes to start.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Other programs may take a port between its choice and its use.
const PORTS_TRIED: usize = 5;
/// Where programs lie that are no commands of ordinary users.
const FURTHER_FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

impl Program {
    /// Starts a command and waits until it prints a line that holds `ready`.
    ///
    /// # Errors
    /// What it printed, when it ends or takes too long.
    pub(super) fn start(mut command: Command, ready: &str) -> Result<Self, String> {
        let (output, input) = io::pipe().unwrap();
        // Programs that give up their rights open it again.
        fchmod(&input, Mode::from_raw_mode(0o622)).unwrap();
        command.process_group(0).stdin(Stdio::null()).stdout(input.try_clone().unwrap()).stderr(input);
        let mut variables = command.get_envs();
        let pid_file =
            variables.find_map(|(name, value)| value.filter(|_| name == PID_FILE).map(PathBuf::from));
        let child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        // Else this process would keep the pipe open that the program closes when it ends.
        drop(command);
        let printed = Arc::new(Printed::default());
        let reading = thread::spawn({
            let printed = Arc::clone(&printed);
            move || printed.read(BufReader::new(output))
        });
        let program = Self { child, is_frozen: Mutex::default(), pid_file, printed, reading: Some(reading) };
        match program.wait_for_line(START_LIMIT, |line| line.contains(ready)) {
            Some(_) => Ok(program),
            None => Err(format!("it did not start: {}", program.lines().join("\n"))),
        }
    }

    /// Starts a command that has to be told its port.
    ///
    /// # Panics
    /// When it does not start on any of some free ports.
    #[track_caller]
    pub(super) fn start_on_free_port(ready: &str, command: impl Fn(u16) -> Command) -> (Self, u16) {
        let mut fault = String::new();
        for _ in 0..PORTS_TRIED {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            match Self::start(command(port), ready) {
                Ok(program) => return (program, port),
                Err(error) => fault = error,
            }
        }
        panic!("{fault}");
    }

    /// Everything it has printed so far.
    pub(super) fn lines(&self) -> Vec<String> {
        self.printed.state.lock().lines.clone()
    }

    /// Waits until it has printed a line that is as wanted, and returns it; nothing if it ends or the limit is over first.
    pub(super) fn wait_for_line(&self, limit: Duration, is_it: impl Fn(&str) -> bool) -> Option<String> {
        let mut state = self.printed.state.lock();
        let mut found = None;
        let goes_on = |state: &mut State| {
            found = state.lines.iter().find(|line| is_it(line)).cloned();
            found.is_none() && !state.is_over
        };
        self.printed.changed.wait_while_for(&mut state, goes_on, limit);
        found
    }

    /// Stops it where it is: it keeps its connections and answers nothing.
    pub(super) fn freeze(&self) {
        let mut is_frozen = self.is_frozen.lock();
        if !*is_frozen {
            self.signal(Signal::STOP);
            // The signal is on its way: this waits until it has arrived, or the program has ended.
            let _ = waitpid(Some(Pid::from_child(&self.child)), WaitOptions::UNTRACED);
            *is_frozen = true;
        }
    }

    /// Lets it go on.
    pub(super) fn thaw(&self) {
        *self.is_frozen.lock() = false;
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let file = self.pid_file.as_ref().and_then(|file| fs::read_to_string(file).ok());
        let leader = file.and_then(|text| text.trim().parse().ok()).and_then(Pid::from_raw);
        for group in [Some(Pid::from_child(&self.child)), leader].into_iter().flatten() {
            // It may have ended by itself.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        drop(self.child.wait());
        drop(self.reading.take().map(JoinHandle::join));
    }
}

impl Printed {
    fn read(&self, output: impl BufRead) {
        for line in output.split(b'\n').map_while(Result::ok) {
            self.state.lock().lines.push(String::from_utf8_lossy(&line).into_owned());
            self.changed.notify_all();
        }
        self.state.lock().is_over = true;
        self.changed.notify_all();
    }
}

/// The command of a program that a package of the system brings.
///
/// # Panics
/// With the package to install, when the program is not there.
#[track_caller]
pub(super) fn installed(program: &str, package: &str) -> Command {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&folders).chain(FURTHER_FOLDERS.map(PathBuf::from));
    let found = folders.map(|folder| folder.join(program)).find(|path| path.is_file());
    Command::new(found.unwrap_or_else(|| panic!("{program} is missing: apt-get install {package}")))
}

/// Where something lies that a registry of Python or Node.js brings: in the folder that `EVENT_MANAGER_PEERS` names, by
/// default `target/peers` of the repository, with its `venv/` and its `node_modules/`.
///
/// # Panics
/// When it is not there.
#[track_caller]
pub(super) fn from_registry(path: &str) -> PathBuf {
    let folder = std::env::var_os("EVENT_MANAGER_PEERS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers"), PathBuf::from);
    let path = folder.join(path);
    assert!(path.exists(), "{} is missing: run tests/install_tools", path.display());
    path
}
