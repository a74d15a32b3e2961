//! Time: the only place that reads the wall clock or the monotonic one, and that draws UUIDs from them.
//! Whoever needs the time is given a [`Clock`], so that every rule can be tested at any time of our choosing.
//! Uses `domain` only.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use uuid::{ContextV7, Uuid};

use crate::domain::Timestamp;

/// A source of time and of identifiers that carry it. Clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    source: Source,
    /// Makes ids of one millisecond ascend, so that things created one after the other list in that order.
    sequence: Mutex<AssertUnwindSafe<ContextV7>>,
}

#[derive(Debug)]
enum Source {
    System { started: Instant },
    Manual(Arc<Hands>),
}

/// Where a manual clock stands.
#[derive(Debug)]
struct Hands {
    unix_micros: AtomicI64,
    monotonic_micros: AtomicU64,
}

impl Clock {
    /// The operating system's clock.
    pub fn system() -> Self {
        Self::of(Source::System { started: instant() })
    }

    fn of(source: Source) -> Self {
        Self(Arc::new(Shared { source, sequence: Mutex::new(AssertUnwindSafe(ContextV7::new())) }))
    }

    /// The wall-clock time. It may jump when somebody sets the clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.unix_micros())
    }

    /// The wall-clock time in microseconds since the Unix epoch, for log lines.
    pub fn unix_micros(&self) -> i64 {
        match &self.0.source {
            Source::System { .. } => system_unix_micros(),
            Source::Manual(hands) => hands.unix_micros.load(Ordering::Acquire),
        }
    }

    /// The time since this clock was made. It never goes back.
    pub fn monotonic(&self) -> Duration {
        match &self.0.source {
            Source::System { started } => instant().duration_since(*started),
            Source::Manual(hands) => Duration::from_micros(hands.monotonic_micros.load(Ordering::Acquire)),
        }
    }

    /// A new UUIDv7 of this clock's time, filled up with the operating system's randomness. Those of one
    /// clock ascend.
    pub fn new_uuid(&self) -> Uuid {
        let micros = u64::try_from(self.unix_micros()).unwrap_or(0);
        let nanos = u32::try_from(micros % 1_000_000).unwrap_or(0) * 1_000;
        Uuid::new_v7(uuid::Timestamp::from_unix(&self.0.sequence, micros / 1_000_000, nanos))
    }
}

/// A clock that stands still until it is moved: for tests and simulations.
#[derive(Clone, Debug)]
pub struct ManualClock {
    hands: Arc<Hands>,
    clock: Clock,
}

impl ManualClock {
    /// A clock that stands at a time.
    pub fn at(time: Timestamp) -> Self {
        let hands = Arc::new(Hands {
            unix_micros: AtomicI64::new(time.micros()),
            monotonic_micros: AtomicU64::new(0),
        });
        Self { clock: Clock::of(Source::Manual(Arc::clone(&hands))), hands }
    }

    /// The clock that is moved, as others see it.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Lets time pass, on the wall and on the monotonic clock.
    pub fn advance(&self, by: Duration) {
        let micros = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.hands.monotonic_micros.fetch_add(micros, Ordering::AcqRel);
        self.hands.unix_micros.fetch_add(i64::try_from(micros).unwrap_or(i64::MAX), Ordering::AcqRel);
    }

    /// Puts the monotonic clock where it stands so long after its beginning, on the wall the same time passes. It may
    /// stand earlier than before, as a faulty source would.
    pub fn wind_to(&self, monotonic: Duration) {
        let micros = u64::try_from(monotonic.as_micros()).unwrap_or(u64::MAX);
        let before = self.hands.monotonic_micros.swap(micros, Ordering::AcqRel);
        let signed = |micros: u64| i64::try_from(micros).unwrap_or(i64::MAX);
        self.hands.unix_micros.fetch_add(signed(micros) - signed(before), Ordering::AcqRel);
    }

    /// Sets the wall clock, as an operator would; the monotonic one goes on from where it is.
    pub fn set(&self, time: Timestamp) {
        self.hands.unix_micros.store(time.micros(), Ordering::Release);
    }
}

/// Measures how long something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    pub fn start() -> Self {
        Self(instant())
    }

    /// The time since it began.
    pub fn elapsed(&self) -> Duration {
        instant().duration_since(self.0)
    }

    /// The time from an earlier start to this one's; zero if that was later.
    pub fn since(&self, earlier: &Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the clock that others are given")]
fn instant() -> Instant {
    Instant::now()
}

#[allow(clippy::disallowed_methods, reason = "this is the clock that others are given")]
fn system_unix_micros() -> i64 {
    let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    SystemTime::now().duration_since(UNIX_EPOCH).map_or_else(|before| -micros(before.duration()), micros)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Clock, ManualClock};
    use crate::domain::Timestamp;

    #[test]
    fn a_manual_clock_moves_only_when_it_is_moved() {
        let manual = ManualClock::at(Timestamp::from_millis(1_000));
        let clock = manual.clock();
        assert_eq!((clock.now(), clock.monotonic()), (Timestamp::from_millis(1_000), Duration::ZERO));
        manual.advance(Duration::from_millis(250));
        assert_eq!(clock.now(), Timestamp::from_millis(1_250));
        assert_eq!(clock.monotonic(), Duration::from_millis(250));
    }

    #[test]
    fn setting_the_wall_clock_leaves_the_monotonic_one_alone() {
        let manual = ManualClock::at(Timestamp::from_millis(1_000));
        manual.advance(Duration::from_millis(5));
        manual.set(Timestamp::from_millis(10));
        assert_eq!(manual.clock().now(), Timestamp::from_millis(10));
        assert_eq!(manual.clock().monotonic(), Duration::from_millis(5));
    }

    #[test]
    fn ids_carry_the_clock_time_and_ascend_within_a_millisecond() {
        let clock = ManualClock::at(Timestamp::from_millis(1_777_662_000_123)).clock();
        let ids: Vec<_> = (0..1_000).map(|_| clock.new_uuid()).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
        for id in ids {
            assert_eq!(id.get_version_num(), 7);
            let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
            assert_eq!((seconds, nanos / 1_000_000), (1_777_662_000, 123));
        }
    }

    #[test]
    fn the_system_clock_agrees_with_the_operating_system() {
        let clock = Clock::system();
        let (before, between, after) =
            (super::system_unix_micros(), clock.now().millis(), clock.unix_micros());
        assert!(before / 1_000 <= between && between <= after / 1_000 + 1);
    }
}
