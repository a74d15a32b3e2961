//! Verified local copies of the data file, in a directory of their own: their names, what is in them, and putting one in
//! the place of a file that is lost. [`keeper`] makes them while the store runs.

mod keeper;
mod thinning;

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

pub(super) use self::keeper::remove;
pub use self::keeper::{CopyKeeper, CopyRules};
use super::{
    StoreError,
    audit::{self, Head},
    blobs::blobs_in_use,
    engine::{Engine, EngineError},
    format,
    live::Live,
    redb::{COPY_CACHE_BYTES, RedbEngine},
    writer,
};
use crate::domain::{BlobHash, TenantId, Timestamp};

/// A copy, by its name: when it was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CopyFile {
    /// Where it is.
    pub path: PathBuf,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Its size.
    pub bytes: u64,
}

/// What a sound copy holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CopyContent {
    /// The number of its last batch.
    pub batch: u64,
    /// Each audit chain with its end, and the short name of its tenant if that is live.
    pub chains: Vec<(TenantId, Option<String>, Head)>,
    /// When the newest change of all was made.
    pub newest_change: Option<Timestamp>,
    /// The contents of files that it speaks of. They are not in it.
    pub blobs: BTreeSet<(TenantId, BlobHash)>,
}

impl CopyContent {
    /// Records of all chains.
    pub fn records(&self) -> u64 {
        self.chains.iter().map(|(_, _, head)| head.sequence).sum()
    }
}

/// The copies in a directory, newest first. What is not named like one is passed over.
///
/// # Errors
/// When the directory cannot be read; one that is not there has none.
pub fn copies_in(directory: &Path) -> io::Result<Vec<CopyFile>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut copies = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(taken_at) = entry.file_name().to_str().and_then(time_in_name) {
            copies.push(CopyFile { path: entry.path(), taken_at, bytes: entry.metadata()?.len() });
        }
    }
    copies.sort_by_key(|copy| std::cmp::Reverse(copy.taken_at));
    Ok(copies)
}

const BEFORE: &str = "event-manager.";
const BEHIND: &str = ".redb";

/// A time as names of files have it: `20260501T190000Z`.
pub fn time_for_names(time: Timestamp) -> String {
    let text = time.to_string();
    let seconds = text.split_once('.').map_or(text.as_str(), |(seconds, _)| seconds);
    format!("{}Z", seconds.replace(['-', ':'], ""))
}

fn name(taken_at: Timestamp) -> String {
    format!("{BEFORE}{}{BEHIND}", time_for_names(taken_at))
}

fn time_in_name(name: &str) -> Option<Timestamp> {
    time_of(name.strip_prefix(BEFORE)?.strip_suffix(BEHIND)?)
}

/// The time in a name, as [`compact`] writes it.
pub(super) fn time_of(time: &str) -> Option<Timestamp> {
    let (date, clock) = time.strip_suffix('Z')?.split_once('T')?;
    let part = |text: &str, from: usize, to: usize| text.get(from..to).map(ToOwned::to_owned);
    let (year, month, day) = (part(date, 0, 4)?, part(date, 4, 6)?, part(date, 6, 8)?);
    let (hour, minute, second) = (part(clock, 0, 2)?, part(clock, 2, 4)?, part(clock, 4, 6)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}

/// Looks at a copy: the checksum of every page, and every hash of every audit chain. Nothing is written to it.
///
/// # Errors
/// When it cannot be read, is damaged, or is of a newer format.
pub fn inspect(path: &Path) -> Result<CopyContent, StoreError> {
    let engine = RedbEngine::look_at(path, COPY_CACHE_BYTES)?;
    let reader = engine.snapshot()?;
    let reader = reader.as_ref();
    format::ensure_known(reader)?;
    let tenants = Live::new(reader).tenants()?;
    let mut chains = Vec::new();
    let mut newest_change = None;
    for tenant in audit::tenants(reader)? {
        let mut newest = None;
        let report = audit::verify(reader, tenant, &mut |record| newest = Some(record.record.at))?;
        newest_change = newest_change.max(newest);
        if let Some(fault) = report.fault {
            let what = format!("audit record {} of {tenant}: {}", fault.sequence, fault.what);
            return Err(EngineError::Damaged(what).into());
        }
        let row = tenants.iter().find(|row| row.id() == tenant.uuid());
        chains.push((tenant, row.map(|row| row.body().slug.clone()), report.head));
    }
    let (batch, blobs) = (writer::batch_number(reader)?, blobs_in_use(reader)?);
    Ok(CopyContent { batch, chains, newest_change, blobs })
}

/// The newest copy that is sound, with what it holds. Others are passed over, and told in the log.
///
/// # Errors
/// When the directory cannot be read.
pub fn newest_sound(directory: &Path) -> io::Result<Option<(CopyFile, CopyContent)>> {
    for copy in copies_in(directory)? {
        match inspect(&copy.path) {
            Ok(content) => return Ok(Some((copy, content))),
            Err(error) => tracing::error!(copy = %copy.path.display(), %error, "a copy is not sound"),
        }
    }
    Ok(None)
}

/// Puts a copy in the place of a data file that is gone. Whatever interrupts it, there is no file or the whole one.
///
/// # Errors
/// When there is a file already, the copy is not sound, or it cannot be written.
pub fn restore_copy(copy: &CopyFile, file: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::from(EngineError::Io(error.to_string()));
    if file.exists() {
        let there = io::Error::other(format!("{} is there already", file.display()));
        return Err(failed(there));
    }
    let half = file.with_extension("restoring");
    fs::copy(&copy.path, &half).map_err(failed)?;
    File::open(&half).and_then(|half| half.sync_all()).map_err(failed)?;
    inspect(&half)?;
    fs::rename(&half, file).and_then(|()| sync_directory_of(file)).map_err(failed)
}

/// Makes the names in a file's directory durable.
pub(super) fn sync_directory_of(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_time_and_other_names_tell_none() {
        let time: Timestamp = "2026-05-01T19:00:07Z".parse().unwrap();
        assert_eq!(name(time), "event-manager.20260501T190007Z.redb");
        assert_eq!(time_in_name(&name(time)), Some(time));
        for other in [
            "event-manager.redb",
            "event-manager.damaged-20260501T190007Z.redb",
            "event-manager.format-1.redb",
            "event-manager.20261301T190007Z.redb",
            "event-manager.20260501T1900Z.redb",
            ".making.redb",
        ] {
            assert_eq!(time_in_name(other), None, "{other}");
        }
    }
}
