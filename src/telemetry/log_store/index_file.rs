//! The index beside a sealed file: what each block has in numbers, and where every id is. It has a checksum over the
//! blocks and one a page of ids, so that a damaged index is noticed and never hides a line.
//!
//! Little endian: `EMLOGIX1`, the numbers of blocks, of minutes and of pages (4 bytes each), the edition of
//! the packed file (4), the blocks (68 each), the minutes (32 each), XXH64 of all that (8), then pages of 4096 bytes: up to
//! 340 ids (hash 8, block 4) in their order, their number (4), four unused bytes, XXH64 of the page (8). As hashes lie evenly, an id's page is computed, and one or two reads find it.

use std::{fs::File, io, os::unix::fs::FileExt};

use twox_hash::XxHash64;

use super::{
    block::{Block, Indexed, Minute},
    head::IdHash,
};

const MAGIC: &[u8; 8] = b"EMLOGIX1";
const PREFIX: usize = 24;
const BLOCK: usize = 68;
const MINUTE: usize = 32;
const PAGE: usize = 4096;
const ENTRY: usize = 12;
const ENTRIES_MAX: usize = 340;
/// What of a page its checksum covers.
const COVERED: usize = PAGE - 8;

fn checksum(bytes: &[u8]) -> u64 {
    XxHash64::oneshot(0, bytes)
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the index is damaged")
}

/// The index as the bytes of its file.
pub(super) fn encode(Indexed { edition, blocks, minutes, postings }: &Indexed) -> Vec<u8> {
    let pages = postings.chunks(ENTRIES_MAX);
    let mut bytes = Vec::with_capacity(PREFIX + blocks.len() * BLOCK + 8 + pages.len() * PAGE);
    bytes.extend_from_slice(MAGIC);
    for count in [blocks.len(), minutes.len(), pages.len()] {
        bytes.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
    }
    bytes.extend_from_slice(&edition.to_le_bytes());
    for block in blocks {
        // No time at all is told by times that end before they begin.
        let (first, last) = block.span.unwrap_or((0, -1));
        bytes.extend_from_slice(&block.stored_at.to_le_bytes());
        bytes.extend_from_slice(&block.stored.to_le_bytes());
        bytes.extend_from_slice(&block.at.to_le_bytes());
        bytes.extend_from_slice(&block.bytes.to_le_bytes());
        bytes.extend_from_slice(&first.to_le_bytes());
        bytes.extend_from_slice(&last.to_le_bytes());
        bytes.extend_from_slice(&block.lines.to_le_bytes());
        block.levels.iter().for_each(|count| bytes.extend_from_slice(&count.to_le_bytes()));
        bytes.extend_from_slice(&block.failed.to_le_bytes());
    }
    for (minute, counts) in minutes {
        bytes.extend_from_slice(&minute.to_le_bytes());
        counts.levels.iter().for_each(|count| bytes.extend_from_slice(&count.to_le_bytes()));
        bytes.extend_from_slice(&counts.failed.to_le_bytes());
    }
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    for entries in pages {
        let start = bytes.len();
        for (id, block) in entries {
            bytes.extend_from_slice(&id.0.to_le_bytes());
            bytes.extend_from_slice(&block.to_le_bytes());
        }
        bytes.resize(start + ENTRIES_MAX * ENTRY, 0);
        bytes.extend_from_slice(&u32::try_from(entries.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.resize(start + COVERED, 0);
        let sum = checksum(bytes.get(start..).unwrap_or_default());
        bytes.extend_from_slice(&sum.to_le_bytes());
    }
    bytes
}

/// An index that lies in a file; the ids stay there.
#[derive(Debug)]
pub(super) struct IndexFile {
    edition: u32,
    blocks: Vec<Block>,
    minutes: Vec<(i64, Minute)>,
    pages_at: u64,
    pages: u32,
}

impl IndexFile {
    /// Reads the blocks.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub(super) fn read(file: &File) -> io::Result<Self> {
        let mut prefix = [0; PREFIX];
        file.read_exact_at(&mut prefix, 0)?;
        let mut fields = Reader(&prefix);
        if &fields.take::<8>()? != MAGIC {
            return Err(damaged());
        }
        let (blocks, minutes, pages, edition) = (fields.u32()?, fields.u32()?, fields.u32()?, fields.u32()?);
        let covered = PREFIX + blocks as usize * BLOCK + minutes as usize * MINUTE;
        let whole = covered as u64 + 8 + u64::from(pages) * PAGE as u64;
        if file.metadata()?.len() != whole {
            return Err(damaged());
        }
        let mut bytes = vec![0; covered + 8];
        file.read_exact_at(&mut bytes, 0)?;
        let (content, sum) = bytes.split_at_checked(covered).ok_or_else(damaged)?;
        if checksum(content).to_le_bytes() != sum {
            return Err(damaged());
        }
        let mut fields = Reader(content.get(PREFIX..).unwrap_or_default());
        let blocks = (0..blocks).map(|_| fields.block()).collect::<io::Result<_>>()?;
        let minutes = (0..minutes).map(|_| fields.minute()).collect::<io::Result<_>>()?;
        Ok(Self { edition, blocks, minutes, pages_at: covered as u64 + 8, pages })
    }

    /// How often the packed file was written anew that it belongs to.
    pub(super) const fn edition(&self) -> u32 {
        self.edition
    }

    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Its lines by minutes since 1970, in their order.
    pub(super) fn minutes(&self) -> &[(i64, Minute)] {
        &self.minutes
    }

    /// The numbers of the blocks that have an id, in their order.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub(super) fn blocks_of(&self, file: &File, id: IdHash) -> io::Result<Vec<u32>> {
        let Some(last_page) = self.pages.checked_sub(1) else { return Ok(Vec::new()) };
        let expected = (u128::from(id.0) * u128::from(self.pages)) >> 64;
        let mut number = u32::try_from(expected).unwrap_or(last_page).min(last_page);
        let mut page = Page::read(file, self.place_of(number))?;
        // To the first page that may have it.
        while number > 0 && page.first().is_none_or(|first| first >= id) {
            number -= 1;
            page = Page::read(file, self.place_of(number))?;
        }
        while number < last_page && page.last().is_none_or(|last| last < id) {
            number += 1;
            page = Page::read(file, self.place_of(number))?;
        }
        let mut found = Vec::new();
        loop {
            found.extend(page.blocks_of(id));
            if number == last_page || page.last().is_some_and(|last| last > id) {
                return Ok(found);
            }
            number += 1;
            page = Page::read(file, self.place_of(number))?;
        }
    }

    fn place_of(&self, page: u32) -> u64 {
        self.pages_at + u64::from(page) * PAGE as u64
    }
}

/// Ids in their order, as they lie in the file: of hundreds a search looks at a few.
struct Page {
    bytes: [u8; PAGE],
    count: usize,
}

impl Page {
    /// Reads one that begins at a place.
    fn read(file: &File, place: u64) -> io::Result<Self> {
        let mut bytes = [0; PAGE];
        file.read_exact_at(&mut bytes, place)?;
        let (content, sum) = bytes.split_at_checked(COVERED).ok_or_else(damaged)?;
        if checksum(content).to_le_bytes() != sum {
            return Err(damaged());
        }
        let count = Reader(content.get(ENTRIES_MAX * ENTRY..).unwrap_or_default()).u32()? as usize;
        if count > ENTRIES_MAX { Err(damaged()) } else { Ok(Self { bytes, count }) }
    }

    fn entry(&self, number: usize) -> Option<(IdHash, u32)> {
        let entry = self.bytes.get(number * ENTRY..).filter(|_| number < self.count)?;
        let (hash, rest) = entry.split_first_chunk()?;
        Some((IdHash(u64::from_le_bytes(*hash)), u32::from_le_bytes(*rest.first_chunk()?)))
    }

    fn first(&self) -> Option<IdHash> {
        self.entry(0).map(|(id, _)| id)
    }

    fn last(&self) -> Option<IdHash> {
        self.entry(self.count.checked_sub(1)?).map(|(id, _)| id)
    }

    /// The blocks of an id that are named in it.
    fn blocks_of(&self, id: IdHash) -> impl Iterator<Item = u32> {
        let (mut least, mut most) = (0, self.count);
        while least < most {
            let middle = usize::midpoint(least, most);
            if self.entry(middle).is_some_and(|(other, _)| other < id) {
                least = middle + 1;
            } else {
                most = middle;
            }
        }
        let behind = (least..self.count).map_while(|number| self.entry(number));
        behind.take_while(move |(other, _)| *other == id).map(|(_, block)| block)
    }
}

/// Takes numbers from bytes.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*first)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> io::Result<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> io::Result<i64> {
        self.take().map(i64::from_le_bytes)
    }

    fn levels(&mut self) -> io::Result<[u32; 5]> {
        let mut levels = [0; 5];
        for count in &mut levels {
            *count = self.u32()?;
        }
        Ok(levels)
    }

    fn minute(&mut self) -> io::Result<(i64, Minute)> {
        Ok((self.i64()?, Minute { levels: self.levels()?, failed: self.u32()? }))
    }

    fn block(&mut self) -> io::Result<Block> {
        let (stored_at, stored) = (self.u64()?, self.u32()?);
        let (at, bytes) = (self.u64()?, self.u32()?);
        let (first, last) = (self.i64()?, self.i64()?);
        let lines = self.u32()?;
        let (levels, failed) = (self.levels()?, self.u32()?);
        let span = (first <= last).then_some((first, last));
        Ok(Block { stored_at, stored, at, bytes, span, lines, levels, failed })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn block(number: u32) -> Block {
        let span = (number != 1).then_some((i64::from(number), i64::from(number) + 5));
        Block {
            stored_at: u64::from(number) * 10,
            stored: 10,
            at: u64::from(number) * 100,
            bytes: 100,
            span,
            lines: 3,
            levels: [0, 1, 2, 0, 0],
            failed: number,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_id_is_found_in_its_blocks_and_no_other(
            ids in proptest::collection::vec((0_u32..900, 0_u32..40), 0..3_000), uneven in any::<bool>(),
        ) {
            let hash = |id: u32| if uneven { IdHash(u64::from(id)) } else { IdHash::of(&id.to_string()) };
            let mut postings: Vec<_> = ids.iter().map(|(id, block)| (hash(*id), *block)).collect();
            postings.sort_unstable();
            postings.dedup();
            let blocks: Vec<_> = (0..40).map(block).collect();
            let minutes = vec![(7, Minute { levels: [1, 2, 3, 4, 5], failed: 6 })];
            let indexed = Indexed { edition: 3, blocks, minutes, postings };
            let file = file(&encode(&indexed));
            let index = IndexFile::read(&file).unwrap();
            prop_assert_eq!((index.edition(), index.blocks()), (3, &indexed.blocks[..]));
            prop_assert_eq!(index.minutes(), &indexed.minutes);
            for id in 0..910 {
                let expected: Vec<_> =
                    indexed.postings.iter().filter(|(other, _)| *other == hash(id)).map(|(_, block)| *block).collect();
                prop_assert_eq!(index.blocks_of(&file, hash(id)).unwrap(), expected);
            }
        }
    }

    #[test]
    fn a_changed_bit_anywhere_is_noticed() {
        let postings: Vec<_> = (0..500_u32).map(|id| (IdHash(u64::from(id) << 55), id % 3)).collect();
        let blocks = vec![block(0), block(1), block(2)];
        let bytes = encode(&Indexed { edition: 0, blocks, minutes: vec![(1, Minute::default())], postings });
        for at in (0..bytes.len()).step_by(97) {
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            let file = file(&changed);
            let read = IndexFile::read(&file).and_then(|index| {
                (0..500_u32).try_for_each(|id| index.blocks_of(&file, IdHash(u64::from(id) << 55)).map(drop))
            });
            assert!(read.is_err(), "byte {at}");
        }
        for length in [0, 7, 20, bytes.len() - 1] {
            assert!(IndexFile::read(&file(&bytes[..length])).is_err(), "{length}");
        }
    }
}
