//! Limits that keep the product answering when somebody asks too much: pure state machines on a given time, behind thin
//! locks. May use `telemetry`.

mod bounded;
mod failures;
mod sign_ins;
mod token_bucket;

pub use self::{
    sign_ins::{Delayed, SignInRules, SignIns, Subject},
    token_bucket::{Exhausted, Rate, TokenBuckets},
};
