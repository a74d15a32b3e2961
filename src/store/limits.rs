//! Limits of the store: what may wait, and for how long. Uses nothing.

use std::time::Duration;

/// Limits of the store.
#[derive(Clone, Copy, Debug)]
pub struct StoreLimits {
    /// Operations that may wait.
    pub queue: usize,
    /// Operations a commit.
    pub batch: usize,
    /// How long an operation may wait for the writer.
    pub queue_wait: Duration,
    /// How soon after a failure of the disk it is tried again; from then on ever later.
    pub heal_after: Duration,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            queue: 1_024,
            batch: 256,
            queue_wait: Duration::from_secs(2),
            heal_after: Duration::from_millis(250),
        }
    }
}
