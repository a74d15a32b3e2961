//! Writing a backup: a tar stream, compressed with zstd, member after member, whatever their size. Each is hashed as it
//! passes.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use sha2::{Digest, Sha256};
use tar::{EntryType, Header};
use zstd::Encoder;

use super::{
    BackupError,
    manifest::{Manifest, Member, Opening},
    members::{MANIFEST, OPENING},
};
use crate::{
    domain::{Timestamp, to_hex},
    store::engine::Pace,
};

/// What zstd takes for its default: further levels cost much more time than they save room.
const LEVEL: i32 = 3;

/// Bytes between two looks at the pace.
const STEP: usize = 256 * 1_024;

/// Bytes after which what was written is made durable, so that the commit of a score never waits for very many of them.
const SYNCED_AFTER: u64 = 4 * 1_024 * 1_024;

/// The unit of tar.
const BLOCK: u64 = 512;

/// With these tar fills blocks up, and two blocks of them say that nothing more comes.
const ZEROS: [u8; 512] = [0; 512];

/// The length of a seal.
pub(super) const SEAL_BYTES: u64 = 8 + 32;

/// What stands behind the compressed stream: the SHA-256 of all before it, in a frame that zstd skips (RFC 8878, section
/// 3.1.2). Without it a bit that turns over in how something is compressed would not be seen when what is compressed stays
/// the same.
pub(super) fn seal(sha256: &[u8]) -> Vec<u8> {
    [&0x184D_2A50_u32.to_le_bytes()[..], &32_u32.to_le_bytes(), sha256].concat()
}

/// A file for one's own eyes that must not be there yet.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).read(true).create_new(true).mode(0o600).open(path)
}

/// A file that is made durable as it grows.
struct Durable {
    file: File,
    unsynced: u64,
    hash: Sha256,
}

impl Write for Durable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        self.unsynced += count as u64;
        if self.unsynced >= SYNCED_AFTER {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Why bytes did not get from one place to another.
pub(super) enum Stopped {
    /// The work was ended.
    Ended,
    /// They could not be read.
    Reading(io::Error),
    /// They could not be written.
    Writing(io::Error),
}

/// Lets bytes pass at a pace, until there are none. How many they were, and their SHA-256 in hexadecimal digits.
pub(super) fn pour(
    from: &mut dyn Read,
    to: &mut dyn Write,
    pace: &mut Pace<'_>,
) -> Result<(u64, String), Stopped> {
    let (mut part, mut hash, mut bytes) = (vec![0; STEP], Sha256::new(), 0_u64);
    loop {
        let count = match from.read(&mut part) {
            Ok(0) => return Ok((bytes, to_hex(&hash.finalize()))),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Stopped::Reading(error)),
        };
        let read = part.get(..count).unwrap_or_default();
        hash.update(read);
        to.write_all(read).map_err(Stopped::Writing)?;
        bytes += read.len() as u64;
        if pace().is_break() {
            return Err(Stopped::Ended);
        }
    }
}

/// A backup in the making.
pub(super) struct Packer<'a> {
    path: &'a Path,
    stream: Encoder<'static, Durable>,
    opening: Opening,
    changed_at: u64,
    members: Vec<Member>,
}

impl<'a> Packer<'a> {
    /// Begins one in a new file.
    pub(super) fn begin(path: &'a Path, opening: Opening, taken_at: Timestamp) -> Result<Self, BackupError> {
        let file = Durable {
            file: new_file(path).map_err(BackupError::at(path))?,
            unsynced: 0,
            hash: Sha256::new(),
        };
        let checked = |mut stream: Encoder<'static, Durable>| {
            stream.include_checksum(true)?;
            Ok(stream)
        };
        let stream = Encoder::new(file, LEVEL).and_then(checked).map_err(BackupError::at(path))?;
        let changed_at = u64::try_from(taken_at.millis() / 1_000).unwrap_or(0);
        let mut packer = Self { path, stream, opening, changed_at, members: Vec::new() };
        let opening = serde_json::to_vec(&packer.opening).map_err(io::Error::other);
        packer.small(OPENING, &opening.map_err(BackupError::at(path))?)?;
        packer.members.clear();
        Ok(packer)
    }

    /// Adds a file.
    pub(super) fn file(&mut self, member: &str, file: &Path, pace: &mut Pace<'_>) -> Result<(), BackupError> {
        let opened = File::open(file).and_then(|opened| Ok((opened.metadata()?.len(), opened)));
        let (size, opened) = opened.map_err(BackupError::at(file))?;
        self.put(member, size, &mut opened.take(size), file, pace)
    }

    /// Writes what is in it behind it, and everything to the disk.
    pub(super) fn end(
        mut self,
        manifest: impl FnOnce(&Opening, Vec<Member>) -> Manifest,
    ) -> Result<(), BackupError> {
        let manifest = manifest(&self.opening, std::mem::take(&mut self.members));
        let manifest = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other);
        self.small(MANIFEST, &manifest.map_err(BackupError::at(self.path))?)?;
        let (mut stream, path) = (self.stream, self.path);
        let ended = || -> io::Result<()> {
            stream.write_all(&[ZEROS, ZEROS].concat())?;
            let Durable { mut file, hash, .. } = stream.finish()?;
            file.write_all(&seal(&hash.finalize()))?;
            file.sync_all()
        };
        ended().map_err(BackupError::at(path))
    }

    fn small(&mut self, member: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let path = self.path;
        let mut go_on = || std::ops::ControlFlow::Continue(());
        self.put(member, bytes.len() as u64, &mut &*bytes, path, &mut go_on)
    }

    fn put(
        &mut self,
        member: &str,
        size: u64,
        from: &mut dyn Read,
        source: &Path,
        pace: &mut Pace<'_>,
    ) -> Result<(), BackupError> {
        let path = self.path;
        let mut header = Header::new_ustar();
        header.set_path(member).map_err(BackupError::at(source))?;
        header.set_entry_type(EntryType::Regular);
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(self.changed_at);
        header.set_cksum();
        self.stream.write_all(header.as_bytes()).map_err(BackupError::at(path))?;
        let (bytes, sha256) = pour(from, &mut self.stream, pace).map_err(|stopped| match stopped {
            Stopped::Ended => BackupError::Ended,
            Stopped::Reading(error) => BackupError::at(source)(error),
            Stopped::Writing(error) => BackupError::at(path)(error),
        })?;
        if bytes != size {
            return Err(BackupError::at(source)(io::Error::other("it became shorter while it was read")));
        }
        let padding = bytes.next_multiple_of(BLOCK) - bytes;
        let padding = ZEROS.get(..usize::try_from(padding).unwrap_or(0)).unwrap_or_default();
        self.stream.write_all(padding).map_err(BackupError::at(path))?;
        self.members.push(Member { path: member.to_owned(), bytes, sha256 });
        Ok(())
    }
}
