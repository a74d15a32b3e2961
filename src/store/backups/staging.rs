//! Putting a backup in the place of the data: it is taken out beside the data first and looked at, then what is there is
//! moved aside, never removed, and the data file comes last. Whatever interrupts it, a data file is there whole or not at
//! all, and a start sees that it was interrupted.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::{
    BackupError,
    members::{BLOBS, KEYS, STORE},
    reading::{Into, VerifiedBackup, read},
};
use crate::store::engine::Pace;

/// The directory in the data directory where a backup is taken out.
const STAGE: &str = "restoring-backup";

/// Whether a restore into a data directory was interrupted, so that its data file is missing and must not be made anew.
pub fn is_restoring(data: &Path) -> bool {
    data.join(STAGE).exists() && !data.join(STORE).exists()
}

/// A backup that is taken out and sound, and not in place yet. It is removed again unless it is put in place.
pub struct Staged {
    data: PathBuf,
    /// Whether what it consists of may be on its way to its place.
    moving: bool,
    /// What was found in it.
    pub backup: VerifiedBackup,
}

impl Staged {
    /// Takes a backup out into a data directory, beside what is there. What an interrupted one has left is removed.
    ///
    /// # Errors
    /// The backup is not sound, or there is no room for it.
    pub fn take_out(file: &Path, data: &Path, pace: &mut Pace<'_>) -> Result<Self, BackupError> {
        let stage = data.join(STAGE);
        let begun = || -> io::Result<()> {
            remove_all(&stage)?;
            DirBuilder::new().mode(0o700).create(&stage)
        };
        begun().map_err(BackupError::at(&stage))?;
        match read(file, Into::Directory(&stage), pace) {
            Ok(backup) => Ok(Self { data: data.to_owned(), moving: false, backup }),
            Err(error) => {
                let _ = remove_all(&stage);
                Err(error)
            }
        }
    }

    /// What of the data directory makes way: the data file, keys that come with the backup, and uploaded files.
    fn in_the_way(&self) -> Vec<PathBuf> {
        let keys = self.keys().into_iter().map(|key| self.data.join(key));
        let all = [self.data.join(STORE), self.data.join(BLOBS)].into_iter().chain(keys);
        all.filter(|path| path.symlink_metadata().is_ok()).collect()
    }

    fn keys(&self) -> Vec<&OsStr> {
        let members = self.backup.manifest.members.iter();
        members
            .filter_map(|member| member.path.strip_prefix(KEYS)?.strip_prefix('/'))
            .map(OsStr::new)
            .collect()
    }

    /// Puts it in place. What makes way is moved into a new directory of this name; whether there was anything.
    ///
    /// # Errors
    /// When something cannot be moved. Nothing is lost then: it is taken out, or moved aside, or where it was.
    pub fn put_in_place(mut self, aside: &Path) -> Result<bool, BackupError> {
        let stage = self.data.join(STAGE);
        let ways = self.in_the_way();
        self.moving = true;
        let placed = || -> io::Result<()> {
            sync_directories(&stage)?;
            sync_directory(&self.data)?;
            if !ways.is_empty() {
                DirBuilder::new().mode(0o700).create(aside)?;
            }
            // The data file first: without it nothing starts, and no key is made anew in between.
            for path in &ways {
                fs::rename(path, aside.join(path.file_name().unwrap_or_default()))?;
                sync_directory(&self.data)?;
            }
            if !ways.is_empty() {
                sync_directory(aside)?;
            }
            for key in self.keys() {
                fs::rename(stage.join(KEYS).join(key), self.data.join(key))?;
            }
            if stage.join(BLOBS).exists() {
                fs::rename(stage.join(BLOBS), self.data.join(BLOBS))?;
            }
            sync_directory(&self.data)?;
            fs::rename(stage.join(STORE), self.data.join(STORE))?;
            sync_directory(&self.data)
        };
        placed().map_err(BackupError::at(&self.data))?;
        self.moving = false;
        Ok(!ways.is_empty())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Not when it was interrupted half-way: then it is what there is.
        if !self.moving
            && let Err(error) = remove_all(&self.data.join(STAGE))
        {
            tracing::warn!(%error, "what was taken out of a backup cannot be removed");
        }
    }
}

fn remove_all(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Makes the names in a directory and in all beneath it durable.
fn sync_directories(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_directories(&entry.path())?;
        }
    }
    sync_directory(directory)
}
