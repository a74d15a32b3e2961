//! Text messages: one request to a provider, by the Messages API that Twilio has and others imitate, or by a plain one of
//! our own. A provider takes a message; whether the telephone gets it is said later. Uses the one HTTP client.

mod classify;
mod gateway;
mod settings;

#[cfg(test)]
mod tests;

pub use self::{
    gateway::{Accepted, Gateway, TextMessage},
    settings::{GatewaySettings, NoGateway, Protocol},
};
