//! How many lines there were, by time and level, from what the indexes know: no line is read.

use std::{collections::BTreeMap, io};

use super::{
    LogStore,
    block::{MINUTE, Minute},
    head::Head,
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

/// How many lines there were.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Volume {
    /// By pieces of time, in their order; those without lines are left out.
    pub bars: Vec<Bar>,
    /// What could not be read.
    pub faults: Vec<Fault>,
    /// Whether all was counted.
    pub complete: bool,
}

/// Counts lines by pieces of time.
#[derive(Debug)]
pub struct VolumeCount {
    /// The minute with which the first piece begins, since 1970.
    start: i64,
    /// Minutes in a piece.
    step: i64,
    bars: BTreeMap<i64, Bar>,
}

impl VolumeCount {
    /// Counts from a time on, in microseconds, by so many minutes.
    pub fn new(from: i64, minutes: u32) -> Self {
        Self { start: from.div_euclid(MINUTE), step: i64::from(minutes.max(1)), bars: BTreeMap::new() }
    }

    /// Counts one more line.
    pub fn add(&mut self, line: &[u8]) {
        let head = Head::of(line);
        if let Some(micros) = head.micros {
            let mut counts = Minute::default();
            counts.add(&head);
            self.add_minute(micros.div_euclid(MINUTE), &counts);
        }
    }

    fn add_minute(&mut self, minute: i64, counts: &Minute) {
        let begins = self.start + (minute - self.start).div_euclid(self.step) * self.step;
        let empty = Bar { from: begins * MINUTE, levels: [0; 5], failed: 0 };
        let bar = self.bars.entry(begins).or_insert(empty);
        for (sum, count) in bar.levels.iter_mut().zip(counts.levels) {
            *sum += u64::from(count);
        }
        bar.failed += u64::from(counts.failed);
    }

    /// What was counted, in the order of time.
    pub fn bars(self) -> Vec<Bar> {
        self.bars.into_values().collect()
    }
}

impl LogStore {
    /// The lines of whole minutes from a time on and before another, in pieces of so many minutes.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn volume(&self, from: i64, until: i64, minutes: u32) -> io::Result<Volume> {
        let whole =
            from.div_euclid(MINUTE)..until.div_euclid(MINUTE) + i64::from(until.rem_euclid(MINUTE) > 0);
        let (mut count, mut faults) = (VolumeCount::new(from, minutes), Vec::new());
        for stored in self.list()? {
            if let Stored::Plain(name) | Stored::Sealed(name) = &stored
                && name.span().is_some_and(|(first, last)| last < from || first >= until)
            {
                continue;
            }
            match self.open(&stored) {
                Ok(segment) => {
                    for (minute, counts) in segment.minutes().iter().filter(|(at, _)| whole.contains(at)) {
                        count.add_minute(*minute, counts);
                    }
                }
                Err(error) => faults.push(Fault { file: stored.name(), what: error.to_string() }),
            }
        }
        Ok(Volume { bars: count.bars(), faults, complete: true })
    }
}
