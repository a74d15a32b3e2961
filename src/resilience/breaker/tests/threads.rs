//! Many threads at one breaker: however they interleave, nobody is let in beyond the trials, and every call is counted once.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::super::{Breaker, BreakerSettings, Breakers, KEYS_MAX, Listener, Transition, Verdict};
use crate::{
    domain::{CircuitState, OutboundService, Timestamp},
    telemetry::{
        clock::ManualClock,
        context::{CorrelationId, RequestContext},
        spawn::spawn_thread,
    },
};

const THREADS: usize = 64;

#[derive(Default)]
struct Heard(Mutex<Vec<(CircuitState, CircuitState)>>);

impl Listener for Heard {
    fn heard(&self, breaker: &Breaker, transition: &Transition) {
        // Whoever listens may ask the breaker: nothing is locked any more.
        breaker.view();
        self.0.lock().unwrap().push((transition.from, transition.to));
    }
}

fn scene(settings: BreakerSettings) -> (ManualClock, Breaker, Arc<Heard>, CorrelationId) {
    let clock = ManualClock::at(Timestamp::from_millis(1_800_000_000_000));
    let heard = Arc::new(Heard::default());
    let settings = BTreeMap::from([(OutboundService::Email, settings)]);
    let breakers = Breakers::new(clock.clock(), settings, KEYS_MAX, Arc::clone(&heard) as Arc<dyn Listener>);
    let breaker = breakers.of(OutboundService::Email, "relay");
    let correlation_id = RequestContext::system(clock.clock(), "test").correlation_id().clone();
    (clock, breaker, heard, correlation_id)
}

/// Runs something on all threads at once.
fn on_all(work: impl Fn(usize) + Send + Sync + 'static) {
    let (work, barrier) = (Arc::new(work), Arc::new(Barrier::new(THREADS)));
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let (work, barrier) = (Arc::clone(&work), Arc::clone(&barrier));
            spawn_thread("caller", move || {
                barrier.wait();
                work(number);
            })
            .unwrap()
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn of_many_callers_at_the_instant_of_half_open_only_the_trials_are_let_in() {
    for trials in [1, 3] {
        let settings = BreakerSettings {
            half_open_max: trials,
            success_threshold: trials,
            ..BreakerSettings::default()
        };
        let (clock, breaker, heard, id) = scene(settings);
        breaker.trip();
        clock.advance(Duration::from_secs(60));
        let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let permits = Arc::new(Mutex::new(Vec::new()));
        let (of_callers, kept, peak) = (breaker.clone(), Arc::clone(&permits), Arc::clone(&most));
        on_all(move |_| {
            if let Ok(permit) = of_callers.admit(&id) {
                peak.fetch_max(inside.fetch_add(1, Ordering::AcqRel) + 1, Ordering::AcqRel);
                kept.lock().unwrap().push(permit);
            }
        });
        assert_eq!(most.load(Ordering::Acquire), trials as usize);
        let view = breaker.view();
        assert_eq!(view.totals.rejected, THREADS as u64 - u64::from(trials));
        for permit in permits.lock().unwrap().drain(..) {
            permit.finish(Verdict::Ok, None);
        }
        let heard = heard.0.lock().unwrap().clone();
        use CircuitState::{Closed, HalfOpen, Open};
        assert_eq!(heard, [(Closed, Open), (Open, HalfOpen), (HalfOpen, Closed)], "each change is told once");
    }
}

#[test]
fn every_call_is_counted_once_while_the_circuit_opens_and_closes_under_way() {
    const CALLS: usize = 400;
    let settings = BreakerSettings {
        failure_threshold: Some(3),
        volume_threshold: 3,
        success_threshold: 1,
        open: Duration::from_millis(5),
        half_open_max: 2,
        ..BreakerSettings::default()
    };
    let (clock, breaker, heard, id) = scene(settings);
    let of_callers = breaker.clone();
    on_all(move |number| {
        for call in 0..CALLS {
            clock.advance(Duration::from_micros(100));
            let Ok(permit) = of_callers.admit(&id) else { continue };
            assert!(of_callers.view().trials_in_flight <= 2);
            match (number + call) % 5 {
                0 | 1 => permit.finish(Verdict::Ok, None),
                2 | 3 => permit.finish(Verdict::Fail, Some("refused")),
                _ => drop(permit),
            }
        }
    });
    let totals = breaker.view().totals;
    let counted = totals.ok + totals.fail + totals.cancelled + totals.rejected;
    assert_eq!(counted, (THREADS * CALLS) as u64);
    assert_eq!(breaker.view().trials_in_flight, 0, "no permit is lost");
    let heard = heard.0.lock().unwrap().clone();
    let opened = heard.iter().filter(|(_, to)| *to == CircuitState::Open).count();
    assert_eq!(opened as u64, totals.opened);
    assert!(opened > 10, "it was opened and closed again and again: {opened}");
}
