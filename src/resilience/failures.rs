//! Failed attempts at one thing, and how long the next one has to wait: nothing for the first few, then a delay that
//! doubles. Uses nothing of ours.

use std::time::Duration;

/// The first delay.
const FIRST: Duration = Duration::from_secs(30);
/// The longest one.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// When failures are forgotten after the last.
const FORGOTTEN: Duration = Duration::from_secs(6 * 60 * 60);

/// The failures at one thing. Times are those of a clock that never goes back.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Failures {
    count: u32,
    last: Duration,
    until: Duration,
}

impl Failures {
    /// How long the next attempt has to wait; nothing if it may be made now.
    pub(super) fn wait(&self, now: Duration) -> Option<Duration> {
        self.until.checked_sub(now).filter(|wait| !wait.is_zero())
    }

    /// Notes a failure; from the `allowed`th on, the next attempt has to wait.
    pub(super) fn strike(&mut self, allowed: u32, now: Duration) {
        if now.saturating_sub(self.last) >= FORGOTTEN {
            self.count = 0;
        }
        self.count = self.count.saturating_add(1);
        self.last = now;
        if let Some(beyond) = self.count.checked_sub(allowed.max(1)) {
            self.until =
                now + FIRST.saturating_mul(1_u32.checked_shl(beyond).unwrap_or(u32::MAX)).min(LONGEST);
        }
    }

    /// Takes back a strike: the attempt did not fail.
    pub(super) fn take_back(&mut self) {
        self.count = self.count.saturating_sub(1);
        // It was admitted, so nothing had to be waited for before it.
        self.until = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Failures;

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    /// The delays of failures that follow as soon as they may.
    fn delays(allowed: u32, failures: usize) -> Vec<u64> {
        let (mut state, mut now, mut delays) = (Failures::default(), seconds(1), Vec::new());
        for _ in 0..failures {
            state.strike(allowed, now);
            let wait = state.wait(now).unwrap_or_default();
            delays.push(wait.as_secs());
            now += wait;
            assert_eq!(state.wait(now), None, "whoever has waited may try again");
        }
        delays
    }

    #[test]
    fn the_first_failures_cost_nothing_and_the_next_double_the_delay_up_to_a_quarter_of_an_hour() {
        assert_eq!(delays(5, 12), [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(delays(1, 2), [30, 60]);
        assert_eq!(delays(5, 200).last(), Some(&900));
    }

    #[test]
    fn failures_are_forgotten_after_hours_without_one() {
        let mut state = Failures::default();
        for _ in 0..4 {
            state.strike(5, seconds(0));
        }
        state.strike(5, seconds(6 * 3_600));
        assert_eq!(state.wait(seconds(6 * 3_600)), None);
    }

    #[test]
    fn what_did_not_fail_is_taken_back() {
        let mut state = Failures::default();
        for _ in 0..5 {
            state.strike(5, seconds(9));
        }
        state.take_back();
        assert_eq!(state.wait(seconds(9)), None);
        state.strike(5, seconds(9));
        assert_eq!(state.wait(seconds(9)), Some(seconds(30)));
    }
}
