//! Where a provider of text messages is, and what it is asked with. Uses nothing of ours.

use std::fmt;

use url::Url;

/// How a provider is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// Twilio's Messages API, version 2010-04-01.
    Twilio,
    /// A `POST` of JSON with a bearer token.
    Generic,
}

/// A provider and an account there.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewaySettings {
    /// How it is asked.
    pub protocol: Protocol,
    /// `https` or `http`: what stands before the path of Twilio's API, or the whole address.
    pub url: String,
    /// The account; with the generic protocol a name for the circuit breaker alone, and may be empty.
    pub account: String,
    /// The account's secret.
    pub token: String,
    /// A number, a name, or the id of a messaging service of Twilio.
    pub from: String,
}

impl fmt::Debug for GatewaySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewaySettings")
            .field("protocol", &self.protocol)
            .field("host", &Url::parse(&self.url).ok().and_then(|url| url.host_str().map(ToOwned::to_owned)))
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Why there can be no way to a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoGateway {
    /// Its address cannot be used.
    #[error(
        "the address must be a URL that begins with https:// or http://, without a user or password in it"
    )]
    Url,
    /// The account would be another part of the address.
    #[error("the account must consist of letters and digits")]
    Account,
}
