//! Messages to people: what they are about, and what they are made of until they are worded. Depends on times and kinds of
//! messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MessageKind, Timestamp};

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
    /// Results of a contest or of one of its categories, as they were when they were sent.
    Results {
        /// Of which event.
        event: String,
        /// Of which contest.
        contest: String,
        /// Of which category, if they are of one alone.
        category: Option<String>,
        /// The places, by category.
        categories: Vec<CategoryPlaces>,
    },
    /// Something is wrong on the machine.
    Alert(AlertNotice),
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
    /// Of which kind the message is.
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Invitation { .. } => MessageKind::Invitation,
            Self::PasswordReset { .. } => MessageKind::PasswordReset,
            Self::JudgeLink { .. } => MessageKind::JudgeLink,
            Self::Results { .. } => MessageKind::Results,
            Self::Alert(_) => MessageKind::Alert,
            Self::Note { .. } => MessageKind::Message,
            Self::Test { .. } => MessageKind::Test,
        }
    }
}

/// The places of a category, as a message tells them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CategoryPlaces {
    /// Of which category.
    pub name: String,
    /// Whether marks can still come or change.
    pub provisional: bool,
    /// How many have a place, of whom the first are told.
    pub count: usize,
    /// From the first on.
    pub places: Vec<PlaceTold>,
}

/// A place in results, as a message tells it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlaceTold {
    /// From 1; those who tie have the same.
    pub rank: u32,
    /// Who has it.
    pub name: String,
    /// The number of the entry.
    pub number: Option<u32>,
    /// The total, as people read it.
    pub score: Option<String>,
}

/// Something that is wrong on the machine, for those who look after it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AlertNotice {
    /// How urgent it is.
    pub severity: AlertSeverity,
    /// In a few words.
    pub title: String,
    /// What is wrong; may go over several lines.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
    /// Where: the machine, or the part of it.
    pub place: String,
    /// What helps; may go over several lines.
    pub what_to_do: Option<String>,
    /// Where it can be looked at.
    pub url: Option<String>,
    /// Under which all of it is found in the log.
    pub correlation_id: Option<String>,
}

/// How urgent an alert is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AlertSeverity {
    /// Good to know.
    Info,
    /// To be looked at soon.
    Warning,
    /// To be looked at now.
    Critical,
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
