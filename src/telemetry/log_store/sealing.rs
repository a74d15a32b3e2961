//! Packs a finished file: zstd frames of one block each, one after the other, which any zstd tool reads, with an index
//! beside it. Whatever interrupts it, the lines are there once: the plain file goes last.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::Path,
};

use zstd::zstd_safe;

use super::{
    block::{Block, Indexed, Indexer},
    index_file::encode,
};
use crate::telemetry::log::SegmentName;

/// Packs twelve times smaller at a hundred MB/s.
const LEVEL: i32 = 3;
/// What every frame begins with.
const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Packs a finished file and removes it.
///
/// # Errors
/// It cannot be read, or the packed one cannot be written.
pub(super) fn seal(dir: &Path, name: &SegmentName) -> io::Result<()> {
    let plain = dir.join(name.to_string());
    let mut packed = Part::create(dir, &name.sealed())?;
    let indexed = pack(BufReader::with_capacity(256 * 1024, File::open(&plain)?), &mut packed.file)?;
    let mut index = Part::create(dir, &name.index())?;
    index.file.write_all(&encode(&indexed))?;
    // A packed file has its index from the beginning.
    index.put()?;
    packed.put()?;
    File::open(dir)?.sync_all()?;
    fs::remove_file(plain)
}

/// Packs lines.
fn pack(mut lines: impl BufRead, packed: &mut impl Write) -> io::Result<Indexed> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.set_parameter(zstd_safe::CParameter::ChecksumFlag(true))?;
    let (mut indexer, mut places) = (Indexer::default(), Places::default());
    let (mut block, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        let more = lines.read_until(b'\n', &mut line)? > 0;
        if (!more && !block.is_empty()) || (more && indexer.add(&line)) {
            let frame = compressor.compress(&block)?;
            packed.write_all(&frame)?;
            places.add(frame.len());
            block.clear();
        }
        if !more {
            return Ok(places.into_index(indexer));
        }
        block.extend_from_slice(&line);
    }
}

/// Where the frames lie.
#[derive(Default)]
struct Places {
    all: Vec<(u64, u32)>,
    end: u64,
}

impl Places {
    fn add(&mut self, bytes: usize) {
        self.all.push((self.end, u32::try_from(bytes).unwrap_or(u32::MAX)));
        self.end += bytes as u64;
    }

    fn into_index(self, indexer: Indexer) -> Indexed {
        let mut indexed = indexer.finish();
        for (block, (stored_at, stored)) in indexed.blocks.iter_mut().zip(self.all) {
            *block = Block { stored_at, stored, ..std::mem::take(block) };
        }
        indexed
    }
}

/// Makes the index of a packed file anew from what can be read of it. What cannot be read is left out.
///
/// # Errors
/// The file cannot be read.
pub(super) fn reindex(packed: &Path) -> io::Result<Indexed> {
    let bytes = fs::read(packed)?;
    let (mut indexer, mut places) = (Indexer::default(), Places::default());
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = zstd_safe::find_frame_compressed_size(rest).ok().filter(|length| *length > 0);
        let block = length.and_then(|length| {
            let frame = rest.get(..length)?;
            let size = zstd_safe::get_frame_content_size(frame).ok().flatten()?;
            zstd::bulk::decompress(frame, usize::try_from(size).ok()?).ok()
        });
        let Some((block, length)) = block.zip(length) else {
            // What follows is whole again where the next frame begins.
            at += rest
                .windows(FRAME.len())
                .skip(1)
                .position(|bytes| bytes == FRAME)
                .map_or(rest.len(), |at| at + 1);
            continue;
        };
        for line in block.split_inclusive(|byte| *byte == b'\n') {
            indexer.add(line);
        }
        indexer.end_block();
        places.end = at as u64;
        places.add(length);
        at += length;
    }
    Ok(places.into_index(indexer))
}

/// Writes the index of a packed file.
///
/// # Errors
/// It cannot be written.
pub(super) fn put_index(dir: &Path, name: &SegmentName, bytes: &[u8]) -> io::Result<()> {
    let mut index = Part::create(dir, &name.index())?;
    index.file.write_all(bytes)?;
    index.put()
}

/// A file that is there whole, or not at all.
struct Part {
    file: tempfile::NamedTempFile,
    path: std::path::PathBuf,
}

impl Part {
    fn create(dir: &Path, name: &str) -> io::Result<Self> {
        let file = tempfile::Builder::new().prefix("em-part-").tempfile_in(dir)?;
        Ok(Self { file, path: dir.join(name) })
    }

    fn put(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(self.path)?;
        Ok(())
    }
}
