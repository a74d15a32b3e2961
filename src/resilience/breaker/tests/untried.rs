//! Which circuits somebody has to try, because nobody else does.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::super::{Breaker, BreakerSettings, Breakers, KEYS_MAX, Listener, Transition, Verdict};
use crate::{
    domain::{BreakerMode, CircuitMemory, CircuitState, OutboundService, Timestamp},
    telemetry::{
        clock::{Clock, ManualClock},
        context::{CorrelationId, RequestContext},
    },
};

const EMAIL: OutboundService = OutboundService::Email;
const OPEN: Duration = Duration::from_secs(60);
const SPAN: Duration = Duration::from_secs(5);

struct Nobody;

impl Listener for Nobody {
    fn heard(&self, _: &Breaker, _: &Transition) {}
}

fn breakers(clock: Clock) -> Breakers {
    let settings = BreakerSettings { open: OPEN, ..BreakerSettings::default() };
    Breakers::new(clock, BTreeMap::from([(EMAIL, settings)]), KEYS_MAX, Arc::new(Nobody))
}

fn untried(breakers: &Breakers) -> usize {
    breakers.untried(SPAN).len()
}

fn correlation_id(clock: &Clock) -> CorrelationId {
    RequestContext::system(clock.clone(), "test").correlation_id().clone()
}

#[test]
fn a_half_open_circuit_is_to_be_tried_after_a_while_in_which_nobody_tries_it() {
    let clock = ManualClock::at(Timestamp::from_millis(1_800_000_000_000));
    let (breakers, id) = (breakers(clock.clock()), correlation_id(&clock.clock()));
    let breaker = breakers.of(EMAIL, "relay");
    assert_eq!(untried(&breakers), 0, "it is closed");
    breaker.trip();
    assert_eq!(untried(&breakers), 0, "it is open");
    clock.advance(OPEN);
    assert_eq!(untried(&breakers), 0, "what waits for it goes first");
    clock.advance(SPAN);
    assert_eq!(untried(&breakers), 1);
    let trial = breaker.admit(&id).unwrap();
    assert_eq!(untried(&breakers), 0, "somebody tries it");
    trial.finish(Verdict::Ok, None);
    assert_eq!(untried(&breakers), 1, "one success is not enough");
    breaker.admit(&id).unwrap().finish(Verdict::Ok, None);
    assert_eq!((untried(&breakers), breaker.view().state), (0, CircuitState::Closed));
}

#[test]
fn what_is_forced_open_is_not_to_be_tried() {
    let clock = ManualClock::at(Timestamp::from_millis(1_800_000_000_000));
    let breakers = breakers(clock.clock());
    breakers.of(EMAIL, "relay").trip();
    clock.advance(OPEN + SPAN);
    assert_eq!(untried(&breakers), 1);
    let forced = BreakerSettings { mode: BreakerMode::ForcedOpen, ..breakers.settings(EMAIL) };
    breakers.configure(EMAIL, &forced);
    assert_eq!(untried(&breakers), 0);
}

#[test]
fn a_circuit_that_was_taken_up_from_an_earlier_process_is_to_be_tried_as_any_other() {
    let clock = ManualClock::at(Timestamp::from_millis(1_800_000_000_000));
    let breakers = breakers(clock.clock());
    let memory = CircuitMemory { state: CircuitState::HalfOpen, opens: 1, chance: 0.0 };
    breakers.resume(EMAIL, "relay", memory, Duration::ZERO);
    clock.advance(SPAN);
    assert_eq!(untried(&breakers), 1);
}
