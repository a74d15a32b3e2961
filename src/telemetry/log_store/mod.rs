//! The log that is kept: its files are packed once they are finished, indexed by ids, and searched without any other
//! software. Uses the names and line times of `telemetry::log`, which writes them.

mod block;
mod erasing;
mod extent;
mod filter;
mod head;
mod index_file;
mod keeping;
mod needle;
mod plain;
mod request_summary;
mod sealing;
mod segment;
mod storage;
mod trace;
mod volume;
mod walk;

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io,
    ops::ControlFlow,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, atomic::AtomicBool},
};

use self::{
    block::Block,
    plain::PlainIndex,
    segment::{SealedIndex, Segment, lock},
    storage::Stored,
};
pub use self::{
    erasing::Erased,
    extent::Extent,
    filter::{Filter, duration_of},
    head::{INDEXED_FIELDS, IdHash, Level},
    keeping::{Kept, Removed, Taken},
    needle::Needle,
    request_summary::{CorrelationErrors, RequestSummary, RouteTimes, SlowRequest},
    trace::{LAYERS, Span, Trace, spans_of},
    volume::{Bar, Volume, VolumeCount},
    walk::{Fault, Levels, Line, Order, Place, Plan, Report, Seen},
};
use crate::telemetry::log::SegmentName;

/// The log of a directory, for reading. Many may read at once, also while it is written to.
#[derive(Debug)]
pub struct LogStore {
    dir: PathBuf,
    /// By the number that the file keeps when it gets another name.
    plain: Mutex<HashMap<u64, Arc<Mutex<PlainIndex>>>>,
    sealed: Mutex<HashMap<SegmentName, Arc<SealedIndex>>>,
    /// Held by whoever packs, removes or rewrites files.
    upkeep: Mutex<()>,
    /// Whether lines were erased since somebody asked.
    erased: AtomicBool,
}

impl LogStore {
    /// The log of a directory, which need not be there yet. Nothing is read before somebody looks.
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            plain: Mutex::default(),
            sealed: Mutex::default(),
            upkeep: Mutex::default(),
            erased: AtomicBool::new(false),
        }
    }

    /// Where it lies.
    pub fn directory(&self) -> &Path {
        &self.dir
    }

    /// The place of the last line.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn end(&self) -> io::Result<Option<Place>> {
        let mut end = None;
        self.walk(&Plan::all(Order::NewestFirst), &mut |seen| match seen {
            Seen::Block(_) => ControlFlow::Continue(()),
            Seen::Line(line) => {
                end = Some(line.place);
                ControlFlow::Break(())
            }
        })?;
        Ok(end)
    }

    /// The files, the oldest first. What is remembered of others is forgotten.
    fn list(&self) -> io::Result<Vec<Stored>> {
        let all = storage::list(&self.dir)?;
        let there: HashSet<_> = all.iter().filter_map(Stored::sealed).collect();
        lock(&self.sealed).retain(|name, _| there.contains(name));
        Ok(all)
    }

    /// Opens a file. One that has just got another name is not there any more.
    fn open(&self, stored: &Stored) -> io::Result<Segment> {
        match stored {
            Stored::Active | Stored::Plain(_) => {
                let file = File::open(stored.path(&self.dir))?;
                let index = Arc::clone(lock(&self.plain).entry(file.metadata()?.ino()).or_default());
                lock(&index).catch_up(&file)?;
                Ok(Segment::Plain { file, index })
            }
            Stored::Sealed(name) => Ok(self.sealed(name, self.index(name)?)),
        }
    }

    fn sealed(&self, name: &SegmentName, index: Arc<SealedIndex>) -> Segment {
        Segment::Sealed { path: self.dir.join(name.sealed()), file: OnceLock::new(), index }
    }

    fn index(&self, name: &SegmentName) -> io::Result<Arc<SealedIndex>> {
        // Held meanwhile, so that nobody rewrites the file between its index and itself.
        let mut sealed = lock(&self.sealed);
        if let Some(index) = sealed.get(name) {
            return Ok(Arc::clone(index));
        }
        let index = Arc::new(SealedIndex::open(&self.dir, name)?);
        sealed.insert(name.clone(), Arc::clone(&index));
        Ok(index)
    }

    /// The lines of a block, also of a file that was rewritten since it was opened: its blocks are where they were.
    fn read(&self, stored: &Stored, segment: &Segment, block: &Block) -> io::Result<Vec<u8>> {
        match (segment.read(block), stored) {
            (Err(error), Stored::Sealed(name)) if error.kind() == io::ErrorKind::StaleNetworkFileHandle => {
                lock(&self.sealed).remove(name);
                let anew = self.open(stored)?;
                let blocks = anew.blocks();
                anew.read(blocks.iter().find(|other| other.at == block.at).ok_or(error)?)
            }
            (read, _) => read,
        }
    }

    /// Makes the index of a sealed file anew, as what was read of it is damaged.
    fn reindex(&self, name: &SegmentName) -> io::Result<Segment> {
        let mut sealed = lock(&self.sealed);
        let index = Arc::new(SealedIndex::anew(&self.dir, name)?);
        sealed.insert(name.clone(), Arc::clone(&index));
        drop(sealed);
        Ok(self.sealed(name, index))
    }
}
