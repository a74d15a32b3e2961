//! What circuit breakers tell of their changes: to the log, the metrics and whoever else wants to hear it. May use `telemetry`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use super::{Breaker, Circuit, Listener, Moment, Transition};
use crate::{
    domain::{BreakerMode, CircuitState, OutboundService},
    telemetry::{clock::Clock, metrics},
};

/// Hears of every change first.
pub struct News {
    clock: Clock,
    restless: Mutex<BTreeMap<OutboundService, Restless>>,
    stirred: Notify,
    listener: Arc<dyn Listener>,
}

/// The circuits of a service that are not closed.
#[derive(Default)]
struct Restless {
    circuits: BTreeMap<Arc<str>, CircuitState>,
    open: OpenTime,
}

/// For how long a service has had an open circuit.
#[derive(Default)]
struct OpenTime {
    /// When it was last looked at, if one was open then.
    seen: Option<Moment>,
    /// What is not told yet.
    untold: Duration,
}

impl News {
    /// Every circuit is closed.
    pub fn new(clock: Clock, listener: Arc<dyn Listener>) -> Self {
        for service in OutboundService::ALL {
            show_state(service, CircuitState::Closed);
        }
        Self { clock, restless: Mutex::default(), stirred: Notify::new(), listener }
    }

    fn restless(&self) -> MutexGuard<'_, BTreeMap<OutboundService, Restless>> {
        self.restless.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The circuits that are not closed, with the time for which they were open counted until now.
    pub fn restless_circuits(&self) -> Vec<Circuit> {
        let now = Moment::after(self.clock.monotonic());
        let mut restless = self.restless();
        restless.iter_mut().for_each(|(service, restless)| restless.count_open(*service, now));
        let circuits = restless.iter().flat_map(|(service, restless)| {
            restless.circuits.keys().map(|key| Circuit { service: *service, key: Arc::clone(key) })
        });
        circuits.collect()
    }

    /// Notes where a circuit stands.
    pub fn note(&self, circuit: &Circuit, state: CircuitState) {
        let now = Moment::after(self.clock.monotonic());
        let mut restless = self.restless();
        let of_service = restless.entry(circuit.service).or_default();
        match state {
            CircuitState::Closed => drop(of_service.circuits.remove(&circuit.key)),
            _ => drop(of_service.circuits.insert(Arc::clone(&circuit.key), state)),
        }
        of_service.count_open(circuit.service, now);
        show_state(circuit.service, of_service.worst());
        drop(restless);
        self.stirred.notify_one();
    }

    /// Returns when a circuit has changed since the last time.
    pub async fn stirred(&self) {
        self.stirred.notified().await;
    }
}

impl Listener for News {
    fn heard(&self, breaker: &Breaker, transition: &Transition) {
        let Transition { circuit, from, to, reason, at, correlation_id } = transition;
        self.note(circuit, *to);
        let service = circuit.service.word();
        let (from, to, reason) = (from.word(), to.word(), reason.word());
        ::metrics::counter!(metrics::BREAKER_TRANSITIONS, "service" => service, "from" => from, "to" => to)
            .increment(1);
        let caused_by = correlation_id.as_ref().map(ToString::to_string);
        if transition.to == CircuitState::Open {
            ::metrics::counter!(metrics::BREAKER_OPENED, "service" => service).increment(1);
            tracing::warn!(service, %circuit, from, to, reason, %at, causedBy = caused_by, "circuit opened");
        } else {
            tracing::info!(service, %circuit, from, to, reason, %at, causedBy = caused_by, "circuit changed");
        }
        self.listener.heard(breaker, transition);
    }
}

impl Restless {
    fn worst(&self) -> CircuitState {
        self.circuits.values().max().copied().unwrap_or(CircuitState::Closed)
    }

    fn count_open(&mut self, service: OutboundService, now: Moment) {
        let seconds = self.open.until(now, self.worst() == CircuitState::Open);
        if seconds > 0 {
            ::metrics::counter!(metrics::BREAKER_OPEN_SECONDS, "service" => service.word())
                .increment(seconds);
        }
    }
}

impl OpenTime {
    /// The whole seconds that were not told before. What is left of a second is told with the next.
    fn until(&mut self, now: Moment, is_open: bool) -> u64 {
        self.untold += self.seen.map_or(Duration::ZERO, |seen| now.since(seen));
        self.seen = is_open.then_some(now);
        let seconds = self.untold.as_secs();
        self.untold -= Duration::from_secs(seconds);
        seconds
    }
}

/// Shows the worst state of a service's circuits.
fn show_state(service: OutboundService, worst: CircuitState) {
    let level = match worst {
        CircuitState::Closed => 0.0,
        CircuitState::HalfOpen => 1.0,
        CircuitState::Open => 2.0,
    };
    ::metrics::gauge!(metrics::BREAKER_STATE, "service" => service.word()).set(level);
}

/// Shows what is done with what a service's circuits find.
pub fn show_mode(service: OutboundService, mode: BreakerMode) {
    let level = match mode {
        BreakerMode::Disabled => 0.0,
        BreakerMode::Monitor => 1.0,
        BreakerMode::Enforce => 2.0,
        BreakerMode::ForcedOpen => 3.0,
    };
    ::metrics::gauge!(metrics::BREAKER_MODE, "service" => service.word()).set(level);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Moment, OpenTime};

    #[test]
    fn open_time_is_told_in_whole_seconds_and_nothing_of_it_is_lost_or_told_twice() {
        let at = |millis| Moment::after(Duration::from_millis(millis));
        let mut open = OpenTime::default();
        assert_eq!(open.until(at(5_000), true), 0, "it opens now");
        assert_eq!(open.until(at(5_700), true), 0);
        assert_eq!(open.until(at(7_600), false), 2, "2.6 seconds by now, and it closes");
        assert_eq!(open.until(at(9_000), false), 0);
        assert_eq!(open.until(at(10_000), true), 0);
        assert_eq!(open.until(at(10_400), true), 1, "with the 0.6 seconds of before");
    }
}
