//! What can be seen of a circuit breaker. Uses `telemetry`.

use std::{collections::VecDeque, time::Duration};

use super::{
    Breaker, BreakerSettings, Circuit, Moment, Percentiles, Refusal, Rejected, Totals, Transition,
    WindowCounts, millis,
};
use crate::{
    domain::{CircuitState, Timestamp},
    telemetry::context::CorrelationId,
};

/// A call that failed.
#[derive(Clone, PartialEq, Debug)]
pub struct CallError {
    /// When.
    pub at: Timestamp,
    /// What went wrong, in a word or two.
    pub what: &'static str,
    /// What the call belongs to.
    pub correlation_id: CorrelationId,
}

/// A circuit breaker as it is at one time.
#[derive(Clone, PartialEq, Debug)]
pub struct BreakerView {
    /// Which circuit.
    pub circuit: Circuit,
    /// Where it stands.
    pub state: CircuitState,
    /// Since when.
    pub since: Timestamp,
    /// How long it stays open; nothing if it is not open.
    pub retry_after: Option<Duration>,
    /// What it goes by.
    pub settings: BreakerSettings,
    /// What its window holds.
    pub window: WindowCounts,
    /// How long the calls in its window took.
    pub percentiles: Option<Percentiles>,
    /// What it has counted since it was made.
    pub totals: Totals,
    /// When a call last failed.
    pub last_failure: Option<Timestamp>,
    /// When a call last succeeded.
    pub last_success: Option<Timestamp>,
    /// Trials that have not ended.
    pub trials_in_flight: usize,
    /// Successful trials since it became half open.
    pub trial_successes: u32,
    /// The last calls that failed, newest first.
    pub errors: Vec<CallError>,
    /// Its last changes, newest first.
    pub transitions: Vec<Transition>,
}

impl Breaker {
    /// What can be seen of it now.
    pub fn view(&self) -> BreakerView {
        self.advance();
        let (now, wall) = (self.now(), self.0.clock.now());
        let on_the_wall = |at: Moment| wall.plus_millis(-millis(now.since(at)));
        let mut core = self.core();
        let window = core.machine.window();
        let machine = &core.machine;
        let totals = machine.totals().clone();
        BreakerView {
            circuit: self.0.circuit.clone(),
            state: machine.state(),
            since: on_the_wall(machine.since()),
            retry_after: machine.retry_after(),
            settings: machine.settings().clone(),
            window,
            percentiles: machine.percentiles(),
            last_failure: totals.last_fail.map(on_the_wall),
            last_success: totals.last_ok.map(on_the_wall),
            totals,
            trials_in_flight: machine.trials_in_flight(),
            trial_successes: machine.trial_successes(),
            errors: listed(&core.errors),
            transitions: listed(&core.transitions),
        }
    }

    /// Why it would let no call pass now; nothing if it would.
    pub fn rejection(&self) -> Option<Rejected> {
        self.advance();
        let refusal = self.core().machine.refusal()?;
        let Refusal { state, retry_after } = refusal;
        Some(Rejected { circuit: self.0.circuit.clone(), state, retry_after })
    }

    /// Whether it has been half open for so long at least, and a call would be let pass and decide.
    pub(super) fn is_untried(&self, span: Duration) -> bool {
        self.advance();
        let (now, core) = (self.now(), self.core());
        let machine = &core.machine;
        let is_half_open = machine.state() == CircuitState::HalfOpen && machine.trials_in_flight() == 0;
        is_half_open && machine.refusal().is_none() && now.since(machine.since()) >= span
    }

    /// What it has counted since it was made.
    pub fn totals(&self) -> Totals {
        self.core().machine.totals().clone()
    }

    /// Whether nothing is lost with it: it is closed, its window is empty and nobody holds it but the registry.
    pub(super) fn is_idle(&self) -> bool {
        self.advance();
        let mut core = self.core();
        let is_empty = core.machine.window().calls == 0;
        is_empty && core.machine.state() == CircuitState::Closed && std::sync::Arc::strong_count(&self.0) == 1
    }
}

fn listed<T: Clone>(kept: &VecDeque<T>) -> Vec<T> {
    kept.iter().cloned().collect()
}
