//! `backup restore`: puts a backup in the place of the data, after telling what it lacks and asking. What was there is
//! moved aside, and nothing is removed.

use std::{
    fs::File,
    io,
    ops::ControlFlow,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use super::{
    Failure,
    backup::contents,
    console,
    restore::{agreed, missing},
    seals::Seals,
};
use crate::{
    appliance::{Telemetry, data_file, ensure_usable, socket_path},
    config::Config,
    domain::Timestamp,
    store::{BackupError, CopyContent, Staged, inspect, time_for_names},
    telemetry::context::RequestContext,
};

/// Restores a backup.
///
/// # Errors
/// A server runs, the backup is not sound, there is no room, or the operator does not want it.
pub fn restore(config: &Config, file: &Path, yes: bool) -> Result<(), Failure> {
    let data = &config.store.data_dir;
    // Before anything is made for it.
    File::open(file).map_err(|error| Failure::Other(format!("{}: {error}", file.display())))?;
    ensure_usable(data)?;
    console::complain(&format!("data directory: {}", data.display()));
    ensure_stopped(data)?;
    let telemetry = Telemetry::start(config, false)?;
    let context = RequestContext::system(telemetry.clock.clone(), "restore");
    let now = telemetry.clock.now();
    let restored = context.span("restore").in_scope(|| in_place_of_data(config, file, now, yes));
    telemetry.flush();
    restored
}

fn in_place_of_data(config: &Config, file: &Path, now: Timestamp, yes: bool) -> Result<(), Failure> {
    let data = &config.store.data_dir;
    let failed = |error: BackupError| Failure::Other(error.about(file));
    let staged = Staged::take_out(file, data, &mut || ControlFlow::Continue(())).map_err(failed)?;
    contents(file, &staged.backup);
    tell_missing(config, &staged.backup.content)?;
    console::say("Passwords, links and sessions will be those of the backup.");
    if !yes && !agreed("Go on with this backup? Type yes:")? {
        return Err(Failure::Other("nothing was restored".to_owned()));
    }
    // Taking it out and reading what was said took a while.
    ensure_stopped(data)?;
    let (aside, taken_at) = (unused(data, now), staged.backup.manifest.taken_at);
    let moved = staged.put_in_place(&aside).map_err(failed)?;
    tracing::warn!(backup = %file.display(), takenAt = %taken_at, "the data was restored from a backup");
    if moved {
        console::say(&format!("What was there before is in {}", aside.display()));
    }
    console::say("Restored.");
    Ok(())
}

/// Makes sure that no program works on the data.
fn ensure_stopped(data: &Path) -> Result<(), Failure> {
    let runs = || Failure::Other("a server runs on this data; stop it first".to_owned());
    if UnixStream::connect(socket_path(data)).is_ok() {
        return Err(runs());
    }
    match File::open(data_file(data)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
        Ok(file) => flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| runs()),
    }
}

/// Tells which records are in the present data, or were sealed in the log, and are not in the backup.
fn tell_missing(config: &Config, backup: &CopyContent) -> Result<(), Failure> {
    console::say("Compared with the seals in the log:");
    for line in missing(backup, &Seals::gather(config, &[], Vec::new())?, "backup") {
        console::say(&line);
    }
    let file = data_file(&config.store.data_dir);
    if !file.exists() {
        return Ok(());
    }
    match inspect(&file) {
        Ok(present) => {
            console::say("Compared with the present data:");
            lacks(backup, &present).iter().for_each(|line| console::say(line));
        }
        Err(error) => console::say(&format!("The present data cannot be compared: {error}")),
    }
    Ok(())
}

/// What the present data has and the backup lacks, a line a tenant.
fn lacks(backup: &CopyContent, present: &CopyContent) -> Vec<String> {
    let mut lines = Vec::new();
    for (tenant, slug, head) in &present.chains {
        let name = slug.clone().unwrap_or_else(|| format!("the deleted tenant {tenant}"));
        let known =
            backup.chains.iter().find(|(known, ..)| known == tenant).map_or(0, |(.., head)| head.sequence);
        lines.push(match head.sequence.checked_sub(known) {
            Some(0) | None => format!("  {name}: no audit record is missing"),
            Some(count) => {
                format!("  {name}: {count} audit records are missing, {} to {}", known + 1, head.sequence)
            }
        });
    }
    lines
}

/// A name for what makes way, which nothing has.
fn unused(data: &Path, now: Timestamp) -> PathBuf {
    let name = |number: u32| match number {
        1 => data.join(format!("before-restore-{}", time_for_names(now))),
        number => data.join(format!("before-restore-{}_{number}", time_for_names(now))),
    };
    (1..).map(name).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| name(1))
}
