//! Whatever happens in whatever order, the breaker and the slow model of its rules agree.

use std::time::Duration;

use proptest::{collection::vec, option, prelude::*};

use super::{
    super::{BreakerSettings, Chance, Machine, Moment, Verdict, WindowSpan, ticket::Ticket},
    reference::{Admitted, Reference, Sums},
};
use crate::domain::{BreakerMode, CircuitReason, CircuitState};

#[derive(Clone, Debug)]
enum Step {
    /// Time passes; a negative one is a source that goes back.
    Wait(i64),
    Start,
    /// The nth call in flight ends.
    End(usize, Verdict),
    Reset,
    Trip,
    Configure(BreakerSettings),
}

fn settings() -> impl Strategy<Value = BreakerSettings> {
    let mode = prop_oneof![
        6 => Just(BreakerMode::Enforce),
        3 => Just(BreakerMode::Monitor),
        1 => Just(BreakerMode::Disabled),
        1 => Just(BreakerMode::ForcedOpen),
    ];
    let window = prop_oneof![
        (1_u64..400).prop_map(|millis| WindowSpan::Time(Duration::from_millis(millis))),
        (1_usize..20).prop_map(WindowSpan::Calls),
    ];
    let rate = || option::of((1_u32..=100).prop_map(f64::from));
    let span = |range: std::ops::Range<u64>| range.prop_map(Duration::from_millis);
    let rules = (option::of(1_u32..6), rate(), option::of(span(0..60)), rate(), option::of(1_u32..6));
    let opening = (span(1..200), prop_oneof![Just(1.0), Just(2.0)], option::of(200_u64..900));
    let trials = (1_u32..4, 1_u32..4, option::of(span(1..100)));
    (mode, window, rules, 1_u32..12, opening, trials).prop_map(
        |(mode, window, rules, volume, opening, trials)| {
            let (failure_threshold, failure_rate, slow_after, slow_rate, consecutive_failures) = rules;
            let (open, open_backoff, open_max) = opening;
            let (success_threshold, half_open_max, trial_timeout) = trials;
            BreakerSettings {
                mode,
                window,
                failure_threshold,
                failure_rate,
                slow_after,
                slow_rate: slow_rate.filter(|_| slow_after.is_some()),
                consecutive_failures,
                volume_threshold: volume,
                success_threshold,
                open,
                open_backoff,
                open_max: open_max.map(Duration::from_millis),
                open_jitter: 0.0,
                half_open_max,
                trial_timeout,
            }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let verdict = prop_oneof![
        4 => Just(Verdict::Ok),
        5 => Just(Verdict::Fail),
        1 => Just(Verdict::Ignored),
        1 => Just(Verdict::Cancelled),
    ];
    prop_oneof![
        4 => (0_i64..60).prop_map(Step::Wait),
        1 => (-50_i64..600).prop_map(Step::Wait),
        8 => Just(Step::Start),
        9 => (any::<usize>(), verdict).prop_map(|(which, verdict)| Step::End(which, verdict)),
        1 => prop_oneof![
            Just(Step::Reset),
            Just(Step::Trip),
            settings().prop_map(Step::Configure),
        ],
    ]
}

/// Both, side by side.
struct Pair {
    machine: Machine,
    reference: Reference,
    /// The time as its source gives it, which may go back.
    source: i64,
    in_flight: Vec<(Ticket, Admitted)>,
    events: Vec<(CircuitState, CircuitState, CircuitReason, Moment)>,
}

fn moment(millis: u64) -> Moment {
    Moment::after(Duration::from_millis(millis))
}

impl Pair {
    fn new(settings: BreakerSettings) -> Self {
        let machine = Machine::new(settings.clone(), moment(0), Chance::new(1));
        let reference = Reference::new(settings);
        Self { machine, reference, source: 0, in_flight: Vec::new(), events: Vec::new() }
    }

    fn play(&mut self, step: Step) -> Result<(), TestCaseError> {
        let time = u64::try_from(self.source).unwrap();
        let now = moment(time);
        self.reference.live_until(time);
        match step {
            Step::Wait(millis) => {
                self.source = (self.source + millis).max(0);
                let time = u64::try_from(self.source).unwrap();
                self.machine.advance(moment(time));
                self.reference.live_until(time);
            }
            Step::Start => {
                self.machine.advance(now);
                let foretold = self.machine.refusal();
                match (self.machine.admit(now), self.reference.admit()) {
                    (Ok(ticket), Some(admitted)) => {
                        prop_assert_eq!(foretold, None);
                        self.in_flight.push((ticket, admitted));
                    }
                    (Err(refusal), None) => prop_assert_eq!(foretold, Some(refusal)),
                    (machine, reference) => prop_assert!(false, "{machine:?}, but {reference:?}"),
                }
            }
            Step::End(which, verdict) => {
                if !self.in_flight.is_empty() {
                    let (ticket, admitted) = self.in_flight.swap_remove(which % self.in_flight.len());
                    self.machine.settle(now, ticket, verdict);
                    self.reference.settle(admitted, verdict);
                }
            }
            Step::Reset => {
                self.machine.reset(now);
                self.reference.reset();
            }
            Step::Trip => {
                self.machine.trip(now);
                self.reference.trip();
            }
            Step::Configure(settings) => {
                self.machine.configure(now, settings.clone());
                self.reference.configure(settings);
            }
        }
        self.agree()
    }

    fn agree(&mut self) -> Result<(), TestCaseError> {
        let changes = self.machine.take_changes();
        self.events
            .extend(changes.into_iter().map(|change| (change.from, change.to, change.reason, change.at)));
        let (machine, reference) = (&mut self.machine, &self.reference);
        prop_assert_eq!(machine.state(), reference.state);
        let events: Vec<_> = reference
            .events
            .iter()
            .map(|(from, to, reason, at)| (*from, *to, *reason, moment(*at)))
            .collect();
        prop_assert_eq!(&self.events, &events);
        let retry_after = machine.retry_after().map(|span| u64::try_from(span.as_millis()).unwrap());
        prop_assert_eq!(retry_after, reference.retry_after());
        prop_assert_eq!(machine.trials_in_flight(), reference.trials());
        if machine.state() == CircuitState::Closed {
            let counts = machine.window();
            prop_assert_eq!((counts.calls as usize, counts.failures as usize), reference.window());
        }
        let totals = machine.totals();
        let sums = Sums {
            ok: totals.ok,
            fail: totals.fail,
            ignored: totals.ignored,
            cancelled: totals.cancelled,
            rejected: totals.rejected,
            would_reject: totals.would_reject,
            late: totals.late,
            slow: totals.slow,
            passthrough: totals.passthrough,
        };
        prop_assert_eq!(sums, reference.sums);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn the_breaker_does_what_the_slow_model_does(settings in settings(), steps in vec(step(), 1..250)) {
        let mut pair = Pair::new(settings);
        for step in steps {
            pair.play(step)?;
        }
    }
}
