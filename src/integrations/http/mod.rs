//! The one way out over HTTP: a blocking client that reaches only addresses it has checked, follows nothing, waits and
//! reads only so much, and says of every failure whether the request may have been acted upon. May use `telemetry`.

mod address_guard;
mod address_ranges;
mod answer;
mod classify;
mod client;
mod connection;
mod faults;
mod head;
mod lookup;
mod progress;
mod request;
mod resolver;
mod socket;
mod tls;

#[cfg(test)]
mod tests;

pub(in crate::integrations) use self::tls::client_config;
pub use self::{
    classify::{failure_of_status, retry_after},
    client::{HttpClient, HttpRules, HttpSetUpError},
    request::{HttpAnswer, HttpFailure, HttpFault, HttpRequest, Reach},
};
