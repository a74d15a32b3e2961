//! The operation of the box: set-up, command line, files, start, stop and crashes.

mod accounts;
mod audit;
mod audit_seals;
mod backup_files;
mod backups;
mod charts;
mod circuits;
mod commands;
mod copies;
mod crash;
mod damage;
mod data;
mod demo;
mod disk_full;
mod first_start;
mod log;
mod log_crash;
mod log_erasure;
mod log_search;
mod older_data;
mod retention;
mod rush;
mod setup;
mod shutdown;
mod startup;
mod traceability;
mod uploads;
mod venue;

use std::process::{Command, Output, Stdio};

/// What a command prints on standard output, after it ended with success.
#[track_caller]
pub fn success(command: &mut Command) -> String {
    let output = outcome(command);
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a command complains of, after it failed.
#[track_caller]
pub fn failure(command: &mut Command) -> String {
    let output = outcome(command);
    assert_eq!(output.status.code(), Some(1), "{command:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

fn outcome(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}
