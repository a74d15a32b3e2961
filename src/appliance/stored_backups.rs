//! Backups in object storage, as a machine that is new, or has lost its data, gets at them: no server, no store, only the
//! configuration. Asked by whoever stands before the machine and waits, so nothing is tried twice and no circuit is
//! remembered.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{ApplianceError, outside};
use crate::{
    config::Config,
    domain::Timestamp,
    integrations::{CallIds, Failure, storage::StorageTarget},
    jobs::{BACKUPS_FOLDER, ids_of},
    store::BackupName,
    telemetry::context::RequestContext,
};

/// Most objects that are looked at in a bucket.
const OBJECTS_MAX: usize = 10_000;

/// The object stores that are set up.
pub struct StoredBackups {
    targets: Vec<Arc<StorageTarget>>,
    ids: CallIds,
}

/// A backup that was taken away.
pub struct StoredBackup {
    /// Its name.
    pub name: BackupName,
    /// Its size.
    pub bytes: u64,
    /// When it arrived there.
    pub stored_at: Timestamp,
    /// Where it is, in the order in which it is fetched.
    pub targets: Vec<String>,
}

impl StoredBackups {
    /// Those of a configuration.
    ///
    /// # Errors
    /// No object storage is set up, or it can never work.
    pub fn of(config: &Config, context: &RequestContext) -> Result<Self, ApplianceError> {
        let port = outside::storage(config, &outside::http_client(&config.outbound)?)?;
        let port = port.ok_or(ApplianceError::NoStorage)?;
        Ok(Self { targets: port.targets.ways, ids: ids_of(context) })
    }

    /// All of them, newest first, and what was the matter with each store that could not be asked.
    pub fn list(&self) -> (Vec<StoredBackup>, Vec<String>) {
        let (mut found, mut faults) = (BTreeMap::<BackupName, StoredBackup>::new(), Vec::new());
        for target in &self.targets {
            let listing = match target.list(BACKUPS_FOLDER, OBJECTS_MAX, &self.ids) {
                Ok(listing) => listing,
                Err(failure) => {
                    faults.push(said_by(target, &failure));
                    continue;
                }
            };
            for object in listing.objects {
                let name = object.path.rsplit('/').next().and_then(|name| name.parse::<BackupName>().ok());
                let Some(name) = name else { continue };
                let stored_at = Timestamp::from_millis(object.modified_ms);
                let new = || StoredBackup { name, bytes: object.bytes, stored_at, targets: Vec::new() };
                found.entry(name).or_insert_with(new).targets.push(target.key());
            }
        }
        (found.into_values().rev().collect(), faults)
    }

    /// Fetches a backup into a directory, from the first store that gives it. What is fetched was compared with what
    /// had been stored; a file of the name that is there already stays.
    ///
    /// # Errors
    /// The file is there already or cannot be written, or no store gives it: each with its reason.
    pub fn fetch(&self, name: BackupName, into: &Path) -> Result<PathBuf, ApplianceError> {
        let file = into.join(name.to_string());
        let unwritable = |path: &Path, error| ApplianceError::Fetched { path: path.to_owned(), error };
        if file.symlink_metadata().is_ok() {
            return Err(unwritable(&file, std::io::ErrorKind::AlreadyExists.into()));
        }
        fs::create_dir_all(into).map_err(|error| unwritable(into, error))?;
        let part = into.join(format!(".{name}.part"));
        let mut faults = Vec::new();
        for target in &self.targets {
            let mut sink = File::create(&part).map_err(|error| unwritable(&part, error))?;
            match target.fetch(&format!("{BACKUPS_FOLDER}/{name}"), &mut sink, u64::MAX, &self.ids) {
                Ok(_) => {
                    let kept = sink.flush().and_then(|()| sink.sync_all());
                    let kept = kept.and_then(|()| fs::rename(&part, &file));
                    let kept = kept.and_then(|()| File::open(into)?.sync_all());
                    kept.map_err(|error| unwritable(&file, error))?;
                    return Ok(file);
                }
                Err(failure) => {
                    faults.push(said_by(target, &failure));
                }
            }
        }
        // What was written before an error is of no use.
        let _ = fs::remove_file(&part);
        Err(ApplianceError::NotFetched(faults.join("; ")))
    }
}

fn said_by(target: &StorageTarget, Failure { class, detail, .. }: &Failure) -> String {
    format!("{}: {class}: {detail}", target.key())
}
