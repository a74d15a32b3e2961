//! `backup`: makes a backup of the data, whether the server runs or not; lists and verifies backups, which are files, so
//! that no server is needed; `restore`, and `stored` with `fetch`, have files of their own.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::mpsc::sync_channel,
    time::Duration,
};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Failure,
    backup_restore::restore,
    backup_stored::{fetch, stored},
    console, load,
    local_api::{Data, LocalApi, OPERATORS, text, with_api},
};
use crate::{
    config::{Config, Flags},
    store::{
        BackupFile, BackupKeys, BackupName, Manifest, VerifiedBackup, backups_in, label_of, verify_backup,
    },
};

/// How long between two looks at how far a backup is.
const LOOK: Duration = Duration::from_millis(100);

/// Arguments of `backup`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    make: Make,
}

/// Arguments of `backup` alone, which makes one.
#[derive(Args)]
struct Make {
    #[command(flatten)]
    flags: Flags,
    /// Also take it away: to a new file, or into a directory
    #[arg(long, value_name = "FILE|DIR")]
    to: Option<PathBuf>,
}

/// What to do with backups.
#[derive(Subcommand)]
enum Verb {
    /// List the backups, newest first
    List {
        #[command(flatten)]
        flags: Flags,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Read a backup as a whole: every hash, every page of the data and every audit record; and say what is in it
    Verify {
        /// The backup
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// List the backups in object storage, newest first; asks the stores of the configuration, no server
    Stored {
        #[command(flatten)]
        flags: Flags,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Fetch a backup from object storage and read it as a whole
    Fetch {
        #[command(flatten)]
        flags: Flags,
        /// Its name, as `backup stored` tells it
        #[arg(value_name = "NAME")]
        name: BackupName,
        /// Where to; the directory of backups, unless it is said
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
    /// Put a backup in the place of the data, after telling what it lacks and asking; what is there is moved aside
    Restore {
        #[command(flatten)]
        flags: Flags,
        /// The backup
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the verb.
///
/// # Errors
/// The backup cannot be made or read, or is not sound.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.verb {
        None => make(&arguments.make),
        Some(Verb::List { flags, json }) => list(&load(&flags)?, json),
        Some(Verb::Verify { file }) => verify(&file),
        Some(Verb::Stored { flags, json }) => stored(&load(&flags)?, json),
        Some(Verb::Fetch { flags, name, to }) => fetch(&load(&flags)?, name, to),
        Some(Verb::Restore { flags, file, yes }) => restore(&load(&flags)?, &file, yes),
    }
}

/// Reads a backup as a whole, and tells what is in it.
///
/// # Errors
/// It is not sound.
pub fn verify(file: &Path) -> Result<(), Failure> {
    let read = verify_backup(file, &mut || ControlFlow::Continue(()));
    let read = read.map_err(|error| Failure::Other(error.about(file)))?;
    let beside = label_of(file).filter(|label| label.sha256 != read.sha256);
    contents(file, &read);
    match beside {
        None => Ok(()),
        Some(_) => Err(Failure::Other(format!(
            "{}: it is whole, but not the file that was made: its SHA-256 is another",
            file.display()
        ))),
    }
}

fn make(arguments: &Make) -> Result<(), Failure> {
    let to = arguments.to.clone();
    if let Some(to) = to.as_deref().filter(|to| !to.is_dir() && to.symlink_metadata().is_ok()) {
        return Err(Failure::Other(format!("{} is there already", to.display())));
    }
    let directory = load(&arguments.flags)?.backup_dir();
    with_api(&arguments.flags, Data::Existing, Some(OPERATORS.to_owned()), move |api| {
        let backup = made(api)?;
        let (name, content) = (text(&backup, "name"), backup.get("content").unwrap_or(&Value::Null));
        let number = |of: &Value, name: &str| of.get(name).and_then(Value::as_u64).unwrap_or_default();
        let path = directory.join(name);
        let path = if path.exists() { path.display().to_string() } else { name.to_owned() };
        if text(&backup, "state") == "incomplete" {
            console::complain(&format!("NOT COMPLETE: {}", text(&backup, "fault")));
        }
        console::say(&format!(
            "{path}: {} bytes, made and verified in {} ms, {} audit records of {} tenants, SHA-256 {}",
            number(&backup, "bytes"),
            number(content, "durationMs"),
            number(content, "records"),
            number(content, "tenants"),
            text(content, "sha256"),
        ));
        let Some(to) = to else { return Ok(()) };
        let to = if to.is_dir() { to.join(name) } else { to };
        api.download(&format!("/backups/{name}/content"), &to, text(content, "sha256"))?;
        console::say(&format!("{}: the same", to.display()));
        Ok(())
    })
}

/// Asks for a backup and waits until it is made.
fn made(api: &LocalApi) -> Result<Value, Failure> {
    let asked = api.request("POST", "/backups", None)?;
    let path = format!("/backups/{}", text(&asked, "name"));
    // Nobody ever sends anything: it waits for its time.
    let (_sender, clock) = sync_channel::<()>(1);
    loop {
        let backup = api.request("GET", &path, None)?;
        match text(&backup, "state") {
            "waiting" | "making" => drop(clock.recv_timeout(LOOK)),
            "failed" | "unsound" => {
                return Err(Failure::Other(format!("no backup was made: {}", text(&backup, "fault"))));
            }
            _ => return Ok(backup),
        }
    }
}

fn list(config: &Config, as_json: bool) -> Result<(), Failure> {
    let directory = config.backup_dir();
    let backups = backups_in(&directory)?;
    if as_json {
        let items: Vec<Value> = backups.iter().map(line_as_json).collect();
        console::say(&json!({"directory": directory, "items": items}).to_string());
        return Ok(());
    }
    if backups.is_empty() {
        console::complain(&format!("there is no backup in {}", directory.display()));
    }
    for backup in backups {
        let BackupFile { path, name, bytes, label } = &backup;
        let about = match label {
            Some(label) => match (&label.fault, &label.lack) {
                (Some(fault), _) => format!("NOT SOUND: {fault}"),
                (None, Some(lack)) => format!("NOT COMPLETE: {lack}"),
                (None, None) => format!("sound at {}", label.checked_at),
            },
            None => "not verified".to_owned(),
        };
        console::say(&format!("{}  {bytes:>12} bytes  {}  {about}", name.time(), path.display()));
    }
    Ok(())
}

fn line_as_json(backup: &BackupFile) -> Value {
    json!({"name": backup.name.to_string(), "path": backup.path, "bytes": backup.bytes, "content": backup.label})
}

/// Tells what is in a backup.
pub fn contents(file: &Path, read: &VerifiedBackup) {
    let VerifiedBackup { manifest, sha256, bytes, .. } = read;
    let Manifest { taken_at, version, newest_change, records, .. } = manifest;
    console::say(&format!("{}: sound, {bytes} bytes, SHA-256 {sha256}", file.display()));
    let newest = newest_change.map(|time| format!(", the newest change of {time}")).unwrap_or_default();
    console::say(&format!(
        "  taken at {taken_at} by event-manager {version}: {records} audit records{newest}"
    ));
    let keys = match manifest.keys() {
        BackupKeys::Included => "with the keys of the data directory",
        BackupKeys::LeftOut => "without keys",
    };
    console::say(&format!("  {} uploaded files, {keys}", manifest.files()));
    if let Some(lack) = read.lack(|_, _| true) {
        console::say(&format!("  NOT COMPLETE: {lack}"));
    }
    for chain in &manifest.chains {
        let tenant = chain.slug.clone().unwrap_or_else(|| format!("the deleted tenant {}", chain.tenant_id));
        console::say(&format!("  {tenant}: up to change {}, audit head {}", chain.sequence, chain.hash));
    }
}
