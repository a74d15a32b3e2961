//! Circuits: the connections to services outside, as circuit breakers keep them. Uses nothing.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of service outside, with breakers, limits and a fallback of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutboundService {
    /// Mail relays.
    Email,
    /// Object stores.
    Storage,
    /// Receivers of webhooks.
    Webhook,
    /// SMS gateways.
    Sms,
    /// Virus scanners.
    VirusScan,
    /// Shared caches.
    Redis,
    /// Other HTTP interfaces that are called on events.
    ExternalApi,
    /// Collectors of traces and logs.
    Otlp,
}

impl OutboundService {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Email,
        Self::Storage,
        Self::Webhook,
        Self::Sms,
        Self::VirusScan,
        Self::Redis,
        Self::ExternalApi,
        Self::Otlp,
    ];

    /// Whether deliveries go by it. What a collector is sent is read from the log, and is none.
    pub const fn carries_deliveries(self) -> bool {
        !matches!(self, Self::Otlp)
    }

    /// Its word, as in JSON, the configuration and the metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Storage => "storage",
            Self::Webhook => "webhook",
            Self::Sms => "sms",
            Self::VirusScan => "virus_scan",
            Self::Redis => "redis",
            Self::ExternalApi => "external_api",
            Self::Otlp => "otlp",
        }
    }
}

impl fmt::Display for OutboundService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What is done with what a circuit breaker finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BreakerMode {
    /// Calls are rejected while the circuit is open.
    #[default]
    Enforce,
    /// Every call is made; those that would have been rejected are counted, and what became of them.
    Monitor,
    /// Calls pass unseen.
    Disabled,
    /// Every call is rejected; what was known is kept.
    ForcedOpen,
}

/// Where a circuit stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CircuitState {
    /// Calls are made.
    Closed,
    /// A few calls are made to see whether it can be closed.
    HalfOpen,
    /// No calls are made.
    Open,
}

impl CircuitState {
    /// Its word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::HalfOpen => "HALF_OPEN",
            Self::Open => "OPEN",
        }
    }
}

/// Why a circuit changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CircuitReason {
    /// So many failures in the window.
    FailureCount,
    /// So large a part of the window's calls failed.
    FailureRate,
    /// So large a part of the window's calls was slow.
    SlowRate,
    /// So many failures in a row.
    ConsecutiveFailures,
    /// It was open for its time.
    OpenElapsed,
    /// A trial failed.
    TrialFailed,
    /// A trial was slow.
    TrialSlow,
    /// A trial did not end.
    TrialTimeout,
    /// Enough trials succeeded.
    TrialsSucceeded,
    /// Somebody reset it.
    ManualReset,
    /// Somebody opened it.
    ManualTrip,
    /// Somebody switched it off.
    Disabled,
}

impl CircuitReason {
    /// Its word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::FailureCount => "failure_count",
            Self::FailureRate => "failure_rate",
            Self::SlowRate => "slow_rate",
            Self::ConsecutiveFailures => "consecutive_failures",
            Self::OpenElapsed => "open_elapsed",
            Self::TrialFailed => "trial_failed",
            Self::TrialSlow => "trial_slow",
            Self::TrialTimeout => "trial_timeout",
            Self::TrialsSucceeded => "trials_succeeded",
            Self::ManualReset => "manual_reset",
            Self::ManualTrip => "manual_trip",
            Self::Disabled => "disabled",
        }
    }
}

/// What is kept of a circuit over a restart.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CircuitMemory {
    /// Where it stood.
    pub state: CircuitState,
    /// How often it was opened since it was last closed.
    pub opens: u32,
    /// What its open time was drawn with, from 0 to 1.
    pub chance: f64,
}
