//! A copy of a state in a file of its own, made while the store runs, and compared row by row.

use std::{ops::ControlFlow, path::Path};

use super::{Check, RedbEngine};
use crate::store::{
    engine::{Changes, Direction, Engine, EngineError, Pace, Reader},
    keys::EVERYTHING,
};

const ROWS_A_COMMIT: usize = 10_000;

/// Memory for pages of a copy.
pub const COPY_CACHE_BYTES: usize = 8 * 1_024 * 1_024;

/// Rows between two looks at the pace.
const ROWS_A_STEP: u64 = 1_000;

pub(super) fn copy_verified(state: &dyn Reader, to: &Path, pace: &mut Pace<'_>) -> Result<(), EngineError> {
    if to.exists() {
        return Err(EngineError::Io(format!("{} is already there", to.display())));
    }
    let copy = RedbEngine::open(to, COPY_CACHE_BYTES, Check::Repair)?;
    let mut changes = Changes::new();
    walk(state, pace, &mut |key, value| {
        changes.insert(key.to_vec(), Some(value.to_vec()));
        if changes.len() == ROWS_A_COMMIT {
            copy.commit(&changes)?;
            changes.clear();
        }
        Ok(())
    })?;
    copy.commit(&changes)?;
    copy.close()?;
    let copy = RedbEngine::open(to, COPY_CACHE_BYTES, Check::Everything)?;
    compare(state, copy.snapshot()?.as_ref(), pace)?;
    copy.close()
}

fn compare(state: &dyn Reader, copy: &dyn Reader, pace: &mut Pace<'_>) -> Result<(), EngineError> {
    let (mut rows, mut copied) = (0_u64, 0_u64);
    walk(state, pace, &mut |key, value| {
        rows += 1;
        match copy.get(key)? {
            Some(found) if found == value => Ok(()),
            _ => Err(EngineError::Damaged("the copy differs from the original".to_owned())),
        }
    })?;
    walk(copy, pace, &mut |_, _| {
        copied += 1;
        Ok(())
    })?;
    if rows == copied { Ok(()) } else { Err(EngineError::Damaged("the copy has rows of its own".to_owned())) }
}

/// What is done with each row.
type Row<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), EngineError> + 'a;

/// Visits every row of a state, at a pace.
fn walk(state: &dyn Reader, pace: &mut Pace<'_>, visit: &mut Row<'_>) -> Result<(), EngineError> {
    let (mut outcome, mut rows) = (Ok(()), 0);
    state.range(EVERYTHING.0, EVERYTHING.1, Direction::Forward, &mut |key, value| {
        rows += 1;
        outcome = visit(key, value);
        if outcome.is_ok() && rows % ROWS_A_STEP == 0 && pace().is_break() {
            outcome = Err(EngineError::Ended);
        }
        if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    outcome
}
