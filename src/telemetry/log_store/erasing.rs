//! Erases the lines of tenants from packed files. They become blank lines of the same length, so that every other line stays
//! where it is, byte for byte, and whoever pages through the log neither skips nor repeats one. A file is written anew beside
//! itself and then takes its own place: whatever interrupts that, the old one or the new one is there.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, Write},
    sync::atomic::Ordering,
};

use super::{
    LogStore,
    block::{Block, Indexer},
    head::{Head, IdHash},
    index_file::encode,
    sealing::{Part, Places, compressor, edition_bytes, edition_frame},
    segment::lock,
    storage::{self, Stored, read_piece, unpack},
    walk::{Fault, Order, Plan},
};
use crate::telemetry::log::SegmentName;

/// What a seal of the audit log has in it. Seals hold no personal values, and prove that the past was not rewritten.
const SEAL: &[u8] = b"\"message\":\"audit head\"";
/// How much is copied at once of what cannot be read, in bytes.
const COPIED: u32 = 1024 * 1024;

/// How far an erasure has come.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Erased {
    /// Packed files that were dealt with.
    pub files: u64,
    /// The last of them; the next part begins behind it.
    pub last: Option<String>,
    /// Packed files behind that.
    pub left: u64,
    /// Lines that were erased.
    pub lines: u64,
    /// Their size, in bytes.
    pub bytes: u64,
    /// What could not be read; whose lines are in there is not known.
    pub faults: Vec<Fault>,
}

/// Which lines are meant: those of tenants, and those of the same requests that were written before it was known whose they
/// are.
struct Theirs<'a> {
    tenants: &'a [String],
    requests: HashSet<IdHash>,
}

impl Theirs<'_> {
    fn has(&self, line: &[u8]) -> bool {
        let head = Head::of(line);
        let mut tenants = self.tenants.iter();
        match head.tenant() {
            Some(of) => tenants.any(|tenant| IdHash::of(tenant) == of) && !has_text(line, SEAL),
            // One that was torn by a crash tells nothing but what still stands in it.
            None if head.level.is_none() => tenants.any(|tenant| has_text(line, tenant.as_bytes())),
            None => head.request().any(|id| self.requests.contains(&id)),
        }
    }
}

fn has_text(line: &[u8], text: &[u8]) -> bool {
    line.windows(text.len().max(1)).any(|part| part == text)
}

impl LogStore {
    /// Erases the lines of tenants from the packed files behind one of them, the oldest first, and returns as soon as one has
    /// been rewritten. `room` is how much may be written beside the log, in bytes.
    ///
    /// # Errors
    /// A file cannot be read or rewritten, or there is no room to (`StorageFull`). It is as it was then.
    pub fn erase(&self, tenants: &[String], behind: Option<&str>, room: u64) -> io::Result<Erased> {
        let _alone = lock(&self.upkeep);
        self.erased.store(true, Ordering::SeqCst);
        let all = storage::list(&self.dir)?;
        let is_behind = |name: &SegmentName| behind.is_none_or(|behind| *name.to_string() > *behind);
        let mut erased = Erased::default();
        for (number, stored) in all.iter().enumerate() {
            let Stored::Sealed(name) = stored else { continue };
            if !is_behind(name) {
                continue;
            }
            if erased.lines > 0 {
                erased.left += 1;
                continue;
            }
            // What begins in a file may have its tenant in the next one. That comes later, so it still has all of it.
            let mut requests = self.requests_of(tenants, stored)?;
            if let Some(next) = all.get(number + 1) {
                requests.extend(self.requests_of(tenants, next)?);
            }
            if !requests.is_empty() {
                self.rewrite(name, &Theirs { tenants, requests }, room, &mut erased)?;
            }
            erased.files += 1;
            erased.last = Some(name.to_string());
        }
        Ok(erased)
    }

    /// Whether lines may have been erased since this was asked last: then what is missing may be missing on purpose.
    pub fn has_erased(&self) -> bool {
        self.erased.swap(false, Ordering::SeqCst)
    }

    /// The ids of tenants that a file has lines of, of their requests, and of what these belong to.
    fn requests_of(&self, tenants: &[String], stored: &Stored) -> io::Result<HashSet<IdHash>> {
        let (segment, mut requests) = (self.open(stored)?, HashSet::new());
        let blocks = segment.blocks();
        for tenant in tenants.iter().map(|tenant| IdHash::of(tenant)) {
            let plan = Plan { ids: vec![tenant], ..Plan::all(Order::OldestFirst) };
            for block in self.candidates(&plan, stored, &segment, &blocks)? {
                let text = match segment.read(block) {
                    Err(error) if error.raw_os_error().is_some() => return Err(error),
                    // What is damaged is told of when the file is rewritten.
                    read => read.unwrap_or_default(),
                };
                for head in text.split_inclusive(|byte| *byte == b'\n').map(Head::of) {
                    if head.tenant() == Some(tenant) {
                        requests.insert(tenant);
                        requests.extend(head.request());
                    }
                }
            }
        }
        Ok(requests)
    }

    /// Writes a file anew without some lines, if it has any.
    fn rewrite(
        &self,
        name: &SegmentName,
        theirs: &Theirs<'_>,
        room: u64,
        erased: &mut Erased,
    ) -> io::Result<()> {
        let file = File::open(self.dir.join(name.sealed()))?;
        let size = file.metadata()?.len();
        // The index is far smaller.
        if size.saturating_mul(2) > room {
            let what = format!("{name} is rewritten beside itself, and the disk has no room for that");
            return Err(io::Error::new(io::ErrorKind::StorageFull, what));
        }
        let index = self.index(name)?;
        let edition = index.edition().saturating_add(1);
        let mut anew = Rewriting::new(Part::create(&self.dir, &name.sealed())?, edition)?;
        let mut at = edition_bytes(index.edition());
        for block in index.blocks() {
            anew.copy(&file, at, block.stored_at.min(size))?;
            // Of a file that was cut, only a part of its last blocks may be there.
            let left = u32::try_from(size.saturating_sub(block.stored_at)).unwrap_or(u32::MAX);
            let frame = read_piece(&file, (block.stored_at, block.stored.min(left)))?;
            anew.block(&frame, block, theirs)?;
            at = block.stored_at + frame.len() as u64;
        }
        anew.copy(&file, at, size)?;
        if anew.damaged > 0 {
            let what = format!("{} pieces of it cannot be read and were left as they are", anew.damaged);
            erased.faults.push(Fault { file: name.to_string(), what });
        }
        if anew.lines == 0 {
            return Ok(());
        }
        (erased.lines, erased.bytes) = (erased.lines + anew.lines, erased.bytes + anew.bytes);
        let (packed, bytes) = anew.finish();
        packed.file.as_file().sync_all()?;
        let mut index = Part::create(&self.dir, &name.index())?;
        index.file.write_all(&bytes)?;
        index.file.as_file().sync_all()?;
        // One without the other is of another edition: then the index is made anew.
        let mut sealed = lock(&self.sealed);
        sealed.remove(name);
        index.put()?;
        packed.put()?;
        drop(sealed);
        File::open(&self.dir)?.sync_all()
    }
}

/// A packed file that is written anew.
struct Rewriting {
    packed: Part,
    compressor: zstd::bulk::Compressor<'static>,
    indexer: Indexer,
    places: Places,
    lines: u64,
    bytes: u64,
    /// Blocks that cannot be unpacked.
    damaged: u64,
}

impl Rewriting {
    fn new(mut packed: Part, edition: u32) -> io::Result<Self> {
        packed.file.write_all(&edition_frame(edition))?;
        let (indexer, places) = (Indexer::default(), Places::of_edition(edition));
        Ok(Self { packed, compressor: compressor()?, indexer, places, lines: 0, bytes: 0, damaged: 0 })
    }

    /// Takes bytes over that belong to no block.
    fn copy(&mut self, file: &File, mut from: u64, to: u64) -> io::Result<()> {
        while from < to {
            let length = u32::try_from(to - from).unwrap_or(COPIED).min(COPIED);
            let piece = read_piece(file, (from, length))?;
            self.packed.file.write_all(&piece)?;
            self.places.skip(piece.len());
            from += u64::from(length);
        }
        Ok(())
    }

    /// Takes a block over, without the lines that are to go.
    fn block(&mut self, frame: &[u8], block: &Block, theirs: &Theirs<'_>) -> io::Result<()> {
        let Ok(text) = unpack(frame, block) else {
            self.damaged += 1;
            self.packed.file.write_all(frame)?;
            self.places.skip(frame.len());
            return Ok(());
        };
        let blanked = blanked(&text, |line| theirs.has(line));
        self.lines += blanked.lines;
        self.bytes += blanked.bytes;
        let packed =
            if blanked.lines > 0 { self.compressor.compress(&blanked.text)? } else { frame.to_vec() };
        self.packed.file.write_all(&packed)?;
        self.places.add(packed.len());
        self.indexer.go_to(block.at);
        for line in blanked.text.split_inclusive(|byte| *byte == b'\n') {
            self.indexer.add(line);
        }
        self.indexer.end_block();
        Ok(())
    }

    /// The file, and the bytes of its index.
    fn finish(self) -> (Part, Vec<u8>) {
        (self.packed, encode(&self.places.into_index(self.indexer)))
    }
}

/// Lines of which some were erased.
struct Blanked {
    text: Vec<u8>,
    lines: u64,
    bytes: u64,
}

/// The lines of which some are to go: as many bytes as before. Lines that are erased side by side become one, so that not even
/// how many they were is left.
fn blanked(text: &[u8], is_theirs: impl Fn(&[u8]) -> bool) -> Blanked {
    let (mut blanked, mut blank) = (Blanked { text: Vec::new(), lines: 0, bytes: 0 }, 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if is_blank(line) {
            blank += line.len();
        } else if is_theirs(line) {
            blank += line.len();
            blanked.lines += 1;
            blanked.bytes += line.len() as u64;
        } else {
            end_blank(&mut blanked.text, &mut blank);
            blanked.text.extend_from_slice(line);
        }
    }
    end_blank(&mut blanked.text, &mut blank);
    blanked
}

fn end_blank(text: &mut Vec<u8>, blank: &mut usize) {
    if let Some(spaces) = std::mem::take(blank).checked_sub(1) {
        text.resize(text.len() + spaces, b' ');
        text.push(b'\n');
    }
}

/// Whether nothing is left of a line.
pub(super) fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii_start().is_empty()
}

#[cfg(test)]
mod tests;
