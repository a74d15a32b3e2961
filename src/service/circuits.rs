//! Circuit breakers as their operators see them: which mode each service is in, what was seen while they only watched,
//! resetting and opening a circuit, and what is kept of them over a restart. Uses `resilience`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use super::{Permit, ServiceError, Services};
use crate::{
    domain::{
        BreakerMode, CircuitReason, CircuitState, Facts, Kind, ObservedCalls, Opening, OutboundService,
        Rollout, RolloutRules, SYSTEM_TENANT, ServiceRollout, Verb,
    },
    resilience::{Breaker, BreakerSettings, Breakers, Circuit, Transition},
    store::{InRequest, StoredCircuit},
    telemetry::context::RequestContext,
};

/// The circuit breakers, what they go by, and how they are brought in.
pub struct Circuits {
    breakers: Arc<Breakers>,
    settings: BTreeMap<OutboundService, BreakerSettings>,
    rules: RolloutRules,
    rollout: Mutex<Rollout>,
    /// What has been added to the rollout of what the breakers have counted.
    observed: Mutex<BTreeMap<OutboundService, ObservedCalls>>,
}

/// A service, as its circuit breakers see it.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceStatus {
    /// Which.
    pub service: OutboundService,
    /// The mode that its breakers are in.
    pub mode: BreakerMode,
    /// What was chosen and seen so far.
    pub rollout: ServiceRollout,
    /// What its breakers go by.
    pub settings: BreakerSettings,
}

impl Circuits {
    /// Breakers that go by these settings.
    pub fn new(
        breakers: Arc<Breakers>,
        settings: BTreeMap<OutboundService, BreakerSettings>,
        rules: RolloutRules,
    ) -> Self {
        let circuits =
            Self { breakers, settings, rules, rollout: Mutex::default(), observed: Mutex::default() };
        circuits.apply(Rollout::default());
        circuits
    }

    fn rollout(&self) -> MutexGuard<'_, Rollout> {
        self.rollout.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts every service into its mode.
    fn apply(&self, rollout: Rollout) {
        for service in OutboundService::ALL {
            let base = self.settings.get(&service).cloned().unwrap_or_default();
            let settings = BreakerSettings { mode: rollout.mode(service, self.rules), ..base };
            if self.breakers.settings(service) != settings {
                self.breakers.configure(service, &settings);
            }
        }
        *self.rollout() = rollout;
    }

    /// What the breakers have counted since the process began, by service.
    fn counted(&self) -> BTreeMap<OutboundService, ObservedCalls> {
        let mut counted: BTreeMap<OutboundService, ObservedCalls> = BTreeMap::new();
        for breaker in self.breakers.all() {
            let totals = breaker.totals();
            let of_circuit = ObservedCalls {
                calls: totals.calls(),
                failed: totals.fail,
                opened: totals.opened,
                would_reject: totals.would_reject,
                would_reject_ok: totals.would_reject_ok,
                would_reject_fail: totals.would_reject_fail,
            };
            let sum = counted.entry(breaker.circuit().service).or_default();
            *sum = sum.and(&of_circuit);
        }
        counted
    }

    fn observed(&self) -> MutexGuard<'_, BTreeMap<OutboundService, ObservedCalls>> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has been counted by now, and what of it was not added to the rollout yet.
    fn uncounted(&self) -> [BTreeMap<OutboundService, ObservedCalls>; 2] {
        let (counted, observed) = (self.counted(), self.observed());
        let fresh = counted.iter().map(|(service, sum)| {
            let before = observed.get(service).copied().unwrap_or_default();
            // A breaker that was let go takes what it had counted with it.
            (*service, sum.since(&before))
        });
        let fresh = fresh.filter(|(_, seen)| *seen != ObservedCalls::default()).collect();
        [counted, fresh]
    }

    /// What has been counted since this was last asked.
    fn newly_counted(&self) -> BTreeMap<OutboundService, ObservedCalls> {
        let [counted, fresh] = self.uncounted();
        *self.observed() = counted;
        fresh
    }

    /// When circuits were opened by changes, or would have been, and of which services. What somebody opens says nothing about
    /// the service.
    fn openings(&self, changes: &[(Breaker, Transition)]) -> Vec<(OutboundService, Opening)> {
        let by_itself = |change: &Transition| change.reason != CircuitReason::ManualTrip;
        let opened =
            changes.iter().filter(|(_, change)| change.to == CircuitState::Open && by_itself(change));
        let opening = |(_, change): &(Breaker, Transition)| {
            let Transition { circuit: Circuit { service, key }, at, reason, .. } = change.clone();
            let mode = self.rollout().mode(service, self.rules);
            (service, Opening { at, key: key.to_string(), reason, mode })
        };
        opened.map(opening).collect()
    }
}

impl Services {
    /// The circuit breakers.
    pub fn breakers(&self) -> &Arc<Breakers> {
        &self.circuits.breakers
    }

    /// How circuit breakers are to be brought in, and which mode was chosen for all services.
    pub fn rollout(&self) -> (RolloutRules, Option<BreakerMode>) {
        (self.circuits.rules, self.circuits.rollout().everything)
    }

    /// Each service, as its circuit breakers see it.
    pub fn outbound_services(&self) -> Vec<ServiceStatus> {
        let (rollout, [_, unkept]) = (self.circuits.rollout().clone(), self.circuits.uncounted());
        let status = |service| ServiceStatus {
            service,
            mode: rollout.mode(service, self.circuits.rules),
            rollout: {
                let kept = rollout.services.get(&service).cloned().unwrap_or_default();
                let since = unkept.get(&service).copied().unwrap_or_default();
                ServiceRollout { seen: kept.seen.and(&since), ..kept }
            },
            settings: self.circuits.breakers.settings(service),
        };
        OutboundService::ALL.into_iter().map(status).collect()
    }

    /// Takes up what an earlier process has kept of the circuits.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn resume_circuits(&self, context: &RequestContext) -> Result<(), ServiceError> {
        let kept = self.store.read(|view| Ok::<_, ServiceError>((view.rollout()?, view.circuits()?)));
        let (rollout, circuits) = kept.await?;
        self.circuits.apply(rollout);
        let now = context.clock().now();
        for StoredCircuit { service, key, memory, since, .. } in circuits {
            let ago = u64::try_from(now.millis() - since.millis()).unwrap_or(0);
            self.circuits.breakers.resume(service, &key, memory, Duration::from_millis(ago));
        }
        Ok(())
    }

    /// Keeps changes of circuits in their order, in the audit log, too: each as what the call belongs to that brought it about.
    ///
    /// # Errors
    /// When they cannot be written: then none is.
    pub async fn keep_transitions(
        &self,
        context: RequestContext,
        changes: &[(Breaker, Transition)],
    ) -> Result<(), ServiceError> {
        let kept = |(breaker, transition): &(Breaker, Transition)| {
            let Transition { circuit: Circuit { service, key }, from, to, reason, at, .. } =
                transition.clone();
            let (memory, since) = breaker.remembered();
            let (id, key) = (context.clock().new_uuid(), key.to_string());
            let facts = Facts::Circuit { service, key: key.clone(), from, to, reason, at: Some(at) };
            let cause = transition.correlation_id.as_ref().unwrap_or(context.correlation_id()).to_string();
            (StoredCircuit { id, service, key, memory, since }, facts, cause)
        };
        let kept: Vec<_> = changes.iter().map(kept).collect();
        let openings = self.circuits.openings(changes);
        let to_note = openings.clone();
        let (request_id, traceparent) = (context.request_id().to_string(), context.trace().to_string());
        let permit = Permit::of_the_box(context, SYSTEM_TENANT);
        self.write(&permit, move |transaction| {
            for (circuit, facts, correlation_id) in &kept {
                let known = transaction.live().circuit(circuit.service, &circuit.key)?;
                let id = known.map_or(circuit.id, |known| known.id);
                transaction.put_circuit(&StoredCircuit { id, ..circuit.clone() })?;
                let cause = InRequest { request_id: &request_id, correlation_id, traceparent: &traceparent };
                let what = (Kind::Breaker, id);
                transaction.record_of(SYSTEM_TENANT, Verb::StateChanged, what, facts.clone(), cause)?;
            }
            if to_note.is_empty() {
                return Ok(());
            }
            let mut rollout = transaction.live().rollout()?;
            note(&mut rollout, &to_note);
            Ok(transaction.put_rollout(&rollout)?)
        })
        .await?;
        note(&mut self.circuits.rollout(), &openings);
        Ok(())
    }

    /// Chooses the mode of a service's breakers, or of all; nothing leaves it to the course of things.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn choose_breaker_mode(
        &self,
        permit: &Permit,
        service: Option<OutboundService>,
        mode: Option<BreakerMode>,
    ) -> Result<(), ServiceError> {
        let rollout = self
            .write(permit, move |transaction| {
                let mut rollout = transaction.live().rollout()?;
                let chosen = match service {
                    Some(service) => &mut rollout.services.entry(service).or_default().chosen,
                    None => &mut rollout.everything,
                };
                let from = std::mem::replace(chosen, mode);
                transaction.put_rollout(&rollout)?;
                let facts = Facts::BreakerMode { service, from, to: mode };
                transaction.record(
                    SYSTEM_TENANT,
                    Verb::ModeSet,
                    (Kind::Breaker, Uuid::nil()),
                    facts,
                    None,
                )?;
                Ok(rollout)
            })
            .await?;
        self.circuits.apply(rollout);
        Ok(())
    }

    /// Closes a circuit with all that it knew forgotten.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn reset_breaker(&self, permit: &Permit, circuit: &Circuit) -> Result<Breaker, ServiceError> {
        let breaker = self.noted(permit, circuit, Verb::Reset).await?;
        breaker.reset();
        Ok(breaker)
    }

    /// Opens a circuit, one that was not called yet, too.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn trip_breaker(&self, permit: &Permit, circuit: &Circuit) -> Result<Breaker, ServiceError> {
        let breaker = self.noted(permit, circuit, Verb::Tripped).await?;
        breaker.trip();
        Ok(breaker)
    }

    /// The breaker of a circuit, once it is on record that somebody interferes with it.
    async fn noted(&self, permit: &Permit, circuit: &Circuit, verb: Verb) -> Result<Breaker, ServiceError> {
        let breaker = self.circuits.breakers.of(circuit.service, &circuit.key);
        let Circuit { service, key } = circuit.clone();
        let ((memory, since), fresh) = (breaker.remembered(), permit.context().clock().new_uuid());
        let state = memory.state;
        self.write(permit, move |transaction| {
            let id = match transaction.live().circuit(service, &key)? {
                Some(known) => known.id,
                None => {
                    let key = key.to_string();
                    transaction.put_circuit(&StoredCircuit { id: fresh, service, key, memory, since })?;
                    fresh
                }
            };
            let facts = Facts::CircuitInState { service, key: key.to_string(), state };
            transaction.record(SYSTEM_TENANT, verb, (Kind::Breaker, id), facts, None)?;
            Ok(())
        })
        .await?;
        Ok(breaker)
    }

    /// Adds what was seen of each service by now to how it is brought in; a service that was watched for long enough is
    /// relied on from then on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn observe_services(&self, context: RequestContext) -> Result<(), ServiceError> {
        let seen = self.circuits.newly_counted();
        if seen.is_empty() {
            return Ok(());
        }
        let (rules, permit) = (self.circuits.rules, Permit::of_the_box(context, SYSTEM_TENANT));
        let rollout = self
            .write(&permit, move |transaction| {
                let mut rollout = transaction.live().rollout()?;
                let before = rollout.clone();
                let now = transaction.stamp().at;
                for (service, seen) in &seen {
                    rollout.services.entry(*service).or_default().observe(seen, now);
                }
                transaction.put_rollout(&rollout)?;
                for service in seen.keys().copied() {
                    let (from, to) = (before.mode(service, rules), rollout.mode(service, rules));
                    if from != to {
                        let (service, from, to) = (Some(service), Some(from), Some(to));
                        let facts = Facts::BreakerMode { service, from, to };
                        let what = (Kind::Breaker, Uuid::nil());
                        transaction.record(SYSTEM_TENANT, Verb::ModeSet, what, facts, None)?;
                    }
                }
                Ok(rollout)
            })
            .await?;
        self.circuits.apply(rollout);
        Ok(())
    }
}

fn note(rollout: &mut Rollout, openings: &[(OutboundService, Opening)]) {
    for (service, opening) in openings {
        rollout.services.entry(*service).or_default().note_opening(opening.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BreakerMode, ObservedCalls, OutboundService, Services};
    use crate::{resilience::Verdict, service::tests::Venue};

    fn mode(services: &Services, service: OutboundService) -> BreakerMode {
        services.outbound_services().into_iter().find(|status| status.service == service).unwrap().mode
    }

    #[tokio::test]
    async fn a_service_that_was_watched_for_its_hours_is_relied_on_and_the_watching_is_counted() {
        let venue = Venue::new();
        venue.set_up().await;
        let (services, sms) = (&venue.services, OutboundService::Sms);
        let context = venue.context();
        for hour in 0..48 {
            assert_eq!(mode(services, sms), BreakerMode::Monitor, "{hour} hours");
            let breaker = services.breakers().of(sms, "gateway");
            for verdict in [Verdict::Ok, Verdict::Fail, Verdict::Ignored] {
                breaker.admit(context.correlation_id()).unwrap().finish(verdict, None);
            }
            services.observe_services(context.clone()).await.unwrap();
            venue.clock.advance(Duration::from_secs(3_600));
        }
        assert_eq!(mode(services, sms), BreakerMode::Enforce);
        assert_eq!(mode(services, OutboundService::Email), BreakerMode::Monitor, "nobody called it");
        let status = services.outbound_services().into_iter().find(|status| status.service == sms).unwrap();
        let seen = ObservedCalls { calls: 96, failed: 48, ..ObservedCalls::default() };
        assert!(status.rollout.openings.is_empty());
        assert_eq!((status.rollout.seen, status.settings.mode), (seen, BreakerMode::Enforce));
    }

    #[tokio::test]
    async fn it_is_told_what_would_have_been_rejected_and_whether_that_would_have_been_right() {
        let venue = Venue::new();
        venue.set_up().await;
        let (services, context) = (&venue.services, venue.context());
        let breaker = services.breakers().of(OutboundService::Webhook, "dead.example");
        let call = |verdict| breaker.admit(context.correlation_id()).unwrap().finish(verdict, None);
        (0..10).for_each(|_| call(Verdict::Fail));
        [Verdict::Ok, Verdict::Fail, Verdict::Fail].into_iter().for_each(call);
        services.observe_services(context.clone()).await.unwrap();
        services.observe_services(context.clone()).await.unwrap();
        let told = services.outbound_services();
        let seen =
            told.iter().find(|status| status.service == OutboundService::Webhook).unwrap().rollout.seen;
        let expected = ObservedCalls {
            calls: 13,
            failed: 12,
            opened: 1,
            would_reject: 3,
            would_reject_ok: 1,
            would_reject_fail: 2,
        };
        assert_eq!(seen, expected, "and each once");
    }
}
