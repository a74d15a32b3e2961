//! The upkeep of the log's files: finished ones are packed, what a crash has left is cleared away, and the oldest go when
//! they are too old, too many, or the disk gets full. Whole files only, which needs no space.

use std::{
    collections::HashSet,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{
    LogStore, sealing,
    segment::lock,
    storage::{self, Stored},
};
use crate::{domain::Timestamp, telemetry::log::SegmentName};

/// How much of the log is kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Nothing that ended before this time.
    pub since: Timestamp,
    /// Finished files of this size together, in bytes.
    pub bytes: u64,
    /// How much space the disk lacks, in bytes. For its sake nothing goes that ended at or after `fresh`: what fills the disk
    /// may be something else.
    pub lacking: u64,
    /// See `lacking`.
    pub fresh: Timestamp,
}

/// What the files of a log take.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Files, with the one that is written to.
    pub files: u64,
    /// Their size, in bytes.
    pub bytes: u64,
    /// The size of the indexes, in bytes.
    pub index_bytes: u64,
    /// When the oldest line was written, in microseconds.
    pub oldest: Option<i64>,
}

/// How many files went, by why.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Removed {
    /// Their time had come.
    pub age: u64,
    /// All together were too large.
    pub size: u64,
    /// The disk was too full.
    pub disk: u64,
}

impl Removed {
    /// All of them.
    pub const fn files(self) -> u64 {
        self.age + self.size + self.disk
    }
}

impl LogStore {
    /// Packs the finished files, the oldest first, and clears away what an earlier attempt has left. Returns how many were
    /// packed. It goes on past one that cannot be, and then returns its error.
    ///
    /// # Errors
    /// A file cannot be packed; it stays as it is, and can be searched.
    pub fn seal(&self) -> io::Result<usize> {
        let _alone = lock(&self.upkeep);
        self.clear_parts()?;
        let (mut sealed, mut outcome) = (0, Ok(()));
        let mut plain = HashSet::new();
        for stored in storage::list(&self.dir)? {
            plain.extend(fs::metadata(stored.path(&self.dir)).map(|metadata| metadata.ino()));
            let Stored::Plain(name) = stored else { continue };
            match sealing::seal(&self.dir, &name) {
                Ok(()) => sealed += 1,
                Err(error) => outcome = Err(error),
            }
        }
        lock(&self.plain).retain(|number, _| plain.contains(number));
        outcome.map(|()| sealed)
    }

    /// Removes what a kill has left: parts, plain files that are packed already, indexes without a file.
    fn clear_parts(&self) -> io::Result<()> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            names.extend(entry?.file_name().into_string().ok());
        }
        for name in &names {
            let packed = names.contains(&format!("{name}.zst")) && name.parse::<SegmentName>().is_ok();
            let lost = name.strip_suffix(".idx").is_some_and(|segment| {
                segment.parse::<SegmentName>().is_ok() && !names.contains(&format!("{segment}.zst"))
            });
            if name.starts_with("em-part-") || packed || lost {
                fs::remove_file(self.dir.join(name))?;
            }
        }
        Ok(())
    }

    /// Removes the finished files that are not to be kept, the oldest first. Says how many went, also if one could not be
    /// removed: then it goes on past that one, and returns the error as well.
    ///
    /// # Errors
    /// The directory cannot be read, or a file cannot be removed.
    pub fn prune(&self, kept: Kept) -> (Removed, io::Result<()>) {
        let mut removed = Removed::default();
        let outcome = self.remove_unkept(kept, &mut removed);
        (removed, outcome)
    }

    fn remove_unkept(&self, kept: Kept, removed: &mut Removed) -> io::Result<()> {
        let _alone = lock(&self.upkeep);
        let mut finished = Vec::new();
        for stored in storage::list(&self.dir)? {
            if let Stored::Plain(name) | Stored::Sealed(name) = &stored {
                let paths = files_of(&self.dir, &stored, name);
                let bytes: u64 = paths.iter().map(|path| size(path)).sum();
                finished.push((name.clone(), paths, bytes));
            }
        }
        let mut total: u64 = finished.iter().map(|(_, _, bytes)| bytes).sum();
        let mut lacking = kept.lacking;
        let mut outcome = Ok(());
        for (name, paths, bytes) in finished {
            let reason = if name.ends_before(kept.since) {
                &mut removed.age
            } else if total > kept.bytes {
                &mut removed.size
            } else if lacking > 0 && name.ends_before(kept.fresh) {
                &mut removed.disk
            } else {
                continue;
            };
            let gone = paths.iter().try_for_each(|path| match fs::remove_file(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            });
            match gone {
                Ok(()) => {
                    total -= bytes;
                    lacking = lacking.saturating_sub(bytes);
                    *reason += 1;
                }
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    /// What the files take.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn taken(&self) -> io::Result<Taken> {
        let mut taken = Taken::default();
        for stored in storage::list(&self.dir)? {
            taken.files += 1;
            taken.bytes += size(&stored.path(&self.dir));
            if let Stored::Plain(name) | Stored::Sealed(name) = &stored {
                taken.index_bytes += size(&self.dir.join(name.index()));
                taken.oldest = taken.oldest.or_else(|| name.span().map(|(first, _)| first));
            }
        }
        Ok(taken)
    }
}

/// The file first: without it, nobody misses its index.
fn files_of(dir: &Path, stored: &Stored, name: &SegmentName) -> Vec<PathBuf> {
    vec![stored.path(dir), dir.join(name.index())]
}

/// One that has just gone takes nothing.
fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
