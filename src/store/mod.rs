//! The store: an ordered-table engine underneath, and on it everything that makes the product's promises: durable
//! group commit, change numbers, the audit chain, and deletion that loses nothing. May use `telemetry` only.

mod alerts;
mod audit;
mod backups;
mod below;
mod blobs;
mod circuits;
mod codec;
mod condition;
mod copies;
mod correlations;
mod counters;
mod damage;
mod deliveries;
mod delivery_queues;
mod engine;
mod error;
mod format;
mod hidden_sheets;
mod idempotency;
mod identity;
mod idle;
mod job_counts;
mod jobs;
mod judge_links;
mod keys;
mod limits;
mod lineage;
mod live;
mod logo;
mod memory;
mod newest;
mod order;
mod overlay;
mod password_reset;
mod pulse;
mod purge;
mod recording;
mod redb;
mod remains;
mod reserve;
mod rows;
mod second_factor;
mod sheets;
mod standing;
mod state;
mod stored_blobs;
mod submission;
mod superseded;
mod supervisor;
mod suppressions;
#[cfg(test)]
mod tests;
mod transaction;
mod trash;
mod unlock_request;
mod webhooks;
mod with_deleted;
mod writer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
};

#[cfg(test)]
pub(crate) use self::tests::Counts;
pub use self::{
    audit::{AuditPart, ChainFault, ChainReport, ChainedRecord, Hash, Head},
    backups::{
        BackupError, BackupFile, BackupKeys, BackupLabel, BackupName, BackupPlace, Keep, Manifest, Staged,
        VerifiedBackup, backups_in, is_restoring, label_of, relabel, verify_backup,
    },
    below::Below,
    blobs::{Blobs, Incoming, KeptBlob, unwritten},
    circuits::StoredCircuit,
    condition::Trouble,
    copies::{
        CopyContent, CopyFile, CopyKeeper, CopyRules, copies_in, inspect, newest_sound, restore_copy,
        time_for_names,
    },
    correlations::CorrelatedChanges,
    damage::WayOut,
    delivery_queues::{DueDelivery, DueQueue, QueuePlace, QueueSize},
    engine::{Engine, EngineError},
    error::StoreError,
    format::FORMAT,
    identity::{Acting, Credential, Origin, SecretHash, Session, SessionHolder, SetupCode, TokenHolder},
    idle::{half_idle, step_back},
    jobs::QueuedJob,
    judge_links::JudgeLinkAddress,
    limits::StoreLimits,
    lineage::Lineage,
    live::{Closed, Cursor, DeliverySpan, Live, LiveRow, Page, Place},
    logo::Logo,
    memory::MemoryEngine,
    password_reset::{ResetLink, UserReset},
    pulse::{CategoryStamp, Stamps, Watch},
    purge::{Destroyed, Purged},
    recording::InRequest,
    redb::{Check, RedbEngine},
    reserve::Room,
    second_factor::SecondFactor,
    sheets::{LocatedSheet, SheetKey, SheetPlace},
    standing::Standing,
    stored_blobs::BlobUse,
    submission::Receipt,
    superseded::Superseded,
    transaction::{RowError, Stamp, Taken, Transaction},
    trash::{RestoreError, TrashItem},
    unlock_request::UnlockRequest,
    with_deleted::{Found, WithDeleted},
    writer::OPERATION_ROWS_MAX,
};
use self::{
    condition::Condition,
    pulse::Pulse,
    state::{Current, Snapshot},
    submission::{Operation, Submission},
    supervisor::Supervisor,
    writer::{Message, Writer},
};
use crate::domain::Timestamp;
use crate::telemetry::spawn;

/// Where the data is, and how it is opened.
pub struct StorePlace<'a> {
    /// The data file.
    pub file: &'a Path,
    /// The directory of its copies.
    pub copies: &'a Path,
    /// Memory for its pages.
    pub cache_bytes: usize,
    /// How much of it is checked.
    pub check: Check,
    /// The room on its disk.
    pub room: Room,
    /// The time, for the name of a file that is put aside.
    pub now: Timestamp,
}

/// The store. Cheap to share; reads run on the calling thread, writes on the writer's.
pub struct Store {
    engine: Arc<dyn Engine>,
    current: Arc<Current>,
    condition: Arc<Condition>,
    room: Option<Arc<Room>>,
    pulse: Arc<Pulse>,
    queue: mpsc::SyncSender<Message>,
    limits: StoreLimits,
    /// The supervisor, which ends first, and the writer.
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Messages that may wait for the supervisor. It looks at everything whatever they say.
const WAKES: usize = 8;

impl Store {
    /// Opens the data file, or creates it, and starts the writer. A damaged file is put aside.
    ///
    /// # Errors
    /// The file is in use, damaged, missing where there was one, or of a format this program cannot read.
    pub fn open(place: StorePlace<'_>, limits: StoreLimits) -> Result<Self, StoreError> {
        let StorePlace { file, copies, cache_bytes, check, room, now } = place;
        let engine = damage::open(file, cache_bytes, check, copies, now)?;
        format::prepare(&engine, Some(file), FORMAT, format::MIGRATIONS)?;
        Self::start(Arc::new(engine), Some(Arc::new(room)), limits)
    }

    /// Opens the data file as [`Store::open`] does and closes it again: whether it is sound, as far as is checked.
    ///
    /// # Errors
    /// It is in use, damaged and put aside, or missing where there was one.
    pub fn check(place: StorePlace<'_>) -> Result<(), StoreError> {
        let StorePlace { file, copies, cache_bytes, check, now, .. } = place;
        Ok(damage::open(file, cache_bytes, check, copies, now)?.close()?)
    }

    /// A store in memory, which forgets everything when it is dropped.
    ///
    /// # Errors
    /// When the writer cannot be started.
    pub fn in_memory(limits: StoreLimits) -> Result<Self, StoreError> {
        let engine = MemoryEngine::default();
        format::prepare(&engine, None, FORMAT, format::MIGRATIONS)?;
        Self::start(Arc::new(engine), None, limits)
    }

    fn start(
        engine: Arc<dyn Engine>,
        room: Option<Arc<Room>>,
        limits: StoreLimits,
    ) -> Result<Self, StoreError> {
        let snapshot = engine.snapshot()?;
        let batch_number = writer::batch_number(snapshot.as_ref())?;
        let (wakes, woken) = mpsc::sync_channel(WAKES);
        let condition = Arc::new(Condition::new(wakes));
        let current = Arc::new(Current::new(Arc::from(snapshot), batch_number, Arc::clone(&condition)));
        let pulse = Arc::<Pulse>::default();
        let (queue, messages) = mpsc::sync_channel(limits.queue);
        let writer = Writer {
            engine: Arc::clone(&engine),
            current: Arc::clone(&current),
            condition: Arc::clone(&condition),
            room: room.clone(),
            pulse: Arc::clone(&pulse),
            queue: messages,
            batch_max: limits.batch,
            queue_wait: limits.queue_wait,
            heads: audit::Heads::new(),
            batch_number,
        };
        let supervisor = Supervisor::new(
            Arc::clone(&condition),
            Arc::clone(&current),
            room.clone(),
            queue.clone(),
            woken,
            limits.heal_after,
        );
        let failed = |error: std::io::Error| EngineError::Io(error.to_string());
        let writer = spawn::spawn_thread("store-writer", move || writer.run()).map_err(failed)?;
        let supervisor = spawn::spawn_thread("store-supervisor", move || supervisor.run()).map_err(failed)?;
        let threads = Mutex::new(vec![supervisor, writer]);
        Ok(Self { engine, current, condition, room, pulse, queue, limits, threads })
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.current)
    }

    /// Why nothing can be written; none if all is well.
    pub fn trouble(&self) -> Option<Trouble> {
        self.condition.trouble()
    }

    /// Bytes that are free on the disk of the data, if that can be told.
    pub fn free_bytes(&self) -> Option<u64> {
        self.room.as_ref()?.free_bytes().ok()
    }

    /// Reads the newest state without what is deleted. Asynchronous so that an engine elsewhere fits; redb reads
    /// inline.
    ///
    /// # Errors
    /// Whatever `read` fails with.
    #[allow(clippy::unused_async, reason = "an engine on another machine will need to wait")]
    pub async fn read<T, E>(&self, read: impl FnOnce(&Live<'_>) -> Result<T, E>) -> Result<T, E> {
        read(&Live::new(&self.snapshot()))
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
        read(&WithDeleted::new(&self.snapshot()))
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
        let outcome = Arc::new(Mutex::new(None));
        let left = Arc::clone(&outcome);
        let operation = move |transaction: &mut Transaction<'_>| {
            let outcome = operation(transaction);
            let is_kept = outcome.is_ok();
            *left.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            is_kept
        };
        let receipt = self.submit(stamp, Box::new(operation)).await?;
        let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok((outcome.unwrap_or_else(|| Err(StoreError::Closed.into()))?, receipt))
    }

    /// Hands an operation to the writer and waits until it has been answered for.
    async fn submit(&self, stamp: Stamp, operation: Operation) -> Result<Receipt, StoreError> {
        if let Some(trouble) = self.condition.trouble() {
            return Err(StoreError::ReadOnly(trouble));
        }
        let (submission, ticket, mut answer) = Submission::new(stamp, operation);
        writer::enqueue(&self.queue, Message::Operation(Box::new(submission)))?;
        let closed = |_| StoreError::Closed;
        match tokio::time::timeout(self.limits.queue_wait, &mut answer).await {
            Ok(outcome) => outcome.map_err(closed)?,
            Err(_) if ticket.withdraw() => Err(StoreError::Busy),
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
        let snapshot = self.snapshot();
        let heads = Arc::clone(&snapshot.state().heads);
        operation(&mut Transaction::new(&snapshot, &heads, &stamp))
    }

    /// Bytes on durable storage.
    pub fn size_bytes(&self) -> u64 {
        self.engine.size_bytes()
    }

    /// Bytes of the data file that hold nothing, and are used again before it grows. All others are read for it.
    fn free_pages_bytes(&self) -> Result<u64, StoreError> {
        Ok(self.engine.size_bytes().saturating_sub(self.engine.used_bytes()?))
    }

    /// The number of the last batch: as long as it stays, nothing has changed.
    fn batch(&self) -> u64 {
        self.current.newest().batch
    }

    /// Whether so many bytes more can be written without coming near the floor.
    fn has_room_for(&self, bytes: u64) -> bool {
        let free = self.room.as_ref().and_then(|room| Some((room, room.free_bytes().ok()?)));
        free.is_none_or(|(room, free)| room.is_enough(free, bytes))
    }

    /// Copies the newest state to a file and compares every row, at a pace.
    fn copy_to(&self, to: &Path, pace: &mut engine::Pace<'_>) -> Result<(), EngineError> {
        self.engine.copy_verified(to, pace)
    }

    /// Finishes what is queued, then closes the data file. Later writes are refused.
    pub fn close(&self) {
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        if threads.is_empty() {
            return;
        }
        self.condition.stop();
        // A full queue would refuse the message; waiting for a place is right here.
        let _ = self.queue.send(Message::Stop);
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}
