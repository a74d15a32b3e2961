//! Alert rules: from readings of the box to what is wrong with it. Evaluation only: whoever asks keeps and tells what comes of
//! it. Uses `domain`, and `telemetry::metrics` for figures.

mod measured;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

pub use self::measured::Measured;
use self::measured::MeasuredRules;
use crate::domain::{AlertRule, CircuitState, Condition, OutboundService, Timestamp};

/// Over which time openings of a circuit and dead letters are counted.
const COUNTED: Duration = Duration::from_secs(3_600);

/// So many openings of a circuit within that time are too many.
const OPENINGS: u64 = 3;

/// How long something that is due may wait.
const OVERDUE: Duration = Duration::from_secs(300);

/// A circuit, as it is at one time.
#[derive(Clone, PartialEq, Debug)]
pub struct CircuitReading {
    /// The kind of service.
    pub service: OutboundService,
    /// Which of its kind.
    pub key: String,
    /// Where it stands.
    pub state: CircuitState,
    /// Whether it may be tried, and there is nothing to try it with: nobody knows whether the service works, and nobody waits
    /// for it.
    pub idle: bool,
    /// Whether calls are made all the same.
    pub watched_only: bool,
    /// How often it was opened since the program began.
    pub opened: u64,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// What the rules look at.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Readings {
    /// Every circuit that was called, but those that are not heeded at all.
    pub circuits: Vec<CircuitReading>,
    /// Since when the longest that is due and could be sent has been so, by service.
    pub overdue: BTreeMap<OutboundService, Timestamp>,
    /// Dead letters that nobody has dealt with.
    pub dead_letters: u64,
    /// Why nothing can be written, in a sentence.
    pub read_only: Option<String>,
    /// What is wrong with the backups, in a sentence.
    pub backups: Option<String>,
    /// Figures of the box.
    pub measured: Measured,
}

/// Applies the rules to one reading after the other.
#[derive(Debug, Default)]
pub struct AlertJudge {
    /// Since when each condition holds, by the wall clock and by the monotonic one.
    held: BTreeMap<(AlertRule, String), (Timestamp, Duration)>,
    openings: BTreeMap<(OutboundService, String), Increase>,
    dead_letters: Increase,
    measured: MeasuredRules,
}

impl AlertJudge {
    /// What is wrong now; `uptime` is the monotonic clock, by which it is reckoned how long something lasts.
    pub fn judge(&mut self, now: Timestamp, uptime: Duration, readings: &Readings) -> Vec<Condition> {
        let mut found = Vec::new();
        let mut wrong = |rule, subject: String, service, what| found.push((rule, subject, service, what));
        for circuit in &readings.circuits {
            let CircuitReading { service, key, state, idle, watched_only, opened, last_error } = circuit;
            let subject = format!("{service}/{key}");
            let counted = self.openings.entry((*service, key.clone())).or_default();
            let openings = counted.within(COUNTED, uptime, *opened);
            let because =
                last_error.as_ref().map(|error| format!(" The last error: {error}.")).unwrap_or_default();
            if *state != CircuitState::Closed && !idle {
                let meanwhile =
                    if *watched_only { "called all the same: it is only watched" } else { "left alone" };
                let what = format!("{key} ({service}) fails, and is {meanwhile}.{because}");
                wrong(AlertRule::CircuitBreakerOpen, subject.clone(), Some(*service), what);
            }
            if openings >= OPENINGS {
                let what = format!(
                    "The circuit of {key} ({service}) has opened {openings} times within an hour.{because}"
                );
                wrong(AlertRule::CircuitBreakerFlapping, subject, Some(*service), what);
            }
        }
        for (service, since) in &readings.overdue {
            if now.millis() - since.millis() >= i64::try_from(OVERDUE.as_millis()).unwrap_or(i64::MAX) {
                let what = format!("Deliveries by {service} have been due since {since}, and are not sent.");
                wrong(AlertRule::JobQueueStalled, service.to_string(), Some(*service), what);
            }
        }
        let grown = self.dead_letters.within(COUNTED, uptime, readings.dead_letters);
        if grown > 0 {
            let what = format!(
                "{grown} deliveries were given up within an hour; {} lie there.",
                readings.dead_letters
            );
            wrong(AlertRule::DeadLettersGrowing, String::new(), None, what);
        }
        if let Some(what) = &readings.read_only {
            wrong(AlertRule::StoreReadOnly, String::new(), None, what.clone());
        }
        if let Some(what) = &readings.backups {
            wrong(AlertRule::BackupStale, String::new(), None, what.clone());
        }
        for (rule, what) in self.measured.judge((now, uptime), &readings.measured) {
            wrong(rule, String::new(), None, what);
        }
        self.hold(now, uptime, found)
    }

    /// Since when each of them holds; what does not hold any more is forgotten.
    fn hold(
        &mut self,
        now: Timestamp,
        uptime: Duration,
        found: Vec<(AlertRule, String, Option<OutboundService>, String)>,
    ) -> Vec<Condition> {
        let mut held = BTreeMap::new();
        let mut conditions = Vec::with_capacity(found.len());
        for (rule, subject, service, what) in found {
            let began = self.held.remove(&(rule, subject.clone())).unwrap_or((now, uptime));
            held.insert((rule, subject.clone()), began);
            let lasts = uptime.saturating_sub(began.1) >= rule.hold();
            conditions.push(Condition { rule, subject, service, what, since: began.0, held: lasts });
        }
        self.held = held;
        conditions
    }
}

/// How much a count has grown of late. One that falls has been dealt with, or begins anew.
#[derive(Debug, Default)]
struct Increase {
    last: Option<u64>,
    steps: VecDeque<(Duration, u64)>,
}

impl Increase {
    fn within(&mut self, span: Duration, uptime: Duration, count: u64) -> u64 {
        // What was there at the first look is nothing new.
        let grown = self.last.map_or(0, |last| count.saturating_sub(last));
        self.last = Some(count);
        if grown > 0 {
            self.steps.push_back((uptime, grown));
        }
        while self.steps.front().is_some_and(|(at, _)| uptime.saturating_sub(*at) > span) {
            self.steps.pop_front();
        }
        self.steps.iter().map(|(_, grown)| grown).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// Readings at so many seconds, and what holds: rule and whether it has lasted.
    fn judged(judge: &mut AlertJudge, at: u64, readings: &Readings) -> Vec<(AlertRule, bool)> {
        let now = Timestamp::from_millis(1_000_000 + i64::try_from(at * 1_000).unwrap());
        let found = judge.judge(now, seconds(at), readings);
        found.iter().map(|condition| (condition.rule, condition.held)).collect()
    }

    fn circuit(state: CircuitState, opened: u64) -> Readings {
        let service = OutboundService::Email;
        let (key, last_error) = ("mail.example.org:587".to_owned(), Some("timeout".to_owned()));
        let (idle, watched_only) = (false, false);
        Readings {
            circuits: vec![CircuitReading { service, key, state, idle, watched_only, opened, last_error }],
            ..Readings::default()
        }
    }

    #[test]
    fn a_circuit_counts_as_open_after_five_minutes_trials_in_between_included() {
        use CircuitState::{Closed, HalfOpen, Open};
        let mut judge = AlertJudge::default();
        let open = AlertRule::CircuitBreakerOpen;
        assert_eq!(judged(&mut judge, 0, &circuit(Open, 1)), [(open, false)]);
        assert_eq!(judged(&mut judge, 60, &circuit(HalfOpen, 1)), [(open, false)]);
        assert_eq!(judged(&mut judge, 299, &circuit(Open, 2)), [(open, false)]);
        assert_eq!(judged(&mut judge, 300, &circuit(Open, 2)), [(open, true)]);
        assert_eq!(judged(&mut judge, 315, &circuit(Closed, 2)), []);
        assert_eq!(judged(&mut judge, 330, &circuit(Open, 3)), [(open, false)], "it begins anew");
    }

    #[test]
    fn a_circuit_that_may_be_tried_and_that_nothing_waits_for_is_no_alert() {
        use CircuitState::{HalfOpen, Open};
        let mut judge = AlertJudge::default();
        let open = AlertRule::CircuitBreakerOpen;
        assert_eq!(judged(&mut judge, 0, &circuit(Open, 1)), [(open, false)]);
        assert_eq!(judged(&mut judge, 300, &circuit(Open, 1)), [(open, true)]);
        let mut idle = circuit(HalfOpen, 1);
        idle.circuits[0].idle = true;
        assert_eq!(judged(&mut judge, 315, &idle), []);
    }

    #[test]
    fn three_openings_within_an_hour_are_too_many_and_two_are_not() {
        use CircuitState::Closed;
        let mut judge = AlertJudge::default();
        assert_eq!(judged(&mut judge, 0, &circuit(Closed, 7)), [], "those of before are nothing new");
        assert_eq!(judged(&mut judge, 10, &circuit(Closed, 9)), []);
        assert_eq!(judged(&mut judge, 20, &circuit(Closed, 10)), [(AlertRule::CircuitBreakerFlapping, true)]);
        assert_eq!(judged(&mut judge, 3_611, &circuit(Closed, 10)), [], "two of them are an hour ago");
    }

    #[test]
    fn dead_letters_are_told_when_there_are_more_and_not_because_there_are_some() {
        let of = |dead_letters| Readings { dead_letters, ..Readings::default() };
        let mut judge = AlertJudge::default();
        assert_eq!(judged(&mut judge, 0, &of(5)), []);
        assert_eq!(judged(&mut judge, 15, &of(6)), [(AlertRule::DeadLettersGrowing, true)]);
        assert_eq!(judged(&mut judge, 30, &of(2)), [(AlertRule::DeadLettersGrowing, true)]);
        assert_eq!(judged(&mut judge, 4_000, &of(2)), []);
    }

    #[test]
    fn what_is_due_may_wait_five_minutes() {
        let since = Timestamp::from_millis(1_000_000);
        let overdue = Readings { overdue: [(OutboundService::Sms, since)].into(), ..Readings::default() };
        let mut judge = AlertJudge::default();
        assert_eq!(judged(&mut judge, 299, &overdue), []);
        assert_eq!(judged(&mut judge, 300, &overdue), [(AlertRule::JobQueueStalled, true)]);
    }

    #[test]
    fn a_box_that_cannot_write_and_one_without_backups_say_so_at_once() {
        let readings = Readings {
            read_only: Some("The disk is full.".to_owned()),
            backups: Some("The newest is three days old.".to_owned()),
            ..Readings::default()
        };
        let found = judged(&mut AlertJudge::default(), 0, &readings);
        assert_eq!(found, [(AlertRule::StoreReadOnly, true), (AlertRule::BackupStale, true)]);
    }
}
