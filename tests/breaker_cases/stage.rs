//! Plays the steps of a case on the production breakers and compares what is seen with what is expected.

use std::{
    collections::{BTreeMap, HashMap},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Mutex},
    time::Duration,
};

use event_manager::{
    domain::{OutboundService, Timestamp},
    resilience::{
        Breaker, BreakerSettings, BreakerView, Breakers, Circuit, KEYS_MAX, Listener, Permit, Transition,
        Verdict,
    },
    telemetry::{
        clock::ManualClock,
        context::{CorrelationId, RequestContext},
    },
};
use serde_json::{Map, Value};

use super::case::{Case, Op, Outcome, Step, configure};

const SERVICE: OutboundService = OutboundService::Webhook;
const KEY: &str = "host";

/// The changes of all circuits, in order.
#[derive(Default)]
struct Heard(Mutex<Vec<Transition>>);

impl Listener for Heard {
    fn heard(&self, _: &Breaker, transition: &Transition) {
        self.0.lock().unwrap().push(transition.clone());
    }
}

pub struct Stage {
    clock: ManualClock,
    correlation_id: CorrelationId,
    settings: BreakerSettings,
    keys_max: usize,
    breakers: Breakers,
    heard: Arc<Heard>,
    in_flight: HashMap<String, Permit>,
    admitted: Option<bool>,
    /// How much was compared.
    pub compared: usize,
}

impl Stage {
    pub fn set(case: &Case) -> Self {
        let clock = ManualClock::at(Timestamp::from_millis(1_800_000_000_000));
        let correlation_id = RequestContext::system(clock.clock(), "case").correlation_id().clone();
        let mut settings = BreakerSettings::default();
        configure(&mut settings, &case.config);
        let keys_max = case.max_keys.unwrap_or(KEYS_MAX);
        let heard = Arc::new(Heard::default());
        let breakers = breakers(&clock, &settings, keys_max, &heard);
        let in_flight = HashMap::new();
        Self {
            clock,
            correlation_id,
            settings,
            keys_max,
            breakers,
            heard,
            in_flight,
            admitted: None,
            compared: 0,
        }
    }

    /// Plays a step; what differs from what it expects.
    pub fn play(&mut self, step: &Step) -> Vec<String> {
        let key = step.key.as_deref().unwrap_or(KEY);
        let repeat = step.repeat.unwrap_or(1);
        let mut wrong = Vec::new();
        for round in 0..repeat {
            self.clock.wind_to(Duration::from_millis(step.at + u64::from(round) * step.every_ms));
            self.admitted = None;
            self.act(step, key);
            let expected = if round + 1 == repeat { &step.expect } else { &step.expect_each };
            wrong.extend(self.compare(key, expected));
        }
        wrong
    }

    fn act(&mut self, step: &Step, key: &str) {
        match step.op {
            Op::Call => {
                let permit = self.breakers.of(SERVICE, key).admit(&self.correlation_id);
                self.admitted = Some(permit.is_ok());
                if let Ok(permit) = permit {
                    self.clock.advance(Duration::from_millis(step.took_ms));
                    end(permit, step.outcome.unwrap());
                }
            }
            Op::Start => {
                let permit = self.breakers.of(SERVICE, key).admit(&self.correlation_id);
                self.admitted = Some(permit.is_ok());
                if let Ok(permit) = permit {
                    self.in_flight.insert(step.id.clone().unwrap(), permit);
                }
            }
            Op::End => {
                let permit = self.in_flight.remove(step.id.as_ref().unwrap()).expect("it was admitted");
                end(permit, step.outcome.unwrap());
            }
            Op::Tick => {}
            Op::Reset => self.breakers.of(SERVICE, key).reset(),
            Op::Trip => self.breakers.of(SERVICE, key).trip(),
            Op::Config => {
                configure(&mut self.settings, &step.set);
                self.breakers.configure(SERVICE, &self.settings);
            }
            Op::Wall => {
                let now = self.clock.clock().now();
                self.clock.set(now.plus_millis(step.jump_ms));
            }
            Op::Restart => self.restart(),
        }
    }

    /// Another process with what the old one has kept; calls in flight die with that.
    fn restart(&mut self) {
        let kept: Vec<_> = self
            .breakers
            .all()
            .iter()
            .map(|breaker| (Arc::clone(&breaker.circuit().key), breaker.remembered()))
            .collect();
        let died = std::mem::take(&mut self.in_flight);
        self.breakers = breakers(&self.clock, &self.settings, self.keys_max, &self.heard);
        for (key, (remembered, since)) in kept {
            let ago = self.clock.clock().now().millis() - since.millis();
            let ago = Duration::from_millis(u64::try_from(ago).unwrap_or(0));
            self.breakers.resume(SERVICE, &key, remembered, ago);
        }
        drop(died);
    }

    fn compare(&mut self, key: &str, expected: &Map<String, Value>) -> Vec<String> {
        if expected.is_empty() {
            return Vec::new();
        }
        self.compared += expected.len();
        let circuit = Circuit { service: SERVICE, key: key.into() };
        let keys = self.breakers.all().len();
        let breaker = self.breakers.find(&circuit);
        // One that is not there yet is one that nothing has happened to.
        let view = breaker.unwrap_or_else(|| self.breakers.of(SERVICE, key)).view();
        let heard = self.heard.0.lock().unwrap();
        let heard: Vec<&Transition> = heard.iter().filter(|heard| heard.circuit == circuit).collect();
        let mut wrong = Vec::new();
        for (name, wanted) in expected {
            let seen =
                match name.as_str() {
                    "admitted" => Value::from(self.admitted),
                    "keys" => Value::from(keys),
                    "event_count" => Value::from(heard.len()),
                    "last_event" => Value::from(heard.last().map(|last| {
                        format!("{}->{}:{}", last.from.word(), last.to.word(), last.reason.word())
                    })),
                    _ => seen(&view, name),
                };
            if seen != *wanted {
                wrong.push(format!("{name} is {seen} and should be {wanted}"));
            }
        }
        wrong
    }
}

fn breakers(
    clock: &ManualClock,
    settings: &BreakerSettings,
    keys_max: usize,
    heard: &Arc<Heard>,
) -> Breakers {
    let settings = BTreeMap::from([(SERVICE, settings.clone())]);
    Breakers::new(clock.clock(), settings, keys_max, Arc::clone(heard) as Arc<dyn Listener>)
}

fn end(permit: Permit, outcome: Outcome) {
    match outcome {
        Outcome::Ok => permit.finish(Verdict::Ok, None),
        Outcome::Fail => permit.finish(Verdict::Fail, Some("refused")),
        Outcome::Ignored => permit.finish(Verdict::Ignored, None),
        Outcome::Cancelled => drop(permit),
        Outcome::Panic => {
            let unwound = catch_unwind(AssertUnwindSafe(move || {
                let _permit = permit;
                // Unlike a panic it says nothing on standard error.
                resume_unwind(Box::new("the call panics"));
            }));
            assert!(unwound.is_err());
        }
    }
}

fn seen(view: &BreakerView, name: &str) -> Value {
    let totals = &view.totals;
    match name {
        "state" => view.state.word().into(),
        "window_calls" => view.window.calls.into(),
        "window_failures" => view.window.failures.into(),
        "retry_after_ms" => view.retry_after.map(|span| u64::try_from(span.as_millis()).unwrap()).into(),
        "trials_in_flight" => view.trials_in_flight.into(),
        "ok" => totals.ok.into(),
        "fail" => totals.fail.into(),
        "ignored" => totals.ignored.into(),
        "cancelled" => totals.cancelled.into(),
        "rejected" => totals.rejected.into(),
        "would_reject" => totals.would_reject.into(),
        "late" => totals.late.into(),
        "slow" => totals.slow.into(),
        "passthrough" => totals.passthrough.into(),
        other => panic!("nothing is called {other}"),
    }
}
