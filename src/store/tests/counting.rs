//! A store that counts the rows that its engine reads and writes, for what must cost the same whatever there is.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::super::{
    FORMAT, Store, StoreLimits,
    engine::{Changes, Direction, Engine, EngineError, Pace, Reader, Visit},
    format,
    memory::MemoryEngine,
};

impl Store {
    /// A store in memory, with what it has read and written.
    pub(crate) fn counted() -> (Self, Arc<Counts>) {
        let engine = CountingEngine::default();
        let counts = Arc::clone(&engine.counts);
        format::prepare(&engine, None, FORMAT, format::MIGRATIONS).unwrap();
        (Self::start(Arc::new(engine), None, StoreLimits::default()).unwrap(), counts)
    }
}

/// Rows that were read and written since it was last asked.
#[derive(Default)]
pub(crate) struct Counts {
    read: AtomicUsize,
    written: AtomicUsize,
}

impl Counts {
    /// How many were read, and how many were written.
    pub(crate) fn take(&self) -> (usize, usize) {
        (self.read.swap(0, Ordering::SeqCst), self.written.swap(0, Ordering::SeqCst))
    }
}

/// An engine in memory that counts.
#[derive(Default)]
struct CountingEngine {
    engine: MemoryEngine,
    counts: Arc<Counts>,
}

struct CountingReader {
    reader: Box<dyn Reader>,
    counts: Arc<Counts>,
}

impl CountingReader {
    fn count(&self) {
        self.counts.read.fetch_add(1, Ordering::SeqCst);
    }
}

impl Reader for CountingReader {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.count();
        self.reader.get(key)
    }

    fn contains(&self, key: &[u8]) -> Result<bool, EngineError> {
        self.count();
        self.reader.contains(key)
    }

    fn range(
        &self,
        from: &[u8],
        to: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), EngineError> {
        let mut counted = |key: &[u8], value: &[u8]| {
            self.count();
            visit(key, value)
        };
        self.reader.range(from, to, direction, &mut counted)
    }
}

impl Engine for CountingEngine {
    fn snapshot(&self) -> Result<Box<dyn Reader>, EngineError> {
        let reader = self.engine.snapshot()?;
        Ok(Box::new(CountingReader { reader, counts: Arc::clone(&self.counts) }))
    }

    fn commit(&self, changes: &Changes) -> Result<(), EngineError> {
        self.counts.written.fetch_add(changes.len(), Ordering::SeqCst);
        self.engine.commit(changes)
    }

    fn recover(&self) -> Result<(), EngineError> {
        self.engine.recover()
    }

    fn close(&self) -> Result<(), EngineError> {
        self.engine.close()
    }

    fn copy_verified(&self, to: &Path, pace: &mut Pace<'_>) -> Result<(), EngineError> {
        self.engine.copy_verified(to, pace)
    }

    fn size_bytes(&self) -> u64 {
        self.engine.size_bytes()
    }

    fn used_bytes(&self) -> Result<u64, EngineError> {
        self.engine.used_bytes()
    }
}
