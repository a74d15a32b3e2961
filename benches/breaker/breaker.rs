//! What a call costs in a circuit breaker, ours beside others, with one and two threads at one breaker; and what it
//! allocates. A package of its own, so that the product is built without the others:
//! `cargo bench --manifest-path benches/breaker/Cargo.toml`.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};

use divan::{AllocProfiler, Bencher, black_box};
use event_manager::{
    domain::OutboundService,
    resilience::{Breaker, BreakerSettings, Breakers, KEYS_MAX, Listener, Permit, Transition, Verdict},
    telemetry::{
        clock::Clock,
        context::{CorrelationId, RequestContext},
    },
};
use failsafe::CircuitBreaker as _;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_resilience_circuitbreaker::CircuitBreakerLayer;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const THREADS: [usize; 2] = [1, 2];
/// Calls of a sample, so that reading the clock around it does not count.
const CALLS: usize = 1000;

fn main() {
    divan::main();
}

struct Nobody;

impl Listener for Nobody {
    fn heard(&self, _: &Breaker, _: &Transition) {}
}

fn ours() -> (Breaker, CorrelationId) {
    let clock = Clock::system();
    let settings = BTreeMap::from([(OutboundService::Email, BreakerSettings::default())]);
    let breakers = Breakers::new(clock.clone(), settings, KEYS_MAX, Arc::new(Nobody));
    let id = RequestContext::system(clock, "benchmark").correlation_id().clone();
    (breakers.of(OutboundService::Email, "relay"), id)
}

fn call(breaker: &Breaker, id: &CorrelationId) {
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

#[divan::bench(threads = THREADS)]
fn closed_failsafe(bencher: Bencher<'_, '_>) {
    let breaker = failsafe::Config::new().build();
    bencher.counter(CALLS).bench(|| {
        for _ in 0..CALLS {
            let _ = black_box(breaker.call(|| Ok::<_, Infallible>(black_box(7))));
        }
    });
}

#[divan::bench(threads = THREADS)]
fn closed_recloser(bencher: Bencher<'_, '_>) {
    let breaker = recloser::Recloser::custom().closed_len(100).open_wait(Duration::from_secs(60)).build();
    bencher.counter(CALLS).bench(|| {
        for _ in 0..CALLS {
            let _ = black_box(breaker.call(|| Ok::<_, Infallible>(black_box(7))));
        }
    });
}

#[divan::bench(threads = THREADS)]
fn closed_tower_resilience(bencher: Bencher<'_, '_>) {
    let layer = CircuitBreakerLayer::builder().sliding_window_size(100).build().unwrap();
    let service = layer.layer(service_fn(|()| async { Ok::<_, std::io::Error>(black_box(7)) }));
    bencher.counter(CALLS).with_inputs(|| service.clone()).bench_local_values(|mut service| {
        block_on(async {
            for _ in 0..CALLS {
                let _ = black_box(service.ready().await.unwrap().call(()).await);
            }
        });
    });
}

/// A thousand calls that are rejected.
#[divan::bench(threads = THREADS)]
fn open_ours(bencher: Bencher<'_, '_>) {
    let (breaker, id) = ours();
    breaker.trip();
    bencher.counter(CALLS).bench(|| (0..CALLS).for_each(|_| drop(black_box(breaker.admit(&id)))));
}

#[divan::bench(threads = THREADS)]
fn open_failsafe(bencher: Bencher<'_, '_>) {
    let policy = failsafe::failure_policy::consecutive_failures(
        1,
        failsafe::backoff::constant(Duration::from_secs(3600)),
    );
    let breaker = failsafe::Config::new().failure_policy(policy).build();
    let _ = breaker.call(|| Err::<(), _>("refused"));
    bencher.counter(CALLS).bench(|| {
        for _ in 0..CALLS {
            let _ = black_box(breaker.call(|| Ok::<_, Infallible>(black_box(7))));
        }
    });
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}
