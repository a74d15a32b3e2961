//! Metrics of the process itself, read from `/proc` whenever they are asked for. What cannot be read is left
//! out. Names and meanings are those that Prometheus's own client libraries give these metrics.

use std::{
    fmt::{Display, Write},
    fs,
};

/// Ticks per second in which the kernel reports times to programs: fixed on all architectures that Linux runs
/// on, whatever the kernel itself uses.
const USER_HZ: f64 = 100.0;

/// The metrics of this process as Prometheus text.
pub(super) fn render() -> String {
    let mut text = String::new();
    let stat = fs::read_to_string("/proc/self/stat").ok();
    let stat = stat.as_deref().and_then(Stat::parse);
    let status = fs::read_to_string("/proc/self/status").ok();
    let boot = fs::read_to_string("/proc/stat").ok();
    let start_time = stat.zip(boot.as_deref().and_then(boot_time)).map(|(stat, boot)| boot + stat.started);
    add(
        &mut text,
        ("process_resident_memory_bytes", "gauge", "Memory in use, in bytes."),
        status.as_deref().and_then(resident_bytes),
    );
    add(
        &mut text,
        ("process_cpu_seconds_total", "counter", "Processor time used, in seconds."),
        stat.map(|stat| stat.cpu),
    );
    add(
        &mut text,
        ("process_open_fds", "gauge", "Open files and connections."),
        fs::read_dir("/proc/self/fd").ok().map(Iterator::count),
    );
    add(
        &mut text,
        ("process_start_time_seconds", "gauge", "Time of the start, in seconds since the Unix epoch."),
        start_time,
    );
    text
}

fn add(text: &mut String, (name, kind, help): (&str, &str, &str), value: Option<impl Display>) {
    if let Some(value) = value {
        // Writing to a string cannot fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n\n");
    }
}

/// What is wanted of `/proc/self/stat` (proc_pid_stat(5)), in seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Stat {
    /// Processor time used, in user and kernel mode.
    cpu: f64,
    /// Start, since the machine was booted.
    started: f64,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The name of the program may hold anything, but ends at the last parenthesis; the state is field 3.
        let (_, fields) = text.rsplit_once(')')?;
        let mut fields = fields.split_ascii_whitespace();
        let user: f64 = fields.nth(14 - 3)?.parse().ok()?;
        let kernel: f64 = fields.next()?.parse().ok()?;
        let started: f64 = fields.nth(22 - 16)?.parse().ok()?;
        Some(Self { cpu: (user + kernel) / USER_HZ, started: started / USER_HZ })
    }
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

fn boot_time(stat: &str) -> Option<f64> {
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Stat, boot_time, render, resident_bytes};

    #[test]
    fn a_program_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let text = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 4 0 12345 1 1 1";
        assert_eq!(Stat::parse(text), Some(Stat { cpu: 3.0, started: 123.45 }));
    }

    #[test]
    fn what_is_not_as_expected_is_left_out() {
        assert_eq!(Stat::parse("7 (a) S 1"), None);
        assert_eq!(resident_bytes("VmSize: 12 kB\n"), None);
        assert_eq!(resident_bytes("VmRSS:\t    12 kB\n"), Some(12_288));
        assert_eq!(boot_time("cpu 1 2\nbtime 1777662000\n"), Some(1_777_662_000.0));
    }

    #[test]
    fn this_process_is_measured() {
        let text = render();
        for name in ["resident_memory_bytes", "cpu_seconds_total", "open_fds", "start_time_seconds"] {
            assert!(text.contains(&format!("\nprocess_{name} ")), "{text}");
        }
    }
}
