//! The outcomes that count: an exact window, evicted by age or by number each time one is added. Uses nothing.

use std::{collections::VecDeque, time::Duration};

use super::{
    moment::Moment,
    settings::{WINDOW_CALLS_MAX, WindowSpan},
};

/// An outcome that counts.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    ended: Moment,
    /// How long it took, in microseconds; an hour and more is as long as that.
    took: u32,
    failed: bool,
    slow: bool,
}

/// The outcomes that count, with their numbers.
#[derive(Debug, Default)]
pub struct Window {
    outcomes: VecDeque<Outcome>,
    failures: u32,
    slow: u32,
    /// Whether outcomes were left out although they are young enough.
    truncated: bool,
}

/// What a window holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WindowCounts {
    /// Calls.
    pub calls: u32,
    /// Calls that failed.
    pub failures: u32,
    /// Calls that were slow.
    pub slow: u32,
    /// Whether it is the last [`WINDOW_CALLS_MAX`] calls of more.
    pub truncated: bool,
}

/// How long the calls of a window took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Percentiles {
    /// Half of them were as quick.
    pub p50: Duration,
    /// Of twenty, nineteen were.
    pub p95: Duration,
    /// Of a hundred, ninety-nine were.
    pub p99: Duration,
}

impl Window {
    /// Adds an outcome that ends now and took so many microseconds. Times ascend.
    pub fn add(&mut self, span: WindowSpan, now: Moment, took: u32, (failed, slow): (bool, bool)) {
        self.outcomes.push_back(Outcome { ended: now, took, failed, slow });
        self.failures += u32::from(failed);
        self.slow += u32::from(slow);
        self.evict(span, now);
        if self.outcomes.len() > WINDOW_CALLS_MAX {
            self.drop_oldest();
            self.truncated = true;
        }
    }

    /// Drops what does not count any more.
    pub fn evict(&mut self, span: WindowSpan, now: Moment) {
        match span {
            WindowSpan::Time(span) => {
                while self.outcomes.front().is_some_and(|oldest| now.is_after(oldest.ended, span)) {
                    self.drop_oldest();
                    self.truncated = false;
                }
            }
            WindowSpan::Calls(calls) => {
                while self.outcomes.len() > calls {
                    self.drop_oldest();
                }
            }
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.outcomes.pop_front() {
            self.failures -= u32::from(oldest.failed);
            self.slow -= u32::from(oldest.slow);
        }
    }

    /// Empties it, and gives back memory that a storm has taken.
    pub fn clear(&mut self) {
        self.outcomes.clear();
        self.outcomes.shrink_to(64);
        (self.failures, self.slow, self.truncated) = (0, 0, false);
    }

    /// What it holds.
    pub fn counts(&self) -> WindowCounts {
        let calls = u32::try_from(self.outcomes.len()).unwrap_or(u32::MAX);
        WindowCounts { calls, failures: self.failures, slow: self.slow, truncated: self.truncated }
    }

    /// How long its calls took (nearest rank); nothing if there are none.
    pub fn percentiles(&self) -> Option<Percentiles> {
        let mut took: Vec<u32> = self.outcomes.iter().map(|outcome| outcome.took).collect();
        took.sort_unstable();
        let rank = |percent: usize| {
            let index = (took.len() * percent).div_ceil(100).saturating_sub(1);
            took.get(index).map(|micros| Duration::from_micros((*micros).into()))
        };
        Some(Percentiles { p50: rank(50)?, p95: rank(95)?, p99: rank(99)? })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Moment, WINDOW_CALLS_MAX, Window, WindowSpan};

    fn at(millis: u64) -> Moment {
        Moment::after(Duration::from_millis(millis))
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let mut window = Window::default();
        assert_eq!(window.percentiles(), None);
        for millis in 1..=200 {
            let took = 1_000 * (201 - u32::try_from(millis).unwrap());
            window.add(WindowSpan::Calls(100), at(millis), took, (false, false));
        }
        let percentiles = window.percentiles().unwrap();
        let millis = [percentiles.p50, percentiles.p95, percentiles.p99].map(|span| span.as_millis());
        assert_eq!(millis, [50, 95, 99], "of the last hundred");
    }

    #[test]
    fn a_storm_is_cut_to_the_last_calls_and_said_so_until_it_is_over() {
        let (mut window, span) = (Window::default(), WindowSpan::Time(Duration::from_secs(1)));
        for _ in 0..=WINDOW_CALLS_MAX {
            window.add(span, at(0), 0, (true, false));
        }
        let counts = window.counts();
        assert_eq!((counts.calls, counts.failures, counts.truncated), (4096, 4096, true));
        window.add(span, at(1000), 0, (false, true));
        let counts = window.counts();
        assert_eq!((counts.calls, counts.failures, counts.slow, counts.truncated), (1, 0, 1, false));
    }
}
