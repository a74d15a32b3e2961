//! A copy of a state in a file of its own, made while the store runs, and compared row by row.

use std::{ops::ControlFlow, path::Path};

use super::RedbEngine;
use crate::store::engine::{Changes, Direction, Engine, EngineError, Reader};

const ROWS_A_COMMIT: usize = 10_000;

/// The whole space of keys.
const EVERYTHING: (&[u8], &[u8]) = (&[0], &[u8::MAX; 128]);

pub(super) fn copy_verified(state: &dyn Reader, to: &Path, cache_bytes: usize) -> Result<(), EngineError> {
    if to.exists() {
        return Err(EngineError::Io(format!("{} is already there", to.display())));
    }
    let copy = RedbEngine::open(to, cache_bytes)?;
    let mut changes = Changes::new();
    let mut failed = None;
    state.range(EVERYTHING.0, EVERYTHING.1, Direction::Forward, &mut |key, value| {
        changes.insert(key.to_vec(), Some(value.to_vec()));
        if changes.len() == ROWS_A_COMMIT {
            if let Err(error) = copy.commit(&changes) {
                failed = Some(error);
                return ControlFlow::Break(());
            }
            changes.clear();
        }
        ControlFlow::Continue(())
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    copy.commit(&changes)?;
    copy.close()?;
    let copy = RedbEngine::open(to, cache_bytes)?;
    compare(state, copy.snapshot()?.as_ref())?;
    copy.close()
}

fn compare(state: &dyn Reader, copy: &dyn Reader) -> Result<(), EngineError> {
    let (mut rows, mut copied) = (0_u64, 0_u64);
    let mut differs = None;
    state.range(EVERYTHING.0, EVERYTHING.1, Direction::Forward, &mut |key, value| {
        rows += 1;
        match copy.get(key) {
            Ok(Some(found)) if found == value => return ControlFlow::Continue(()),
            Ok(_) => differs = Some(EngineError::Damaged("the copy differs from the original".to_owned())),
            Err(error) => differs = Some(error),
        }
        ControlFlow::Break(())
    })?;
    copy.range(EVERYTHING.0, EVERYTHING.1, Direction::Forward, &mut |_, _| {
        copied += 1;
        ControlFlow::Continue(())
    })?;
    match differs {
        Some(error) => Err(error),
        None if rows != copied => Err(EngineError::Damaged("the copy has rows of its own".to_owned())),
        None => Ok(()),
    }
}
