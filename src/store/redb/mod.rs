//! The product's engine: redb, one table in one file. All redb types stay in this folder.

#[cfg(test)]
mod bit_rot;
mod copy;
mod disk;
mod frozen;
#[cfg(test)]
mod io_errors;
#[cfg(test)]
mod killed_migration;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod migration;
#[cfg(test)]
mod older_format;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod power_loss;
#[cfg(test)]
mod simulated_disk;

use std::{
    fs,
    io::ErrorKind,
    ops::{Bound, ControlFlow},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use redb::{
    CommitError, Database, DatabaseError, ReadOnlyTable, ReadableDatabase, ReadableTable,
    ReadableTableMetadata, StorageBackend, StorageError, TableDefinition, TableError, TransactionError,
};

pub use self::copy::COPY_CACHE_BYTES;
use self::{
    disk::{Disk, FileDisk, Observed},
    frozen::{Frozen, FrozenFile},
};
use super::engine::{Changes, Direction, Engine, EngineError, Pace, Reader, Visit};

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// redb on a disk.
pub struct RedbEngine<D = FileDisk> {
    disk: D,
    cache_bytes: usize,
    size_bytes: Arc<AtomicU64>,
    database: RwLock<Option<Database>>,
}

/// How much of a file is checked when it is opened. One that was not closed cleanly is checked in any case, because
/// its repair walks all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// What has to be repaired.
    Repair,
    /// The checksum of every page.
    Everything,
}

impl RedbEngine {
    /// Opens the data file, or creates it. After a crash the file is repaired first, with progress in the log.
    ///
    /// # Errors
    /// When the file is in use, unreadable or damaged. An empty one is: redb would take it for new, and whoever lost
    /// the content would be shown a set-up instead.
    pub fn open(path: &Path, cache_bytes: usize, check: Check) -> Result<Self, EngineError> {
        if fs::metadata(path).is_ok_and(|file| file.len() == 0) {
            return Err(EngineError::Damaged("it is empty".to_owned()));
        }
        Self::on(FileDisk::new(path), cache_bytes, check)
    }
}

impl RedbEngine<FrozenFile> {
    /// Opens a data file to look at it, with the checksum of every page: nothing is written to it, and no lock taken.
    ///
    /// # Errors
    /// When there is none, or it is unreadable or damaged.
    pub fn look_at(path: &Path, cache_bytes: usize) -> Result<Self, EngineError> {
        if fs::metadata(path).map_err(failed)?.len() == 0 {
            return Err(EngineError::Damaged("it is empty".to_owned()));
        }
        Self::on(FrozenFile::new(path), cache_bytes, Check::Everything)
    }
}

impl<D: Disk> RedbEngine<D> {
    fn on(disk: D, cache_bytes: usize, check: Check) -> Result<Self, EngineError> {
        let size_bytes = Arc::new(AtomicU64::new(0));
        let backend = Observed::new(disk.open().map_err(failed)?, &size_bytes);
        let database = open(backend, cache_bytes, check)?;
        Ok(Self { disk, cache_bytes, size_bytes, database: RwLock::new(Some(database)) })
    }

    fn with<T>(&self, run: impl FnOnce(&Database) -> Result<T, EngineError>) -> Result<T, EngineError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or(EngineError::Closed)?;
        guarded(|| run(database))
    }

    fn reopened(&self) -> Result<D::Backend, EngineError> {
        let backend = self.disk.reopen().map_err(failed)?;
        match backend.len().map_err(failed)? {
            0 => Err(EngineError::Damaged("it is empty".to_owned())),
            _ => Ok(backend),
        }
    }

    fn open_again(&self) -> Result<Database, EngineError> {
        open(Observed::new(self.reopened()?, &self.size_bytes), self.cache_bytes, Check::Everything)
    }

    /// The last state, without a single write to the disk.
    fn open_frozen(&self) -> Result<Database, EngineError> {
        let frozen = Frozen::new(self.reopened()?).map_err(failed)?;
        open(Observed::new(frozen, &self.size_bytes), self.cache_bytes, Check::Repair)
    }
}

fn failed(error: std::io::Error) -> EngineError {
    StorageError::Io(error).into()
}

/// Runs something of redb's. It panics where pages contradict each other in a way that it did not foresee.
fn guarded<T>(run: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    let damaged = || EngineError::Damaged("its pages contradict each other".to_owned());
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(damaged()))
}

#[expect(clippy::disallowed_methods, reason = "this folder is where redb is used")]
fn open<B: StorageBackend>(
    backend: Observed<B>,
    cache_bytes: usize,
    check: Check,
) -> Result<Database, EngineError> {
    let mut builder = Database::builder();
    builder.set_cache_size(cache_bytes);
    builder.set_check_integrity_on_open(check == Check::Everything);
    builder.set_repair_callback(move |session| {
        let percent = (session.progress() * 100.0).round();
        match check {
            Check::Everything => tracing::debug!(percent, "checking the data file"),
            Check::Repair => {
                tracing::warn!(percent, "the data file was not closed cleanly; repairing it");
            }
        }
    });
    guarded(|| {
        let database = builder.create_with_backend(backend)?;
        let transaction = database.begin_write()?;
        transaction.open_table(ROWS)?;
        transaction.commit()?;
        Ok(database)
    })
}

impl<D: Disk> Engine for RedbEngine<D> {
    fn snapshot(&self) -> Result<Box<dyn Reader>, EngineError> {
        self.with(|database| {
            let table = database.begin_read()?.open_table(ROWS)?;
            Ok(Box::new(RedbSnapshot(table)) as Box<dyn Reader>)
        })
    }

    #[expect(clippy::disallowed_methods, reason = "this folder is where redb is used")]
    fn commit(&self, changes: &Changes) -> Result<(), EngineError> {
        self.with(|database| {
            let transaction = database.begin_write()?;
            {
                let mut table = transaction.open_table(ROWS)?;
                for (key, change) in changes {
                    match change {
                        Some(value) => drop(table.insert(key.as_slice(), value.as_slice())?),
                        None => drop(table.remove(key.as_slice())?),
                    }
                }
            }
            transaction.commit()?;
            Ok(())
        })
    }

    fn recover(&self) -> Result<(), EngineError> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(failed) = database.take()
            && let Err(error) = guarded(|| Ok(failed.close()?))
        {
            tracing::debug!(%error, "closing the data file after a failure");
        }
        self.disk.forget_cached_pages();
        match self.open_again() {
            Ok(opened) => {
                *database = Some(opened);
                Ok(())
            }
            Err(error) => {
                *database = self
                    .open_frozen()
                    .inspect_err(|error| tracing::error!(%error, "the data file cannot even be read"))
                    .ok();
                Err(error)
            }
        }
    }

    fn close(&self) -> Result<(), EngineError> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        match database.take() {
            Some(database) => guarded(|| Ok(database.close()?)),
            None => Ok(()),
        }
    }

    fn copy_verified(&self, to: &Path, pace: &mut Pace<'_>) -> Result<(), EngineError> {
        copy::copy_verified(self.snapshot()?.as_ref(), to, pace)
    }

    fn size_bytes(&self) -> u64 {
        self.size_bytes.load(Ordering::Relaxed)
    }

    fn used_bytes(&self) -> Result<u64, EngineError> {
        self.with(|database| {
            let pages = database.begin_read()?.open_table(ROWS)?.stats()?;
            Ok(pages.stored_bytes() + pages.metadata_bytes() + pages.fragmented_bytes())
        })
    }
}

struct RedbSnapshot(ReadOnlyTable<&'static [u8], &'static [u8]>);

impl Reader for RedbSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        guarded(|| Ok(ReadableTable::get(&self.0, key)?.map(|value| value.value().to_vec())))
    }

    fn contains(&self, key: &[u8]) -> Result<bool, EngineError> {
        guarded(|| Ok(ReadableTable::get(&self.0, key)?.is_some()))
    }

    fn range(
        &self,
        from: &[u8],
        to: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), EngineError> {
        if from >= to {
            return Ok(());
        }
        let within = (Bound::Included(from), Bound::Excluded(to));
        let mut rows = guarded(|| Ok(ReadableTable::range::<&[u8]>(&self.0, within)?))?;
        loop {
            let row = guarded(|| {
                let row = match direction {
                    Direction::Forward => rows.next(),
                    Direction::Backward => rows.next_back(),
                };
                Ok(row.transpose()?)
            });
            let Some((key, value)) = row? else { return Ok(()) };
            if let ControlFlow::Break(()) = visit(key.value(), value.value()) {
                return Ok(());
            }
        }
    }
}

impl From<StorageError> for EngineError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Corrupted(what) => Self::Damaged(what),
            StorageError::DatabaseClosed => Self::Closed,
            StorageError::Io(error) => match error.kind() {
                // redb's word for what it did not write.
                ErrorKind::InvalidData => Self::Damaged(error.to_string()),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full(error.to_string()),
                _ => Self::Io(error.to_string()),
            },
            other => Self::Io(other.to_string()),
        }
    }
}

impl From<DatabaseError> for EngineError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => Self::InUse,
            DatabaseError::UpgradeRequired(layout) => Self::UnknownLayout(layout),
            DatabaseError::Storage(error) => error.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<TransactionError> for EngineError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Storage(error) => error.into(),
            other => Self::Io(other.to_string()),
        }
    }
}

impl From<TableError> for EngineError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Storage(error) => error.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<CommitError> for EngineError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Storage(error) => error.into(),
            other => Self::Io(other.to_string()),
        }
    }
}
