//! What a call costs in our circuit breaker, with one and two threads at one breaker.

use std::{collections::BTreeMap, sync::Arc};

use divan::{Bencher, black_box};
use event_manager::{
    domain::OutboundService,
    resilience::{Breaker, BreakerSettings, Breakers, KEYS_MAX, Listener, Permit, Transition, Verdict},
    telemetry::{
        clock::Clock,
        context::{CorrelationId, RequestContext},
    },
};

/// At one breaker.
pub const THREADS: [usize; 2] = [1, 2];
/// Calls of a sample, so that reading the clock around it does not count.
pub const CALLS: usize = 1000;

struct Nobody;

impl Listener for Nobody {
    fn heard(&self, _: &Breaker, _: &Transition) {}
}

/// A breaker whose circuit is closed, and what its calls belong to.
pub fn ours() -> (Breaker, CorrelationId) {
    let clock = Clock::system();
    let settings = BTreeMap::from([(OutboundService::Email, BreakerSettings::default())]);
    let breakers = Breakers::new(clock.clone(), settings, KEYS_MAX, Arc::new(Nobody));
    let id = RequestContext::system(clock, "benchmark").correlation_id().clone();
    (breakers.of(OutboundService::Email, "relay"), id)
}

/// A call that succeeds, if it is let pass.
pub fn call(breaker: &Breaker, id: &CorrelationId) {
    if let Ok(permit) = breaker.admit(id) {
        finish(black_box(permit));
    }
}

fn finish(permit: Permit) {
    permit.finish(Verdict::Ok, None);
}

/// A thousand calls that succeed.
#[divan::bench(threads = THREADS)]
fn closed_ours(bencher: Bencher<'_, '_>) {
    let (breaker, id) = ours();
    for _ in 0..10_000 {
        call(&breaker, &id);
    }
    bencher.counter(CALLS).bench(|| (0..CALLS).for_each(|_| call(&breaker, &id)));
}

/// A thousand calls that are rejected.
#[divan::bench(threads = THREADS)]
fn open_ours(bencher: Bencher<'_, '_>) {
    let (breaker, id) = ours();
    breaker.trip();
    bencher.counter(CALLS).bench(|| (0..CALLS).for_each(|_| drop(black_box(breaker.admit(&id)))));
}
