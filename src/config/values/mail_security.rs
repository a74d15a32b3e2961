//! How a connection to a mail relay is protected.

use crate::config::setting::TextSetting;

/// How a connection to a mail relay is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailSecurity {
    /// It begins in clear and becomes TLS before anything is sent.
    StartTls,
    /// It is TLS from its first byte.
    Tls,
    /// It stays in clear.
    Plain,
}

impl TextSetting for MailSecurity {
    const ALLOWED: &'static str = "\"starttls\", \"tls\" or \"plain\"";

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "starttls" => Some(Self::StartTls),
            "tls" => Some(Self::Tls),
            "plain" => Some(Self::Plain),
            _ => None,
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::Plain => "plain",
        }
        .to_owned()
    }
}
