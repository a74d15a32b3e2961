//! What keeps the product answering when somebody asks too much, or when something outside fails: pure state machines on a
//! given time, behind thin locks. May use `telemetry`.

mod bounded;
mod breaker;
mod failures;
mod outbound_service;
mod sign_ins;
mod token_bucket;

pub use self::{
    breaker::{
        Breaker, BreakerSettings, BreakerView, Breakers, CallError, Circuit, CircuitState, KEYS_MAX,
        Listener, Mode, Percentiles, Permit, Reason, Rejected, Remembered, SettingsFault, TRANSITIONS_KEPT,
        Totals, Transition, Verdict, WINDOW_CALLS_MAX, WindowCounts, WindowSpan,
    },
    outbound_service::OutboundService,
    sign_ins::{Delayed, SignInRules, SignIns, Subject},
    token_bucket::{Exhausted, Rate, TokenBuckets},
};
