//! How a provider of text messages is asked.

use crate::config::setting::TextSetting;

/// How a provider of text messages is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmsProtocol {
    /// Twilio's Messages API, which others imitate.
    Twilio,
    /// JSON with a bearer token.
    Generic,
}

impl TextSetting for SmsProtocol {
    const ALLOWED: &'static str = "\"twilio\" or \"generic\"";

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "twilio" => Some(Self::Twilio),
            "generic" => Some(Self::Generic),
            _ => None,
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::Twilio => "twilio",
            Self::Generic => "generic",
        }
        .to_owned()
    }
}
