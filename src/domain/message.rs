//! Messages to people: what they are about, and what they are made of until they are worded. Depends on times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Timestamp;

/// What a message is made of. It may hold links that let whoever has them sign in, so it is stored sealed only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MessageContent {
    /// A user was invited to a tenant and is to set a password.
    Invitation {
        /// Where the password is set.
        url: String,
        /// Until when the link holds.
        valid_until: Timestamp,
        /// Who invited them.
        inviter: Option<String>,
    },
    /// A new password can be set.
    PasswordReset {
        /// Where it is set.
        url: String,
        /// Until when the link holds.
        valid_until: Timestamp,
        /// Who asked for it, if somebody else did.
        asked_by: Option<String>,
    },
    /// A judge is given the link to the score sheets.
    JudgeLink {
        /// The link.
        url: String,
        /// Until when it holds.
        valid_until: Timestamp,
        /// For which event.
        event: String,
    },
    /// What an organiser writes.
    Note {
        /// Who writes.
        sender: String,
        /// What it is about.
        subject: String,
        /// What it says.
        body: String,
    },
    /// An administrator tries whether messages arrive.
    Test {
        /// Who.
        asked_by: String,
        /// When.
        at: Timestamp,
    },
}

impl MessageContent {
    /// What it is about, in a word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::PasswordReset { .. } => "password_reset",
            Self::JudgeLink { .. } => "judge_link",
            Self::Note { .. } => "message",
            Self::Test { .. } => "test",
        }
    }
}

/// Somebody who gets a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipient {
    /// What they are called.
    pub name: String,
    /// The mail address or telephone number.
    pub address: String,
}

/// Why somebody gets no more mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SuppressedWhy {
    /// A relay said that there is no such address.
    Bounced,
    /// They asked for no more mail to many.
    Unsubscribed,
}

/// An address that gets no more mail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suppression {
    /// Which.
    pub address: String,
    /// Why.
    pub why: SuppressedWhy,
    /// Since when.
    pub at: Timestamp,
    /// What was said.
    pub detail: String,
}
