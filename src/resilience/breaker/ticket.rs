//! What goes with a call from its admission to its end, or what keeps it from being made. Uses nothing.

use std::time::Duration;

use super::moment::Moment;
use crate::domain::CircuitState;

/// What went wrong with a call that took too long, in a word.
pub const TIMED_OUT: &str = "timeout";

/// How a call ended, as far as the health of what was called goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It works.
    Ok,
    /// It does not.
    Fail,
    /// This tells nothing about it: an address that does not exist, a size that is not allowed.
    Ignored,
    /// Whoever called went away.
    Cancelled,
}

/// A call that must not be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Where the circuit stands.
    pub state: CircuitState,
    /// After which time it is worth trying again, when that is known.
    pub retry_after: Option<Duration>,
}

/// What a call that may be made has to bring back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticket {
    /// The generation of the circuit in which it was given.
    pub generation: u64,
    /// When the call began.
    pub started: Moment,
    /// What becomes of its outcome.
    pub role: TicketRole,
    /// Whether it is made only to see whether the service works: nobody needs what comes of it.
    pub is_probe: bool,
}

impl Ticket {
    /// Whether the call is made only because nothing is enforced.
    pub fn is_unheeded(self) -> bool {
        self.role == TicketRole::Unheeded
    }
}

/// What becomes of the outcome of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TicketRole {
    /// Its outcome counts.
    Call,
    /// Its outcome decides.
    Trial,
    /// It would not have been made; its outcome shows only whether that would have been right.
    Unheeded,
    /// Nothing is kept about it.
    Unseen,
}
