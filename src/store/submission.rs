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

/// Where what became of a submission arrives: that it was run and answered for, or why not.
pub(super) type Answer = oneshot::Receiver<Result<Receipt, StoreError>>;

/// An operation without its types; true if its changes are to be kept. It leaves its outcome with whoever waits. That
/// the writer, and all waiting for it, know no types keeps the program small: there are hundreds of operations.
pub(super) type Operation = Box<dyn FnMut(&mut Transaction<'_>) -> bool + Send>;

/// What became of a submission so far.
enum Outcome {
    /// It was not run.
    Waiting,
    /// It succeeded.
    Kept,
    /// It has refused itself.
    Refused,
    /// The store failed it.
    Failed(StoreError),
}

/// An operation on its way through the writer.
pub(super) struct Submission {
    operation: Operation,
    stamp: Stamp,
    state: Arc<AtomicU8>,
    waiting: Stopwatch,
    receipt: Receipt,
    outcome: Outcome,
    reply: oneshot::Sender<Result<Receipt, StoreError>>,
}

impl Submission {
    pub(super) fn new(stamp: Stamp, operation: Operation) -> (Self, Ticket, Answer) {
        let (reply, answer) = oneshot::channel();
        let state = Arc::new(AtomicU8::new(QUEUED));
        let ticket = Ticket(Arc::clone(&state));
        let (waiting, receipt, outcome) = (Stopwatch::start(), Receipt::default(), Outcome::Waiting);
        (Self { operation, stamp, state, waiting, receipt, outcome, reply }, ticket, answer)
    }

    /// Takes it from the queue; false if the caller has stopped waiting, or has waited too long.
    pub(super) fn claim(&self, waited_max: Duration) -> bool {
        let wanted = if self.waiting.elapsed() > waited_max { ABANDONED } else { TAKEN };
        let claimed = self.state.compare_exchange(QUEUED, wanted, Ordering::AcqRel, Ordering::Acquire);
        claimed.is_ok() && wanted == TAKEN
    }

    /// Who writes, when and in which request.
    pub(super) fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Runs it; true if its changes are to be kept.
    pub(super) fn run(&mut self, transaction: &mut Transaction<'_>) -> bool {
        self.receipt.queued = self.waiting.elapsed();
        let watch = Stopwatch::start();
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.operation)(transaction)));
        self.receipt.applied = watch.elapsed();
        self.outcome = match outcome {
            Ok(true) => Outcome::Kept,
            Ok(false) => Outcome::Refused,
            Err(_) => Outcome::Failed(StoreError::Panicked),
        };
        matches!(self.outcome, Outcome::Kept)
    }

    /// Turns its outcome into a failure of the store.
    pub(super) fn fail(&mut self, error: StoreError) {
        // A refusal does not stand, either: it may rest on what another operation of the batch wrote, which is not there.
        if !matches!(self.outcome, Outcome::Failed(_)) {
            self.outcome = Outcome::Failed(error);
        }
    }

    /// Tells the caller.
    pub(super) fn answer(self, batch: usize, committed: Duration) {
        let outcome = match self.outcome {
            Outcome::Kept | Outcome::Refused => Ok(Receipt { batch, committed, ..self.receipt }),
            Outcome::Failed(error) => Err(error),
            Outcome::Waiting => Err(StoreError::Busy),
        };
        // A caller that went away does not need the answer; the change is kept all the same.
        let _ = self.reply.send(outcome);
    }
}
