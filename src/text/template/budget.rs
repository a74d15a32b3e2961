//! What the templates of one message may spend, so that none runs for long or grows without end. Uses nothing of ours but
//! faults.

use std::cell::Cell;

use super::super::fault::{Flaw, Problem};

/// Most bytes that may come of a template.
pub(in crate::text) const RENDERED_BYTES_MAX: usize = 64 * 1024;
/// Most steps that a template may take. A part that is looked at is one, and so are 64 bytes that are read or made.
const STEPS_MAX: usize = 50_000;
const BYTES_A_STEP: usize = 64;

/// What is left.
pub(in crate::text) struct Budget {
    steps: Cell<usize>,
    bytes: Cell<usize>,
}

impl Budget {
    pub(in crate::text) fn new() -> Self {
        Self { steps: Cell::new(STEPS_MAX), bytes: Cell::new(RENDERED_BYTES_MAX) }
    }

    /// One step, and those for bytes that are read or made on the way.
    pub(super) fn work(&self, line: usize, bytes: usize) -> Result<(), Flaw> {
        let left = self.steps.get().checked_sub(1 + bytes / BYTES_A_STEP);
        self.steps.set(left.ok_or_else(|| Flaw::at(line, Problem::TooMuchWork))?);
        Ok(())
    }

    /// Bytes that are kept.
    pub(super) fn output(&self, line: usize, bytes: usize) -> Result<(), Flaw> {
        let left = self.bytes.get().checked_sub(bytes);
        self.bytes.set(left.ok_or_else(|| Flaw::at(line, Problem::TooLong(RENDERED_BYTES_MAX)))?);
        self.work(line, bytes)
    }
}
