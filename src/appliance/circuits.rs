//! The circuit breakers as the configuration wants them, and what is kept of their changes. The call limits of a service
//! bound how long a trial may take.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{
    config::{BreakerRules, Config},
    domain::OutboundService,
    resilience::{Breaker, BreakerSettings, Breakers, KEYS_MAX, Listener, Transition, WindowSpan},
    service::Circuits,
    telemetry::clock::Clock,
};

/// How much longer than its call a trial may take before it counts as failed.
const TRIAL_GRACE: Duration = Duration::from_secs(5);

/// How much longer a circuit stays open at most, so that not everybody tries again at once.
const JITTER: f64 = 0.2;

/// A change of a circuit on its way into the store.
pub type CircuitNews = (Breaker, Transition);

/// Passes changes on without waiting for anybody.
struct Teller(Mutex<UnboundedSender<CircuitNews>>);

impl Listener for Teller {
    fn heard(&self, breaker: &Breaker, transition: &Transition) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody listens any more while the process ends.
        let _ = sender.send((breaker.clone(), transition.clone()));
    }
}

/// The circuit breakers, and where their changes are heard.
pub fn circuits(config: &Config, clock: Clock) -> (Circuits, UnboundedReceiver<CircuitNews>) {
    let (sender, news) = unbounded_channel();
    let settings: BTreeMap<OutboundService, BreakerSettings> = OutboundService::ALL
        .into_iter()
        .map(|service| (service, settings(config.breakers.of(service), call_limit(service))))
        .collect();
    let listener = Arc::new(Teller(Mutex::new(sender)));
    let breakers = Breakers::new(clock, settings.clone(), KEYS_MAX, listener);
    (Circuits::new(Arc::new(breakers), settings, config.resilience.rollout()), news)
}

/// The longest that a call of a service takes.
const fn call_limit(service: OutboundService) -> Duration {
    match service {
        OutboundService::Email | OutboundService::VirusScan | OutboundService::Otlp => {
            Duration::from_secs(60)
        }
        OutboundService::Storage => Duration::from_secs(120),
        OutboundService::Webhook | OutboundService::ExternalApi => Duration::from_secs(15),
        OutboundService::Sms => Duration::from_secs(10),
        OutboundService::Redis => Duration::from_millis(250),
    }
}

fn settings(rules: BreakerRules, call_limit: Duration) -> BreakerSettings {
    let grows = rules.longest_timeout > rules.timeout;
    BreakerSettings {
        window: WindowSpan::Time(rules.window_size),
        failure_threshold: rules.failure_threshold,
        failure_rate: rules.failure_rate.map(f64::from),
        slow_after: rules.slow_after,
        slow_rate: rules.slow_rate.map(f64::from).filter(|_| rules.slow_after.is_some()),
        consecutive_failures: rules.consecutive_failures,
        volume_threshold: rules.volume_threshold,
        success_threshold: rules.success_threshold,
        open: rules.timeout,
        open_backoff: if grows { 2.0 } else { 1.0 },
        open_max: Some(rules.longest_timeout.max(rules.timeout)),
        open_jitter: if grows { JITTER } else { 0.0 },
        trial_timeout: Some(call_limit + TRIAL_GRACE),
        ..BreakerSettings::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, OutboundService, call_limit, settings};

    #[test]
    fn the_settings_of_every_service_make_sense_as_they_come() {
        let config = Config::default();
        for service in OutboundService::ALL {
            let settings = settings(config.breakers.of(service), call_limit(service));
            assert_eq!(settings.faults(), [], "{service}");
            assert_eq!((settings.failure_threshold, settings.volume_threshold), (Some(5), 10), "{service}");
        }
    }
}
