//! The file that lines are written to: opening it, also when it is left from an earlier run or a failed disk,
//! appending, and finishing it under the name it keeps.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::segment_name::{ACTIVE, LineTime, SegmentName, TimeSpan};
use crate::domain::Timestamp;

/// What is known of the file without reading it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    inode: u64,
    bytes: u64,
    span: Option<TimeSpan>,
}

/// An open file that ends at the end of a line.
#[derive(Debug)]
pub(super) struct Active {
    dir: PathBuf,
    file: File,
    known: Known,
}

impl Active {
    /// Opens the file in a directory, and makes both if need be. A file that is there is continued: what was
    /// known of it holds if it has not changed since; otherwise it is read, and a torn last line is closed.
    pub(super) fn open(dir: &Path, known: Option<Known>) -> io::Result<Self> {
        make_private(dir)?;
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(dir.join(ACTIVE))?;
        let metadata = file.metadata()?;
        let (inode, bytes) = (metadata.ino(), metadata.len());
        let known = match known {
            Some(known) if (known.inode, known.bytes) == (inode, bytes) => known,
            _ if bytes == 0 => Known { inode, bytes, span: None },
            _ => {
                let (span, torn) = read(&dir.join(ACTIVE))?;
                if torn {
                    file.write_all(b"\n")?;
                }
                Known { inode, bytes: bytes + u64::from(torn), span }
            }
        };
        Ok(Self { dir: dir.to_owned(), file, known })
    }

    /// Appends whole lines. After an error what was written of them is taken back, as far as the disk lets.
    pub(super) fn append(&mut self, lines: &[u8], span: Option<TimeSpan>) -> io::Result<()> {
        if let Err(error) = self.file.write_all(lines) {
            // If this fails too, the next opening sees another length and reads the file anew.
            let _ = self.file.set_len(self.known.bytes);
            return Err(error);
        }
        self.known.bytes += lines.len() as u64;
        self.known.span = TimeSpan::joined(self.known.span.take(), span);
        Ok(())
    }

    /// Whether the file still has a name: one that was removed takes lines, but nobody will ever see them.
    pub(super) fn is_there(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.nlink() > 0)
    }

    /// What is known of the file, for opening it again.
    pub(super) fn known(&self) -> Known {
        self.known.clone()
    }

    /// Its size.
    pub(super) const fn bytes(&self) -> u64 {
        self.known.bytes
    }

    /// The time of its first line, once it has one.
    pub(super) fn begun(&self) -> Option<Timestamp> {
        self.known.span.as_ref()?.first.timestamp()
    }

    /// Gives the file its final name, if it has lines.
    pub(super) fn finish(&self) -> io::Result<()> {
        let Some(span) = &self.known.span else {
            return Ok(());
        };
        for number in 0..=u16::MAX {
            let path = self.dir.join(SegmentName::new(span, number).to_string());
            if !path.try_exists()? {
                return fs::rename(self.dir.join(ACTIVE), path);
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// Makes a directory that nobody else reads: logs name people and what they did.
pub(super) fn make_private(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// The times of a file's lines, and whether its last line lacks an end.
fn read(path: &Path) -> io::Result<(Option<TimeSpan>, bool)> {
    let mut reader = BufReader::with_capacity(64 * 1024, File::open(path)?);
    let (mut span, mut torn, mut line) = (None, false, Vec::new());
    while reader.read_until(b'\n', &mut line)? > 0 {
        if let Some(time) = LineTime::of(&line) {
            span = Some(TimeSpan::over(span, time));
        }
        torn = !line.ends_with(b"\n");
        line.clear();
    }
    Ok((span, torn))
}
