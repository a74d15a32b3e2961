//! How circuit breakers are brought in: watched first, then relied on. Uses nothing.

use std::collections::{BTreeMap, VecDeque};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BreakerMode, CircuitReason, OutboundService, Timestamp};

/// Most openings of a service's circuits that are kept.
pub const OPENINGS_KEPT: usize = 50;

/// What somebody has chosen about circuit breakers, and what was seen of each service so far.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// The mode of all services, over everything else.
    pub everything: Option<BreakerMode>,
    /// Each service.
    pub services: BTreeMap<OutboundService, ServiceRollout>,
}

/// What somebody has chosen about a service's circuit breakers, and what was seen of it so far.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceRollout {
    /// The mode that was chosen.
    pub chosen: Option<BreakerMode>,
    /// Hours of running time in which it was called.
    pub observed_hours: u32,
    /// When the last of them began.
    pub hour_began: Option<Timestamp>,
    /// What was seen in them.
    pub seen: ObservedCalls,
    /// When its circuits were opened, or would have been, newest first, at most [`OPENINGS_KEPT`] of them.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub openings: VecDeque<Opening>,
}

/// That a circuit was opened, or would have been.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Opening {
    /// When.
    pub at: Timestamp,
    /// Which of the service's circuits.
    pub key: String,
    /// Why.
    pub reason: CircuitReason,
    /// The mode that it was in: calls were rejected only where that is `enforce`.
    pub mode: BreakerMode,
}

/// What a circuit breaker that only watches would have done, and whether that would have been right.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObservedCalls {
    /// Calls that told something.
    pub calls: u64,
    /// Calls that failed.
    pub failed: u64,
    /// How often a circuit was opened, or would have been.
    pub opened: u64,
    /// Calls that would have been rejected.
    pub would_reject: u64,
    /// How many of those succeeded: they would have been rejected in error.
    pub would_reject_ok: u64,
    /// How many of those failed: it would have been right to reject them.
    pub would_reject_fail: u64,
}

impl ObservedCalls {
    /// What has been added since an earlier sum.
    #[must_use]
    pub const fn since(&self, earlier: &Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(earlier.calls),
            failed: self.failed.saturating_sub(earlier.failed),
            opened: self.opened.saturating_sub(earlier.opened),
            would_reject: self.would_reject.saturating_sub(earlier.would_reject),
            would_reject_ok: self.would_reject_ok.saturating_sub(earlier.would_reject_ok),
            would_reject_fail: self.would_reject_fail.saturating_sub(earlier.would_reject_fail),
        }
    }

    /// Both together.
    #[must_use]
    pub const fn and(&self, more: &Self) -> Self {
        Self {
            calls: self.calls + more.calls,
            failed: self.failed + more.failed,
            opened: self.opened + more.opened,
            would_reject: self.would_reject + more.would_reject,
            would_reject_ok: self.would_reject_ok + more.would_reject_ok,
            would_reject_fail: self.would_reject_fail + more.would_reject_fail,
        }
    }
}

/// How circuit breakers are to be brought in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RolloutRules {
    /// Whether there are any.
    pub enabled: bool,
    /// Whether they are relied on without being watched first.
    pub enforce_from_start: bool,
    /// So many hours in which a service was called they are watched.
    pub observe_hours: u32,
}

impl Rollout {
    /// The mode of a service's circuit breakers.
    pub fn mode(&self, service: OutboundService, rules: RolloutRules) -> BreakerMode {
        if !rules.enabled {
            return BreakerMode::Disabled;
        }
        let of_service = self.services.get(&service);
        let observed_hours = of_service.map_or(0, |of_service| of_service.observed_hours);
        let is_relied_on = rules.enforce_from_start || observed_hours >= rules.observe_hours;
        let in_course = if is_relied_on { BreakerMode::Enforce } else { BreakerMode::Monitor };
        let chosen = of_service.and_then(|of_service| of_service.chosen);
        self.everything.or(chosen).unwrap_or(in_course)
    }
}

impl ServiceRollout {
    /// Notes an opening; the oldest beyond the limit is forgotten.
    pub fn note_opening(&mut self, opening: Opening) {
        self.openings.push_front(opening);
        self.openings.truncate(OPENINGS_KEPT);
    }

    /// Adds what was seen by now; an hour counts once, when it begins with a call.
    pub fn observe(&mut self, seen: &ObservedCalls, now: Timestamp) {
        self.seen = self.seen.and(seen);
        let is_another = self.hour_began.is_none_or(|began| {
            // A wall clock that was set back begins another hour, too.
            now < began || now.millis() - began.millis() >= HOUR_MILLIS
        });
        if seen.calls > 0 && is_another {
            self.observed_hours = self.observed_hours.saturating_add(1);
            self.hour_began = Some(now);
        }
    }
}

const HOUR_MILLIS: i64 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::{
        BreakerMode, ObservedCalls, OutboundService, Rollout, RolloutRules, ServiceRollout, Timestamp,
    };

    const RULES: RolloutRules = RolloutRules { enabled: true, enforce_from_start: false, observe_hours: 48 };

    fn observed(hours: u32) -> Rollout {
        let of_service = ServiceRollout { observed_hours: hours, ..ServiceRollout::default() };
        Rollout { everything: None, services: [(OutboundService::Email, of_service)].into() }
    }

    #[test]
    fn a_service_is_watched_for_its_hours_and_then_relied_on() {
        let mode = |hours, rules| observed(hours).mode(OutboundService::Email, rules);
        assert_eq!([mode(47, RULES), mode(48, RULES)], [BreakerMode::Monitor, BreakerMode::Enforce]);
        assert_eq!(observed(48).mode(OutboundService::Sms, RULES), BreakerMode::Monitor, "each by itself");
        let at_once = RolloutRules { enforce_from_start: true, ..RULES };
        assert_eq!(mode(0, at_once), BreakerMode::Enforce);
    }

    #[test]
    fn what_was_chosen_counts_more_and_the_flag_counts_most() {
        let mut rollout = observed(48);
        rollout.services.entry(OutboundService::Email).or_default().chosen = Some(BreakerMode::ForcedOpen);
        let mode = |rollout: &Rollout, rules| rollout.mode(OutboundService::Email, rules);
        assert_eq!(mode(&rollout, RULES), BreakerMode::ForcedOpen);
        rollout.everything = Some(BreakerMode::Monitor);
        assert_eq!(mode(&rollout, RULES), BreakerMode::Monitor);
        assert_eq!(mode(&rollout, RolloutRules { enabled: false, ..RULES }), BreakerMode::Disabled);
    }

    #[test]
    fn an_hour_counts_once_and_only_if_there_was_a_call_in_it() {
        let mut rollout = ServiceRollout::default();
        let calls = |calls| ObservedCalls { calls, ..ObservedCalls::default() };
        let minute = |minute: i64| Timestamp::from_millis(minute * 60_000);
        for (at, seen) in [(0, 0), (1, 3), (2, 1), (60, 1), (61, 1), (200, 0), (300, 2)] {
            rollout.observe(&calls(seen), minute(at));
        }
        assert_eq!((rollout.observed_hours, rollout.seen.calls), (3, 8));
        rollout.observe(&calls(1), minute(10));
        assert_eq!(rollout.observed_hours, 4, "the clock was set back");
    }
}
