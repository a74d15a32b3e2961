//! What lies where in a data directory, and how its data is opened.

use std::{
    fs::{self, DirBuilder},
    io::{self, ErrorKind},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, access};

use super::ApplianceError;
use crate::{
    config::Config,
    domain::Timestamp,
    jobs::LogRules,
    service::{FileRules, Files},
    store::{Blobs, Check, Room, Store, StoreError, StorePlace, is_restoring},
};

/// Makes sure that a data directory is there, and that files can be made in it.
///
/// # Errors
/// It cannot be made, or nothing can be written in it.
pub fn ensure_usable(path: &Path) -> Result<(), ApplianceError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.and_then(|()| Ok(access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)?))
        .map_err(|error| ApplianceError::DataDirectory { path: path.to_owned(), error })
}

/// Makes sure that no restore of a backup was interrupted, which must not end in data that begins anew.
pub(super) fn ensure_restored(path: &Path) -> Result<(), ApplianceError> {
    if is_restoring(path) { Err(ApplianceError::Restoring { path: path.to_owned() }) } else { Ok(()) }
}

/// What to do about a data directory that cannot be used.
pub(super) fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            "let it belong to the user who runs event-manager, or name another directory with --data"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "mount its file system for writing, or name another directory with --data"
        }
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            "a file is in its place; move that away, or name another directory with --data"
        }
        _ => "mend that, or name another directory with --data",
    }
}

/// Where the data of a data directory is.
pub fn data_file(data_directory: &Path) -> PathBuf {
    data_directory.join("event-manager.redb")
}

/// Where the verified copies of a data directory are.
pub fn copies_directory(data_directory: &Path) -> PathBuf {
    data_directory.join("copies")
}

/// Where the charts of a data directory are.
pub(super) fn charts_file(data_directory: &Path) -> PathBuf {
    data_directory.join("charts.rings")
}

/// The files that people have uploaded, whose contents lie in a data directory. The store is open, so nobody else has them.
pub(super) fn files(config: &Config, data_directory: &Path) -> Files {
    let rules = FileRules {
        bytes_max: config.files.bytes_max(),
        pixels_max: config.files.pixels_max(),
        media_types: config.files.media_types.clone(),
        time: config.files.upload_timeout(),
    };
    Files::new(Blobs::open(&data_directory.join("blobs")), rules, config.virus_scan.is_set_up())
}

/// How much of the log is kept.
pub(super) fn log_rules(config: &Config) -> LogRules {
    LogRules {
        kept: config.log.retention(),
        bytes: config.log.total_bytes(),
        segment_bytes: config.log.segment_bytes(),
        free_bytes: config.log.free_bytes(),
    }
}

/// Makes sure that the data file is missing, putting a damaged one aside; what happened, if that is known.
///
/// # Errors
/// The data file is sound, or it cannot be told.
pub fn ensure_lost(config: &Config, now: Timestamp) -> Result<Option<String>, ApplianceError> {
    let path = config.store.data_dir.clone();
    let file = data_file(&path);
    if !file.exists() {
        return Ok(None);
    }
    match Store::check(place(config, &file, &copies_directory(&path), Check::Everything, now)) {
        Err(error @ StoreError::PutAside { .. }) => Ok(Some(error.to_string())),
        Err(error) => Err(ApplianceError::Store { path, error }),
        Ok(()) => Err(ApplianceError::Sound { file }),
    }
}

/// Where the data of a configuration is, and how it is opened.
pub(super) fn place<'a>(
    config: &Config,
    file: &'a Path,
    copies: &'a Path,
    check: Check,
    now: Timestamp,
) -> StorePlace<'a> {
    let (reserve, floor) = (config.store.reserve_bytes(), config.store.free_floor_bytes());
    let room = Room::new(&config.store.data_dir, reserve, floor);
    StorePlace { file, copies, cache_bytes: config.store.cache_bytes(), check, room, now }
}

/// How much of the data file is checked at the start: all of it, if that does not take long.
pub(super) fn check(config: &Config, file: &Path) -> Check {
    let bytes = fs::metadata(file).map_or(0, |file| file.len());
    if bytes <= config.store.check_bytes() { Check::Everything } else { Check::Repair }
}

/// Where the local socket of a data directory is.
pub fn socket_path(data_directory: &Path) -> PathBuf {
    data_directory.join("admin.sock")
}
