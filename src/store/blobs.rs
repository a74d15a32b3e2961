//! Blobs: bytes that are kept beside the data file, each tenant's in a directory of its own, under their hashes. They are
//! whole and on the disk before anything refers to them, and never change. Uses the domain and the condition of the disk.

use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind, Write},
    ops::ControlFlow,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::{
    Store, StoreError, Trouble,
    engine::{Direction, EngineError, Reader},
    keys::{
        self, Table,
        blobs::{blob_of, blob_uses},
    },
};
use crate::domain::{BlobHash, TenantId, Timestamp};

/// Where what is still coming in lies: the name of no tenant.
const INCOMING: &str = "incoming";

/// How many hold on to each blob that nothing may refer to yet.
type Held = Arc<Mutex<HashMap<(TenantId, BlobHash), usize>>>;

/// The blobs of all tenants.
pub struct Blobs {
    root: PathBuf,
    held: Held,
}

/// Bytes on their way in. They are gone when this is, unless they were kept.
pub struct Incoming {
    file: NamedTempFile,
    hash: Sha256,
    bytes: u64,
}

/// A blob on the disk, which nobody removes as long as this is there: time for an operation to refer to it.
#[derive(Debug)]
pub struct KeptBlob {
    held: Held,
    tenant: TenantId,
    /// Its hash.
    pub hash: BlobHash,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Blobs {
    /// The blobs in a directory, which is made when the first comes. What an earlier run left unfinished is removed.
    pub fn open(root: &Path) -> Self {
        let blobs = Self { root: root.to_owned(), held: Held::default() };
        match fs::remove_dir_all(blobs.root.join(INCOMING)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, "unfinished uploads of an earlier run were not removed");
            }
            _ => {}
        }
        blobs
    }

    /// A place for bytes that come in.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn incoming(&self) -> Result<Incoming, StoreError> {
        let directory = self.root.join(INCOMING);
        make(&directory).map_err(|error| unwritten(&error))?;
        let file = tempfile::Builder::new().tempfile_in(directory).map_err(|error| unwritten(&error))?;
        Ok(Incoming { file, hash: Sha256::new(), bytes: 0 })
    }

    /// Keeps what has come in: when this returns, it is on durable storage under its hash.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn keep(&self, tenant: TenantId, incoming: Incoming) -> Result<KeptBlob, StoreError> {
        let Incoming { file, hash, bytes } = incoming;
        let hash = BlobHash(hash.finalize().into());
        // From here on nobody removes a blob of this hash, whoever put it there.
        let kept = KeptBlob::hold(&self.held, tenant, hash, bytes);
        let put = || {
            file.as_file().sync_all()?;
            let directory = self.of_tenant(tenant);
            if make(&directory)? {
                sync(&self.root)?;
                self.root.parent().map_or(Ok(()), sync)?;
            }
            // The same bytes may lie there already: then they are replaced by themselves.
            file.persist(directory.join(hash.to_string())).map_err(|error| error.error)?;
            sync(&directory)
        };
        put().map_err(|error| unwritten(&error))?;
        Ok(kept)
    }

    /// A blob to read.
    ///
    /// # Errors
    /// It is missing, or the disk fails.
    pub fn read(&self, tenant: TenantId, blob: BlobHash) -> Result<File, StoreError> {
        File::open(self.path(tenant, blob)).map_err(|error| {
            let what = format!("blob {blob} of tenant {tenant}: {error}");
            match error.kind() {
                ErrorKind::NotFound => EngineError::Damaged(what).into(),
                _ => EngineError::Io(what).into(),
            }
        })
    }

    /// Where a blob lies, and its size in bytes; nothing if it is missing.
    ///
    /// # Errors
    /// The disk fails.
    pub fn find(&self, tenant: TenantId, blob: BlobHash) -> Result<Option<(PathBuf, u64)>, StoreError> {
        let path = self.path(tenant, blob);
        match fs::metadata(&path) {
            Ok(file) => Ok(Some((path, file.len()))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EngineError::Io(error.to_string()).into()),
        }
    }

    /// Removes a blob unless something refers to it or is about to. True if it is gone.
    fn discard(
        &self,
        tenant: TenantId,
        blob: BlobHash,
        is_used: impl FnOnce() -> Result<bool, StoreError>,
    ) -> Result<bool, StoreError> {
        // Held all the time, so that nobody begins to hold the blob meanwhile.
        let held = lock(&self.held);
        if held.contains_key(&(tenant, blob)) || is_used()? {
            return Ok(false);
        }
        match fs::remove_file(self.path(tenant, blob)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(EngineError::Io(error.to_string()).into()),
            Ok(()) => Ok(true),
        }
    }

    /// Removes the blobs that came before a time and that nothing refers to. Returns how many.
    ///
    /// # Errors
    /// It cannot be told whether something refers to one, or the disk fails.
    pub fn sweep(
        &self,
        before: Timestamp,
        is_used: impl Fn(TenantId, BlobHash) -> Result<bool, StoreError>,
    ) -> Result<usize, StoreError> {
        let unread = |error: io::Error| StoreError::from(EngineError::Io(error.to_string()));
        let mut removed = 0;
        for tenant in names_in(&self.root).map_err(unread)? {
            let Ok(id) = Uuid::try_parse(&tenant) else { continue };
            let (tenant, directory) = (TenantId::new(id), self.root.join(&tenant));
            for name in names_in(&directory).map_err(unread)? {
                let Some(blob) = BlobHash::from_digits(&name) else { continue };
                if came_before(&directory.join(&name), before) {
                    removed += usize::from(self.discard(tenant, blob, || is_used(tenant, blob))?);
                }
            }
            self.remove_if_empty(tenant, &directory);
        }
        Ok(removed)
    }

    /// The directory of a tenant that has no blobs goes, too.
    fn remove_if_empty(&self, tenant: TenantId, directory: &Path) {
        let held = lock(&self.held);
        if !held.keys().any(|(holder, _)| *holder == tenant) {
            // It refuses where there is something in it.
            let _ = fs::remove_dir(directory);
        }
    }

    fn of_tenant(&self, tenant: TenantId) -> PathBuf {
        self.root.join(tenant.to_string())
    }

    fn path(&self, tenant: TenantId, blob: BlobHash) -> PathBuf {
        self.of_tenant(tenant).join(blob.to_string())
    }
}

impl Incoming {
    /// How many bytes have come.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The hash of what has come so far.
    pub fn hash(&self) -> BlobHash {
        BlobHash(self.hash.clone().finalize().into())
    }

    /// What has come, from its beginning.
    ///
    /// # Errors
    /// The disk fails.
    pub fn reader(&self) -> io::Result<File> {
        self.file.reopen()
    }
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl KeptBlob {
    fn hold(held: &Held, tenant: TenantId, hash: BlobHash, bytes: u64) -> Self {
        *lock(held).entry((tenant, hash)).or_default() += 1;
        Self { held: Arc::clone(held), tenant, hash, bytes }
    }
}

impl Drop for KeptBlob {
    fn drop(&mut self) {
        let mut held = lock(&self.held);
        let key = (self.tenant, self.hash);
        match held.get_mut(&key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(&key)),
        }
    }
}

/// Every blob that something in a state keeps, live or in the trash.
pub(super) fn blobs_in_use(state: &dyn Reader) -> Result<BTreeSet<(TenantId, BlobHash)>, EngineError> {
    let (mut blobs, all) = (BTreeSet::new(), keys::table(Table::BlobUse));
    state.range(&all, &keys::end_of(&all), Direction::Forward, &mut |key, _| {
        blobs.extend(blob_of(key));
        ControlFlow::Continue(())
    })?;
    Ok(blobs)
}

/// Whether anything keeps a blob in a state.
pub(super) fn is_used(state: &dyn Reader, tenant: TenantId, blob: BlobHash) -> Result<bool, EngineError> {
    let (prefix, mut used) = (blob_uses(tenant, &blob), false);
    state.range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |_, _| {
        used = true;
        ControlFlow::Break(())
    })?;
    Ok(used)
}

impl Store {
    /// Whether anything of a tenant, live or in the trash, keeps a blob.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_blob_used(&self, tenant: TenantId, blob: BlobHash) -> Result<bool, StoreError> {
        Ok(is_used(&self.snapshot(), tenant, blob)?)
    }

    /// Whether something may be written beside the data file now, and so many bytes of it.
    ///
    /// # Errors
    /// The store is read-only, or the bytes would bring the disk near its floor.
    pub fn ensure_room_for(&self, bytes: u64) -> Result<(), StoreError> {
        match self.condition.trouble() {
            Some(trouble) => Err(StoreError::ReadOnly(trouble)),
            None if !self.has_room_for(bytes) => Err(StoreError::ReadOnly(Trouble::LowSpace)),
            None => Ok(()),
        }
    }
}

fn lock(held: &Held) -> MutexGuard<'_, HashMap<(TenantId, BlobHash), usize>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a directory with all above it, for the owner alone. False if it was there.
fn make(directory: &Path) -> io::Result<bool> {
    if directory.is_dir() {
        return Ok(false);
    }
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    Ok(true)
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// The names in a directory, as far as they are names of ours; none if it is not there.
fn names_in(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().into_string()));
    Ok(names.collect::<io::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn came_before(path: &Path, before: Timestamp) -> bool {
    let modified = fs::metadata(path).and_then(|file| file.modified()).ok();
    let age = modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    age.is_some_and(|age| i64::try_from(age.as_millis()).is_ok_and(|millis| millis < before.millis()))
}

/// Why bytes were not written, as the store has it: nothing was changed.
pub fn unwritten(error: &io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::ReadOnly(Trouble::DiskFull),
        _ => {
            tracing::error!(%error, "an uploaded file cannot be written");
            StoreError::ReadOnly(Trouble::Failing)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Read, Write},
    };

    use super::{Blobs, INCOMING, Timestamp};
    use crate::domain::TenantId;

    const LATER: Timestamp = Timestamp::from_millis(i64::MAX);

    fn tenant(number: u128) -> TenantId {
        TenantId::new(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_blob_is_found_by_its_hash_in_its_tenant_and_nowhere_else() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&directory.path().join("blobs"));
        let mut incoming = blobs.incoming().unwrap();
        incoming.write_all(b"ab").unwrap();
        incoming.write_all(b"c").unwrap();
        let kept = blobs.keep(tenant(7), incoming).unwrap();
        let of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((kept.hash.to_string(), kept.bytes), (of_abc.to_owned(), 3));
        let mut text = String::new();
        blobs.read(tenant(7), kept.hash).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
        assert!(blobs.read(tenant(8), kept.hash).is_err());
    }

    #[test]
    fn what_is_not_kept_leaves_nothing_and_what_a_crash_left_goes_at_the_next_start() {
        let directory = tempfile::tempdir().unwrap();
        let (blobs, incoming) = (Blobs::open(directory.path()), directory.path().join(INCOMING));
        let mut dropped = blobs.incoming().unwrap();
        dropped.write_all(b"abc").unwrap();
        drop(dropped);
        assert_eq!(fs::read_dir(&incoming).unwrap().count(), 0);
        fs::write(incoming.join("left"), "by a crash").unwrap();
        Blobs::open(directory.path());
        assert!(!incoming.exists());
    }

    #[test]
    fn a_blob_goes_when_nothing_refers_to_it_or_is_about_to() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(directory.path());
        let keep = || {
            let mut incoming = blobs.incoming().unwrap();
            incoming.write_all(b"abc").unwrap();
            blobs.keep(tenant(7), incoming).unwrap()
        };
        let (first, second) = (keep(), keep());
        let hash = first.hash;
        let sweep = |before, used| blobs.sweep(before, |_, _| Ok(used)).unwrap();
        drop(first);
        assert_eq!(sweep(LATER, false), 0, "the second still holds it");
        drop(second);
        assert_eq!(sweep(LATER, true), 0, "something refers to it");
        assert_eq!(sweep(Timestamp::from_millis(0), false), 0, "it is too young");
        assert!(blobs.read(tenant(7), hash).is_ok());
        assert_eq!(sweep(LATER, false), 1);
        assert!(blobs.read(tenant(7), hash).is_err());
        assert!(!directory.path().join(tenant(7).to_string()).exists(), "an empty directory goes, too");
    }
}
