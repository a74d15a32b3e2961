//! What a circuit breaker goes by. The names and defaults of the first five are the customer's. Uses nothing.

use std::time::Duration;

use crate::domain::BreakerMode;

/// Most calls that a window holds: what it takes in memory is bounded, whatever the traffic.
pub const WINDOW_CALLS_MAX: usize = 4096;

/// Which outcomes count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowSpan {
    /// Those that are younger.
    Time(Duration),
    /// The last ones, at most [`WINDOW_CALLS_MAX`].
    Calls(usize),
}

/// The settings of one circuit breaker.
#[derive(Clone, PartialEq, Debug)]
pub struct BreakerSettings {
    /// What is done with what it finds.
    pub mode: BreakerMode,
    /// Which outcomes count.
    pub window: WindowSpan,
    /// So many failures in the window open the circuit.
    pub failure_threshold: Option<u32>,
    /// So many percent of failures in the window open it.
    pub failure_rate: Option<f64>,
    /// A call that takes longer is slow.
    pub slow_after: Option<Duration>,
    /// So many percent of slow calls in the window open it, and a slow trial opens it again.
    pub slow_rate: Option<f64>,
    /// So many failures in a row open it, however few calls there are.
    pub consecutive_failures: Option<u32>,
    /// The rules on the window count only when it holds so many calls.
    pub volume_threshold: u32,
    /// So many successful trials close the circuit.
    pub success_threshold: u32,
    /// How long it stays open at first.
    pub open: Duration,
    /// How much longer it stays open each further time, until it was closed.
    pub open_backoff: f64,
    /// The longest that it stays open.
    pub open_max: Option<Duration>,
    /// Up to so much longer it stays open, as a part of the whole, so that not everybody tries again at once.
    pub open_jitter: f64,
    /// Trials at a time.
    pub half_open_max: u32,
    /// A trial that takes longer counts as failed.
    pub trial_timeout: Option<Duration>,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            mode: BreakerMode::Enforce,
            window: WindowSpan::Time(Duration::from_secs(60)),
            failure_threshold: Some(5),
            failure_rate: None,
            slow_after: None,
            slow_rate: None,
            consecutive_failures: None,
            volume_threshold: 10,
            success_threshold: 2,
            open: Duration::from_secs(60),
            open_backoff: 1.0,
            open_max: None,
            open_jitter: 0.0,
            half_open_max: 1,
            trial_timeout: None,
        }
    }
}

/// A setting that makes no sense.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{setting} {message}")]
pub struct SettingsFault {
    /// Which one.
    pub setting: &'static str,
    /// What is wrong with it and what would be right.
    pub message: &'static str,
}

impl BreakerSettings {
    /// Every setting that makes no sense.
    pub fn faults(&self) -> Vec<SettingsFault> {
        let mut faults = Vec::new();
        let mut ensure = |holds: bool, setting, message| {
            if !holds {
                faults.push(SettingsFault { setting, message });
            }
        };
        let at_least_one = "must be at least 1";
        let percent = "must be above 0 and at most 100";
        let positive = |number: Option<u32>| number.is_none_or(|number| number > 0);
        let is_percent = |rate: Option<f64>| rate.is_none_or(|rate| rate > 0.0 && rate <= 100.0);
        ensure(positive(self.failure_threshold), "failure_threshold", at_least_one);
        ensure(positive(self.consecutive_failures), "consecutive_failures", at_least_one);
        ensure(positive(Some(self.volume_threshold)), "volume_threshold", at_least_one);
        ensure(positive(Some(self.success_threshold)), "success_threshold", at_least_one);
        ensure(positive(Some(self.half_open_max)), "half_open_max", at_least_one);
        ensure(is_percent(self.failure_rate), "failure_rate", percent);
        ensure(is_percent(self.slow_rate), "slow_rate", percent);
        ensure(self.slow_rate.is_none() || self.slow_after.is_some(), "slow_rate", "needs slow_ms");
        match self.window {
            WindowSpan::Time(span) => ensure(!span.is_zero(), "window_size", "must be above 0"),
            WindowSpan::Calls(calls) => {
                let message = "must be from 1 to 4096";
                ensure((1..=WINDOW_CALLS_MAX).contains(&calls), "window_calls", message);
            }
        }
        ensure(!self.open.is_zero(), "timeout", "must be above 0");
        ensure(self.open_backoff >= 1.0 && self.open_backoff <= 10.0, "open_backoff", "must be from 1 to 10");
        ensure(self.open_max.is_none_or(|max| max >= self.open), "open_max", "must not be below timeout");
        ensure((0.0..=1.0).contains(&self.open_jitter), "open_jitter", "must be from 0 to 1");
        ensure(self.trial_timeout != Some(Duration::ZERO), "trial_timeout", "must be above 0");
        faults
    }

    /// How long a circuit stays open that opens for the nth time since it was closed; `chance` is from 0 to 1.
    pub fn open_time(&self, opens: u32, chance: f64) -> Duration {
        let exponent = i32::try_from(opens.saturating_sub(1)).unwrap_or(i32::MAX);
        let longest = self.open_max.unwrap_or(Duration::MAX).as_secs_f64();
        // Comes to infinity where it is beyond all limits, which the next line takes back.
        let grown = self.open.as_secs_f64() * self.open_backoff.powi(exponent);
        let seconds = grown.min(longest).min(OPEN_SECONDS_MAX) * (1.0 + self.open_jitter * chance);
        let span = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        // Whole microseconds, or a span such as 0.1 s would be a nanosecond off.
        let micros = span.saturating_add(Duration::from_nanos(500)).as_micros();
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// A year.
const OPEN_SECONDS_MAX: f64 = 31_536_000.0;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BreakerSettings, WindowSpan};

    #[test]
    fn the_defaults_are_the_customers() {
        let settings = BreakerSettings::default();
        assert_eq!((settings.failure_threshold, settings.success_threshold), (Some(5), 2));
        assert_eq!((settings.open, settings.volume_threshold), (Duration::from_millis(60_000), 10));
        assert_eq!(settings.window, WindowSpan::Time(Duration::from_millis(60_000)));
        assert_eq!(settings.faults(), []);
    }

    #[test]
    fn settings_that_make_no_sense_are_told_by_name() {
        let settings = BreakerSettings {
            failure_threshold: Some(0),
            failure_rate: Some(f64::NAN),
            slow_rate: Some(100.1),
            window: WindowSpan::Time(Duration::ZERO),
            open_backoff: f64::INFINITY,
            open_max: Some(Duration::from_secs(1)),
            ..BreakerSettings::default()
        };
        let told: Vec<&str> = settings.faults().iter().map(|fault| fault.setting).collect();
        assert_eq!(
            told,
            [
                "failure_threshold",
                "failure_rate",
                "slow_rate",
                "slow_rate",
                "window_size",
                "open_backoff",
                "open_max"
            ]
        );
        let settings = BreakerSettings { window: WindowSpan::Calls(4097), ..BreakerSettings::default() };
        assert_eq!(settings.faults()[0].to_string(), "window_calls must be from 1 to 4096");
    }

    #[test]
    fn the_open_time_grows_to_its_limit_and_no_chance_makes_it_shorter() {
        let settings = BreakerSettings {
            open: Duration::from_millis(100),
            open_backoff: 2.0,
            open_max: Some(Duration::from_secs(1)),
            open_jitter: 0.2,
            ..BreakerSettings::default()
        };
        let millis = |opens, chance| settings.open_time(opens, chance).as_millis();
        assert_eq!([millis(1, 0.0), millis(2, 0.0), millis(4, 0.0), millis(5, 0.0)], [100, 200, 800, 1000]);
        assert_eq!([millis(1, 1.0), millis(u32::MAX, 1.0)], [120, 1200]);
        let endless = BreakerSettings { open_backoff: 10.0, ..BreakerSettings::default() };
        assert_eq!(endless.open_time(u32::MAX, 0.0), Duration::from_secs(31_536_000));
    }
}
