//! Charts of the key metrics: what they were over the last hours and weeks, kept in a file of fixed size, so that nobody needs
//! a Prometheus to see how the box fares. Uses `domain` and the rest of `telemetry`.

mod catalogue;
mod points;
mod record;
mod rings;
mod sampler;

use std::{io, path::Path};

use parking_lot::Mutex;

pub use self::{
    catalogue::Unit,
    points::{ChartRange, ChartSeries, Points},
    rings::{RINGS, Ring},
};
use self::{rings::Rings, sampler::Sampler};
use super::{clock::Clock, metrics::MetricsHandle};
use crate::domain::Timestamp;

/// How often the metrics are looked at.
pub const SAMPLED_EVERY: std::time::Duration = std::time::Duration::from_secs(RINGS[0].step_s);

/// The metrics of the past and of now.
pub struct Charts {
    metrics: MetricsHandle,
    clock: Clock,
    kept: Mutex<Kept>,
}

struct Kept {
    sampler: Sampler,
    /// None if there is nowhere to keep them: then nothing is shown.
    rings: Option<Rings>,
}

impl Charts {
    /// Charts that are kept nowhere.
    pub fn new(metrics: MetricsHandle, clock: Clock) -> Self {
        Self { metrics, clock, kept: Mutex::new(Kept { sampler: Sampler::default(), rings: None }) }
    }

    /// Keeps them in a file from now on, with what is there already. A file that is none of charts, or of other ones, is put
    /// aside. Nothing of that keeps anybody from anything else, so it is told in the log alone.
    pub fn keep_in(&self, file: &Path) {
        match Rings::open(file) {
            Ok(rings) => self.kept.lock().rings = Some(rings),
            Err(error) => {
                tracing::error!(%error, file = %file.display(), "there are no charts, because they cannot be kept");
            }
        }
    }

    /// Looks at the metrics, and keeps what they say. It waits for the disk.
    ///
    /// # Errors
    /// It cannot be kept; the next look is not concerned.
    pub fn look(&self) -> io::Result<()> {
        let mut kept = self.kept.lock();
        let Kept { sampler, rings: Some(rings) } = &mut *kept else { return Ok(()) };
        let record = sampler.sample(&self.metrics.reading(), self.clock.monotonic());
        rings.add(seconds(self.clock.now()), &record)
    }

    /// What the metrics were in a stretch of time that ends at a time, or now. It waits for the disk.
    ///
    /// # Errors
    /// What is kept cannot be read.
    pub fn points(&self, range: ChartRange, until: Option<Timestamp>) -> io::Result<Points> {
        let now = seconds(self.clock.now());
        points::read(self.kept.lock().rings.as_ref(), range, until.map_or(now, seconds), now)
    }
}

const fn seconds(time: Timestamp) -> i64 {
    time.millis().div_euclid(1_000)
}
