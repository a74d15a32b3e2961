//! Reading a backup: every member is hashed and compared with what the backup says of it, and the data in it is opened and
//! its audit chains are walked. What is read may be anybody's: nothing is taken for a path, a size or a text before it was
//! looked at.

use std::{
    collections::BTreeSet,
    fs::{DirBuilder, File},
    io::{self, BufReader, Read},
    os::{fd::AsRawFd, unix::fs::DirBuilderExt},
    path::{Path, PathBuf},
};

use rustix::fs::fstatvfs;
use sha2::{Digest, Sha256};
use tar::{Archive, Entry, EntryType};
use zstd::Decoder;

use super::{
    BackupError,
    manifest::{Manifest, Member, Opening},
    members::{Order, Role, STORE},
    packing::{SEAL_BYTES, Stopped, new_file, pour, seal},
};
use crate::{
    domain::to_hex,
    store::{
        copies::{CopyContent, inspect},
        engine::Pace,
    },
};

/// The largest first member.
const OPENING_BYTES_MAX: u64 = 64 * 1_024;
/// The largest last member: it has a line for every uploaded file.
const MANIFEST_BYTES_MAX: u64 = 256 * 1_024 * 1_024;
/// What may stand behind the last member: the zeros with which tar ends, and fills up.
const TRAILER_BYTES_MAX: u64 = 1_024 * 1_024;
/// The farthest that zstd may look back, as a power of two: 8 MiB of memory.
const WINDOW_LOG_MAX: u32 = 23;
/// What is left free on a disk onto which a backup is taken out.
const FREE_BYTES_MIN: u64 = 16 * 1_024 * 1_024;

/// A backup that was read as a whole and is sound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedBackup {
    /// What it says about itself, which is so.
    pub manifest: Manifest,
    /// What is in its data file.
    pub content: CopyContent,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// Where what is in a backup is put.
#[derive(Clone, Copy)]
pub(super) enum Into<'a> {
    /// Nowhere, but for the data, which has to be looked at.
    Nothing {
        /// The file for it.
        store: &'a Path,
    },
    /// Into a directory, member by member.
    Directory(&'a Path),
}

impl Into<'_> {
    fn path_of(&self, role: Role, member: &str) -> Option<PathBuf> {
        match (self, role) {
            (_, Role::Opening | Role::Manifest) => None,
            (Self::Nothing { store }, Role::Store) => Some((*store).to_owned()),
            (Self::Nothing { .. }, _) => None,
            (Self::Directory(directory), _) => Some(directory.join(member)),
        }
    }
}

/// Reads a backup as a whole and says what is in it. Of the data a temporary file is made, which has no name.
///
/// # Errors
/// It is no backup, not whole, altered, of a newer format, or cannot be read.
pub fn verify_backup(file: &Path, pace: &mut Pace<'_>) -> Result<VerifiedBackup, BackupError> {
    let beside = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::tempfile_in(beside).or_else(|_| tempfile::tempfile());
    let temporary = temporary.map_err(BackupError::at(beside))?;
    let store = PathBuf::from(format!("/proc/self/fd/{}", temporary.as_raw_fd()));
    read(file, Into::Nothing { store: &store }, pace)
}

/// A file whose bytes are hashed as they are read.
struct Hashed {
    file: File,
    hash: Sha256,
    /// The hash of what its seal is of.
    sealed: Sha256,
    /// How long that is.
    sealed_bytes: u64,
    bytes: u64,
}

impl Read for Hashed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(out)?;
        let read = out.get(..count).unwrap_or_default();
        self.hash.update(read);
        let sealed = usize::try_from(self.sealed_bytes.saturating_sub(self.bytes)).unwrap_or(usize::MAX);
        self.sealed.update(read.get(..sealed.min(count)).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Reads a backup, and puts what is in it somewhere.
pub(super) fn read(file: &Path, into: Into<'_>, pace: &mut Pace<'_>) -> Result<VerifiedBackup, BackupError> {
    let opened = File::open(file).map_err(BackupError::at(file))?;
    let metadata = opened.metadata().map_err(BackupError::at(file))?;
    if !metadata.is_file() {
        return Err(BackupError::foreign());
    }
    let sealed_bytes = metadata.len().saturating_sub(SEAL_BYTES);
    let hashed = Hashed { file: opened, hash: Sha256::new(), sealed: Sha256::new(), sealed_bytes, bytes: 0 };
    let mut stream = Decoder::new(hashed).map_err(BackupError::at(file))?.single_frame();
    stream.window_log_max(WINDOW_LOG_MAX).map_err(BackupError::at(file))?;
    let mut archive = Archive::new(stream);
    let read = members(&mut archive, into, pace)?;
    let mut stream = archive.into_inner();
    trailer(&mut stream)?;
    let (mut rest, mut behind) = (stream.finish(), Vec::new());
    rest.by_ref().take(SEAL_BYTES + 1).read_to_end(&mut behind).map_err(BackupError::at(file))?;
    let Hashed { hash, sealed, bytes, .. } = rest.into_inner();
    match behind.len() as u64 {
        SEAL_BYTES if behind == seal(&sealed.finalize()) => {}
        SEAL_BYTES => return Err(BackupError::unsound("it was altered")),
        length if length < SEAL_BYTES => return Err(BackupError::unsound("it is cut short")),
        _ => return Err(BackupError::unsound("something stands behind its end")),
    }
    let store = match into {
        Into::Nothing { store } => store.to_owned(),
        Into::Directory(directory) => directory.join(STORE),
    };
    let content = inspect(&store).map_err(|error| BackupError::unsound(format!("in it, {error}")))?;
    if !read.is_of(&content) {
        return Err(BackupError::unsound("the data in it is not what it says"));
    }
    Ok(VerifiedBackup { manifest: read, content, sha256: to_hex(&hash.finalize()), bytes })
}

/// An error of the libraries, which is that of a file that is not whole or was altered.
fn odd(error: &io::Error) -> BackupError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => BackupError::unsound("it is cut short"),
        _ => BackupError::unsound("it is damaged, or no backup"),
    }
}

fn members(
    archive: &mut Archive<Decoder<'_, BufReader<Hashed>>>,
    into: Into<'_>,
    pace: &mut Pace<'_>,
) -> Result<Manifest, BackupError> {
    let (mut order, mut opening, mut manifest) = (Order::default(), None, None);
    let (mut found, mut paths) = (Vec::new(), BTreeSet::new());
    // Raw: no extension makes a path or a size something else than what stands there.
    for entry in archive.entries().map_err(|error| odd(&error))?.raw(true) {
        let mut entry = entry.map_err(|error| first_odd(&error, opening.is_none()))?;
        let (role, member) = order.next(&entry.path_bytes())?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(BackupError::unsound(format!("{member} in it is not a plain file")));
        }
        match role {
            Role::Opening => opening = Some(Opening::read(&whole(&mut entry, OPENING_BYTES_MAX)?)?),
            Role::Manifest => {
                let bytes = whole(&mut entry, MANIFEST_BYTES_MAX)?;
                let read: Manifest = serde_json::from_slice(&bytes)
                    .map_err(|_| BackupError::unsound("its manifest is odd"))?;
                manifest = Some(read);
            }
            Role::Store | Role::Key | Role::Blob => {
                if !paths.insert(member.clone()) {
                    return Err(BackupError::unsound(format!("{member} is in it twice")));
                }
                found.push(take_out(&mut entry, into, role, member, pace)?);
            }
        }
    }
    if opening.is_none() {
        return Err(BackupError::foreign());
    }
    let whole = opening.zip(manifest).filter(|_| order.is_over());
    let Some((opening, manifest)) = whole else { return Err(BackupError::unsound("it is cut short")) };
    if !manifest.belongs_to(&opening) || manifest.members != found {
        return Err(BackupError::unsound("what is in it is not what it says"));
    }
    Ok(manifest)
}

/// Before the first member was read, nothing says that this is a backup.
fn first_odd(error: &io::Error, first: bool) -> BackupError {
    if first && error.kind() != io::ErrorKind::UnexpectedEof { BackupError::foreign() } else { odd(error) }
}

/// The bytes of a small member.
fn whole(entry: &mut Entry<'_, impl Read>, bytes_max: u64) -> Result<Vec<u8>, BackupError> {
    let size = entry.size();
    if size > bytes_max {
        return Err(BackupError::unsound("a part of it is larger than any is"));
    }
    let mut bytes = Vec::new();
    entry.take(size).read_to_end(&mut bytes).map_err(|error| odd(&error))?;
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(BackupError::unsound("it is cut short")) }
}

fn take_out(
    entry: &mut Entry<'_, impl Read>,
    into: Into<'_>,
    role: Role,
    member: String,
    pace: &mut Pace<'_>,
) -> Result<Member, BackupError> {
    let size = entry.size();
    let path = into.path_of(role, &member);
    let poured = match &path {
        Some(path) => {
            let mut file = place(path, into, size)?;
            let poured = pour(entry, &mut file, pace);
            if poured.is_ok() {
                file.sync_all().map_err(BackupError::at(path))?;
            }
            poured
        }
        None => pour(entry, &mut io::sink(), pace),
    };
    let (bytes, sha256) = poured.map_err(|stopped| match stopped {
        Stopped::Ended => BackupError::Ended,
        Stopped::Reading(error) => odd(&error),
        Stopped::Writing(error) => BackupError::at(path.as_deref().unwrap_or(Path::new(&member)))(error),
    })?;
    if bytes != size {
        return Err(BackupError::unsound("it is cut short"));
    }
    Ok(Member { path: member, bytes, sha256 })
}

/// A file for a member, on a disk that has room for as much as the member says to have.
fn place(path: &Path, into: Into<'_>, size: u64) -> Result<File, BackupError> {
    let opened = match into {
        Into::Nothing { .. } => File::options().read(true).write(true).open(path),
        Into::Directory(_) => {
            let made = path
                .parent()
                .map_or(Ok(()), |parent| DirBuilder::new().recursive(true).mode(0o700).create(parent));
            made.and_then(|()| new_file(path))
        }
    };
    let file = opened.map_err(BackupError::at(path))?;
    let room = fstatvfs(&file).map_err(|error| BackupError::at(path)(error.into()))?;
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    if size > free.saturating_sub(FREE_BYTES_MIN) {
        return Err(BackupError::NoRoom { needed: size, free });
    }
    Ok(file)
}

/// Reads to the end of the stream, where its checksum is compared.
fn trailer(stream: &mut impl Read) -> Result<(), BackupError> {
    let (mut part, mut bytes) = ([0; 4_096], 0);
    loop {
        match stream.read(&mut part) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                bytes += count as u64;
                let zeros = part.get(..count).unwrap_or_default().iter().all(|byte| *byte == 0);
                if !zeros || bytes > TRAILER_BYTES_MAX {
                    return Err(BackupError::unsound("something stands behind its last member"));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(odd(&error)),
        }
    }
}
