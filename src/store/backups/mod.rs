//! Backups: one file each, with the data of a snapshot, the keys that read it and the uploaded files; made while the server
//! serves, read again as a whole before it gets its name, and put in the place of the data by hand. A label beside each
//! says what is in it.

mod making;
mod manifest;
mod members;
mod name;
mod packing;
mod reading;
mod staging;
mod thinning;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use self::{
    making::BackupPlace,
    manifest::{BackupKeys, BackupLabel, Manifest},
    name::BackupName,
    reading::{VerifiedBackup, verify_backup},
    staging::{Staged, is_restoring},
    thinning::Keep,
};
use super::{
    StoreError,
    copies::{remove, sync_directory_of},
    engine::EngineError,
};

/// Why there is no backup, or why one is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The disk has no room for it.
    #[error("there is no room on the disk: {needed} bytes are needed, {free} are free")]
    NoRoom {
        /// Bytes that would be written.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The work was ended before it was done.
    #[error("the work was ended before it was done")]
    Ended,
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// What is in it is not what was put in.
    #[error("the backup is not sound: {0}")]
    Unsound(String),
    /// It is something else.
    #[error("this is no backup of event-manager")]
    Foreign,
    /// A newer program made it.
    #[error(
        "event-manager {version} made this backup in the format {format}, which this version does not know; install that \
         version"
    )]
    Format {
        /// The format.
        format: u32,
        /// The version that made it.
        version: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl BackupError {
    fn at(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Io { path: path.clone(), error }
    }

    fn unsound(what: impl Into<String>) -> Self {
        Self::Unsound(what.into())
    }

    /// What is said of a file, with its path once.
    pub fn about(&self, file: &Path) -> String {
        match self {
            Self::Io { .. } => self.to_string(),
            _ => format!("{}: {self}", file.display()),
        }
    }

    /// Whether something is wrong with a backup, and not with whoever makes or reads it.
    pub const fn is_fault(&self) -> bool {
        matches!(self, Self::Unsound(_) | Self::Foreign | Self::Format { .. })
    }

    const fn foreign() -> Self {
        Self::Foreign
    }
}

impl<E: Into<StoreError>> From<E> for BackupError {
    fn from(error: E) -> Self {
        match error.into() {
            StoreError::Engine(EngineError::Ended) => Self::Ended,
            error => Self::Store(error),
        }
    }
}

/// A backup in a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name.
    pub name: BackupName,
    /// Its size.
    pub bytes: u64,
    /// What its label says, if it has one.
    pub label: Option<BackupLabel>,
}

impl BackupFile {
    /// Whether something was wrong with it when it was read last.
    pub fn is_unsound(&self) -> bool {
        self.label.as_ref().is_some_and(|label| label.fault.is_some())
    }

    /// Whether it is sound and lacks nothing.
    pub fn is_complete(&self) -> bool {
        !self.is_unsound() && self.label.as_ref().is_none_or(|label| label.lack.is_none())
    }
}

/// The backups in a directory, newest first. What is not named like one is passed over.
///
/// # Errors
/// When the directory cannot be read; one that is not there has none.
pub fn backups_in(directory: &Path) -> io::Result<Vec<BackupFile>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut backups = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().and_then(|name| name.parse::<BackupName>().ok()) else {
            continue;
        };
        let path = entry.path();
        // One that is thinned out meanwhile is none any more.
        if let Ok(metadata) = entry.metadata()
            && metadata.is_file()
        {
            backups.push(BackupFile { label: label_of(&path), path, name, bytes: metadata.len() });
        }
    }
    backups.sort_unstable_by_key(|backup| std::cmp::Reverse(backup.name));
    Ok(backups)
}

fn label_path(backup: &Path) -> PathBuf {
    let mut path = backup.as_os_str().to_owned();
    path.push(".json");
    path.into()
}

/// What lies beside a backup and says what is in it; none if it is not there or cannot be read.
pub fn label_of(backup: &Path) -> Option<BackupLabel> {
    serde_json::from_slice(&fs::read(label_path(backup)).ok()?).ok()
}

/// Writes the label of a backup, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn relabel(backup: &Path, label: &BackupLabel) -> io::Result<()> {
    let path = label_path(backup);
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(making::UNFINISHED).tempfile_in(directory)?;
    serde_json::to_writer_pretty(&mut file, label)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    sync_directory_of(&path)
}

/// Removes a backup and its label.
fn remove_backup(path: &Path) -> io::Result<()> {
    remove(path)?;
    remove(&label_path(path))
}
