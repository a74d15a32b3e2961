//! Uncommitted changes over a state: reads and ranges see them merged. Overlays stack, so that each operation of a
//! batch has its own and a failed one leaves nothing.

use std::{
    cmp::Ordering,
    ops::{Bound, ControlFlow},
};

use super::engine::{Changes, Direction, EngineError, Reader, Visit};

/// A state with changes on top.
pub struct Overlay<'a> {
    base: &'a dyn Reader,
    changes: Changes,
}

impl<'a> Overlay<'a> {
    /// No changes yet.
    pub fn new(base: &'a dyn Reader) -> Self {
        Self { base, changes: Changes::new() }
    }

    /// Puts a row.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.changes.insert(key, Some(value));
    }

    /// Deletes a row.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.changes.insert(key, None);
    }

    /// Takes in the changes of an overlay that stood on this one.
    pub fn absorb(&mut self, changes: Changes) {
        self.changes.extend(changes);
    }

    /// Number of rows put or deleted.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// What has changed so far.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The changes alone.
    pub fn into_changes(self) -> Changes {
        self.changes
    }
}

impl Reader for Overlay<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        match self.changes.get(key) {
            Some(change) => Ok(change.clone()),
            None => self.base.get(key),
        }
    }

    fn contains(&self, key: &[u8]) -> Result<bool, EngineError> {
        match self.changes.get(key) {
            Some(change) => Ok(change.is_some()),
            None => self.base.contains(key),
        }
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
        let changes = self.changes.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)));
        match direction {
            Direction::Forward => merge(self.base, from, to, direction, changes, visit),
            Direction::Backward => merge(self.base, from, to, direction, changes.rev(), visit),
        }
    }
}

/// Walks the base range and the changes side by side; where both have a key, the change wins.
fn merge<'c>(
    base: &dyn Reader,
    from: &[u8],
    to: &[u8],
    direction: Direction,
    changes: impl Iterator<Item = (&'c Vec<u8>, &'c Option<Vec<u8>>)>,
    visit: &mut Visit<'_>,
) -> Result<(), EngineError> {
    let mut changes = changes.peekable();
    if changes.peek().is_none() {
        return base.range(from, to, direction, visit);
    }
    let mut stopped = false;
    let mut emit = |key: &[u8], value: &[u8]| {
        let flow = visit(key, value);
        stopped |= flow.is_break();
        flow
    };
    base.range(from, to, direction, &mut |key, value| {
        while let Some((changed, change)) = changes.peek() {
            let order = match direction {
                Direction::Forward => changed.as_slice().cmp(key),
                Direction::Backward => key.cmp(changed.as_slice()),
            };
            if order == Ordering::Greater {
                break;
            }
            if let Some(value) = change {
                emit(changed, value)?;
            }
            changes.next();
            if order == Ordering::Equal {
                return ControlFlow::Continue(());
            }
        }
        emit(key, value)
    })?;
    if !stopped {
        let _ = changes.try_for_each(|(key, change)| match change {
            Some(value) => visit(key, value),
            None => ControlFlow::Continue(()),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, ops::ControlFlow};

    use proptest::prelude::*;

    use super::{Overlay, Reader};
    use crate::store::{
        engine::{Direction, Engine},
        memory::MemoryEngine,
    };

    fn walk(reader: &dyn Reader, from: u8, to: u8, direction: Direction, limit: usize) -> Vec<(u8, u8)> {
        let mut seen = Vec::new();
        reader
            .range(&[from], &[to], direction, &mut |key, value| {
                seen.push((key[0], value[0]));
                if seen.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
            .unwrap();
        seen
    }

    proptest! {
        #[test]
        fn two_stacked_overlays_read_like_one_map(
            base in proptest::collection::btree_map(0u8..32, any::<u8>(), 0..20),
            lower in proptest::collection::btree_map(0u8..32, any::<Option<u8>>(), 0..20),
            upper in proptest::collection::btree_map(0u8..32, any::<Option<u8>>(), 0..20),
            from in 0u8..34, to in 0u8..34, limit in 1usize..40,
        ) {
            let engine = MemoryEngine::default();
            let rows = base.iter().map(|(k, v)| (vec![*k], Some(vec![*v]))).collect();
            engine.commit(&rows).unwrap();
            let snapshot = engine.snapshot().unwrap();
            let mut model: BTreeMap<u8, u8> = base;
            let mut first = Overlay::new(snapshot.as_ref());
            apply(&mut first, &mut model, &lower);
            let mut second = Overlay::new(&first);
            apply(&mut second, &mut model, &upper);

            for key in 0..32 {
                prop_assert_eq!(second.get(&[key]).unwrap(), model.get(&key).map(|v| vec![*v]));
                prop_assert_eq!(second.contains(&[key]).unwrap(), model.contains_key(&key));
            }
            let inside = || model.iter().filter(|(k, _)| (from..to).contains(*k)).map(|(k, v)| (*k, *v));
            let forward: Vec<_> = inside().take(limit).collect();
            let mut backward: Vec<_> = inside().collect();
            backward.reverse();
            backward.truncate(limit);
            prop_assert_eq!(walk(&second, from, to, Direction::Forward, limit), forward);
            prop_assert_eq!(walk(&second, from, to, Direction::Backward, limit), backward);
        }
    }

    fn apply(overlay: &mut Overlay<'_>, model: &mut BTreeMap<u8, u8>, changes: &BTreeMap<u8, Option<u8>>) {
        for (key, change) in changes {
            match change {
                Some(value) => {
                    overlay.put(vec![*key], vec![*value]);
                    model.insert(*key, *value);
                }
                None => {
                    overlay.delete(vec![*key]);
                    model.remove(key);
                }
            }
        }
    }
}
