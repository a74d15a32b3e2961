//! Circuit breakers: what keeps a service that fails from being called, and finds out when it works again. A state machine
//! on a given time stands behind a lock that is held over nothing else. May use `telemetry`.

mod chance;
mod machine;
mod meters;
mod moment;
mod news;
mod permit;
mod registry;
mod settings;
mod ticket;
mod totals;
mod view;
mod window;

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::{Mutex, MutexGuard};

use self::{
    chance::Chance,
    machine::{Change, Machine},
    meters::Meters,
    moment::Moment,
    ticket::{Refusal, Ticket, TicketRole},
};
pub use self::{
    permit::Permit,
    registry::{Breakers, KEYS_MAX, Listener},
    settings::{BreakerSettings, SettingsFault, WINDOW_CALLS_MAX, WindowSpan},
    ticket::{TIMED_OUT, Verdict},
    totals::Totals,
    view::{BreakerView, CallError},
    window::{Percentiles, WindowCounts},
};
use crate::{
    domain::{CircuitMemory, CircuitReason, CircuitState, OutboundService, Timestamp},
    telemetry::{clock::Clock, context::CorrelationId},
};

/// Most transitions that a breaker remembers.
pub const TRANSITIONS_KEPT: usize = 50;

/// Most failures that a breaker remembers.
const ERRORS_KEPT: usize = 10;

/// Which circuit: a service, and within it one relay, bucket or host.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Circuit {
    /// The kind of service.
    pub service: OutboundService,
    /// Which of its kind, such as `mail.example.org:587`.
    pub key: Arc<str>,
}

impl fmt::Display for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service, self.key)
    }
}

/// A change of a circuit, as everybody else hears of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Transition {
    /// Which circuit.
    pub circuit: Circuit,
    /// What it was.
    pub from: CircuitState,
    /// What it is.
    pub to: CircuitState,
    /// Why.
    pub reason: CircuitReason,
    /// When.
    pub at: Timestamp,
    /// What the call belongs to that brought it about; nothing where time or somebody did.
    pub correlation_id: Option<CorrelationId>,
}

/// A call that must not be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{circuit} is not called at present: its circuit is {}", state.word())]
pub struct Rejected {
    /// Which circuit.
    pub circuit: Circuit,
    /// Where it stands.
    pub state: CircuitState,
    /// After which time it is worth trying again, when that is known.
    pub retry_after: Option<Duration>,
}

/// One circuit breaker. Clones share it.
#[derive(Clone)]
pub struct Breaker(Arc<Shared>);

struct Shared {
    circuit: Circuit,
    clock: Clock,
    /// [`Machine::passing`] plus one, or 0: as long as the circuit is closed, a call begins without the lock.
    passing: AtomicU64,
    core: Mutex<Core>,
    meters: Meters,
    listener: Arc<dyn Listener>,
}

struct Core {
    machine: Machine,
    transitions: VecDeque<Transition>,
    errors: VecDeque<CallError>,
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Breaker({})", self.0.circuit)
    }
}

impl Breaker {
    fn new(circuit: Circuit, settings: BreakerSettings, clock: Clock, listener: Arc<dyn Listener>) -> Self {
        let now = Moment::after(clock.monotonic());
        // Ids have their random half at the end.
        let seed = u64::from_le_bytes(clock.new_uuid().as_u64_pair().1.to_le_bytes());
        let machine = Machine::new(settings, now, Chance::new(seed));
        let passing = AtomicU64::new(door(&machine));
        let core = Core { machine, transitions: VecDeque::new(), errors: VecDeque::new() };
        let meters = Meters::of(circuit.service);
        Self(Arc::new(Shared { circuit, clock, passing, core: Mutex::new(core), meters, listener }))
    }

    /// Which circuit it breaks.
    pub fn circuit(&self) -> &Circuit {
        &self.0.circuit
    }

    /// Whether a call may be made, on behalf of a request.
    ///
    /// # Errors
    /// It must not.
    pub fn admit(&self, correlation_id: &CorrelationId) -> Result<Permit, Rejected> {
        let admitted = match self.0.passing.load(Ordering::Acquire).checked_sub(1) {
            Some(generation) => {
                Ok(Ticket { generation, started: self.now(), role: TicketRole::Call, is_probe: false })
            }
            None => self.with(Some(correlation_id), Machine::admit),
        };
        match admitted {
            Ok(ticket) => {
                // Which call was let pass can be followed, down to the connection that it makes.
                tracing::debug!(
                    circuit = %self.0.circuit,
                    causedBy = correlation_id.as_str(),
                    "a call is let pass"
                );
                Ok(Permit::new(self.clone(), ticket, correlation_id.clone()))
            }
            Err(Refusal { state, retry_after }) => {
                self.0.meters.rejected.increment(1);
                Err(Rejected { circuit: self.0.circuit.clone(), state, retry_after })
            }
        }
    }

    fn settle(
        &self,
        ticket: Ticket,
        verdict: Verdict,
        error: Option<&'static str>,
        correlation_id: &CorrelationId,
    ) {
        if let (Verdict::Fail, Some(what)) = (verdict, error) {
            let at = self.0.clock.now();
            let failed = CallError { at, what, correlation_id: correlation_id.clone() };
            let mut core = self.core();
            if core.errors.len() == ERRORS_KEPT {
                core.errors.pop_back();
            }
            core.errors.push_front(failed);
        }
        self.0.meters.count(ticket, verdict, error);
        self.with(Some(correlation_id), |machine, now| machine.settle(now, ticket, verdict));
    }

    /// Lets what is due by now happen.
    pub fn advance(&self) {
        self.with(None, Machine::advance);
    }

    /// How long until something happens by itself; nothing if it waits for a call.
    pub fn due_in(&self) -> Option<Duration> {
        let now = self.now();
        self.core().machine.due().map(|due| due.since(now))
    }

    /// Closes the circuit with all that it knew forgotten. This is told even if it was closed.
    pub fn reset(&self) {
        self.with(None, Machine::reset);
    }

    /// Opens the circuit, unless it is open. It recovers by trials as usual.
    pub fn trip(&self) {
        self.with(None, Machine::trip);
    }

    /// Goes by other settings from now on; what was recorded stays.
    pub fn configure(&self, settings: BreakerSettings) {
        self.with(None, |machine, now| machine.configure(now, settings));
    }

    /// Takes up where an earlier process left off, `ago` after the circuit came to that state.
    fn resume(&self, remembered: CircuitMemory, ago: Duration) {
        self.with(None, |machine, now| {
            machine.advance(now);
            machine.resume(remembered, ago);
            machine.advance(now);
        });
    }

    /// What to keep for [`Self::resume`], and since when it is so.
    pub fn remembered(&self) -> (CircuitMemory, Timestamp) {
        let (now, wall) = (self.now(), self.0.clock.now());
        let core = self.core();
        (core.machine.remembered(), wall.plus_millis(-millis(now.since(core.machine.since()))))
    }

    fn now(&self) -> Moment {
        Moment::after(self.0.clock.monotonic())
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.0.core.lock()
    }

    /// Asks the machine, and tells what has changed once the lock is released: whoever hears of it can neither delay a
    /// call nor change its outcome.
    fn with<T>(
        &self,
        correlation_id: Option<&CorrelationId>,
        ask: impl FnOnce(&mut Machine, Moment) -> T,
    ) -> T {
        let now = self.now();
        let (answer, told) = {
            let mut core = self.core();
            let answer = ask(&mut core.machine, now);
            let door = door(&core.machine);
            // Written only when it changes, so that those who begin calls keep it in their caches.
            if self.0.passing.load(Ordering::Relaxed) != door {
                self.0.passing.store(door, Ordering::Release);
            }
            if !core.machine.has_changed() {
                return answer;
            }
            let told: Vec<Transition> = core
                .machine
                .take_changes()
                .into_iter()
                .map(|change| self.transition(change, now, correlation_id))
                .collect();
            for transition in &told {
                if core.transitions.len() == TRANSITIONS_KEPT {
                    core.transitions.pop_back();
                }
                core.transitions.push_front(transition.clone());
            }
            (answer, told)
        };
        for transition in &told {
            self.0.listener.heard(self, transition);
        }
        answer
    }

    fn transition(&self, change: Change, now: Moment, correlation_id: Option<&CorrelationId>) -> Transition {
        let Change { from, to, reason, at } = change;
        let is_of_the_call = !matches!(
            reason,
            CircuitReason::OpenElapsed
                | CircuitReason::TrialTimeout
                | CircuitReason::ManualReset
                | CircuitReason::ManualTrip
        );
        Transition {
            circuit: self.0.circuit.clone(),
            from,
            to,
            reason,
            at: self.0.clock.now().plus_millis(-millis(now.since(at))),
            correlation_id: correlation_id.filter(|_| is_of_the_call).cloned(),
        }
    }
}

fn door(machine: &Machine) -> u64 {
    machine.passing().map_or(0, |generation| generation + 1)
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
