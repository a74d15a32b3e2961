//! A data file that is damaged is put aside, never overwritten, and never taken for a new one: the start says what
//! happened, and what there is to go on with.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{
    StoreError,
    copies::{copies_in, newest_sound, sync_directory_of, time_for_names},
    engine::EngineError,
    redb::{Check, RedbEngine},
};
use crate::domain::Timestamp;

/// What stands between the name of the file and the time, in the name of one that was put aside.
const DAMAGED: &str = "damaged-";

/// What there is to go on with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WayOut {
    /// A copy.
    Copy {
        /// When it was taken.
        taken_at: Timestamp,
    },
    /// Nothing here.
    None,
}

impl fmt::Display for WayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copy { taken_at } => write!(
                f,
                "there is a verified copy of {taken_at}: `event-manager serve --restore-copy` tells what it lacks, \
                 asks, and goes on with it"
            ),
            Self::None => f.write_str(
                "there is no sound copy of it here: restore it from elsewhere, or move what is left of it away to \
                 begin anew",
            ),
        }
    }
}

/// Opens the data file, or creates it. A damaged one is put aside.
///
/// # Errors
/// The file is in use, unreadable or damaged; or it is missing where there was one.
pub(super) fn open(
    file: &Path,
    cache_bytes: usize,
    check: Check,
    copies: &Path,
    now: Timestamp,
) -> Result<RedbEngine, StoreError> {
    let failed = |error: io::Error| StoreError::from(EngineError::Io(error.to_string()));
    if !file.try_exists().map_err(failed)? {
        let aside = newest_aside(file).map_err(failed)?;
        if aside.is_some() || !copies_in(copies).map_err(failed)?.is_empty() {
            return Err(StoreError::Missing { file: file.to_owned(), aside, way_out: way_out(copies) });
        }
    }
    match RedbEngine::open(file, cache_bytes, check) {
        Err(EngineError::Damaged(what)) => {
            let aside = put_aside(file, now).map_err(failed)?;
            let error = StoreError::PutAside { what, aside, way_out: way_out(copies) };
            tracing::error!(%error, "the data file is damaged");
            Err(error)
        }
        opened => Ok(opened?),
    }
}

fn way_out(copies: &Path) -> WayOut {
    match newest_sound(copies) {
        Ok(Some((copy, _))) => WayOut::Copy { taken_at: copy.taken_at },
        _ => WayOut::None,
    }
}

/// Renames a damaged file to a name that no other has.
fn put_aside(file: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        // An underscore sorts behind the dot: the last one is the greatest name.
        let more = if number == 1 { String::new() } else { format!("_{number}") };
        let aside = file.with_extension(format!("{DAMAGED}{}{more}.redb", time_for_names(now)));
        if !aside.try_exists()? {
            fs::rename(file, &aside)?;
            sync_directory_of(&aside)?;
            return Ok(aside);
        }
        number += 1;
    }
}

/// The damaged file that was put aside last.
fn newest_aside(file: &Path) -> io::Result<Option<PathBuf>> {
    let Some(directory) = file.parent() else { return Ok(None) };
    let start = file.with_extension(DAMAGED);
    let start = start.file_name().unwrap_or_default().as_encoded_bytes();
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(start) {
            found.push(entry.path());
        }
    }
    Ok(found.into_iter().max())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_none_is_made_in_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let (file, copies) = (directory.path().join("event-manager.redb"), directory.path().join("copies"));
        let open = || open(&file, 1 << 20, Check::Everything, &copies, time("2026-05-01T19:00:00Z"));
        for number in 1..3 {
            fs::write(&file, format!("damaged {number}")).unwrap();
            let Err(StoreError::PutAside { aside, way_out: WayOut::None, .. }) = open() else { panic!() };
            assert_eq!(fs::read_to_string(&aside).unwrap(), format!("damaged {number}"));
            assert!(!file.exists());
            let Err(StoreError::Missing { aside: Some(known), .. }) = open() else { panic!() };
            assert_eq!(known, aside);
            assert!(!file.exists());
        }
    }

    #[test]
    fn what_is_no_damage_leaves_the_file_where_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let (file, copies) = (directory.path().join("event-manager.redb"), directory.path().join("copies"));
        let open = || open(&file, 1 << 20, Check::Everything, &copies, time("2026-05-01T19:00:00Z"));
        let engine = open().unwrap();
        assert!(matches!(open(), Err(StoreError::Engine(EngineError::InUse))));
        drop(engine);
        drop(open().unwrap());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
