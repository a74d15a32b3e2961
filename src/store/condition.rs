//! Whether the store can be written, and if not, why. Everybody asks here: writes before they queue, the edge for its
//! answers, the supervisor for what it has to heal. May use `telemetry` only.

use std::{
    fmt,
    sync::{
        atomic::{AtomicU8, Ordering},
        mpsc::SyncSender,
    },
};

use super::engine::EngineError;
use crate::telemetry::metrics;

/// Why nothing can be written, while what is there can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Trouble {
    /// The device or the quota has no room.
    DiskFull = 1,
    /// There is less room than the configured floor.
    LowSpace = 2,
    /// The device fails.
    Failing = 3,
    /// What is stored contradicts itself.
    Damaged = 4,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::DiskFull, Self::LowSpace, Self::Failing, Self::Damaged];

    /// Its word, for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::LowSpace => "low_space",
            Self::Failing => "io_error",
            Self::Damaged => "damaged",
        }
    }

    /// Whether room on the disk would end it.
    pub const fn is_of_room(self) -> bool {
        matches!(self, Self::DiskFull | Self::LowSpace)
    }

    /// What a failure of the engine means.
    pub(super) const fn of(error: &EngineError) -> Self {
        match error {
            EngineError::Full(_) => Self::DiskFull,
            EngineError::Damaged(_) => Self::Damaged,
            _ => Self::Failing,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DiskFull => "the disk is full",
            Self::LowSpace => "the disk is nearly full",
            Self::Failing => "the disk fails",
            Self::Damaged => "the data file is damaged",
        })
    }
}

/// What the supervisor is woken for.
pub(super) enum Wake {
    /// Writing has failed.
    Trouble,
    /// Reading a published state has failed.
    ReadFailed {
        /// Which state.
        publication: u64,
    },
    /// The store closes.
    Stop,
}

/// Whether the store can be written.
pub(super) struct Condition {
    trouble: AtomicU8,
    wakes: SyncSender<Wake>,
}

impl Condition {
    /// All is well; `wakes` leads to the supervisor.
    pub(super) fn new(wakes: SyncSender<Wake>) -> Self {
        Self { trouble: AtomicU8::new(0), wakes }
    }

    /// Why nothing can be written; none if all is well.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let code = self.trouble.load(Ordering::Acquire);
        Trouble::ALL.into_iter().find(|trouble| *trouble as u8 == code)
    }

    /// From now on nothing is written.
    pub(super) fn enter(&self, trouble: Trouble, what: &dyn fmt::Display) {
        if self.trouble.swap(trouble as u8, Ordering::AcqRel) == trouble as u8 {
            return;
        }
        gauge(Some(trouble));
        tracing::error!(reason = trouble.word(), %what, "the store is read-only: {trouble}");
        self.wake(Wake::Trouble);
    }

    /// It can be written again.
    pub(super) fn leave(&self) {
        let code = self.trouble.swap(0, Ordering::AcqRel);
        if let Some(trouble) = Trouble::ALL.into_iter().find(|trouble| *trouble as u8 == code) {
            gauge(None);
            tracing::warn!(reason = trouble.word(), "the store can be written again");
        }
    }

    /// Tells the supervisor. One that has not seen the last message yet looks at everything anyway.
    pub(super) fn wake(&self, wake: Wake) {
        let _ = self.wakes.try_send(wake);
    }

    /// Tells the supervisor that the store closes.
    pub(super) fn stop(&self) {
        // It is gone if it panicked, and then it need not be told.
        let _ = self.wakes.send(Wake::Stop);
    }
}

fn gauge(now: Option<Trouble>) {
    for trouble in Trouble::ALL {
        let value = if now == Some(trouble) { 1.0 } else { 0.0 };
        ::metrics::gauge!(metrics::STORE_READ_ONLY, "reason" => trouble.word()).set(value);
    }
}
