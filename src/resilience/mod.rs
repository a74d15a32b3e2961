//! What keeps the product answering when somebody asks too much, or when something outside fails: pure state machines on a
//! given time, behind thin locks. May use `telemetry`.

mod bounded;
mod breaker;
mod failures;
mod sign_ins;
mod token_bucket;

pub use self::{
    breaker::{
        Breaker, BreakerSettings, BreakerView, Breakers, CallError, Circuit, KEYS_MAX, Listener, Percentiles,
        Permit, Rejected, SettingsFault, TIMED_OUT, TRANSITIONS_KEPT, Totals, Transition, Verdict,
        WINDOW_CALLS_MAX, WindowCounts, WindowSpan,
    },
    sign_ins::{Delayed, SignInRules, SignIns, Subject},
    token_bucket::{Exhausted, Rate, TokenBuckets},
};
