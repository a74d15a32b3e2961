//! Points in time on the monotonic clock, as the breaker reckons with them. Uses nothing.

use std::{
    ops::{Add, Sub},
    time::Duration,
};

/// A point in time, in nanoseconds since the process' clock began. One before that is negative: a circuit that was opened
/// by an earlier process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Moment(i64);

impl Moment {
    /// After so long.
    pub fn after(elapsed: Duration) -> Self {
        Self(nanos(elapsed))
    }

    /// The time since an earlier point; zero if that was later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whether so much time has passed since an earlier point. Quicker than to compare [`Self::since`], which divides.
    pub fn is_after(self, earlier: Self, span: Duration) -> bool {
        self.0.saturating_sub(earlier.0) >= nanos(span)
    }

    /// The microseconds since an earlier point; an hour and more is as long as that.
    pub fn micros_since(self, earlier: Self) -> u32 {
        u32::try_from(self.0.saturating_sub(earlier.0).max(0) / 1_000).unwrap_or(u32::MAX)
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanos(span)))
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(span)))
    }
}

fn nanos(span: Duration) -> i64 {
    let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(span.subsec_nanos()))
}
