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
    let mut compressor = compressor()?;
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

/// Makes frames with a checksum.
///
/// # Errors
/// There is no memory for it.
pub(super) fn compressor() -> io::Result<zstd::bulk::Compressor<'static>> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.set_parameter(zstd_safe::CParameter::ChecksumFlag(true))?;
    Ok(compressor)
}

/// Where the frames lie.
#[derive(Default)]
pub(super) struct Places {
    all: Vec<(u64, u32)>,
    end: u64,
    edition: u32,
}

impl Places {
    /// Those of a file that is written anew, behind what says so.
    pub(super) fn of_edition(edition: u32) -> Self {
        Self { edition, end: edition_bytes(edition), all: Vec::new() }
    }

    pub(super) fn add(&mut self, bytes: usize) {
        self.all.push((self.end, u32::try_from(bytes).unwrap_or(u32::MAX)));
        self.skip(bytes);
    }

    /// Passes what is no block.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.end += bytes as u64;
    }

    pub(super) fn into_index(self, indexer: Indexer) -> Indexed {
        let mut indexed = Indexed { edition: self.edition, ..indexer.finish() };
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
    let edition = edition_of(&bytes);
    let (mut indexer, mut places) = (Indexer::default(), Places::of_edition(edition));
    let mut at = usize::try_from(edition_bytes(edition)).unwrap_or_default();
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

/// What a packed file that was written anew begins with: a frame that zstd tools pass over, which says how often. The index
/// says it, too, so that neither is ever read with one of another time.
const EDITION: [u8; 8] = [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0];

/// How many bytes say which edition it is: none in a file as it was packed.
pub(super) const fn edition_bytes(edition: u32) -> u64 {
    if edition == 0 { 0 } else { 12 }
}

/// What a packed file of an edition begins with.
pub(super) fn edition_frame(edition: u32) -> Vec<u8> {
    if edition == 0 { Vec::new() } else { [&EDITION[..], &edition.to_le_bytes()].concat() }
}

/// How often a packed file was written anew, by its first bytes.
pub(super) fn edition_of(bytes: &[u8]) -> u32 {
    let number = bytes.strip_prefix(&EDITION).and_then(|rest| rest.first_chunk());
    number.map_or(0, |number| u32::from_le_bytes(*number))
}

/// A file that is there whole, or not at all.
pub(super) struct Part {
    pub(super) file: tempfile::NamedTempFile,
    path: std::path::PathBuf,
}

impl Part {
    pub(super) fn create(dir: &Path, name: &str) -> io::Result<Self> {
        let file = tempfile::Builder::new().prefix("em-part-").tempfile_in(dir)?;
        Ok(Self { file, path: dir.join(name) })
    }

    pub(super) fn put(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(self.path)?;
        Ok(())
    }
}
