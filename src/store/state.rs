//! The newest committed state, and snapshots of it that outlast a reopening of the data file: reads that were under way
//! go on in the state that takes its place, if that is the same.

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    StoreError,
    audit::{self, Heads, Tip},
    condition::{Condition, Wake},
    engine::{Direction, EngineError, Reader, Visit},
    keys,
};
use crate::domain::TenantId;

/// How long a read waits for the data file to be opened anew. It holds up a thread that answers requests.
const PATIENCE: Duration = Duration::from_secs(1);

/// A committed state, with the ends of the audit chains as far as the writer knows them.
#[derive(Clone)]
pub(super) struct State {
    pub reader: Arc<dyn Reader>,
    pub heads: Arc<Heads>,
    /// The number of its last batch: two states with the same one are the same.
    pub batch: u64,
    /// How many states were published before it.
    publication: u64,
}

/// The newest committed state, shared by all readers.
pub(super) struct Current {
    state: RwLock<State>,
    published: Mutex<u64>,
    moved: Condvar,
    /// Set when no state can be read any more: because the store is closed, or because its file is unreadable.
    lost: AtomicBool,
    condition: Arc<Condition>,
}

impl Current {
    pub(super) fn new(reader: Arc<dyn Reader>, batch: u64, condition: Arc<Condition>) -> Self {
        let state = State { reader, heads: Arc::default(), batch, publication: 0 };
        Self {
            state: RwLock::new(state),
            published: Mutex::new(0),
            moved: Condvar::new(),
            lost: AtomicBool::new(false),
            condition,
        }
    }

    /// The newest state.
    pub(super) fn newest(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another state in its place.
    pub(super) fn publish(&self, reader: Arc<dyn Reader>, heads: Heads, batch: u64) {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        *published += 1;
        let state = State { reader, heads: Arc::new(heads), batch, publication: *published };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
        self.lost.store(false, Ordering::Release);
        self.moved.notify_all();
    }

    /// No state can be read until another one is published.
    pub(super) fn lose(&self) {
        let _published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        self.lost.store(true, Ordering::Release);
        self.moved.notify_all();
    }

    /// Whether the newest state can be read, as far as is known.
    pub(super) fn is_readable(&self) -> bool {
        !self.lost.load(Ordering::Acquire)
    }

    /// Whether this is still the newest state.
    pub(super) fn is_newest(&self, publication: u64) -> bool {
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) == publication
    }

    /// The state that takes the place of one that cannot be read any more.
    fn after(&self, publication: u64) -> Option<State> {
        let waits = |published: &mut u64| *published == publication && !self.lost.load(Ordering::Acquire);
        let published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.moved.wait_timeout_while(published, PATIENCE, waits));
        Some(self.newest()).filter(|state| state.publication > publication)
    }
}

/// A state to read from.
pub(super) struct Snapshot {
    state: State,
    current: Arc<Current>,
}

impl Snapshot {
    pub(super) fn of(current: &Arc<Current>) -> Self {
        Self { state: current.newest(), current: Arc::clone(current) }
    }

    /// The state.
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// The end of a tenant's audit chain.
    pub(super) fn tip(&self, tenant: TenantId) -> Result<Tip, StoreError> {
        if let Some(tip) = self.state.heads.get(&tenant) {
            return Ok(*tip);
        }
        let head = audit::head(self, tenant)?;
        Ok(Tip { head, settled: head.sequence })
    }

    /// The reader to go on with after this one failed.
    fn successor(&self, failure: EngineError) -> Result<Arc<dyn Reader>, EngineError> {
        let State { publication, batch, .. } = self.state;
        match failure {
            EngineError::Io(_) => self.current.condition.wake(Wake::ReadFailed { publication }),
            EngineError::Closed => {}
            _ => return Err(failure),
        }
        match self.current.after(publication) {
            Some(state) if state.batch == batch => Ok(state.reader),
            _ => Err(failure),
        }
    }
}

impl Reader for Snapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        match self.state.reader.get(key) {
            Err(failure) => self.successor(failure)?.get(key),
            found => found,
        }
    }

    fn contains(&self, key: &[u8]) -> Result<bool, EngineError> {
        match self.state.reader.contains(key) {
            Err(failure) => self.successor(failure)?.contains(key),
            found => found,
        }
    }

    fn range(
        &self,
        from: &[u8],
        to: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), EngineError> {
        let mut last: Option<Vec<u8>> = None;
        let walked = self.state.reader.range(from, to, direction, &mut |key, value| {
            let flow = visit(key, value);
            if flow.is_continue() {
                let last = last.get_or_insert_default();
                last.clear();
                last.extend_from_slice(key);
            }
            flow
        });
        let Err(failure) = walked else { return Ok(()) };
        let successor = self.successor(failure)?;
        match (direction, last) {
            (_, None) => successor.range(from, to, direction, visit),
            (Direction::Forward, Some(last)) => successor.range(&keys::behind(&last), to, direction, visit),
            (Direction::Backward, Some(last)) => successor.range(from, &last, direction, visit),
        }
    }
}

/// The state on which the writer works. It does not wait for another one, which it would itself have to open; that a read
/// failed it tells whoever has it do so.
pub(super) struct Base {
    state: State,
    condition: Arc<Condition>,
}

impl Base {
    pub(super) fn of(current: &Current) -> Self {
        Self { state: current.newest(), condition: Arc::clone(&current.condition) }
    }

    fn told<T>(&self, read: Result<T, EngineError>) -> Result<T, EngineError> {
        if let Err(EngineError::Io(_)) = read {
            self.condition.wake(Wake::ReadFailed { publication: self.state.publication });
        }
        read
    }
}

impl Reader for Base {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.told(self.state.reader.get(key))
    }

    fn contains(&self, key: &[u8]) -> Result<bool, EngineError> {
        self.told(self.state.reader.contains(key))
    }

    fn range(
        &self,
        from: &[u8],
        to: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), EngineError> {
        self.told(self.state.reader.range(from, to, direction, visit))
    }
}

#[cfg(test)]
mod tests {
    use std::{ops::ControlFlow, sync::mpsc};

    use super::*;
    use crate::store::{
        engine::{Changes, Engine},
        memory::MemoryEngine,
    };

    /// Rows of which only so many can be read before the file is closed.
    struct Closing {
        rows: Box<dyn Reader>,
        left: usize,
    }

    impl Reader for Closing {
        fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
            Err(EngineError::Closed)
        }

        fn contains(&self, _: &[u8]) -> Result<bool, EngineError> {
            Err(EngineError::Closed)
        }

        fn range(
            &self,
            from: &[u8],
            to: &[u8],
            direction: Direction,
            visit: &mut Visit<'_>,
        ) -> Result<(), EngineError> {
            let mut left = self.left;
            self.rows.range(from, to, direction, &mut |key, value| {
                if left == 0 {
                    return ControlFlow::Break(());
                }
                left -= 1;
                visit(key, value)
            })?;
            Err(EngineError::Closed)
        }
    }

    fn rows() -> MemoryEngine {
        let engine = MemoryEngine::default();
        let rows: Changes = (1..10_u8).map(|key| (vec![key], Some(vec![key]))).collect();
        engine.commit(&rows).unwrap();
        engine
    }

    fn read_across(left: usize, batch: u64) -> (Arc<Current>, Snapshot) {
        let engine = rows();
        let condition = Arc::new(Condition::new(mpsc::sync_channel(4).0));
        let reader = Arc::new(Closing { rows: engine.snapshot().unwrap(), left });
        let current = Arc::new(Current::new(reader, 7, condition));
        let snapshot = Snapshot::of(&current);
        current.publish(Arc::from(engine.snapshot().unwrap()), Heads::new(), batch);
        (current, snapshot)
    }

    fn walk(snapshot: &Snapshot, direction: Direction) -> Result<Vec<u8>, EngineError> {
        let mut seen = Vec::new();
        snapshot.range(&[2], &[8], direction, &mut |key, _| {
            seen.push(key[0]);
            ControlFlow::Continue(())
        })?;
        Ok(seen)
    }

    #[test]
    fn a_read_goes_on_in_the_same_state_of_a_file_that_was_opened_anew() {
        for left in 0..8 {
            let (_current, snapshot) = read_across(left, 7);
            assert_eq!(snapshot.get(&[3]).unwrap(), Some(vec![3]));
            assert!(snapshot.contains(&[3]).unwrap());
            assert_eq!(walk(&snapshot, Direction::Forward).unwrap(), [2, 3, 4, 5, 6, 7]);
            assert_eq!(walk(&snapshot, Direction::Backward).unwrap(), [7, 6, 5, 4, 3, 2]);
        }
    }

    #[test]
    fn a_read_never_goes_on_in_another_state() {
        let (_current, snapshot) = read_across(3, 8);
        assert!(matches!(snapshot.get(&[3]), Err(EngineError::Closed)));
        assert!(matches!(walk(&snapshot, Direction::Forward), Err(EngineError::Closed)));
    }

    #[test]
    fn a_read_of_what_is_lost_fails_at_once() {
        let (current, _) = read_across(0, 7);
        let engine = rows();
        let closing = Closing { rows: engine.snapshot().unwrap(), left: 0 };
        current.publish(Arc::new(closing), Heads::new(), 8);
        current.lose();
        assert!(matches!(Snapshot::of(&current).get(&[3]), Err(EngineError::Closed)));
    }
}
