//! `[sms]`: the provider that text messages go out by.

use std::path::PathBuf;

use crate::config::{
    keys::section,
    values::{Line, Secret, SmsProtocol},
};

section! {
    /// Text messages. Without an account ("twilio") or a url ("generic"), none is sent.
    SmsProvider {
        /// How the provider is asked: by Twilio's Messages API, or with JSON {"to", "from", "text", "reference"} and a bearer
        /// token.
        provider: SmsProtocol = SmsProtocol::Twilio,
        /// The account, such as "AC0123...".
        account: Option<Line> = None,
        /// The account's secret: Twilio's auth token, or the bearer token.
        token: Option<Secret> = None,
        /// A file with the secret.
        token_file: Option<PathBuf> = None,
        /// The number or name that messages come from, or the id of a messaging service of Twilio.
        from: Option<Line> = None,
        /// The provider's address. "" with "twilio" is https://api.twilio.com.
        url: Option<Line> = None,
    }
}

impl SmsProvider {
    /// Whether text messages go out.
    pub fn is_set_up(&self) -> bool {
        self.place().1
    }

    /// The key that says where the provider is, and whether it is given.
    pub(in crate::config) fn place(&self) -> (&'static str, bool) {
        match self.provider {
            SmsProtocol::Twilio => ("sms.account", self.account.is_some()),
            SmsProtocol::Generic => ("sms.url", self.url.is_some()),
        }
    }
}
