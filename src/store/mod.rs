//! The store: an ordered-table engine underneath, and on it everything that makes the product's promises: durable
//! group commit, change numbers, the audit chain, and deletion that loses nothing. May use `telemetry` only.

mod audit;
mod below;
mod codec;
mod counters;
mod engine;
mod format;
mod hidden_sheets;
mod idempotency;
mod identity;
mod jobs;
mod judge_links;
mod keys;
mod lineage;
mod live;
mod memory;
mod overlay;
mod password_reset;
mod pulse;
mod purge;
mod redb;
mod rows;
mod second_factor;
mod sheets;
mod standing;
mod superseded;
#[cfg(test)]
mod tests;
mod transaction;
mod trash;
mod with_deleted;
mod writer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use self::{
    audit::Tip,
    engine::Reader,
    pulse::Pulse,
    writer::{Current, Message, Pending, State, Writer},
};
pub use self::{
    audit::{AuditPart, ChainFault, ChainReport, ChainedRecord, Hash, Head},
    below::Below,
    codec::CodecError,
    engine::{Engine, EngineError},
    format::FORMAT,
    identity::{Acting, Credential, Origin, SecretHash, Session, SessionHolder, SetupCode, TokenHolder},
    jobs::QueuedJob,
    judge_links::JudgeLinkAddress,
    lineage::Lineage,
    live::{Closed, Cursor, Live, LiveRow, Page, Place},
    memory::MemoryEngine,
    password_reset::{ResetLink, UserReset},
    pulse::{CategoryStamp, Stamps, Watch},
    purge::Purged,
    redb::RedbEngine,
    second_factor::SecondFactor,
    sheets::{LocatedSheet, SheetKey, SheetPlace},
    standing::Standing,
    superseded::Superseded,
    transaction::{RowError, Stamp, Taken, Transaction},
    trash::{RestoreError, TrashItem},
    with_deleted::{Found, WithDeleted},
    writer::{OPERATION_ROWS_MAX, Receipt},
};
use crate::domain::{AuditDetail, TenantId};
use crate::telemetry::spawn;

/// Limits of the store.
#[derive(Clone, Copy, Debug)]
pub struct StoreLimits {
    /// Operations that may wait.
    pub queue: usize,
    /// Operations a commit.
    pub batch: usize,
    /// How long an operation may wait for the writer.
    pub queue_wait: Duration,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self { queue: 1_024, batch: 256, queue_wait: Duration::from_secs(2) }
    }
}

/// What the store can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A stored value cannot be read.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Too many operations wait, or this one waited too long. Nothing was written.
    #[error("the store has too much to do")]
    Busy,
    /// The commit failed, and nothing was written.
    #[error("the change was not written")]
    NotCommitted,
    /// The commit failed, and it is not known whether the change was written.
    #[error("it is not known whether the change was written")]
    CommitUnknown,
    /// An operation wrote more rows than it may.
    #[error("the operation is too large")]
    TooManyRows,
    /// An operation panicked. Nothing was written.
    #[error("the operation failed unexpectedly")]
    Panicked,
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// The data was written by a newer program.
    #[error(
        "the data has format {found}, and this version of event-manager knows formats up to {known}; \
         install the version that last ran here, or a newer one"
    )]
    NewerFormat {
        /// The format of the data.
        found: u32,
        /// The newest format this program knows.
        known: u32,
    },
    /// There is no way to lift the data to this program's format.
    #[error("data of format {from} cannot be migrated by this version of event-manager")]
    NoMigration {
        /// The format of the data.
        from: u32,
    },
}

/// The store. Cheap to share; reads run on the calling thread, writes on the writer's.
pub struct Store {
    engine: Arc<dyn Engine>,
    current: Arc<Current>,
    pulse: Arc<Pulse>,
    queue: mpsc::SyncSender<Message>,
    limits: StoreLimits,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the data file, or creates it, and starts the writer.
    ///
    /// # Errors
    /// The file is in use, damaged, or of a format this program cannot read.
    pub fn open(file: &Path, cache_bytes: usize, limits: StoreLimits) -> Result<Self, StoreError> {
        let engine = RedbEngine::open(file, cache_bytes)?;
        format::prepare(&engine, Some(file), FORMAT, format::MIGRATIONS)?;
        Self::start(Arc::new(engine), limits)
    }

    /// A store in memory, which forgets everything when it is dropped.
    ///
    /// # Errors
    /// When the writer cannot be started.
    pub fn in_memory(limits: StoreLimits) -> Result<Self, StoreError> {
        let engine = MemoryEngine::default();
        format::prepare(&engine, None, FORMAT, format::MIGRATIONS)?;
        Self::start(Arc::new(engine), limits)
    }

    fn start(engine: Arc<dyn Engine>, limits: StoreLimits) -> Result<Self, StoreError> {
        let snapshot: Arc<dyn Reader> = Arc::from(engine.snapshot()?);
        let batch_number = writer::batch_number(snapshot.as_ref())?;
        let state = State { reader: snapshot, heads: Arc::default() };
        let current = Arc::new(RwLock::new(state));
        let pulse = Arc::<Pulse>::default();
        let (queue, messages) = mpsc::sync_channel(limits.queue);
        let writer = Writer {
            engine: Arc::clone(&engine),
            current: Arc::clone(&current),
            pulse: Arc::clone(&pulse),
            queue: messages,
            batch_max: limits.batch,
            queue_wait: limits.queue_wait,
            heads: audit::Heads::new(),
            batch_number,
            broken: false,
        };
        let thread = spawn::spawn_thread("store-writer", move || writer.run())
            .map_err(|error| EngineError::Io(error.to_string()))?;
        Ok(Self { engine, current, pulse, queue, limits, writer: Mutex::new(Some(thread)) })
    }

    fn state(&self) -> State {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn snapshot(&self) -> Arc<dyn Reader> {
        self.state().reader
    }

    /// Reads the newest state without what is deleted. Asynchronous so that an engine elsewhere fits; redb reads
    /// inline.
    ///
    /// # Errors
    /// Whatever `read` fails with.
    #[allow(clippy::unused_async, reason = "an engine on another machine will need to wait")]
    pub async fn read<T, E>(&self, read: impl FnOnce(&Live<'_>) -> Result<T, E>) -> Result<T, E> {
        let snapshot = self.snapshot();
        read(&Live::new(snapshot.as_ref()))
    }

    /// Reads the newest state with what is deleted.
    ///
    /// # Errors
    /// Whatever `read` fails with.
    #[allow(clippy::unused_async, reason = "an engine on another machine will need to wait")]
    pub async fn read_with_deleted<T, E>(
        &self,
        read: impl FnOnce(&WithDeleted<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let snapshot = self.snapshot();
        read(&WithDeleted::new(snapshot.as_ref()))
    }

    /// Runs an operation in the writer. It returns once the change is on durable storage, or refused.
    ///
    /// The operation may run more than once and must have no effect but on the transaction.
    ///
    /// # Errors
    /// Whatever `operation` fails with, or a failure of the store.
    pub async fn write<T, E, F>(&self, stamp: Stamp, operation: F) -> Result<(T, Receipt), E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    {
        let (pending, ticket, mut answer) = Pending::new(stamp, operation);
        writer::enqueue(&self.queue, Message::Operation(Box::new(pending)))?;
        let closed = |_| E::from(StoreError::Closed);
        match tokio::time::timeout(self.limits.queue_wait, &mut answer).await {
            Ok(outcome) => outcome.map_err(closed)?,
            Err(_) if ticket.withdraw() => Err(StoreError::Busy.into()),
            // The writer has taken it: only the commit tells what became of it.
            Err(_) => answer.await.map_err(closed)?,
        }
    }

    /// Runs an operation beside the writer, over the newest state, and throws away what it has changed.
    ///
    /// # Errors
    /// Whatever `operation` fails with.
    #[allow(clippy::unused_async, reason = "an engine on another machine will need to wait")]
    pub async fn rehearse<T, E>(
        &self,
        stamp: Stamp,
        operation: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let state = self.state();
        operation(&mut Transaction::new(state.reader.as_ref(), &state.heads, &stamp))
    }

    /// The end of a tenant's audit chain: its newest change.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn head(&self, tenant: TenantId) -> Result<Head, StoreError> {
        Ok(tip(&self.state(), tenant)?.head)
    }

    /// A tenant's newest change that was not of a sheet. What does not depend on marks and was read after it still
    /// holds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn settled(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(tip(&self.state(), tenant)?.settled)
    }

    /// A part of a tenant's audit records, with the personal values beside them that are still kept.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audit_records(
        &self,
        tenant: TenantId,
        part: AuditPart,
        limit: usize,
    ) -> Result<Vec<(ChainedRecord, Option<AuditDetail>)>, StoreError> {
        let snapshot = self.snapshot();
        let records = match part {
            AuditPart::NewestBefore(before) => audit::newest(snapshot.as_ref(), tenant, before, limit)?,
            AuditPart::OldestAfter(after) => audit::oldest(snapshot.as_ref(), tenant, after, limit)?,
        };
        let with_detail = |record: ChainedRecord| {
            let detail = audit::detail(snapshot.as_ref(), tenant, record.sequence)?;
            Ok((record, detail))
        };
        records.into_iter().map(with_detail).collect()
    }

    /// Walks a tenant's whole audit chain, hands out each intact record, and says where it is broken.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn verify_audit(
        &self,
        tenant: TenantId,
        visit: &mut dyn FnMut(&ChainedRecord),
    ) -> Result<ChainReport, StoreError> {
        audit::verify(self.snapshot().as_ref(), tenant, visit)
    }

    /// All tenants that have an audit chain, deleted ones too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audited_tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        audit::tenants(self.snapshot().as_ref())
    }

    /// Bytes on durable storage.
    pub fn size_bytes(&self) -> u64 {
        self.engine.size_bytes()
    }

    /// Finishes what is queued, then closes the data file. Later writes are refused.
    pub fn close(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A full queue would refuse the message; waiting for a place is right here.
            let _ = self.queue.send(Message::Stop);
            if writer.join().is_err() {
                tracing::error!("the writer panicked");
            }
        }
    }
}

/// The end of a tenant's chain in a state.
fn tip(state: &State, tenant: TenantId) -> Result<Tip, StoreError> {
    if let Some(tip) = state.heads.get(&tenant) {
        return Ok(*tip);
    }
    let head = audit::head(state.reader.as_ref(), tenant)?;
    Ok(Tip { head, settled: head.sequence })
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}
