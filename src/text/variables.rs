//! What each kind of message is made of. Everything is text for people already (times, scores), so that a template only
//! places it. Links may hold secrets and show themselves to nobody but the recipient. May use `domain`.

use std::{borrow::Cow, fmt};

use serde::{Serialize, Serializer};
use serde_json::Value;
use url::Url;

use super::clean;
use crate::domain::{AlertSeverity, CategoryPlaces, Colour, MessageKind};

/// Variables that may go over several lines; all others are one.
const BLOCKS: [&str; 3] = ["what", "what_to_do", "body"];

/// Who sends: templates see the name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tenant {
    /// The name to show.
    pub name: String,
    /// The accent colour of mails.
    pub accent: Option<Colour>,
}

/// An address on the web. It may let whoever has it sign in, and is therefore not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(Cow<'static, str>);

/// An address that is none of the web.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be an address that begins with http:// or https://")]
pub struct NoLink;

/// Variables of [`MessageKind::Invitation`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Invitation {
    /// Who sends.
    pub tenant: Tenant,
    /// Of the invited.
    pub name: String,
    /// Who invited them.
    pub inviter: Option<String>,
    /// Where the password is set.
    pub url: Link,
    /// Until when the link holds.
    pub valid_until: String,
}

/// How a judge learns the PIN, which never goes the way of the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PinGiven {
    /// Somebody tells it.
    InPerson,
    /// It comes in a text message.
    BySms,
    /// It comes in a mail.
    ByMail,
}

/// Variables of [`MessageKind::JudgeLink`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct JudgeLink {
    /// Who sends.
    pub tenant: Tenant,
    /// Of the judge.
    pub name: String,
    /// Of the event.
    pub event: String,
    /// The judge's personal link.
    pub url: Link,
    /// Until when it holds.
    pub valid_until: Option<String>,
    /// How the PIN is given: `in_person`, `by_sms` or `by_mail`.
    pub pin: PinGiven,
}

/// Variables of [`MessageKind::Results`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Results {
    /// Who sends.
    pub tenant: Tenant,
    /// Of the recipient.
    pub name: Option<String>,
    /// Of the event.
    pub event: String,
    /// Of the contest.
    pub contest: String,
    /// Of the category, if the results are of one.
    pub category: Option<String>,
    /// The places, by category.
    pub categories: Vec<CategoryPlaces>,
}

/// Variables of [`MessageKind::Alert`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Alert {
    /// Whose machine it is.
    pub tenant: Tenant,
    /// How urgent it is: `critical`, `warning` or `info`.
    pub severity: AlertSeverity,
    /// In a few words.
    pub title: String,
    /// What is wrong; may go over several lines.
    pub what: String,
    /// Since when.
    pub since: String,
    /// Where: the machine, or the part of it.
    pub place: String,
    /// What helps; may go over several lines.
    pub what_to_do: Option<String>,
    /// Where it can be looked at.
    pub url: Option<Link>,
    /// Under which all of it is found in the log.
    pub correlation_id: Option<String>,
}

/// Variables of [`MessageKind::PasswordReset`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PasswordReset {
    /// Who sends.
    pub tenant: Tenant,
    /// Of the user.
    pub name: String,
    /// Where the password is set.
    pub url: Link,
    /// Until when the link holds.
    pub valid_until: String,
    /// The administrator who made the link; without, it was asked for on the sign-in page.
    pub asked_by: Option<String>,
}

/// Variables of [`MessageKind::Message`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Message {
    /// Who sends.
    pub tenant: Tenant,
    /// Of the recipient.
    pub name: Option<String>,
    /// Of the organiser who writes.
    pub sender: String,
    /// Of the event it is about.
    pub event: Option<String>,
    /// As written.
    pub subject: String,
    /// As written, over several lines.
    pub body: String,
}

/// Variables of [`MessageKind::Test`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Test {
    /// Who sends.
    pub tenant: Tenant,
    /// The administrator who tries.
    pub asked_by: String,
    /// When.
    pub sent_at: String,
}

/// The variables of a message, which are of one kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum Variables {
    /// Of [`MessageKind::Invitation`].
    Invitation(Invitation),
    /// Of [`MessageKind::JudgeLink`].
    JudgeLink(JudgeLink),
    /// Of [`MessageKind::Results`].
    Results(Results),
    /// Of [`MessageKind::Alert`].
    Alert(Alert),
    /// Of [`MessageKind::PasswordReset`].
    PasswordReset(PasswordReset),
    /// Of [`MessageKind::Message`].
    Message(Message),
    /// Of [`MessageKind::Test`].
    Test(Test),
}

impl Variables {
    /// Of which kind they are.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Invitation(_) => MessageKind::Invitation,
            Self::JudgeLink(_) => MessageKind::JudgeLink,
            Self::Results(_) => MessageKind::Results,
            Self::Alert(_) => MessageKind::Alert,
            Self::PasswordReset(_) => MessageKind::PasswordReset,
            Self::Message(_) => MessageKind::Message,
            Self::Test(_) => MessageKind::Test,
        }
    }

    pub(super) fn tenant(&self) -> &Tenant {
        match self {
            Self::Invitation(of) => &of.tenant,
            Self::JudgeLink(of) => &of.tenant,
            Self::Results(of) => &of.tenant,
            Self::Alert(of) => &of.tenant,
            Self::PasswordReset(of) => &of.tenant,
            Self::Message(of) => &of.tenant,
            Self::Test(of) => &of.tenant,
        }
    }

    /// The link that the message is about. Only it can become a button.
    pub(super) fn link(&self) -> Option<&str> {
        let link = match self {
            Self::Invitation(of) => Some(&of.url),
            Self::JudgeLink(of) => Some(&of.url),
            Self::Alert(of) => of.url.as_ref(),
            Self::PasswordReset(of) => Some(&of.url),
            Self::Results(_) | Self::Message(_) | Self::Test(_) => None,
        };
        link.map(Link::as_str)
    }

    /// As templates see them.
    pub(super) fn to_data(&self) -> Value {
        let mut data = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(fields) = &mut data {
            for (name, value) in fields {
                clean_texts(value, BLOCKS.contains(&name.as_str()));
            }
        }
        data
    }
}

fn clean_texts(value: &mut Value, is_block: bool) {
    match value {
        Value::String(text) => *text = if is_block { clean::block(text) } else { clean::line(text) },
        Value::Array(items) => items.iter_mut().for_each(|item| clean_texts(item, is_block)),
        Value::Object(fields) => fields.values_mut().for_each(|field| clean_texts(field, is_block)),
        _ => {}
    }
}

impl Link {
    /// Takes an address of the web.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, NoLink> {
        Self::try_from(Url::parse(text).map_err(|_| NoLink)?)
    }

    /// An address in the code.
    pub(super) const fn constant(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<Url> for Link {
    type Error = NoLink;

    fn try_from(url: Url) -> Result<Self, NoLink> {
        let is_web = matches!(url.scheme(), "http" | "https");
        if is_web { Ok(Self(Cow::Owned(url.into()))) } else { Err(NoLink) }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(..)")
    }
}

impl Serialize for Link {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for Tenant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}
