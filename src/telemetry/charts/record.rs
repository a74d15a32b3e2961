//! What the metrics were in a piece of time, and its form in the file.

use twox_hash::XxHash64;

use super::catalogue::{COLUMNS, Shape, Worst, shown};

/// The size of a record in the file, in bytes. It divides that of a sector, so that a loss of power leaves a record as it was or
/// as it is to be.
pub(super) const RECORD_BYTES: usize = 256;
const CHECK_BYTES: usize = 8;
const SLOT_BYTES: usize = 8;
const _: () = assert!(SLOT_BYTES + 4 * COLUMNS + CHECK_BYTES <= RECORD_BYTES);

/// The numbers of a piece of time: how many seconds of it were looked at, and the columns of the catalogue. What is not known is
/// no number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Record(pub(super) [f32; COLUMNS]);

impl Record {
    /// Of a time that nobody has looked at.
    pub(super) fn empty() -> Self {
        let mut columns = [0.0; COLUMNS];
        for (first, _, shape) in shown() {
            if let (Shape::Level(..), Some(level)) = (shape, columns.get_mut(first)) {
                *level = f32::NAN;
            }
        }
        Self(columns)
    }

    /// The seconds that were looked at.
    pub(super) fn covered(&self) -> f64 {
        self.column(0)
    }

    /// A column of the catalogue.
    pub(super) fn column(&self, index: usize) -> f64 {
        self.0.get(index).copied().map_or(f64::NAN, f64::from)
    }

    /// Adds what was in another piece of time: rises add up, of levels the worst is kept.
    pub(super) fn add(&mut self, other: &Self) {
        let mut merge = |index: usize, merged: fn(f32, f32) -> f32| {
            if let (Some(mine), Some(others)) = (self.0.get_mut(index), other.0.get(index)) {
                *mine = merged(*mine, *others);
            }
        };
        let sum = |one, another| one + another;
        merge(0, sum);
        for (first, _, shape) in shown() {
            match shape {
                // Neither takes what is no number for one.
                Shape::Level(_, _, Worst::Lowest, _) => merge(first, f32::min),
                Shape::Level(..) => merge(first, f32::max),
                Shape::Rise(..) | Shape::Times(..) => {
                    (first..first + shape.columns()).for_each(|index| merge(index, sum));
                }
            }
        }
    }

    /// As it is written for a slot.
    pub(super) fn to_bytes(self, slot: u64) -> [u8; RECORD_BYTES] {
        let numbers = self.0.iter().flat_map(|number| number.to_le_bytes());
        let mut bytes = [0; RECORD_BYTES];
        slot.to_le_bytes().into_iter().chain(numbers).zip(&mut bytes).for_each(|(from, to)| *to = from);
        if let Some((content, check)) = bytes.split_last_chunk_mut::<CHECK_BYTES>() {
            *check = check_of(content);
        }
        bytes
    }

    /// The slot and what was written for it; none if nothing was, or not all of it.
    pub(super) fn from_bytes(bytes: &[u8; RECORD_BYTES]) -> Option<(u64, Self)> {
        let (content, check) = bytes.split_last_chunk::<CHECK_BYTES>()?;
        let (slot, numbers) = content.split_first_chunk::<SLOT_BYTES>()?;
        let mut columns = [0.0; COLUMNS];
        for (column, number) in columns.iter_mut().zip(numbers.as_chunks::<4>().0) {
            *column = f32::from_le_bytes(*number);
        }
        (*check == check_of(content)).then_some((u64::from_le_bytes(*slot), Self(columns)))
    }
}

/// Of zeros alone it is something else, so that what was never written is no record.
fn check_of(content: &[u8]) -> [u8; CHECK_BYTES] {
    XxHash64::oneshot(1, content).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::{RECORD_BYTES, Record, Shape, Worst, shown};

    /// A record with the same number in all columns.
    fn all(number: f32) -> Record {
        let mut record = Record::empty();
        record.0.fill(number);
        record
    }

    #[test]
    fn rises_add_up_and_of_levels_the_worst_is_kept() {
        let mut record = all(2.0);
        record.add(&all(5.0));
        assert_eq!(record.covered(), 7.0);
        for (first, name, shape) in shown() {
            let expected = match shape {
                Shape::Level(_, _, Worst::Lowest, _) => 2.0,
                Shape::Level(..) => 5.0,
                Shape::Rise(..) | Shape::Times(..) => 7.0,
            };
            assert_eq!(record.column(first + shape.columns() - 1), expected, "{name}");
        }
    }

    #[test]
    fn what_is_not_known_changes_nothing() {
        let mut record = Record::empty();
        record.add(&all(3.0));
        assert_eq!(record, all(3.0));
        record.add(&Record::empty());
        assert_eq!(record, all(3.0));
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_one_that_is_damaged_is_none() {
        let bytes = all(1.5).to_bytes(42);
        assert_eq!(Record::from_bytes(&bytes), Some((42, all(1.5))));
        for index in 0..RECORD_BYTES {
            let mut damaged = bytes;
            damaged[index] ^= 0x10;
            assert_eq!(Record::from_bytes(&damaged), None, "byte {index}");
        }
        assert_eq!(Record::from_bytes(&[0; RECORD_BYTES]), None);
    }
}
