//! One file of the log with its index, open for reading.

use std::{
    borrow::Cow,
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    block::{Block, Minute},
    head::IdHash,
    index_file::{IndexFile, encode},
    plain::PlainIndex,
    sealing,
    storage::{Stored, read_block},
};
use crate::telemetry::log::SegmentName;

/// The index of a sealed file, with the file it lies in.
#[derive(Debug)]
pub(super) struct SealedIndex {
    file: File,
    index: IndexFile,
    /// How many bytes of the packed file belong to no block: pieces that could not be read when the index was made anew, or
    /// that are missing at its end.
    unread: u64,
}

impl SealedIndex {
    /// Opens it. One that is lost or damaged is made anew from the packed file, and kept if the directory takes it.
    pub(super) fn open(dir: &Path, name: &SegmentName) -> io::Result<Self> {
        let opened = File::open(dir.join(name.index())).and_then(|file| Self::of(file, dir, name));
        opened.or_else(|_| Self::anew(dir, name))
    }

    /// Makes it anew.
    pub(super) fn anew(dir: &Path, name: &SegmentName) -> io::Result<Self> {
        let bytes = encode(&sealing::reindex(&dir.join(name.sealed()))?);
        let file = match sealing::put_index(dir, name, &bytes) {
            Ok(()) => File::open(dir.join(name.index()))?,
            // A copy of a log may lie where nothing can be written.
            Err(_) => {
                let mut file = tempfile::tempfile()?;
                io::Write::write_all(&mut file, &bytes)?;
                file
            }
        };
        Self::of(file, dir, name)
    }

    fn of(file: File, dir: &Path, name: &SegmentName) -> io::Result<Self> {
        let index = IndexFile::read(&file)?;
        let packed = open_edition(&dir.join(name.sealed()), index.edition())?;
        let known: u64 = index.blocks().iter().map(|block| u64::from(block.stored)).sum();
        let known = known + sealing::edition_bytes(index.edition());
        let unread = packed.metadata()?.len().abs_diff(known);
        Ok(Self { file, index, unread })
    }

    pub(super) const fn edition(&self) -> u32 {
        self.index.edition()
    }

    pub(super) fn blocks(&self) -> &[Block] {
        self.index.blocks()
    }
}

/// Opens a packed file.
///
/// # Errors
/// It cannot be opened, or it was written anew since its index was read (`StaleNetworkFileHandle`).
fn open_edition(path: &Path, edition: u32) -> io::Result<File> {
    let file = File::open(path)?;
    let mut first = [0; 12];
    let read = file.read_at(&mut first, 0)?;
    if sealing::edition_of(first.get(..read).unwrap_or_default()) == edition {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::StaleNetworkFileHandle, "the file was written anew meanwhile"))
}

/// A file of the log to search in.
pub(super) enum Segment {
    Plain {
        file: File,
        index: Arc<Mutex<PlainIndex>>,
    },
    /// The file is opened when something of it is read: most have nothing of what is looked for.
    Sealed {
        path: PathBuf,
        file: OnceLock<File>,
        index: Arc<SealedIndex>,
    },
}

impl Segment {
    /// Its blocks, oldest first.
    pub(super) fn blocks(&self) -> Cow<'_, [Block]> {
        match self {
            Self::Plain { index, .. } => lock(index).indexer().blocks().cloned().collect(),
            Self::Sealed { index, .. } => Cow::Borrowed(index.index.blocks()),
        }
    }

    /// How many bytes of a packed file belong to no block.
    pub(super) fn unread(&self) -> u64 {
        match self {
            Self::Plain { .. } => 0,
            Self::Sealed { index, .. } => index.unread,
        }
    }

    /// The numbers of the blocks that have an id.
    ///
    /// # Errors
    /// The index cannot be read.
    pub(super) fn blocks_of(&self, id: IdHash) -> io::Result<Vec<u32>> {
        match self {
            Self::Plain { index, .. } => Ok(lock(index).indexer().blocks_of(id)),
            Self::Sealed { index, .. } => index.index.blocks_of(&index.file, id),
        }
    }

    /// Its lines by minutes since 1970, in their order.
    pub(super) fn minutes(&self) -> Vec<(i64, Minute)> {
        match self {
            Self::Plain { index, .. } => lock(index).indexer().minutes().collect(),
            Self::Sealed { index, .. } => index.index.minutes().to_vec(),
        }
    }

    /// The lines of a block.
    ///
    /// # Errors
    /// The file cannot be read, was written anew since it was opened (`StaleNetworkFileHandle`), or the block is damaged.
    pub(super) fn read(&self, block: &Block) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain { file, .. } => read_block(file, block, false),
            Self::Sealed { path, file, index } => {
                let file = match file.get() {
                    Some(file) => file,
                    None => {
                        let opened = open_edition(path, index.edition())?;
                        file.get_or_init(|| opened)
                    }
                };
                read_block(file, block, true)
            }
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a file stands among the others: the least time of its lines, in microseconds. That of the one that is written
/// to is not in its name.
pub(super) fn begins(stored: &Stored, blocks: &[Block]) -> Option<i64> {
    match stored {
        Stored::Active => blocks.iter().filter_map(|block| block.span).map(|(first, _)| first).min(),
        Stored::Plain(name) | Stored::Sealed(name) => name.span().map(|(first, _)| first),
    }
}
