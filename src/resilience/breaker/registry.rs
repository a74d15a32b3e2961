//! The circuit breakers of all services, one for each relay, bucket or host, made when they are first needed and bounded in
//! number. May use `telemetry`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    Breaker, BreakerSettings, BreakerView, Circuit, Moment, Transition,
    news::{News, show_mode},
};
use crate::{
    domain::{BreakerMode, CircuitMemory, OutboundService},
    telemetry::clock::Clock,
};

/// Most circuits at a time, unless more are open.
pub const KEYS_MAX: usize = 10_000;

/// The longest that a circuit which may change by itself is left alone: a trial's end is not told.
const LOOK: Duration = Duration::from_secs(1);

/// Whoever is to hear of every change of a circuit. It is told after the call is over and cannot delay it by more than its
/// own time.
pub trait Listener: Send + Sync {
    /// A circuit has changed.
    fn heard(&self, breaker: &Breaker, transition: &Transition);
}

/// The circuit breakers of all services.
pub struct Breakers {
    clock: Clock,
    keys_max: usize,
    kept: Mutex<Kept>,
    news: Arc<News>,
}

struct Kept {
    settings: BTreeMap<OutboundService, BreakerSettings>,
    circuits: BTreeMap<Circuit, Slot>,
}

struct Slot {
    breaker: Breaker,
    used: Moment,
}

impl Breakers {
    /// No circuits yet; services that are not named go by the defaults.
    pub fn new(
        clock: Clock,
        settings: BTreeMap<OutboundService, BreakerSettings>,
        keys_max: usize,
        listener: Arc<dyn Listener>,
    ) -> Self {
        for service in OutboundService::ALL {
            show_mode(service, settings.get(&service).map_or_else(BreakerMode::default, |set| set.mode));
        }
        let news = Arc::new(News::new(clock.clone(), listener));
        let kept = Kept { settings, circuits: BTreeMap::new() };
        Self { clock, keys_max, kept: Mutex::new(kept), news }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The breaker of a circuit; a new one if there is none.
    pub fn of(&self, service: OutboundService, key: &str) -> Breaker {
        let now = Moment::after(self.clock.monotonic());
        let circuit = Circuit { service, key: key.into() };
        let mut kept = self.kept();
        if let Some(slot) = kept.circuits.get_mut(&circuit) {
            slot.used = now;
            return slot.breaker.clone();
        }
        if kept.circuits.len() >= self.keys_max {
            kept.evict_oldest();
        }
        let settings = kept.settings.get(&service).cloned().unwrap_or_default();
        let listener = Arc::clone(&self.news) as Arc<dyn Listener>;
        let breaker = Breaker::new(circuit.clone(), settings, self.clock.clone(), listener);
        kept.circuits.insert(circuit, Slot { breaker: breaker.clone(), used: now });
        breaker
    }

    /// Takes up what an earlier process has kept of a circuit, `ago` after it came to that state.
    pub fn resume(&self, service: OutboundService, key: &str, remembered: CircuitMemory, ago: Duration) {
        let breaker = self.of(service, key);
        breaker.resume(remembered, ago);
        // That is no change that anybody is told of, but time moves it and the metrics show it.
        self.news.note(breaker.circuit(), breaker.remembered().0.state);
    }

    /// The breaker of a circuit, if there is one.
    pub fn find(&self, circuit: &Circuit) -> Option<Breaker> {
        self.kept().circuits.get(circuit).map(|slot| slot.breaker.clone())
    }

    /// All breakers, by service and key.
    pub fn all(&self) -> Vec<Breaker> {
        self.kept().circuits.values().map(|slot| slot.breaker.clone()).collect()
    }

    /// All circuits as they are now, by service and key.
    pub fn views(&self) -> Vec<BreakerView> {
        self.all().iter().map(Breaker::view).collect()
    }

    /// The breakers of circuits that have been half open for so long at least, and of which nothing is being tried although it
    /// might be.
    pub fn untried(&self, span: Duration) -> Vec<Breaker> {
        let restless = self.news.restless_circuits();
        let breakers = restless.iter().filter_map(|circuit| self.find(circuit));
        breakers.filter(|breaker| breaker.is_untried(span)).collect()
    }

    /// What a service's circuits go by.
    pub fn settings(&self, service: OutboundService) -> BreakerSettings {
        self.kept().settings.get(&service).cloned().unwrap_or_default()
    }

    /// Makes all circuits of a service go by other settings from now on.
    pub fn configure(&self, service: OutboundService, settings: &BreakerSettings) {
        show_mode(service, settings.mode);
        let breakers: Vec<Breaker> = {
            let mut kept = self.kept();
            kept.settings.insert(service, settings.clone());
            let of_service = kept.circuits.iter().filter(|(circuit, _)| circuit.service == service);
            of_service.map(|(_, slot)| slot.breaker.clone()).collect()
        };
        for breaker in breakers {
            breaker.configure(settings.clone());
        }
    }

    /// Lets what is due happen, for ever: so that a circuit's state is right without anybody calling.
    pub async fn keep_time(&self) {
        loop {
            let mut next = None;
            for breaker in self.news.restless_circuits().iter().filter_map(|circuit| self.find(circuit)) {
                breaker.advance();
                let due = breaker.due_in().map_or(LOOK, |due| due.min(LOOK));
                next = Some(next.map_or(due, |next: Duration| next.min(due)));
            }
            match next {
                None => self.news.stirred().await,
                // A little later rather than a little earlier, which would only mean to look twice.
                Some(next) => {
                    let patience = next + Duration::from_millis(1);
                    let _ = tokio::time::timeout(patience, self.news.stirred()).await;
                }
            }
        }
    }
}

impl Kept {
    /// Lets the circuit go that nothing is lost with and that was used the longest time ago, if there is one.
    fn evict_oldest(&mut self) {
        let idle = self.circuits.iter().filter(|(_, slot)| slot.breaker.is_idle());
        let oldest = idle.min_by_key(|(_, slot)| slot.used).map(|(circuit, _)| circuit.clone());
        if let Some(oldest) = oldest {
            self.circuits.remove(&oldest);
        }
    }
}
