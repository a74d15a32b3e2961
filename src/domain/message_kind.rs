//! The kinds of messages that are sent to people. Uses nothing of ours.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a message is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A user was invited to a tenant and is to set a password.
    Invitation,
    /// A judge is given the link to the score sheets.
    JudgeLink,
    /// Results are out.
    Results,
    /// Something is wrong on the machine.
    Alert,
    /// A new password can be set.
    PasswordReset,
    /// What an organiser writes.
    Message,
    /// An administrator tries whether messages arrive.
    Test,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Invitation,
        Self::JudgeLink,
        Self::Results,
        Self::Alert,
        Self::PasswordReset,
        Self::Message,
        Self::Test,
    ];

    /// In a word, as in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::JudgeLink => "judge_link",
            Self::Results => "results",
            Self::Alert => "alert",
            Self::PasswordReset => "password_reset",
            Self::Message => "message",
            Self::Test => "test",
        }
    }

    /// Whether it holds a link that lets whoever has it sign in.
    pub const fn holds_secret(self) -> bool {
        matches!(self, Self::Invitation | Self::JudgeLink | Self::PasswordReset)
    }

    /// Whether it holds a link with which a password is set: it goes to the mail address of its account, and nowhere else.
    pub const fn sets_password(self) -> bool {
        matches!(self, Self::Invitation | Self::PasswordReset)
    }

    /// Whether it can go to a telephone.
    pub const fn goes_by_sms(self) -> bool {
        !self.sets_password()
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
