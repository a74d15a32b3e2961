//! Group commit: one thread drains the queue of operations, runs each in its own overlay, commits what they left with
//! one sync and then answers all of them. A failed or panicking operation leaves nothing.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError},
    },
    time::Duration,
};

use super::{
    StoreError,
    audit::Heads,
    codec,
    condition::{Condition, Trouble},
    engine::{Changes, Engine, EngineError, Reader},
    keys::{self, Table},
    overlay::Overlay,
    pulse::{Moved, Pulse},
    reserve::Room,
    state::{Base, Current},
    submission::Submission,
    transaction::Transaction,
};
use crate::telemetry::{clock::Stopwatch, metrics};

/// Most rows of all tables that one operation may write; bigger work is cut into several. It holds 256 things with all
/// that belongs to each: locator, audit record and its values, unique values, pointers.
pub const OPERATION_ROWS_MAX: usize = 3_000;

/// What the writer does next.
pub(super) enum Message {
    Operation(Box<Submission>),
    /// Open the store anew if something is still the matter, and tell whether it can be written.
    Heal {
        /// The state that could not be read, if that is why.
        unreadable: Option<u64>,
        /// Where to tell it.
        reply: SyncSender<bool>,
    },
    Stop,
}

/// The thread that owns all writing.
pub(super) struct Writer {
    pub engine: Arc<dyn Engine>,
    pub current: Arc<Current>,
    pub condition: Arc<Condition>,
    pub room: Option<Arc<Room>>,
    pub pulse: Arc<Pulse>,
    pub queue: Receiver<Message>,
    pub batch_max: usize,
    pub queue_wait: Duration,
    pub heads: Heads,
    pub batch_number: u64,
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
            let (mut batch, mut healing) = (Vec::new(), None);
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Operation(operation) => batch.push(*operation),
                    Message::Heal { unreadable, reply } => healing = Some((unreadable, reply)),
                    Message::Stop => stop = true,
                }
                next = (batch.len() < self.batch_max).then(|| self.queue.try_recv().ok()).flatten();
            }
            self.process(batch);
            if let Some((unreadable, reply)) = healing {
                // The supervisor may have stopped waiting because the store closes.
                let _ = reply.send(self.heal(unreadable));
            }
        }
        self.current.lose();
        if let Err(error) = self.engine.close() {
            tracing::error!(%error, "the data file was not closed cleanly");
        }
    }

    fn process(&mut self, batch: Vec<Submission>) {
        let (mut batch, late): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|operation| operation.claim(self.queue_wait));
        finish(late, Duration::ZERO);
        if batch.is_empty() {
            return;
        }
        if let Some(trouble) = self.condition.trouble() {
            return self.refuse(batch, || StoreError::ReadOnly(trouble));
        }
        let base = Base::of(&self.current);
        let mut merged = Overlay::new(&base);
        let (mut heads, mut moved) = (self.heads.clone(), Moved::default());
        for operation in &mut batch {
            apply(operation, &mut merged, &mut heads, &mut moved);
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
                // Before anybody is answered: whoever reads what it has written finds nothing kept from before.
                self.pulse.beat(moved);
                finish(batch, elapsed);
            }
            Committed::No => match self.condition.trouble() {
                Some(trouble) => self.refuse(batch, || StoreError::ReadOnly(trouble)),
                None => self.refuse(batch, || StoreError::NotCommitted),
            },
            Committed::Unknown => self.refuse(batch, || StoreError::CommitUnknown),
        }
    }

    /// Commits and publishes the new state. After an error the store is opened anew and asked what it holds: the
    /// batch number tells whether this batch is in it.
    fn commit(&mut self, merged: &Overlay<'_>, heads: &Heads) -> Committed {
        let error = match self.engine.commit(merged.changes()) {
            Ok(()) => match self.publish(heads.clone(), self.batch_number + 1) {
                Ok(()) => {
                    self.heads.clone_from(heads);
                    return Committed::Yes;
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        let (before, trouble) = (self.batch_number, Trouble::of(&error));
        self.give_way(trouble, &error);
        // Opening a damaged file anew would only take away what can still be read.
        if trouble == Trouble::Damaged {
            return Committed::Unknown;
        }
        match (self.reopen(), self.batch_number > before) {
            // Room is a matter for the supervisor; what else was the matter may have passed.
            (true, landed) if trouble.is_of_room() || self.probe() => {
                if !trouble.is_of_room() {
                    self.condition.leave();
                }
                if landed { Committed::Yes } else { Committed::No }
            }
            (true, true) => Committed::Yes,
            // Of what cannot be synced nobody knows whether it is on the disk to stay.
            (false, true) => Committed::Unknown,
            (_, false) if self.current.is_readable() => Committed::No,
            (_, false) => Committed::Unknown,
        }
    }

    /// Lets nobody write for now.
    fn give_way(&self, trouble: Trouble, error: &EngineError) {
        self.condition.enter(trouble, error);
        if trouble == Trouble::DiskFull
            && let Some(room) = &self.room
            && let Err(error) = room.give_up_reserve()
        {
            tracing::error!(%error, "the reserve cannot be given up");
        }
    }

    /// Opens the store anew, and says whether it can be written again. The supervisor asks for it.
    fn heal(&mut self, unreadable: Option<u64>) -> bool {
        if self.condition.trouble().is_none() {
            // What was the matter when it was asked for has passed meanwhile.
            if !unreadable.is_some_and(|publication| self.current.is_newest(publication)) {
                return true;
            }
            self.condition.enter(Trouble::Failing, &"the data file could not be read");
        }
        let healed = self.reopen() && self.probe();
        if healed {
            self.condition.leave();
        }
        healed
    }

    /// Opens the store anew, goes on from whatever it holds now, and says whether it may be written. If not, the last
    /// state can still be read, if any can.
    fn reopen(&mut self) -> bool {
        let opened = self.engine.recover();
        self.heads.clear();
        let found = self.engine.snapshot().map_err(StoreError::from).and_then(|reader| {
            let number = batch_number(reader.as_ref())?;
            Ok((reader, number))
        });
        match found {
            Ok((reader, number)) => {
                self.batch_number = number;
                self.current.publish(Arc::from(reader), Heads::new(), number);
                self.pulse.wake_all();
            }
            Err(_) => self.current.lose(),
        }
        if let Err(error) = &opened {
            tracing::error!(%error, "the store cannot be opened for writing");
            if let EngineError::Damaged(_) = error {
                self.condition.enter(Trouble::Damaged, error);
            }
        }
        opened.is_ok() && self.current.is_readable()
    }

    /// Whether a commit goes through: the number of the last batch is written once more.
    fn probe(&mut self) -> bool {
        let Ok(number) = codec::encode(&self.batch_number) else { return false };
        let written = self.engine.commit(&Changes::from([(keys::named(Table::Meta, "batch"), Some(number))]));
        match written {
            // What was published is read by a snapshot of the file before the probe, which stays valid.
            Ok(()) => true,
            Err(error) => {
                self.give_way(Trouble::of(&error), &error);
                self.reopen();
                false
            }
        }
    }

    fn publish(&mut self, heads: Heads, batch: u64) -> Result<(), EngineError> {
        self.current.publish(Arc::from(self.engine.snapshot()?), heads, batch);
        self.batch_number = batch;
        Ok(())
    }

    fn refuse(&self, mut batch: Vec<Submission>, error: impl Fn() -> StoreError) {
        for operation in &mut batch {
            operation.fail(error());
        }
        finish(batch, Duration::ZERO);
    }
}

/// Runs one operation in its own overlay and keeps its changes if it succeeds.
fn apply(operation: &mut Submission, merged: &mut Overlay<'_>, heads: &mut Heads, moved: &mut Moved) {
    let stamp = operation.stamp().clone();
    let mut transaction = Transaction::new(merged, heads, &stamp);
    if !operation.run(&mut transaction) {
        return;
    }
    if transaction.rows() > OPERATION_ROWS_MAX {
        operation.fail(StoreError::TooManyRows);
        return;
    }
    let (changes, new_heads, sheets, jobs) = transaction.into_parts();
    merged.absorb(changes);
    moved.tenants.extend(new_heads.keys());
    moved.sheets.extend(sheets);
    moved.jobs.extend(jobs);
    heads.extend(new_heads);
}

fn finish(batch: Vec<Submission>, committed: Duration) {
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
