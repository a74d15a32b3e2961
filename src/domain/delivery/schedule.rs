//! When a delivery is tried again. Uses nothing.

use crate::domain::OutboundService;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// The waits of the Standard Webhooks specification, version 1.0.0, after each failed attempt, and from then on.
const OF_WEBHOOKS: ([u64; 8], u64) =
    ([5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR], 24 * HOUR);

/// The first wait of all others, doubled each time.
const FIRST: u64 = 5 * SECOND;
/// Their longest wait.
const LONGEST: u64 = HOUR;

/// Attempts after which a delivery is a dead letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AttemptLimits {
    /// To webhooks.
    pub webhooks: u32,
    /// By all other services.
    pub others: u32,
}

impl Default for AttemptLimits {
    /// About three days for webhooks, two hours for all else.
    fn default() -> Self {
        Self { webhooks: 10, others: 12 }
    }
}

impl AttemptLimits {
    /// That of a service.
    pub const fn of(self, service: OutboundService) -> u32 {
        match service {
            OutboundService::Webhook => self.webhooks,
            _ => self.others,
        }
    }
}

/// How long to wait, in milliseconds, after so many counted attempts (at least one). `chance`, from 0 to 1, keeps many
/// that failed together from being tried together: webhooks come up to a tenth later and never earlier, all else after
/// half of the wait to all of it.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "waits are whole milliseconds far below 2^52, and the factor lies between 0.5 and 1.1"
)]
pub fn retry_wait(service: OutboundService, counted: u32, chance: f64) -> u64 {
    let nth = counted.saturating_sub(1);
    let chance = chance.clamp(0.0, 1.0);
    let (wait, factor) = if service == OutboundService::Webhook {
        let (waits, from_then_on) = OF_WEBHOOKS;
        let wait = usize::try_from(nth).ok().and_then(|nth| waits.get(nth).copied());
        (wait.unwrap_or(from_then_on), 1.0 + chance / 10.0)
    } else {
        (FIRST.saturating_mul(1 << nth.min(20)).min(LONGEST), 0.5 + chance / 2.0)
    };
    (wait as f64 * factor) as u64
}

#[cfg(test)]
mod tests {
    use super::{OutboundService, retry_wait};

    #[test]
    fn webhooks_are_tried_again_as_the_standard_says_and_never_earlier() {
        let waits = |chance| (1..=10).map(move |n| retry_wait(OutboundService::Webhook, n, chance));
        let standard = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400];
        let standard = standard.map(|seconds| seconds * 1_000);
        assert!(waits(0.0).eq(standard));
        assert!(waits(1.0).zip(standard).all(|(late, early)| late > early && late <= early + early / 10));
    }

    #[test]
    fn all_else_is_tried_again_ever_later_up_to_an_hour_and_spread() {
        let waits = |chance| (1..=12).map(move |n| retry_wait(OutboundService::Email, n, chance) / 1_000);
        assert!(waits(1.0).eq([5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]));
        assert!(waits(0.0).eq([2, 5, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_800, 1_800]));
    }
}
