//! The index of a file that is not sealed yet. It is in memory, and grows with the file whenever somebody looks.

use std::{fs::File, io, os::unix::fs::FileExt};

use super::block::Indexer;

/// Bytes that are read at once.
const READ: usize = 1024 * 1024;

/// What is known of a plain file, up to where it has been read.
#[derive(Default, Debug)]
pub(super) struct PlainIndex {
    indexer: Indexer,
}

impl PlainIndex {
    /// Reads what has been written since. A line without an end waits until it has one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn catch_up(&mut self, file: &File) -> io::Result<()> {
        let length = file.metadata()?.len();
        if length < self.indexer.bytes() {
            // A write that failed was taken back.
            *self = Self::default();
        }
        let mut buffer = Vec::new();
        let mut read_to = self.indexer.bytes();
        while read_to < length {
            let start = buffer.len();
            let wanted = usize::try_from(length - read_to).unwrap_or(READ).min(READ);
            buffer.resize(start + wanted, 0);
            let got = file.read_at(buffer.get_mut(start..).unwrap_or_default(), read_to)?;
            buffer.truncate(start + got);
            read_to += got as u64;
            let whole = buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            for line in buffer.get(..whole).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
                self.indexer.add(line);
            }
            buffer.drain(..whole);
            if got == 0 {
                break;
            }
        }
        Ok(())
    }

    pub(super) const fn indexer(&self) -> &Indexer {
        &self.indexer
    }
}
