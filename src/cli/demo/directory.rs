//! The demo's temporary data directories. A demo that is killed cannot remove its own, so each is locked by the demo
//! that uses it, and the next one removes those that nobody has locked.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::Path,
};

use tempfile::{NamedTempFile, TempDir};

/// How their names begin.
const PREFIX: &str = "event-manager-demo-";

/// The file in each that its demo has locked.
const LOCK: &str = "demo.lock";

/// A directory that is there as long as this is.
pub(super) struct Temporary {
    directory: TempDir,
    _lock: File,
}

impl Temporary {
    /// Makes one, and removes those of demos that are gone.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn make() -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let lock = NamedTempFile::new_in(&directory)?;
        lock.as_file().lock()?;
        // It is locked when it gets its name: no other demo sees it otherwise and takes this one for dead.
        let lock = lock.persist(directory.path().join(LOCK)).map_err(|failed| failed.error)?;
        remove_dead(directory.path())?;
        Ok(Self { directory, _lock: lock })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Removes the directories beside this one, of the same user, whose demos are gone.
fn remove_dead(own: &Path) -> io::Result<()> {
    let Some(beside) = own.parent() else { return Ok(()) };
    let owner = fs::metadata(own)?.uid();
    for entry in fs::read_dir(beside)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let path = entry.path();
        let mine = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir() && found.uid() == owner);
        let Some(lock) = mine.then(|| File::open(path.join(LOCK)).ok()).flatten() else { continue };
        if lock.try_lock().is_ok() {
            // Another demo may be at it, too; what stays is removed by the next one.
            let _ = fs::remove_dir_all(&path);
        }
    }
    Ok(())
}
