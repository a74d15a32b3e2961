//! What lies under redb: the data file, watched. Every sync is timed, and a failed sync is told from a failed write,
//! because after a failed sync nobody knows what reached the disk.

use std::{
    fmt::Debug,
    fs::{File, OpenOptions},
    io,
    ops::Bound,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use redb::{BackendError, StorageBackend, backends::FileBackend};

use crate::telemetry::{clock::Stopwatch, metrics};

/// Something that can be opened as redb's storage, and opened again after a failure.
pub trait Disk: Send + Sync + 'static {
    /// What redb reads and writes.
    type Backend: StorageBackend;

    /// Opens it, or creates it.
    fn open(&self) -> io::Result<Self::Backend>;

    /// Opens it again after a failure. It is never created: what is gone must not come back empty.
    fn reopen(&self) -> io::Result<Self::Backend> {
        self.open()
    }

    /// Makes the next reads come from the device: after a failed sync the kernel's cached pages may hold what the
    /// device does not.
    fn forget_cached_pages(&self);
}

/// The data file.
pub struct FileDisk {
    path: PathBuf,
}

impl FileDisk {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    fn file(&self, create: bool) -> io::Result<File> {
        // Marks, names and password hashes are nobody else's to read.
        OpenOptions::new().read(true).write(true).create(create).truncate(false).mode(0o600).open(&self.path)
    }
}

impl Disk for FileDisk {
    type Backend = FileBackend;

    fn open(&self) -> io::Result<FileBackend> {
        let created = !self.path.exists();
        let file = self.file(true)?;
        if created && let Some(directory) = self.path.parent() {
            // A new file is only safe from a power cut once its directory entry is.
            File::open(directory)?.sync_all()?;
        }
        FileBackend::new(file).map_err(io::Error::other)
    }

    fn reopen(&self) -> io::Result<FileBackend> {
        FileBackend::new(self.file(false)?).map_err(io::Error::other)
    }

    fn forget_cached_pages(&self) {
        use rustix::fs::{Advice, fadvise};
        let dropped = self.file(false).and_then(|file| Ok(fadvise(&file, 0, None, Advice::DontNeed)?));
        if let Err(error) = dropped {
            tracing::warn!(%error, "the page cache of the data file could not be dropped");
        }
    }
}

/// A backend whose syncs are timed, whose failures are named and whose size is known.
#[derive(Debug)]
pub(super) struct Observed<B> {
    inner: B,
    size_bytes: Arc<AtomicU64>,
}

impl<B: StorageBackend> Observed<B> {
    pub(super) fn new(inner: B, size_bytes: &Arc<AtomicU64>) -> Self {
        size_bytes.store(inner.len().unwrap_or(0), Ordering::Relaxed);
        Self { inner, size_bytes: Arc::clone(size_bytes) }
    }

    fn failed(operation: &'static str, error: &io::Error) -> io::Error {
        tracing::error!(operation, %error, "the data file failed");
        io::Error::new(error.kind(), format!("{operation}: {error}"))
    }
}

impl<B: StorageBackend> StorageBackend for Observed<B> {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out).map_err(|error| Self::failed("read", &error))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len).map_err(|error| Self::failed("resize", &error))?;
        self.size_bytes.store(len, Ordering::Relaxed);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let watch = Stopwatch::start();
        let result = self.inner.sync_data().map_err(|error| Self::failed("sync", &error));
        ::metrics::histogram!(metrics::DB_FSYNC_DURATION).record(watch.elapsed().as_secs_f64());
        result
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner.write(offset, data).map_err(|error| Self::failed("write", &error))
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}
