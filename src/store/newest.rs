//! Pages of rows whose ids ascend with time, newest first, of which a filter lets some pass. Uses the engine and the
//! codec.

use std::ops::ControlFlow;

use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{
    StoreError, codec,
    engine::{Direction, Reader},
    live::{Cursor, Page},
    rows,
};

/// Collects rows until there are as many as wanted and one more, or enough were looked at.
pub struct Newest<T, F> {
    items: Vec<T>,
    limit: usize,
    looks_left: usize,
    /// The last one that was looked at, if the look ended there.
    broken_off_at: Option<Uuid>,
    id: fn(&T) -> Uuid,
    wanted: F,
}

impl<T, F: Fn(&T) -> bool> Newest<T, F> {
    /// As many as a limit says, whatever has to be looked at for them.
    pub fn up_to(limit: usize, id: fn(&T) -> Uuid, wanted: F) -> Self {
        Self { items: Vec::new(), limit, looks_left: usize::MAX, broken_off_at: None, id, wanted }
    }

    /// The same, of no more than so many that are looked at.
    pub fn looking_at(self, looks: usize) -> Self {
        Self { looks_left: looks, ..self }
    }

    /// Takes one more; the look may be over.
    pub fn take(&mut self, row: T) -> ControlFlow<()> {
        let id = (self.id)(&row);
        if (self.wanted)(&row) {
            self.items.push(row);
        }
        self.looks_left = self.looks_left.saturating_sub(1);
        if self.items.len() > self.limit {
            return ControlFlow::Break(());
        }
        if self.looks_left == 0 {
            self.broken_off_at = Some(id);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// What was collected.
    pub fn page(mut self) -> Page<T> {
        let more = self.items.len() > self.limit;
        self.items.truncate(self.limit);
        let last = self.items.last().filter(|_| more).map(self.id);
        let next = last.or(self.broken_off_at).map(|id| Cursor { order: (0, 0), id });
        Page { items: self.items, next }
    }
}

impl<T: DeserializeOwned, F: Fn(&T) -> bool> Newest<T, F> {
    /// Those whose stored forms lie between two keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn between(mut self, reader: &dyn Reader, from: &[u8], to: &[u8]) -> Result<Page<T>, StoreError> {
        let visit = &mut |_: &[u8], value: &[u8]| Ok(self.take(codec::decode(value)?));
        rows::walk(reader, (from, to), Direction::Backward, visit)?;
        Ok(self.page())
    }
}
