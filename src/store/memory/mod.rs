//! An engine in memory: the proof that nothing above the engine depends on redb, and quick in tests.

use std::{
    collections::BTreeMap,
    ops::{Bound, ControlFlow},
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use super::engine::{Changes, Direction, Engine, EngineError, Pace, Reader, Visit};

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// Rows in an ordered map; a snapshot shares it until the next commit.
#[derive(Default)]
pub struct MemoryEngine {
    rows: RwLock<Arc<Rows>>,
}

struct MemorySnapshot(Arc<Rows>);

impl Engine for MemoryEngine {
    fn snapshot(&self) -> Result<Box<dyn Reader>, EngineError> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        Ok(Box::new(MemorySnapshot(Arc::clone(&rows))))
    }

    fn commit(&self, changes: &Changes) -> Result<(), EngineError> {
        let mut shared = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        let rows = Arc::make_mut(&mut shared);
        for (key, change) in changes {
            match change {
                Some(value) => rows.insert(key.clone(), value.clone()),
                None => rows.remove(key),
            };
        }
        Ok(())
    }

    fn recover(&self) -> Result<(), EngineError> {
        Ok(())
    }

    fn close(&self) -> Result<(), EngineError> {
        Ok(())
    }

    fn copy_verified(&self, _: &Path, _: &mut Pace<'_>) -> Result<(), EngineError> {
        Err(EngineError::Io("data in memory has no file to copy to".to_owned()))
    }

    fn size_bytes(&self) -> u64 {
        0
    }

    fn used_bytes(&self) -> Result<u64, EngineError> {
        Ok(0)
    }
}

impl Reader for MemorySnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }

    fn contains(&self, key: &[u8]) -> Result<bool, EngineError> {
        Ok(self.0.contains_key(key))
    }

    fn range(
        &self,
        from: &[u8],
        to: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), EngineError> {
        if from >= to {
            return Ok(());
        }
        let rows = self.0.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)));
        let mut visit = |(key, value): (&Vec<u8>, &Vec<u8>)| visit(key, value);
        let _: ControlFlow<()> = match direction {
            Direction::Forward => rows.into_iter().try_for_each(&mut visit),
            Direction::Backward => rows.rev().try_for_each(&mut visit),
        };
        Ok(())
    }
}
