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
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}
