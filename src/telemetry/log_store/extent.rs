//! How much there is to read for a search, from what the indexes know: no line is read.

use std::io;

use super::{LogStore, storage::Stored, walk::Plan};

/// How much there is to read.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Extent {
    /// Blocks.
    pub blocks: u64,
    /// Bytes of lines in them.
    pub bytes: u64,
    /// Lines in them.
    pub lines: u64,
}

impl LogStore {
    /// What a walk would read. What cannot be read is left out.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn extent(&self, plan: &Plan) -> io::Result<Extent> {
        let mut extent = Extent::default();
        for stored in self.list()? {
            if let Stored::Plain(name) | Stored::Sealed(name) = &stored
                && name.span().is_some_and(|span| !plan.covers(span))
            {
                continue;
            }
            let Ok(segment) = self.open(&stored) else { continue };
            let blocks = segment.blocks();
            for block in self.candidates(plan, &stored, &segment, &blocks).unwrap_or_default() {
                extent.blocks += 1;
                extent.bytes += u64::from(block.bytes);
                extent.lines += u64::from(block.lines);
            }
        }
        Ok(extent)
    }
}
