//! A log file in blocks: pieces that end at the end of a line, each with what is in it in numbers, so that a search
//! passes over those that cannot have what it looks for.

use std::collections::{BTreeMap, HashSet};

use super::head::{Head, IdHash, Level};

/// Bytes of lines in a block; a single longer line is one of its own.
pub(super) const BLOCK_BYTES: u64 = 256 * 1024;

/// What is known of a block without reading it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Block {
    /// Where it begins in the file as it lies there, in bytes.
    pub(super) stored_at: u64,
    /// Its size as it lies there, in bytes.
    pub(super) stored: u32,
    /// Where it begins among the lines, in bytes.
    pub(super) at: u64,
    /// Its size as lines, in bytes.
    pub(super) bytes: u32,
    /// The least and the greatest time of its lines, in microseconds; none if no line has one.
    pub span: Option<(i64, i64)>,
    /// Its lines.
    pub lines: u32,
    /// Its lines by [`Level`].
    pub levels: [u32; 5],
    /// Lines of requests that failed for a fault of the server's.
    pub failed: u32,
}

impl Block {
    fn add(&mut self, bytes: u32, head: &Head) {
        self.bytes += bytes;
        self.lines += 1;
        self.failed += u32::from(head.failed);
        if let Some(count) = head.level.and_then(|level| self.levels.get_mut(level as usize)) {
            *count += 1;
        }
        if let Some(micros) = head.micros {
            let (first, last) = self.span.unwrap_or((micros, micros));
            self.span = Some((first.min(micros), last.max(micros)));
        }
    }

    /// How many lines it has of a level.
    pub fn count(&self, level: Level) -> u32 {
        self.levels.get(level as usize).copied().unwrap_or_default()
    }
}

/// The lines of one minute, in numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Minute {
    /// Lines by [`Level`].
    pub levels: [u32; 5],
    /// Lines of requests that failed for a fault of the server's.
    pub failed: u32,
}

impl Minute {
    pub(super) fn add(&mut self, head: &Head) {
        self.failed += u32::from(head.failed);
        if let Some(count) = head.level.and_then(|level| self.levels.get_mut(level as usize)) {
            *count += 1;
        }
    }
}

/// Microseconds in a minute.
pub(super) const MINUTE: i64 = 60_000_000;

/// Gathers lines into blocks and remembers which ids are in which.
#[derive(Default, Debug)]
pub(super) struct Indexer {
    done: Vec<(Block, Vec<IdHash>)>,
    open: Block,
    ids: HashSet<IdHash>,
    /// By minutes since 1970.
    minutes: BTreeMap<i64, Minute>,
}

/// What an index is made of: the blocks, the minutes, and where every id is, sorted.
#[derive(Default, Debug)]
pub(super) struct Indexed {
    /// How often the packed file was written anew.
    pub edition: u32,
    pub blocks: Vec<Block>,
    pub minutes: Vec<(i64, Minute)>,
    pub postings: Vec<(IdHash, u32)>,
}

impl Indexer {
    /// Takes the next line, with its line feed. Returns true if a block has ended before it.
    pub(super) fn add(&mut self, line: &[u8]) -> bool {
        let ends = self.open.lines > 0 && u64::from(self.open.bytes) + line.len() as u64 > BLOCK_BYTES;
        if ends {
            self.end_block();
        }
        let head = Head::of(line);
        self.ids.extend(head.ids());
        if let Some(micros) = head.micros {
            self.minutes.entry(micros.div_euclid(MINUTE)).or_default().add(&head);
        }
        self.open.add(u32::try_from(line.len()).unwrap_or(u32::MAX), &head);
        ends
    }

    /// Ends the block that is open, if it has lines.
    pub(super) fn end_block(&mut self) {
        if self.open.lines == 0 {
            return;
        }
        let at = self.open.at + u64::from(self.open.bytes);
        let open = std::mem::replace(&mut self.open, Block { at, ..Block::default() });
        let mut ids: Vec<_> = self.ids.drain().collect();
        ids.sort_unstable();
        self.done.push((open, ids));
    }

    /// Goes on at a place among the lines: those up to there cannot be read.
    pub(super) fn go_to(&mut self, at: u64) {
        self.end_block();
        self.open.at = at;
    }

    /// All blocks, the open one too.
    pub(super) fn blocks(&self) -> impl DoubleEndedIterator<Item = &Block> {
        self.done.iter().map(|(block, _)| block).chain((self.open.lines > 0).then_some(&self.open))
    }

    /// Bytes of all lines so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.open.at + self.open.bytes as u64
    }

    /// The numbers of the blocks that have an id, in their order.
    pub(super) fn blocks_of(&self, id: IdHash) -> Vec<u32> {
        let in_done = self.done.iter().map(|(_, ids)| ids.binary_search(&id).is_ok());
        let all = in_done.chain([self.ids.contains(&id)]).zip(0..);
        all.filter_map(|(has, number)| has.then_some(number)).collect()
    }

    /// Its lines by minutes since 1970.
    pub(super) fn minutes(&self) -> impl Iterator<Item = (i64, Minute)> {
        self.minutes.iter().map(|(minute, counts)| (*minute, *counts))
    }

    /// All that is known, once there are no more lines.
    pub(super) fn finish(mut self) -> Indexed {
        self.end_block();
        let minutes = self.minutes().collect();
        let mut indexed = Indexed { minutes, ..Indexed::default() };
        for ((block, ids), number) in self.done.into_iter().zip(0..) {
            indexed.postings.extend(ids.into_iter().map(|id| (id, number)));
            indexed.blocks.push(block);
        }
        indexed.postings.sort_unstable();
        indexed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(second: u32, id: &str) -> Vec<u8> {
        let padding = "x".repeat(1_000);
        format!("{{\"timestamp\":\"2026-05-01T19:00:{second:02}.000000Z\",\"level\":\"warn\",\"requestId\":\"{id}\",\"padding\":\"{padding}\"}}\n")
            .into_bytes()
    }

    #[test]
    fn blocks_end_at_lines_and_know_what_is_in_them() {
        let mut indexer = Indexer::default();
        let mut bytes = 0;
        for number in 0..600_u32 {
            let line = line(number / 10, &format!("r-{}", number / 2));
            bytes += line.len() as u64;
            indexer.add(&line);
        }
        assert_eq!(indexer.bytes(), bytes);
        assert_eq!(indexer.blocks_of(IdHash::of("r-0")), [0]);
        let (open, last) = (u32::try_from(indexer.blocks().count()).unwrap() - 1, IdHash::of("r-299"));
        assert_eq!(indexer.blocks_of(last), [open], "what is not closed yet is known, too");
        assert!(indexer.blocks_of(IdHash::of("nobody")).is_empty());
        let Indexed { blocks, minutes, postings, .. } = indexer.finish();
        assert_eq!(minutes, [(29_627_700, Minute { levels: [0, 600, 0, 0, 0], failed: 0 })]);
        assert!(blocks.len() > 2 && blocks.iter().all(|block| u64::from(block.bytes) <= BLOCK_BYTES));
        assert_eq!(blocks.iter().map(|block| block.count(Level::Warn)).sum::<u32>(), 600);
        let mut at = 0;
        for block in &blocks {
            assert_eq!(block.at, at);
            at += u64::from(block.bytes);
        }
        assert!(postings.is_sorted() && postings.len() >= 300);
        assert_eq!(
            postings.iter().filter(|(id, _)| *id == last).map(|(_, block)| *block).collect::<Vec<_>>(),
            [open]
        );
    }

    #[test]
    fn a_line_longer_than_a_block_is_one_of_its_own() {
        let mut indexer = Indexer::default();
        let long = vec![b'x'; 300 * 1024];
        assert!(!indexer.add(&long));
        assert!(indexer.add(b"short\n"));
        assert_eq!(indexer.finish().blocks.len(), 2);
    }
}
