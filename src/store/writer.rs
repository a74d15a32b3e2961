//! Group commit: one thread drains the queue of operations, runs each in its own overlay, commits what they left with
//! one sync and then answers all of them. A failed or panicking operation leaves nothing.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU8, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError},
    },
    time::Duration,
};

use tokio::sync::oneshot;

use super::{
    StoreError,
    audit::Heads,
    codec,
    engine::{Engine, EngineError, Reader},
    keys::{self, Table},
    overlay::Overlay,
    pulse::{Moved, Pulse},
    transaction::{Stamp, Transaction},
};
use crate::telemetry::{clock::Stopwatch, metrics};

/// Most rows of all tables that one operation may write; bigger work is cut into several. It holds 256 things with all
/// that belongs to each: locator, audit record and its values, unique values, pointers.
pub const OPERATION_ROWS_MAX: usize = 3_000;

/// How long each part of a write took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Receipt {
    /// Waiting for the writer.
    pub queued: Duration,
    /// Running the operation.
    pub applied: Duration,
    /// Committing the batch it was in.
    pub committed: Duration,
    /// Operations in that batch.
    pub batch: usize,
}

/// What the writer does next.
pub(super) enum Message {
    Operation(Box<dyn Submission>),
    Stop,
}

/// An operation on its way through the writer.
pub(super) trait Submission: Send {
    /// Takes it from the queue; false if the caller has stopped waiting.
    fn claim(&self, waited_max: Duration) -> bool;

    /// Who writes, when and in which request.
    fn stamp(&self) -> &Stamp;

    /// Runs it; true if its changes are to be kept.
    fn run(&mut self, transaction: &mut Transaction<'_>) -> bool;

    /// Turns its outcome into a failure of the store.
    fn fail(&mut self, error: StoreError);

    /// Tells the caller.
    fn answer(self: Box<Self>, batch: usize, committed: Duration);
}

const QUEUED: u8 = 0;
const TAKEN: u8 = 1;
const ABANDONED: u8 = 2;

/// The caller's end of a submission: after its deadline it withdraws, unless the writer has taken it already.
pub(super) struct Ticket(Arc<AtomicU8>);

impl Ticket {
    /// Withdraws; false if the operation is already being run.
    pub(super) fn withdraw(&self) -> bool {
        self.0.compare_exchange(QUEUED, ABANDONED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Where the outcome of a submission arrives.
pub(super) type Answer<T, E> = oneshot::Receiver<Result<(T, Receipt), E>>;

/// An operation with its outcome and whoever waits for it.
pub(super) struct Pending<T, E, F> {
    operation: F,
    stamp: Stamp,
    state: Arc<AtomicU8>,
    waiting: Stopwatch,
    receipt: Receipt,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<(T, Receipt), E>>,
}

impl<T, E, F> Pending<T, E, F> {
    pub(super) fn new(stamp: Stamp, operation: F) -> (Self, Ticket, Answer<T, E>) {
        let (reply, answer) = oneshot::channel();
        let state = Arc::new(AtomicU8::new(QUEUED));
        let ticket = Ticket(Arc::clone(&state));
        let waiting = Stopwatch::start();
        let pending =
            Self { operation, stamp, state, waiting, receipt: Receipt::default(), outcome: None, reply };
        (pending, ticket, answer)
    }
}

impl<T, E, F> Submission for Pending<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: Fn(&mut Transaction<'_>) -> Result<T, E> + Send,
{
    fn claim(&self, waited_max: Duration) -> bool {
        let wanted = if self.waiting.elapsed() > waited_max { ABANDONED } else { TAKEN };
        let claimed = self.state.compare_exchange(QUEUED, wanted, Ordering::AcqRel, Ordering::Acquire);
        claimed.is_ok() && wanted == TAKEN
    }

    fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    fn run(&mut self, transaction: &mut Transaction<'_>) -> bool {
        self.receipt.queued = self.waiting.elapsed();
        let watch = Stopwatch::start();
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.operation)(transaction)))
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        self.receipt.applied = watch.elapsed();
        let kept = outcome.is_ok();
        self.outcome = Some(outcome);
        kept
    }

    fn fail(&mut self, error: StoreError) {
        // A refusal stands whether or not the rest of the batch was kept.
        if !matches!(self.outcome, Some(Err(_))) {
            self.outcome = Some(Err(error.into()));
        }
    }

    fn answer(self: Box<Self>, batch: usize, committed: Duration) {
        let receipt = Receipt { batch, committed, ..self.receipt };
        let outcome = self.outcome.unwrap_or_else(|| Err(StoreError::Busy.into()));
        // A caller that went away does not need the answer; the change is kept all the same.
        let _ = self.reply.send(outcome.map(|value| (value, receipt)));
    }
}

/// The newest committed state, shared by all readers.
pub(super) type Current = RwLock<State>;

/// A committed state, with the ends of the audit chains as far as the writer knows them.
#[derive(Clone)]
pub(super) struct State {
    pub reader: Arc<dyn Reader>,
    pub heads: Arc<Heads>,
}

/// The thread that owns all writing.
pub(super) struct Writer {
    pub engine: Arc<dyn Engine>,
    pub current: Arc<Current>,
    pub pulse: Arc<Pulse>,
    pub queue: Receiver<Message>,
    pub batch_max: usize,
    pub queue_wait: Duration,
    pub heads: Heads,
    pub batch_number: u64,
    /// Set after a failed commit whose outcome is unknown, until the store has been opened anew.
    pub broken: bool,
}

/// How a commit ended.
enum Committed {
    Yes,
    No,
    Unknown,
}

impl Writer {
    /// Runs until told to stop; then closes the engine.
    pub(super) fn run(mut self) {
        let mut stop = false;
        while !stop {
            let Ok(first) = self.queue.recv() else { break };
            let mut batch = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Operation(operation) => batch.push(operation),
                    Message::Stop => stop = true,
                }
                next = (batch.len() < self.batch_max).then(|| self.queue.try_recv().ok()).flatten();
            }
            self.process(batch);
        }
        if let Err(error) = self.engine.close() {
            tracing::error!(%error, "the data file was not closed cleanly");
        }
    }

    fn process(&mut self, mut batch: Vec<Box<dyn Submission>>) {
        batch.retain(|operation| operation.claim(self.queue_wait));
        if batch.is_empty() {
            return;
        }
        if self.broken && !self.resume() {
            return self.refuse(batch, || StoreError::CommitUnknown);
        }
        let base = self.newest();
        let mut merged = Overlay::new(base.as_ref());
        let (mut heads, mut moved) = (self.heads.clone(), Moved::default());
        for operation in &mut batch {
            apply(operation.as_mut(), &mut merged, &mut heads, &mut moved);
        }
        if merged.len() == 0 {
            return finish(batch, Duration::ZERO);
        }
        match codec::encode(&(self.batch_number + 1)) {
            Ok(number) => merged.put(keys::named(Table::Meta, "batch"), number),
            Err(_) => return self.refuse(batch, || StoreError::NotCommitted),
        }
        let watch = Stopwatch::start();
        let committed = self.commit(&merged, &heads);
        let elapsed = watch.elapsed();
        ::metrics::histogram!(metrics::DB_TRANSACTION_DURATION, "kind" => "write", "operation" => "commit")
            .record(elapsed.as_secs_f64());
        ::metrics::histogram!(metrics::DB_BATCH_OPERATIONS).record(batch.len() as f64);
        match committed {
            Committed::Yes => {
                self.batch_number += 1;
                self.heads = heads;
                // Before anybody is answered: whoever reads what it has written finds nothing kept from before.
                self.pulse.beat(moved);
                finish(batch, elapsed);
            }
            Committed::No => self.refuse(batch, || StoreError::NotCommitted),
            Committed::Unknown => self.refuse(batch, || StoreError::CommitUnknown),
        }
    }

    /// Commits and publishes the new state. After an error the store is opened anew and asked what it holds: the
    /// batch number tells whether this batch is in it.
    fn commit(&mut self, merged: &Overlay<'_>, heads: &Heads) -> Committed {
        let error = match self.engine.commit(merged.changes()) {
            Ok(()) => match self.publish(heads.clone()) {
                Ok(()) => return Committed::Yes,
                Err(error) => error,
            },
            Err(error) => error,
        };
        tracing::error!(%error, "a commit failed; opening the store anew");
        self.broken = true;
        if !self.reopen() {
            return Committed::Unknown;
        }
        match self.stored_batch_number() {
            Ok(number) if number > self.batch_number => Committed::Yes,
            Ok(_) => Committed::No,
            Err(_) => Committed::Unknown,
        }
    }

    /// Goes on after a commit whose outcome nobody learnt: from whatever the store holds now.
    fn resume(&mut self) -> bool {
        if !self.reopen() {
            return false;
        }
        let stored = self.stored_batch_number();
        if let Ok(number) = stored {
            self.batch_number = number;
        }
        self.broken = stored.is_err();
        !self.broken
    }

    fn reopen(&mut self) -> bool {
        let result = self.engine.recover().and_then(|()| self.publish(Heads::new()));
        match result {
            Ok(()) => {
                tracing::warn!("the store was opened anew");
                self.heads.clear();
                self.broken = false;
                self.pulse.wake_all();
                true
            }
            Err(error) => {
                tracing::error!(%error, "the store could not be opened anew");
                false
            }
        }
    }

    fn stored_batch_number(&self) -> Result<u64, StoreError> {
        batch_number(self.newest().as_ref())
    }

    fn newest(&self) -> Arc<dyn Reader> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).reader)
    }

    fn publish(&self, heads: Heads) -> Result<(), EngineError> {
        let state = State { reader: Arc::from(self.engine.snapshot()?), heads: Arc::new(heads) };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(())
    }

    fn refuse(&self, mut batch: Vec<Box<dyn Submission>>, error: impl Fn() -> StoreError) {
        for operation in &mut batch {
            operation.fail(error());
        }
        finish(batch, Duration::ZERO);
    }
}

/// Runs one operation in its own overlay and keeps its changes if it succeeds.
fn apply(operation: &mut dyn Submission, merged: &mut Overlay<'_>, heads: &mut Heads, moved: &mut Moved) {
    let stamp = operation.stamp().clone();
    let mut transaction = Transaction::new(merged, heads, &stamp);
    if !operation.run(&mut transaction) {
        return;
    }
    if transaction.rows() > OPERATION_ROWS_MAX {
        operation.fail(StoreError::TooManyRows);
        return;
    }
    let (changes, new_heads, sheets) = transaction.into_parts();
    merged.absorb(changes);
    moved.tenants.extend(new_heads.keys());
    moved.sheets.extend(sheets);
    heads.extend(new_heads);
}

fn finish(batch: Vec<Box<dyn Submission>>, committed: Duration) {
    let size = batch.len();
    for operation in batch {
        operation.answer(size, committed);
    }
}

/// The number of the last batch in a state.
pub(super) fn batch_number(reader: &dyn Reader) -> Result<u64, StoreError> {
    match reader.get(&keys::named(Table::Meta, "batch"))? {
        Some(bytes) => Ok(codec::decode(&bytes)?),
        None => Ok(0),
    }
}

/// Puts a message into the queue without waiting.
pub(super) fn enqueue(queue: &SyncSender<Message>, message: Message) -> Result<(), StoreError> {
    queue.try_send(message).map_err(|error| match error {
        TrySendError::Full(_) => StoreError::Busy,
        TrySendError::Disconnected(_) => StoreError::Closed,
    })
}
