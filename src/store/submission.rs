//! An operation on its way through the writer: who waits for it, whether they still do, and what became of it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use tokio::sync::oneshot;

use super::{
    StoreError,
    transaction::{Stamp, Transaction},
};
use crate::telemetry::clock::Stopwatch;

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
