//! Storage that is read and never written: what redb writes to it stays in memory. So a file can be opened, repaired
//! and read although its disk takes nothing any more, and a copy can be looked at without being changed.

use std::{
    collections::BTreeMap,
    io,
    ops::Bound,
    path::Path,
    sync::{PoisonError, RwLock},
};

use redb::{BackendError, StorageBackend, backends::FileBackend};

use super::disk::Disk;

/// What is kept of a write at least.
const BLOCK: usize = 4_096;

/// A backend whose writes stay in memory. It takes no lock: whoever freezes what others may write holds one.
#[derive(Debug)]
pub struct Frozen<B> {
    inner: B,
    written: RwLock<Written>,
}

#[derive(Debug)]
struct Written {
    /// The length that redb has given it.
    length: u64,
    /// Up to where the storage itself still counts.
    kept: u64,
    /// Blocks that were written, by their number.
    blocks: BTreeMap<u64, Box<[u8]>>,
}

impl<B: StorageBackend> Frozen<B> {
    pub(super) fn new(inner: B) -> io::Result<Self> {
        let length = inner.len()?;
        Ok(Self { inner, written: RwLock::new(Written { length, kept: length, blocks: BTreeMap::new() }) })
    }

    /// Reads what the storage has there; zeros behind its end.
    fn read_through(&self, kept: u64, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let there = usize::try_from(kept.saturating_sub(offset)).unwrap_or(usize::MAX).min(out.len());
        let (stored, beyond) = out.split_at_mut(there);
        beyond.fill(0);
        if stored.is_empty() { Ok(()) } else { self.inner.read(offset, stored) }
    }
}

/// The block that a position is in, and where in it.
fn place(position: u64) -> (u64, usize) {
    let block = BLOCK as u64;
    (position / block, usize::try_from(position % block).unwrap_or_default())
}

impl<B: StorageBackend> StorageBackend for Frozen<B> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.written.read().unwrap_or_else(PoisonError::into_inner).length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let written = self.written.read().unwrap_or_else(PoisonError::into_inner);
        let end = offset + out.len() as u64;
        if end > written.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read_through(written.kept, offset, out)?;
        let (first, last) = (place(offset).0, place(end).0);
        for (block, bytes) in written.blocks.range(first..=last) {
            let start = block * BLOCK as u64;
            let from = usize::try_from(offset.saturating_sub(start)).unwrap_or(usize::MAX);
            let to = usize::try_from(start.saturating_sub(offset)).unwrap_or(usize::MAX);
            for (target, source) in out.iter_mut().skip(to).zip(bytes.iter().skip(from)) {
                *target = *source;
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut written = self.written.write().unwrap_or_else(PoisonError::into_inner);
        let (block, within) = place(len);
        if len < written.length {
            written.blocks.split_off(&(block + u64::from(within > 0)));
            if let Some(cut) = written.blocks.get_mut(&block) {
                cut.iter_mut().skip(within).for_each(|byte| *byte = 0);
            }
        }
        written.length = len;
        written.kept = written.kept.min(len);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut written = self.written.write().unwrap_or_else(PoisonError::into_inner);
        let (mut position, mut rest) = (offset, data);
        while !rest.is_empty() {
            let (block, within) = place(position);
            let (now, later) = rest.split_at((BLOCK - within).min(rest.len()));
            if !written.blocks.contains_key(&block) {
                let mut bytes = vec![0; BLOCK].into_boxed_slice();
                self.read_through(written.kept, block * BLOCK as u64, &mut bytes)?;
                written.blocks.insert(block, bytes);
            }
            if let Some(bytes) = written.blocks.get_mut(&block) {
                for (target, source) in bytes.iter_mut().skip(within).zip(now) {
                    *target = *source;
                }
            }
            position += now.len() as u64;
            rest = later;
        }
        written.length = written.length.max(position);
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }
}

/// A file that is only looked at.
pub struct FrozenFile(std::path::PathBuf);

impl FrozenFile {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Disk for FrozenFile {
    type Backend = Frozen<FileBackend>;

    fn open(&self) -> io::Result<Self::Backend> {
        Frozen::new(FileBackend::new(std::fs::File::open(&self.0)?).map_err(io::Error::other)?)
    }

    fn forget_cached_pages(&self) {}
}

#[cfg(test)]
mod tests {
    use std::io;

    use proptest::prelude::*;
    use redb::{StorageBackend, backends::InMemoryBackend};

    use super::Frozen;

    #[derive(Clone, Debug)]
    enum Step {
        Write(u16, Vec<u8>),
        Resize(u16),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0_u16..20_000, proptest::collection::vec(any::<u8>(), 1..9_000))
                .prop_map(|(offset, data)| Step::Write(offset, data)),
            (0_u16..30_000).prop_map(Step::Resize),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_reads_back_and_the_storage_stays_as_it_was(
            stored in proptest::collection::vec(any::<u8>(), 0..20_000),
            steps in proptest::collection::vec(step(), 1..12),
        ) {
            let inner = InMemoryBackend::new();
            inner.set_len(stored.len() as u64).unwrap();
            inner.write(0, &stored).unwrap();
            let frozen = Frozen::new(inner).unwrap();
            let mut model = stored.clone();
            for step in steps {
                match step {
                    Step::Write(offset, data) => {
                        let end = usize::from(offset) + data.len();
                        model.resize(model.len().max(end), 0);
                        model[usize::from(offset)..end].copy_from_slice(&data);
                        frozen.write(offset.into(), &data).unwrap();
                    }
                    Step::Resize(length) => {
                        model.resize(length.into(), 0);
                        frozen.set_len(length.into()).unwrap();
                    }
                }
                prop_assert_eq!(frozen.len().unwrap(), model.len() as u64);
                let mut whole = vec![1; model.len()];
                frozen.read(0, &mut whole).unwrap();
                prop_assert!(whole == model);
                let mut part = vec![1; model.len() / 3];
                frozen.read(model.len() as u64 / 2, &mut part).unwrap();
                prop_assert!(part == model[model.len() / 2..][..part.len()]);
            }
            let mut there = vec![0; stored.len()];
            frozen.inner.read(0, &mut there).unwrap();
            prop_assert!(there == stored);
        }
    }

    #[test]
    fn behind_the_end_there_is_nothing() {
        let frozen = Frozen::new(InMemoryBackend::new()).unwrap();
        let refused = frozen.read(0, &mut [0]).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::UnexpectedEof);
    }
}
