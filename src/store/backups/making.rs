//! Making a backup of a store that is at work: a compact copy of a snapshot, then keys and uploaded files, packed, read
//! again as a whole, and only then named.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use rustix::fs::statvfs;
use uuid::Uuid;

use super::{
    BackupError, BackupLabel, BackupName, Keep, backups_in, label_path,
    manifest::{Manifest, Opening},
    members::{BLOBS, KEYS, Role, STORE},
    packing::Packer,
    reading::verify_backup,
    relabel, remove_backup,
    thinning::to_go,
};
use crate::{
    domain::Timestamp,
    store::{
        Store,
        copies::{inspect, remove, sync_directory_of},
        engine::Pace,
    },
    telemetry::clock::{Clock, Stopwatch},
};

/// How the names of files begin that are not finished. Those that are found at the start were interrupted.
pub(super) const UNFINISHED: &str = ".making";

/// Where backups are, and what goes into them beside the data file.
#[derive(Clone, Debug)]
pub struct BackupPlace {
    /// The directory of backups.
    pub directory: PathBuf,
    /// The data directory, in which keys and uploaded files are.
    pub data: PathBuf,
    /// The names of the keys that go along.
    pub keys: Vec<&'static str>,
    /// What stays free on the disk of the backups, in bytes.
    pub floor_bytes: u64,
}

impl BackupPlace {
    /// Makes the directory, and removes what an interrupted backup has left in it.
    ///
    /// # Errors
    /// When the directory cannot be made or read.
    pub fn prepare(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let of = name.strip_suffix(".json").filter(|name| name.parse::<BackupName>().is_ok());
            let alone = of.is_some_and(|backup| !self.directory.join(backup).exists());
            if name.starts_with(UNFINISHED) || alone {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Where a backup is.
    pub fn path_of(&self, name: BackupName) -> PathBuf {
        self.directory.join(name.to_string())
    }

    /// Makes a backup of a store and reads it again. It holds everything that was acknowledged before.
    ///
    /// # Errors
    /// There is no room, something cannot be read or written, or what was written does not read back; then nothing is
    /// left of it.
    pub fn make(
        &self,
        store: &Store,
        (name, id): (BackupName, Uuid),
        clock: &Clock,
        pace: &mut Pace<'_>,
    ) -> Result<BackupLabel, BackupError> {
        self.prepare().map_err(BackupError::at(&self.directory))?;
        let made = self.make_unnamed(store, id, clock, pace).and_then(|label| {
            let (unfinished, path) = (self.unfinished(".embackup"), self.path_of(name));
            let named = || -> io::Result<()> {
                // The label first: one that is alone is removed at the next start.
                relabel(&path, &label)?;
                fs::rename(&unfinished, &path)?;
                sync_directory_of(&path)
            };
            named().map_err(BackupError::at(&path)).inspect_err(|_| drop(remove(&label_path(&path))))?;
            Ok(label)
        });
        for behind in [".redb", ".embackup"] {
            if let Err(error) = remove(&self.unfinished(behind)) {
                tracing::warn!(%error, "an unfinished backup cannot be removed");
            }
        }
        made
    }

    /// Removes the backups that are not to be kept; how many.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn thin(&self, keep: Keep, now: Timestamp) -> io::Result<usize> {
        let backups = backups_in(&self.directory)?;
        let gone = to_go(&backups, now, keep);
        gone.iter().try_for_each(|backup| remove_backup(&backup.path))?;
        Ok(gone.len())
    }

    fn unfinished(&self, behind: &str) -> PathBuf {
        self.directory.join(format!("{UNFINISHED}{behind}"))
    }

    fn make_unnamed(
        &self,
        store: &Store,
        id: Uuid,
        clock: &Clock,
        pace: &mut Pace<'_>,
    ) -> Result<BackupLabel, BackupError> {
        let watch = Stopwatch::start();
        let (copy, packed) = (self.unfinished(".redb"), self.unfinished(".embackup"));
        // The copy of the data, and that in the backup; then the copy goes, and the data is taken out to be looked at.
        self.ensure_room(store.size_bytes().saturating_mul(2))?;
        let taken_at = clock.now();
        store.copy_to(&copy, pace)?;
        let content = inspect(&copy)?;
        let mut packer = Packer::begin(&packed, Opening::new(id, taken_at), taken_at)?;
        packer.file(STORE, &copy, pace)?;
        remove(&copy).map_err(BackupError::at(&copy))?;
        for key in &self.keys {
            let path = self.data.join(key);
            // A data directory that no key was needed in has none.
            if path.try_exists().map_err(BackupError::at(&path))? {
                packer.file(&format!("{KEYS}/{key}"), &path, pace)?;
            }
        }
        // What the snapshot speaks of was there before it. What came since is no harm.
        let blobs = self.data.join(BLOBS);
        for file in files_beneath(&blobs).map_err(BackupError::at(&blobs))? {
            let within = file.strip_prefix(&self.data).unwrap_or(&file).to_string_lossy();
            if Role::of(&within) != Some(Role::Blob) {
                tracing::debug!(file = %file.display(), "a file that is none of ours is in no backup");
                continue;
            }
            self.ensure_room(fs::metadata(&file).map_or(0, |file| file.len()))?;
            match packer.file(&within, &file, pace) {
                // It was removed since it was listed. If anybody needs it, the backup will say that it lacks it.
                Err(BackupError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {}
                packed => packed?,
            }
        }
        packer.end(|opening, members| Manifest::new(opening, &content, members))?;
        let read = verify_backup(&packed, pace)?;
        let duration_ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
        // What was destroyed while it was made is needed by nobody any more.
        let lack = read.lack(|tenant, blob| store.is_blob_used(tenant, blob).unwrap_or(true));
        Ok(BackupLabel { duration_ms, lack, ..read.label(None, clock.now()) })
    }

    fn ensure_room(&self, needed: u64) -> Result<(), BackupError> {
        let room =
            statvfs(&self.directory).map_err(|error| BackupError::at(&self.directory)(error.into()))?;
        let free = room.f_bavail.saturating_mul(room.f_frsize);
        if needed > free.saturating_sub(self.floor_bytes) {
            return Err(BackupError::NoRoom { needed, free });
        }
        Ok(())
    }
}

/// All plain files beneath a directory, in the order of their paths; none if it is not there.
fn files_beneath(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut files, mut directories) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(directory) = directories.pop() {
        let entries = match fs::read_dir(&directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                directories.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}
