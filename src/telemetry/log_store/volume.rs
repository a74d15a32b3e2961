//! How many lines there were, by time and level, from what the indexes know: no line is read.

use std::{collections::BTreeMap, io};

use super::{
    LogStore,
    block::{MINUTE, Minute},
    storage::Stored,
    walk::Fault,
};

/// The lines of a piece of time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bar {
    /// When it begins, in microseconds.
    pub from: i64,
    /// Lines by [`Level`](super::Level).
    pub levels: [u64; 5],
    /// Lines of requests that failed for a fault of the server's.
    pub failed: u64,
}

impl Bar {
    fn add(&mut self, minute: &Minute) {
        for (sum, count) in self.levels.iter_mut().zip(minute.levels) {
            *sum += u64::from(count);
        }
        self.failed += u64::from(minute.failed);
    }
}

impl LogStore {
    /// The lines of whole minutes from a time on and before another, in pieces of so many minutes; those without lines are
    /// left out.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn volume(&self, from: i64, until: i64, minutes: u32) -> io::Result<(Vec<Bar>, Vec<Fault>)> {
        let step = i64::from(minutes.max(1));
        let whole =
            from.div_euclid(MINUTE)..until.div_euclid(MINUTE) + i64::from(until.rem_euclid(MINUTE) > 0);
        let (mut bars, mut faults) = (BTreeMap::<i64, Bar>::new(), Vec::new());
        for stored in self.list()? {
            if let Stored::Plain(name) | Stored::Sealed(name) = &stored
                && name.span().is_some_and(|(first, last)| last < from || first >= until)
            {
                continue;
            }
            match self.open(&stored) {
                Ok(segment) => {
                    for (minute, counts) in segment.minutes().iter().filter(|(at, _)| whole.contains(at)) {
                        let begins = whole.start + (minute - whole.start).div_euclid(step) * step;
                        let empty = Bar { from: begins * MINUTE, levels: [0; 5], failed: 0 };
                        bars.entry(begins).or_insert(empty).add(counts);
                    }
                }
                Err(error) => faults.push(Fault { file: stored.name(), what: error.to_string() }),
            }
        }
        Ok((bars.into_values().collect(), faults))
    }
}
