//! What a call costs in our circuit breaker alone, built as the product is. It fails if a call allocates, whether it is let
//! pass or rejected: `cargo bench --bench breaker`.

#![allow(clippy::panic, reason = "a benchmark stops at the first surprise")]

mod ours;

use allocation_counter::measure;
use ours::{CALLS, call, ours};

fn main() {
    ensure_no_call_allocates();
    divan::main();
}

fn ensure_no_call_allocates() {
    let (breaker, id) = ours();
    assert_eq!(measure(|| drop(divan::black_box(Box::new(7)))).count_total, 1, "it is not counted");
    let calls = || (0..CALLS).for_each(|_| call(&breaker, &id));
    // The window takes its room with the first calls.
    (0..10).for_each(|_| calls());
    assert_eq!(measure(calls).count_total, 0, "calls through a closed circuit allocate");
    breaker.trip();
    calls();
    assert_eq!(measure(calls).count_total, 0, "calls that are rejected allocate");
}
