//! The file of charts: rings of records, each finer or longer than the next. A record lies at the place that its time says, so
//! that nothing but the file is to be remembered: whoever adds to a time goes on with what is there, after a restart, too, and a
//! time that nobody looked at has no record. What is written is in the hands of the operating system at once, and on the disk
//! within half a minute; nobody waits for that.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

use twox_hash::XxHash64;

use super::{
    catalogue::shown,
    record::{RECORD_BYTES, Record},
};

/// One ring.
#[derive(Clone, Copy, Debug)]
pub struct Ring {
    /// How long the piece of time of a record is, in seconds.
    pub step_s: u64,
    /// How many records there are, after which the first is overwritten.
    pub slots: u64,
    /// Where the first record lies, in records.
    begin: u64,
}

/// Somewhat more than six hours, two days, and two months.
pub const RINGS: [Ring; 3] = [
    Ring { step_s: 15, slots: 1_500, begin: HEADER_RECORDS },
    Ring { step_s: 120, slots: 1_500, begin: HEADER_RECORDS + 1_500 },
    Ring { step_s: 900, slots: 6_000, begin: HEADER_RECORDS + 3_000 },
];
const HEADER_RECORDS: u64 = 2;
const HEADER_BYTES: usize = 2 * RECORD_BYTES;
const FILE_BYTES: usize = HEADER_BYTES + 9_000 * RECORD_BYTES;

impl Ring {
    fn offset_of(&self, slot: u64) -> u64 {
        (self.begin + slot % self.slots) * RECORD_BYTES as u64
    }
}

/// The rings in their file.
#[derive(Debug)]
pub(super) struct Rings(File);

impl Rings {
    /// Opens the file, or makes it. One that holds other charts, or none, is put aside; records in it that are damaged are missing.
    ///
    /// # Errors
    /// When it cannot be opened, made or put aside.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = open_or_make(path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let mut found = vec![0; length.min(FILE_BYTES)];
        file.read_exact_at(&mut found, 0)?;
        if length > 0 && !found.starts_with(&header()) {
            let aside = path.with_extension("aside");
            fs::rename(path, &aside)?;
            let aside = aside.display();
            tracing::warn!(%aside, "charts begin anew, because what was kept is damaged or of another version");
            return Self::open(path);
        }
        let (records, _) = found.get(HEADER_BYTES..).unwrap_or_default().as_chunks::<RECORD_BYTES>();
        let damaged = |record: &&[u8; RECORD_BYTES]| {
            Record::from_bytes(record).is_none() && record.iter().any(|byte| *byte != 0)
        };
        let damaged = records.iter().filter(damaged).count();
        if damaged > 0 {
            tracing::warn!(damaged, "pieces of the charts are damaged and left out");
        }
        // All of it is taken at once, so that charts go on when the disk is full, and show when that was.
        if length < FILE_BYTES {
            let mut whole = found;
            whole.resize(FILE_BYTES, 0);
            whole.iter_mut().zip(header()).for_each(|(to, from)| *to = from);
            file.write_all_at(&whole, 0)?;
        }
        Ok(Self(file))
    }

    /// Adds what was at a time, in seconds since 1970, to all rings. Times before that are left out.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub(super) fn add(&self, at_s: i64, record: &Record) -> io::Result<()> {
        let Ok(at_s) = u64::try_from(at_s) else { return Ok(()) };
        for ring in &RINGS {
            let slot = at_s / ring.step_s;
            let mut sum = self.read(ring, slot)?.unwrap_or_else(Record::empty);
            sum.add(record);
            self.0.write_all_at(&sum.to_bytes(slot), ring.offset_of(slot))?;
        }
        Ok(())
    }

    /// What was in a piece of time; none if nobody looked, or if it is too long ago.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(&self, ring: &Ring, slot: u64) -> io::Result<Option<Record>> {
        let mut bytes = [0; RECORD_BYTES];
        self.0.read_exact_at(&mut bytes, ring.offset_of(slot))?;
        // The place may hold another time, which had it before, or which a clock that was wrong once brought.
        Ok(Record::from_bytes(&bytes).filter(|(of, _)| *of == slot).map(|(_, record)| record))
    }
}

fn open_or_make(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// What the file begins with: what it is, and which columns and rings it has.
fn header() -> Vec<u8> {
    let shown: Vec<_> = shown().map(|(first, metric, shape)| (first, metric, shape.names())).collect();
    let layout = format!("{RINGS:?} {shown:?}");
    format!("event-manager charts {:016x}\n", XxHash64::oneshot(0, layout.as_bytes())).into_bytes()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::FileExt};

    use super::{FILE_BYTES, HEADER_BYTES, HEADER_RECORDS, RECORD_BYTES, RINGS, Record, Rings};

    /// A record in which so many seconds were looked at.
    fn covering(seconds: f32) -> Record {
        let mut record = Record::empty();
        record.0[0] = seconds;
        record
    }

    /// How many seconds were looked at in the piece of each ring that has a time.
    fn covered(rings: &Rings, at: i64) -> [Option<f64>; 3] {
        let at = at.cast_unsigned();
        RINGS.map(|ring| rings.read(&ring, at / ring.step_s).unwrap().map(|record| record.covered()))
    }

    const AT: i64 = 1_800_000_000;

    #[test]
    fn the_rings_lie_one_after_the_other() {
        let ends = RINGS.map(|ring| ring.begin + ring.slots);
        assert_eq!((RINGS[0].begin, RINGS[1].begin, RINGS[2].begin), (HEADER_RECORDS, ends[0], ends[1]));
        assert_eq!(ends[2] * RECORD_BYTES as u64, FILE_BYTES as u64);
    }

    #[test]
    fn what_is_added_is_in_all_rings_and_there_after_a_restart_which_goes_on_with_it() {
        let (dir, path) = place();
        let rings = Rings::open(&path).unwrap();
        rings.add(AT, &covering(5.0)).unwrap();
        rings.add(AT + 15, &covering(15.0)).unwrap();
        assert_eq!(covered(&rings, AT), [Some(5.0), Some(20.0), Some(20.0)]);
        let rings = Rings::open(&path).unwrap();
        rings.add(AT + 16, &covering(1.0)).unwrap();
        assert_eq!(covered(&rings, AT + 15), [Some(16.0), Some(21.0), Some(21.0)]);
        assert_eq!(
            covered(&rings, AT + 900),
            [None; 3],
            "a time at which it was off is none at which nothing was"
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(fs::metadata(&path).unwrap().len(), FILE_BYTES as u64, "it does not grow");
    }

    #[test]
    fn the_oldest_is_overwritten_by_the_newest() {
        let (_dir, path) = place();
        let rings = Rings::open(&path).unwrap();
        rings.add(AT, &covering(1.0)).unwrap();
        let round = (RINGS[0].slots * RINGS[0].step_s).cast_signed();
        rings.add(AT + round, &covering(2.0)).unwrap();
        assert_eq!(covered(&rings, AT), [None, Some(1.0), Some(1.0)]);
        assert_eq!(covered(&rings, AT + round), [Some(2.0); 3]);
    }

    #[test]
    fn a_clock_that_jumps_leaves_gaps_and_is_overwritten_when_that_time_comes() {
        let (_dir, path) = place();
        let rings = Rings::open(&path).unwrap();
        for at in [AT, 4_000_000_000, AT - 60, -5, i64::MIN, AT] {
            rings.add(at, &covering(1.0)).unwrap();
        }
        assert_eq!(covered(&rings, AT), [Some(2.0), Some(2.0), Some(2.0)]);
        assert_eq!(covered(&rings, AT - 60)[0], Some(1.0));
        assert_eq!(covered(&rings, AT - 30)[0], None);
        let same_place = AT + (4_000_000_000 / 15 - AT / 15) % RINGS[0].slots.cast_signed() * 15;
        rings.add(same_place, &covering(1.0)).unwrap();
        assert_eq!(covered(&rings, same_place)[0], Some(1.0));
    }

    #[test]
    fn what_is_damaged_is_missing_and_the_rest_is_there() {
        let (_dir, path) = place();
        let rings = Rings::open(&path).unwrap();
        rings.add(AT, &covering(1.0)).unwrap();
        rings.0.write_all_at(&[7; 9], RINGS[1].offset_of(AT.cast_unsigned() / 120) + 30).unwrap();
        let rings = Rings::open(&path).unwrap();
        assert_eq!(covered(&rings, AT), [Some(1.0), None, Some(1.0)]);
        rings.add(AT + 1, &covering(2.0)).unwrap();
        assert_eq!(covered(&rings, AT), [Some(3.0), Some(2.0), Some(3.0)], "it is mended by what comes next");
    }

    #[test]
    fn a_file_that_was_cut_is_made_whole_and_one_that_is_no_charts_is_put_aside() {
        let (dir, path) = place();
        let rings = Rings::open(&path).unwrap();
        rings.add(AT, &covering(1.0)).unwrap();
        rings.0.set_len(RINGS[1].offset_of(0) + 77).unwrap();
        let rings = Rings::open(&path).unwrap();
        assert_eq!(covered(&rings, AT), [Some(1.0), None, None]);
        let mut other = fs::read(&path).unwrap();
        other[HEADER_BYTES / 16] ^= 1;
        for content in [other, b"half".to_vec()] {
            fs::write(&path, &content).unwrap();
            let rings = Rings::open(&path).unwrap();
            assert_eq!(covered(&rings, AT), [None; 3]);
            assert_eq!(fs::read(dir.path().join("charts.aside")).unwrap(), content);
        }
    }

    fn place() -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("charts.rings");
        (dir, path)
    }
}
