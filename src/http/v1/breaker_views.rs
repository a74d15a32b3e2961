//! A circuit breaker in JSON: under the names of the customer's document, and beside them what else is known.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    domain::{BreakerMode, CircuitReason, CircuitState, OutboundService, Timestamp},
    resilience::{BreakerView, Percentiles, Totals, WindowCounts},
};

/// A circuit breaker.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BreakerOut {
    service: OutboundService,
    /// Which of its kind: a relay, bucket or host.
    key: String,
    mode: BreakerMode,
    state: CircuitState,
    since: Timestamp,
    /// How long it stays open, in milliseconds; nothing if it is not open.
    retry_after_ms: Option<u64>,
    /// Calls that failed, since the program started.
    failures: u64,
    /// Calls that succeeded, since the program started.
    successes: u64,
    /// Calls that were asked for, since the program started, those that were rejected among them.
    total_requests: u64,
    last_failure_time: Option<Timestamp>,
    last_success_time: Option<Timestamp>,
    /// Trials that have not ended.
    trials_in_flight: usize,
    /// Successful trials since it became half open.
    trial_successes: u32,
    window: WindowOut,
    totals: TotalsOut,
    /// The last calls that failed, newest first.
    errors: Vec<ErrorOut>,
    /// Its last changes, newest first.
    transitions: Vec<TransitionOut>,
}

/// The calls that count.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WindowOut {
    calls: u32,
    failures: u32,
    slow: u32,
    /// Whether it holds the last 4096 calls of more.
    truncated: bool,
    /// Half of them took at most so long, in milliseconds.
    p50_ms: Option<f64>,
    p95_ms: Option<f64>,
    p99_ms: Option<f64>,
}

impl WindowOut {
    fn of(counts: WindowCounts, percentiles: Option<Percentiles>) -> Self {
        let WindowCounts { calls, failures, slow, truncated } = counts;
        let millis = |of: fn(Percentiles) -> Duration| {
            percentiles.map(|percentiles| of(percentiles).as_secs_f64() * 1000.0)
        };
        let (p50_ms, p95_ms) = (millis(|found| found.p50), millis(|found| found.p95));
        Self { calls, failures, slow, truncated, p50_ms, p95_ms, p99_ms: millis(|found| found.p99) }
    }
}

/// What was counted since the program started.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TotalsOut {
    ok: u64,
    fail: u64,
    ignored: u64,
    cancelled: u64,
    rejected: u64,
    would_reject: u64,
    late: u64,
    slow: u64,
    passthrough: u64,
    /// Calls that the box made only to see whether the service works. They are in no other number.
    probes: u64,
    opened: u64,
}

/// A call that failed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ErrorOut {
    at: Timestamp,
    /// What went wrong, in a word or two.
    error: &'static str,
    correlation_id: String,
}

/// A change of a circuit.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TransitionOut {
    at: Timestamp,
    from: CircuitState,
    to: CircuitState,
    reason: CircuitReason,
    /// What the call belongs to that brought it about; nothing where time or somebody did.
    correlation_id: Option<String>,
}

impl From<BreakerView> for BreakerOut {
    fn from(view: BreakerView) -> Self {
        let totals = view.totals;
        let Totals { ok, fail, ignored, cancelled, rejected, would_reject, late, slow, .. } = totals;
        Self {
            service: view.circuit.service,
            key: view.circuit.key.to_string(),
            mode: view.settings.mode,
            state: view.state,
            since: view.since,
            retry_after_ms: view.retry_after.map(in_millis),
            failures: fail,
            successes: ok,
            total_requests: ok + fail + ignored + cancelled + rejected,
            last_failure_time: view.last_failure,
            last_success_time: view.last_success,
            trials_in_flight: view.trials_in_flight,
            trial_successes: view.trial_successes,
            window: WindowOut::of(view.window, view.percentiles),
            totals: TotalsOut {
                ok,
                fail,
                ignored,
                cancelled,
                rejected,
                would_reject,
                late,
                slow,
                passthrough: totals.passthrough,
                probes: totals.probes,
                opened: totals.opened,
            },
            errors: view
                .errors
                .into_iter()
                .map(|failed| ErrorOut {
                    at: failed.at,
                    error: failed.what,
                    correlation_id: failed.correlation_id.to_string(),
                })
                .collect(),
            transitions: view
                .transitions
                .into_iter()
                .map(|change| TransitionOut {
                    at: change.at,
                    from: change.from,
                    to: change.to,
                    reason: change.reason,
                    correlation_id: change.correlation_id.map(|id| id.to_string()),
                })
                .collect(),
        }
    }
}

/// A span in whole milliseconds.
pub fn in_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
