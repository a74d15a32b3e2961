//! Stored forms of what is kept of circuit breakers.

use std::collections::{BTreeMap, VecDeque};

use super::{Golden, id, time};
use crate::{
    domain::{
        BreakerMode, CircuitMemory, CircuitReason, CircuitState, Facts, ObservedCalls, Opening,
        OutboundService, Rollout, ServiceRollout,
    },
    store::StoredCircuit,
};

const SERVICE: OutboundService = OutboundService::VirusScan;

/// What audit records say about circuits.
pub fn facts() -> [(&'static str, Facts); 4] {
    let key = || "relay".to_owned();
    let (from, to, reason) = (CircuitState::HalfOpen, CircuitState::Open, CircuitReason::TrialFailed);
    let changed = |at| Facts::Circuit { service: SERVICE, key: key(), from, to, reason, at };
    let in_state = Facts::CircuitInState { service: SERVICE, key: key(), state: CircuitState::Open };
    let to = Some(BreakerMode::ForcedOpen);
    [
        ("record of a circuit", changed(None)),
        ("record of a circuit and when it changed", changed(Some(time()))),
        ("record of a circuit's state", in_state),
        ("record of a mode", Facts::BreakerMode { service: Some(SERVICE), from: None, to }),
    ]
}

/// What is kept of circuits.
pub fn circuits(golden: &mut Golden) {
    let memory = CircuitMemory { state: CircuitState::Open, opens: 3, chance: 0.25 };
    let key = "relay".to_owned();
    golden.value("circuit", &StoredCircuit { id: id(4), service: SERVICE, key, memory, since: time() });
    let seen = ObservedCalls {
        calls: 9,
        failed: 8,
        opened: 1,
        would_reject: 7,
        would_reject_ok: 2,
        would_reject_fail: 5,
    };
    let of_service = ServiceRollout {
        chosen: Some(BreakerMode::Monitor),
        observed_hours: 5,
        hour_began: Some(time()),
        seen,
        openings: VecDeque::new(),
    };
    let rollout = |of_service| Rollout {
        everything: Some(BreakerMode::Disabled),
        services: BTreeMap::from([(SERVICE, of_service)]),
    };
    golden.value("rollout", &rollout(of_service.clone()));
    let (key, reason) = ("relay".to_owned(), CircuitReason::FailureCount);
    let opening = Opening { at: time(), key, reason, mode: BreakerMode::Monitor };
    golden.value(
        "rollout with openings",
        &rollout(ServiceRollout { openings: [opening].into(), ..of_service }),
    );
}
