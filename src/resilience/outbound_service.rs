//! The kinds of services outside that the product calls. Uses nothing.

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
}

impl OutboundService {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Email,
        Self::Storage,
        Self::Webhook,
        Self::Sms,
        Self::VirusScan,
        Self::Redis,
        Self::ExternalApi,
    ];

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
        }
    }
}

impl fmt::Display for OutboundService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
