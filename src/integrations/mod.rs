//! The ways out of the box, a folder each: a client, how its failures are understood, and what it takes the place of. Only
//! here is the outside called, and only with a permit of a circuit breaker. May use `resilience` and `telemetry`.

mod attempt;
pub mod email;
mod http;
pub mod otlp;
pub mod redis;
pub mod sms;
mod sockets;
pub mod storage;
pub mod virus_scan;

pub use self::{
    attempt::{Blame, CallIds, DETAIL_BYTES_MAX, Failure, Next},
    http::{
        HttpAnswer, HttpClient, HttpFailure, HttpFault, HttpRequest, HttpRules, HttpSetUpError, Reach,
        failure_of_status, retry_after,
    },
};
