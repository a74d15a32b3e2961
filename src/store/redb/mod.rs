//! The product's engine: redb, one table in one file. All redb types stay in this folder.

mod copy;
mod disk;
#[cfg(test)]
mod power_loss;

use std::{
    fs,
    ops::ControlFlow,
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use redb::{
    CommitError, Database, DatabaseError, ReadOnlyTable, ReadableDatabase, ReadableTable, StorageError,
    TableDefinition, TableError, TransactionError,
};

use self::disk::{Disk, FileDisk, Observed};
use super::engine::{Changes, Direction, Engine, EngineError, Reader, Visit};

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// redb on a disk.
pub struct RedbEngine<D = FileDisk> {
    disk: D,
    cache_bytes: usize,
    size_bytes: Arc<AtomicU64>,
    database: RwLock<Option<Database>>,
}

impl RedbEngine {
    /// Opens the data file, or creates it. After a crash the file is repaired first, with progress in the log.
    ///
    /// # Errors
    /// When the file is in use, unreadable or damaged. An empty one is: redb would take it for new, and whoever lost
    /// the content would be shown a set-up instead.
    pub fn open(path: &Path, cache_bytes: usize) -> Result<Self, EngineError> {
        if fs::metadata(path).is_ok_and(|file| file.len() == 0) {
            let what = format!("{} is empty; restore it from a copy, or move it away", path.display());
            return Err(EngineError::Damaged(what));
        }
        Self::on(FileDisk::new(path), cache_bytes)
    }
}

impl<D: Disk> RedbEngine<D> {
    fn on(disk: D, cache_bytes: usize) -> Result<Self, EngineError> {
        let size_bytes = Arc::new(AtomicU64::new(0));
        let database = open(&disk, cache_bytes, &size_bytes, Check::Repair)?;
        Ok(Self { disk, cache_bytes, size_bytes, database: RwLock::new(Some(database)) })
    }

    fn with<T>(&self, run: impl FnOnce(&Database) -> Result<T, EngineError>) -> Result<T, EngineError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        run(database.as_ref().ok_or(EngineError::Closed)?)
    }
}

#[derive(Clone, Copy)]
enum Check {
    Repair,
    Everything,
}

#[expect(clippy::disallowed_methods, reason = "this folder is where redb is used")]
fn open<D: Disk>(
    disk: &D,
    cache_bytes: usize,
    size_bytes: &Arc<AtomicU64>,
    check: Check,
) -> Result<Database, EngineError> {
    let backend = Observed::new(disk.open().map_err(|error| EngineError::Io(error.to_string()))?, size_bytes);
    let mut builder = Database::builder();
    builder.set_cache_size(cache_bytes);
    builder.set_check_integrity_on_open(matches!(check, Check::Everything));
    builder.set_repair_callback(|session| {
        let percent = (session.progress() * 100.0).round();
        tracing::warn!(percent, "the data file was not closed cleanly; repairing it");
    });
    let database = builder.create_with_backend(backend)?;
    let transaction = database.begin_write()?;
    transaction.open_table(ROWS)?;
    transaction.commit()?;
    Ok(database)
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
            && let Err(error) = failed.close()
        {
            tracing::warn!(%error, "closing the data file after a failed commit");
        }
        self.disk.forget_cached_pages();
        *database = Some(open(&self.disk, self.cache_bytes, &self.size_bytes, Check::Everything)?);
        Ok(())
    }

    fn close(&self) -> Result<(), EngineError> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        match database.take() {
            Some(database) => Ok(database.close()?),
            None => Ok(()),
        }
    }

    fn copy_verified(&self, to: &Path) -> Result<(), EngineError> {
        copy::copy_verified(self.snapshot()?.as_ref(), to, self.cache_bytes)
    }

    fn size_bytes(&self) -> u64 {
        self.size_bytes.load(Ordering::Relaxed)
    }
}

struct RedbSnapshot(ReadOnlyTable<&'static [u8], &'static [u8]>);

impl Reader for RedbSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(ReadableTable::get(&self.0, key)?.map(|value| value.value().to_vec()))
    }

    fn contains(&self, key: &[u8]) -> Result<bool, EngineError> {
        Ok(ReadableTable::get(&self.0, key)?.is_some())
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
        let mut rows = ReadableTable::range::<&[u8]>(&self.0, from..to)?;
        loop {
            let row = match direction {
                Direction::Forward => rows.next(),
                Direction::Backward => rows.next_back(),
            };
            let Some(row) = row else { return Ok(()) };
            let (key, value) = row?;
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
            other => Self::Io(other.to_string()),
        }
    }
}

impl From<DatabaseError> for EngineError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => Self::InUse,
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
