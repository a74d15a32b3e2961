//! What a call costs in a circuit breaker, ours beside others, with one and two threads at one breaker; and what it
//! allocates. A package of its own, so that the product is built without the others:
//! `cargo bench --manifest-path benches/breaker/Cargo.toml`.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

mod ours;

use std::{convert::Infallible, time::Duration};

use divan::{AllocProfiler, Bencher, black_box};
use failsafe::CircuitBreaker as _;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_resilience_circuitbreaker::CircuitBreakerLayer;

use ours::{CALLS, THREADS};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
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
