//! `[log]`: what is logged, where it is kept and for how long.

use std::{path::PathBuf, time::Duration};

use super::{days, mib, minutes};
use crate::config::{
    keys::section,
    values::{LogFilter, Whole},
};

section! {
    /// What is logged, where it is kept and for how long. Each request leaves one record at every level.
    Log {
        /// The least severe level that is written: "error", "warn", "info", "debug" or "trace", and after
        /// commas other levels for parts of the program, such as "info,event_manager::store=debug".
        level: LogFilter = LogFilter::default(),
        /// The directory of the log files; without it, "logs" in the data directory.
        dir: Option<PathBuf> = None,
        /// The size at which a log file is closed and the next one begun, in MiB.
        segment_mib: Whole<1, 1024> = Whole::constant::<64>(),
        /// The age at which a log file is closed and the next one begun, in minutes.
        segment_minutes: Whole<1, 1440> = Whole::constant::<60>(),
        /// How many days log files are kept.
        retention_days: Whole<1, 3650> = Whole::constant::<400>(),
        /// The size of all log files together, in MiB, finished ones packed. The oldest go first, however young they are.
        total_mib: Whole<16, 16_777_216> = Whole::constant::<4096>(),
        /// How much of the disk is to be free, in MiB. When less is, the oldest log files go, but never those of the last day.
        free_mib: Whole<0, 16_777_216> = Whole::constant::<1024>(),
        /// Whether the same lines go to standard output.
        stdout: bool = true,
        /// From which duration on a request is logged as slow, in milliseconds.
        slow_request_ms: Whole<1, 600_000> = Whole::constant::<500>(),
    }
}

impl Log {
    /// The size at which a log file is closed, in bytes.
    pub fn segment_bytes(&self) -> u64 {
        mib(self.segment_mib.get())
    }

    /// The age at which a log file is closed.
    pub fn segment_age(&self) -> Duration {
        minutes(self.segment_minutes.get())
    }

    /// The size of all log files together, in bytes.
    pub fn total_bytes(&self) -> u64 {
        mib(self.total_mib.get())
    }

    /// How much of the disk is to be free, in bytes.
    pub fn free_bytes(&self) -> u64 {
        mib(self.free_mib.get())
    }

    /// How long log files are kept.
    pub fn retention(&self) -> Duration {
        days(self.retention_days.get())
    }

    /// From which duration on a request is slow.
    pub fn slow_request(&self) -> Duration {
        Duration::from_millis(self.slow_request_ms.get().into())
    }
}
