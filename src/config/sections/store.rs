//! `[store]`: where the data lies, and how writes are gathered into commits.

use std::{path::PathBuf, time::Duration};

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
}
