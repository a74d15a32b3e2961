//! How much of the log is kept: finished files go, whole and oldest first, when they are too old or too many.

use std::{fs, io, path::Path};

use super::segment_name::SegmentName;
use crate::domain::Timestamp;

/// Removes the files whose last line is older than a time, and as many of the oldest as it takes to make the
/// rest fit into a number of bytes. It goes on past a file that cannot be removed, and then returns its
/// error.
pub(super) fn prune(dir: &Path, oldest: Timestamp, bytes_max: u64) -> io::Result<()> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if let Some(name) = entry.file_name().to_str().and_then(|name| name.parse::<SegmentName>().ok()) {
            segments.push((name, entry.path(), entry.metadata()?.len()));
        }
    }
    segments.sort();
    let mut total: u64 = segments.iter().map(|(_, _, bytes)| bytes).sum();
    let mut outcome = Ok(());
    for (name, path, bytes) in segments {
        if total <= bytes_max && !name.ends_before(oldest) {
            continue;
        }
        match fs::remove_file(path) {
            Ok(()) => total -= bytes,
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}
