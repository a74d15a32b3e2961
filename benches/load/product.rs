//! The product: the real binary with its demo, on a temporary directory, with authentication, audit and logging on.

use std::{
    fs::DirEntry,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

pub struct Product {
    pub address: String,
    pub token: String,
    directory: tempfile::TempDir,
    child: Child,
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_event-manager");

impl Product {
    pub fn start(sheets: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (child, line) = spawn(&directory, sheets);
        let line: Value = serde_json::from_str(&line).unwrap();
        let url = line["url"].as_str().unwrap();
        // One is made in the first minute and then every hour, at the least priority: no part of what is measured.
        wait_for_copy(&directory.path().join("copies"));
        Self {
            address: url.strip_prefix("http://").unwrap().to_owned(),
            token: line["token"].as_str().unwrap().to_owned(),
            directory,
            child,
        }
    }

    fn metric(&self, name: &str) -> f64 {
        let text = ureq::get(format!("http://{}/metrics", self.address)).call().unwrap();
        let text = text.into_body().read_to_string().unwrap();
        let line =
            text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no metric {name}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// How long the program has kept processors busy.
    pub fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // Behind the name in brackets: user and system time are the 14th and 15th field, in hundredths of a second.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let hundredths: u64 = [11, 12].iter().map(|at| fields[*at].parse::<u64>().unwrap()).sum();
        Duration::from_millis(hundredths * 10)
    }

    /// How many syncs of the data file there were for each operation that wrote.
    pub fn syncs_per_sheet(&self) -> f64 {
        self.metric("db_fsync_duration_seconds_count") / self.metric("db_batch_operations_sum")
    }

    /// Stops cleanly, starts again, and says how long that took, what it weighs then, and how large the program is.
    pub fn footprint(mut self) {
        terminate(&mut self.child);
        let begun = Instant::now();
        let (mut child, line) = spawn(&self.directory, 0);
        let line: Value = serde_json::from_str(&line).unwrap();
        let ready = format!("{}/health/ready", line["url"].as_str().unwrap());
        while ureq::get(&ready).call().is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "it does not become ready");
        }
        println!(
            "{:<44} {:>9.0} ms",
            "start to ready after a clean stop",
            begun.elapsed().as_secs_f64() * 1e3
        );
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let resident = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        println!("{:<44} {:>12}", "memory before traffic", resident.trim_start_matches("VmRSS:").trim());
        let size = std::fs::metadata(PROGRAM).unwrap().len() as f64 / f64::from(1 << 20);
        println!("{:<44} {size:>8.1} MiB", "program");
        terminate(&mut child);
    }
}

fn wait_for_copy(copies: &Path) {
    let begun = Instant::now();
    let is_whole = |entry: DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
    while !std::fs::read_dir(copies).unwrap().any(|entry| is_whole(entry.unwrap())) {
        assert!(begun.elapsed() < Duration::from_secs(900), "no copy is made");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn spawn(directory: &tempfile::TempDir, sheets: usize) -> (Child, String) {
    let mut child = Command::new(PROGRAM)
        .args(["demo", "--json", "--port", "0", "--sheets", &sheets.to_string(), "--data"])
        .arg(directory.path())
        // One session asks as fast as it can, which nobody does.
        .env("EVENT_MANAGER__LIMITS__REQUESTS_PER_S", "0")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}

fn terminate(child: &mut Child) {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success(), "it did not stop cleanly");
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
