//! The files of the log as they lie in the directory: the one that is written to, finished ones that are plain still,
//! and sealed ones. The directory is its own list.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use super::block::Block;
use crate::telemetry::log::{ACTIVE, SegmentName};

/// Largest block that is unpacked: a line is far below it, and a damaged number must not take all memory.
const UNPACKED_MAX: u32 = 64 * 1024 * 1024;

/// A file of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stored {
    /// The one that lines are written to.
    Active,
    /// Finished, and to be sealed.
    Plain(SegmentName),
    /// Packed, with an index beside it.
    Sealed(SegmentName),
}

impl Stored {
    pub(super) fn path(&self, dir: &Path) -> PathBuf {
        match self {
            Self::Active => dir.join(ACTIVE),
            Self::Plain(name) => dir.join(name.to_string()),
            Self::Sealed(name) => dir.join(name.sealed()),
        }
    }

    /// The name of a packed one.
    pub(super) const fn sealed(&self) -> Option<&SegmentName> {
        match self {
            Self::Active | Self::Plain(_) => None,
            Self::Sealed(name) => Some(name),
        }
    }

    /// How people are told of it.
    pub(super) fn name(&self) -> String {
        self.path(Path::new("")).display().to_string()
    }
}

/// The files of a directory, the oldest first. One that is sealed and not yet removed as plain is there once.
pub(super) fn list(dir: &Path) -> io::Result<Vec<Stored>> {
    let (mut plain, mut sealed, mut active) = (Vec::new(), Vec::new(), false);
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let Some(name) = name.to_str() else { continue };
        if name == ACTIVE {
            active = true;
        } else if let Ok(segment) = name.parse::<SegmentName>() {
            plain.push(segment);
        } else if let Some(Ok(segment)) = name.strip_suffix(".zst").map(str::parse::<SegmentName>) {
            sealed.push(segment);
        }
    }
    plain.retain(|name| !sealed.contains(name));
    let mut all: Vec<_> = sealed.into_iter().map(Stored::Sealed).collect();
    all.extend(plain.into_iter().map(Stored::Plain));
    all.sort_unstable_by(|one, other| segment_of(one).cmp(&segment_of(other)));
    all.extend(active.then_some(Stored::Active));
    Ok(all)
}

fn segment_of(stored: &Stored) -> Option<&SegmentName> {
    match stored {
        Stored::Active => None,
        Stored::Plain(name) | Stored::Sealed(name) => Some(name),
    }
}

/// Reads the lines of a block.
///
/// # Errors
/// The file cannot be read, or the block is damaged.
pub(super) fn read_block(file: &File, block: &Block, sealed: bool) -> io::Result<Vec<u8>> {
    let place = if sealed { (block.stored_at, block.stored) } else { (block.at, block.bytes) };
    let bytes = read_piece(file, place)?;
    if sealed { unpack(&bytes, block) } else { Ok(bytes) }
}

/// Reads bytes as they lie there, from a place on.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read_piece(file: &File, (at, length): (u64, u32)) -> io::Result<Vec<u8>> {
    if length > UNPACKED_MAX {
        return Err(too_large());
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

/// The lines of a packed block.
///
/// # Errors
/// It is damaged.
pub(super) fn unpack(frame: &[u8], block: &Block) -> io::Result<Vec<u8>> {
    if block.bytes > UNPACKED_MAX {
        return Err(too_large());
    }
    zstd::bulk::decompress(frame, block.bytes as usize)
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a block is larger than any can be")
}
