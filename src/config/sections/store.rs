//! `[store]`: where the data lies, and how writes are gathered into commits.

use std::{path::PathBuf, time::Duration};

use super::mib;
use crate::config::{keys::section, values::Whole};

section! {
    /// Where the data lies, and how writes are gathered into commits.
    Store {
        /// The directory of all data; it is made when missing. A relative path starts at the directory in
        /// which the program is started.
        data_dir: PathBuf = PathBuf::from("./data"),
        /// Memory for pages of the data file, in MiB.
        cache_mib: Whole<1, 4096> = Whole::constant::<64>(),
        /// How many writes may wait for a commit. Further ones are refused with 503 store_busy.
        queue: Whole<16, 65_536> = Whole::constant::<1024>(),
        /// How many writes share one commit at most.
        batch: Whole<1, 1024> = Whole::constant::<256>(),
        /// How long a write may wait for its commit before it is refused with 503 store_busy, in
        /// milliseconds.
        queue_wait_ms: Whole<10, 60_000> = Whole::constant::<2000>(),
        /// Room that is set aside on the disk, in MiB. It is given up first when the disk is full, so that the
        /// data stays readable and writing resumes as soon as there is room again.
        reserve_mib: Whole<0, 65_536> = Whole::constant::<64>(),
        /// The free space on the disk below which nothing more is written, in MiB, before the disk is full.
        /// Writing goes on by itself when a quarter more is free.
        free_floor_mib: Whole<0, 1_048_576> = Whole::constant::<64>(),
        /// Up to which size the whole data file is checked at each start, in MiB: about 6 ms a MiB. One that
        /// was not closed cleanly is checked whatever its size.
        check_mib: Whole<0, 1_048_576> = Whole::constant::<16>(),
        /// How old the newest verified copy in the data directory may get while things change, in seconds.
        /// 0 makes no copies.
        copy_every_s: Whole<0, 604_800> = Whole::constant::<3600>(),
        /// How many copies are kept: the newest of each hour for a day, and of each day for a fortnight.
        copies_kept: Whole<1, 1000> = Whole::constant::<40>(),
        /// The size of all copies together, in MiB. The oldest go first; the newest stays in any case.
        copies_mib: Whole<1, 16_777_216> = Whole::constant::<4096>(),
    }
}

impl Store {
    /// Memory for pages of the data file, in bytes.
    pub fn cache_bytes(&self) -> usize {
        self.cache_mib.as_usize() * 1024 * 1024
    }

    /// How long a write may wait for its commit.
    pub fn queue_wait(&self) -> Duration {
        Duration::from_millis(self.queue_wait_ms.get().into())
    }

    /// Room that is set aside, in bytes.
    pub fn reserve_bytes(&self) -> u64 {
        mib(self.reserve_mib.get())
    }

    /// The free space below which nothing more is written, in bytes.
    pub fn free_floor_bytes(&self) -> u64 {
        mib(self.free_floor_mib.get())
    }

    /// Up to which size the data file is checked at each start, in bytes.
    pub fn check_bytes(&self) -> u64 {
        mib(self.check_mib.get())
    }

    /// How old the newest copy may get; none if no copies are made.
    pub fn copy_every(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.copy_every_s.get().into())).filter(|every| !every.is_zero())
    }

    /// The size of all copies together, in bytes.
    pub fn copies_bytes(&self) -> u64 {
        mib(self.copies_mib.get())
    }
}
