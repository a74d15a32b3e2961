//! Room on the disk: how much there is, the floor below which nothing more is written, and a reserve that is given up
//! first when the disk is full, so that the data file can be closed and opened again.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// The reserve's file in the data directory.
const RESERVE: &str = "reserve";

/// The part of the floor that must be free beyond it before writing goes on.
const HYSTERESIS: u64 = 4;

/// The least that must be free beyond it, also without a floor: a disk that has been full is not tried byte by byte.
const HYSTERESIS_MIN: u64 = 1_024 * 1_024;

/// The room on the disk of a data directory.
pub struct Room {
    directory: PathBuf,
    reserve_bytes: u64,
    floor_bytes: u64,
}

impl Room {
    /// The room of a directory.
    pub fn new(directory: &Path, reserve_bytes: u64, floor_bytes: u64) -> Self {
        Self { directory: directory.to_owned(), reserve_bytes, floor_bytes }
    }

    /// Bytes that can still be written, without the reserve.
    ///
    /// # Errors
    /// When the file system cannot be asked.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let found = statvfs(&self.directory)?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Whether so little is free that nothing more may be written.
    pub(super) const fn is_low(&self, free: u64) -> bool {
        free < self.floor_bytes
    }

    /// Whether so much is free that writing may go on, with this many bytes more in use.
    pub(super) const fn is_enough(&self, free: u64, more: u64) -> bool {
        let quarter = self.floor_bytes / HYSTERESIS;
        let beyond = if quarter > HYSTERESIS_MIN { quarter } else { HYSTERESIS_MIN };
        free >= self.floor_bytes.saturating_add(beyond).saturating_add(more)
    }

    /// The bytes that the reserve still lacks.
    pub(super) fn missing_bytes(&self) -> u64 {
        let there = fs::metadata(self.path()).map_or(0, |file| (file.blocks() * 512).min(file.len()));
        self.reserve_bytes.saturating_sub(there)
    }

    /// Makes the reserve as large as it is to be. It is really there: a file with holes would be no reserve.
    ///
    /// # Errors
    /// When there is no room for it; then there is none.
    pub(super) fn make_reserve(&self) -> io::Result<()> {
        if self.reserve_bytes == 0 {
            return self.give_up_reserve();
        }
        let made = self.try_make();
        if made.is_err() {
            self.give_up_reserve()?;
        }
        made
    }

    fn try_make(&self) -> io::Result<()> {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(self.path())?;
        if file.metadata()?.len() > self.reserve_bytes {
            file.set_len(self.reserve_bytes)?;
        }
        match fallocate(&file, FallocateFlags::empty(), 0, self.reserve_bytes) {
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
                write_out(&mut file, self.reserve_bytes)
            }
            allocated => Ok(allocated?),
        }
    }

    /// Gives the reserve up, for what has to be written now.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn give_up_reserve(&self) -> io::Result<()> {
        match fs::remove_file(self.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.join(RESERVE)
    }
}

/// For file systems that cannot set room aside without writing it.
fn write_out(file: &mut File, bytes: u64) -> io::Result<()> {
    let zeros = vec![0; 64 * 1_024];
    let mut left = bytes;
    while left > 0 {
        let now = usize::try_from(left).map_or(zeros.len(), |left| left.min(zeros.len()));
        file.write_all(zeros.get(..now).unwrap_or_default())?;
        left -= now as u64;
    }
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Room;

    const MIB: u64 = 1_024 * 1_024;

    #[test]
    fn the_reserve_is_really_there_and_goes_when_it_is_given_up() {
        let directory = tempfile::tempdir().unwrap();
        let room = Room::new(directory.path(), MIB, 0);
        assert_eq!(room.missing_bytes(), MIB);
        room.make_reserve().unwrap();
        room.make_reserve().unwrap();
        assert_eq!((room.missing_bytes(), fs::metadata(room.path()).unwrap().len()), (0, MIB));
        Room::new(directory.path(), MIB / 2, 0).make_reserve().unwrap();
        assert_eq!(fs::metadata(room.path()).unwrap().len(), MIB / 2, "it shrinks with its setting");
        fs::File::create(room.path()).unwrap().set_len(MIB).unwrap();
        assert_eq!(room.missing_bytes(), MIB, "holes are no reserve");
        room.give_up_reserve().unwrap();
        room.give_up_reserve().unwrap();
        assert!(!room.path().exists());
    }

    #[test]
    fn a_reserve_that_does_not_fit_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let room = Room::new(directory.path(), 1 << 60, 0);
        assert!(room.make_reserve().is_err());
        assert!(!room.path().exists());
    }

    #[test]
    fn writing_goes_on_only_well_above_the_floor() {
        let directory = tempfile::tempdir().unwrap();
        let room = Room::new(directory.path(), 0, 8 * MIB);
        assert!(room.is_low(8 * MIB - 1) && !room.is_low(8 * MIB));
        assert!(!room.is_enough(10 * MIB - 1, 0) && room.is_enough(10 * MIB, 0));
        assert!(!room.is_enough(10 * MIB, 1), "what is written next counts, too");
        let room = Room::new(directory.path(), 0, 0);
        assert!(!room.is_low(0) && !room.is_enough(MIB - 1, 0) && room.is_enough(MIB, 0));
        assert!(room.free_bytes().unwrap() > 0);
    }
}
