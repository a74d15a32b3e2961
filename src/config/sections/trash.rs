//! `[trash]`: how long deleted things are kept.

use std::time::Duration;

use super::days;
use crate::config::{keys::section, values::Whole};

section! {
    /// How long deleted things are kept.
    Trash {
        /// Days after which a deleted thing is destroyed for good; 0 keeps everything for ever.
        retention_days: Whole<0, 36_500> = Whole::constant::<0>(),
    }
}

impl Trash {
    /// How long deleted things are kept; for ever if there is none.
    pub fn retention(&self) -> Option<Duration> {
        Some(self.retention_days.get()).filter(|count| *count > 0).map(days)
    }
}
