//! `[backup]`: when backups are made, where, and how many are kept.

use std::{path::PathBuf, time::Duration};

use super::{days, mib};
use crate::config::{keys::section, values::Whole};

section! {
    /// Backups: one compressed file each, made while the program serves, with all that is needed to go on on another
    /// machine.
    Backup {
        /// Where they are; "" for the directory backups in the data directory. On another disk they outlast this
        /// one.
        directory: Option<PathBuf> = None,
        /// How old the newest may get before another is made, in seconds. 0 makes none by itself.
        every_s: Whole<0, 31_536_000> = Whole::constant::<86_400>(),
        /// How many are kept.
        kept: Whole<1, 10_000> = Whole::constant::<14>(),
        /// Days after which one goes, unless it is the newest.
        kept_days: Whole<1, 36_500> = Whole::constant::<90>(),
        /// The size of all backups together, in MiB. The oldest go first; the newest stays in any case.
        kept_mib: Whole<1, 16_777_216> = Whole::constant::<8192>(),
        /// Whether the keys of the data directory go along: without them second factors have to be set up anew
        /// on another machine. With them, whoever has a backup has everything: keep it like the data itself.
        include_keys: bool = true,
    }
}

impl Backup {
    /// How old the newest may get; none if none are made by themselves.
    pub fn every(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.every_s.get().into())).filter(|every| !every.is_zero())
    }

    /// How old they get.
    pub fn kept_for(&self) -> Duration {
        days(self.kept_days.get())
    }

    /// The size of all together, in bytes.
    pub fn kept_bytes(&self) -> u64 {
        mib(self.kept_mib.get())
    }
}
