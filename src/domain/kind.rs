//! The nouns of the product and how they hang together: one enum that code, API and documents share.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of thing that people create, delete and restore.
///
/// The discriminant is part of stored keys and never changes or is reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[repr(u8)]
pub enum Kind {
    /// One organisation on the box.
    Tenant = 1,
    /// An account that signs in.
    User = 2,
    /// A judged event.
    Event = 3,
    /// A contest of an event.
    Contest = 4,
    /// A category of a contest: what is judged together.
    Category = 5,
    /// One thing judges look at in a category.
    Criterion = 6,
    /// A person, team or exhibit that takes part.
    Contestant = 7,
    /// A contestant in a contest, with its number.
    Entry = 8,
    /// An entry listed in a category.
    Entrant = 9,
    /// A person who judges.
    Judge = 10,
    /// A judge on a category.
    Assignment = 11,
    /// Points taken from an entry in a category.
    Deduction = 12,
    /// All marks of one judge for one entrant.
    Sheet = 13,
    /// The value for one criterion on a sheet.
    Mark = 14,
    /// A credential of a program.
    Token = 15,
    /// The shape of something, to be made again.
    Template = 16,
    /// A custom field.
    Field = 17,
    /// That a judge should not judge a contestant.
    Conflict = 18,
    /// Work that is done in pieces behind the answer.
    Job = 21,
    /// A personal link by which a judge signs in.
    JudgeLink = 22,
    /// What keeps a failing service outside from being called.
    Breaker = 23,
    /// A job that leaves the box.
    Delivery = 26,
    /// Somebody who is told of what happens.
    Webhook = 27,
    /// Another program that is called on what happens.
    Action = 28,
    /// A photo, a document or a score file.
    File = 32,
    /// A backup of the box.
    Backup = 30,
    /// Something that is wrong with the box.
    Alert = 34,
    /// A tenant's own wording of a message.
    Wording = 33,
}

impl Kind {
    /// Every kind, in the order of its stored number.
    pub const ALL: [Self; 28] = [
        Self::Tenant,
        Self::User,
        Self::Event,
        Self::Contest,
        Self::Category,
        Self::Criterion,
        Self::Contestant,
        Self::Entry,
        Self::Entrant,
        Self::Judge,
        Self::Assignment,
        Self::Deduction,
        Self::Sheet,
        Self::Mark,
        Self::Token,
        Self::Template,
        Self::Field,
        Self::Conflict,
        Self::Job,
        Self::JudgeLink,
        Self::Breaker,
        Self::Delivery,
        Self::Webhook,
        Self::Action,
        Self::File,
        Self::Backup,
        Self::Alert,
        Self::Wording,
    ];

    /// The kind directly above, which must be live for this one to be; a tenant has none.
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Tenant => None,
            Self::User
            | Self::Event
            | Self::Contestant
            | Self::Judge
            | Self::Token
            | Self::Template
            | Self::Field
            | Self::Conflict
            | Self::Job
            | Self::Breaker
            | Self::Delivery
            | Self::Webhook
            | Self::Action
            | Self::File
            | Self::Backup
            | Self::Alert
            | Self::Wording => Some(Self::Tenant),
            Self::Contest => Some(Self::Event),
            Self::Category | Self::Entry => Some(Self::Contest),
            Self::Criterion | Self::Entrant | Self::Assignment | Self::Deduction | Self::Sheet => {
                Some(Self::Category)
            }
            Self::Mark => Some(Self::Sheet),
            Self::JudgeLink => Some(Self::Judge),
        }
    }

    /// The field in JSON that names what it hangs beneath, where that is not the tenant.
    pub const fn parent_field(self) -> Option<&'static str> {
        match self.parent() {
            Some(Self::Event) => Some("eventId"),
            Some(Self::Contest) => Some("contestId"),
            Some(Self::Category) => Some("categoryId"),
            _ => None,
        }
    }

    /// The word for one of them, as in JSON and in audit actions.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Event => "event",
            Self::Contest => "contest",
            Self::Category => "category",
            Self::Criterion => "criterion",
            Self::Contestant => "contestant",
            Self::Entry => "entry",
            Self::Entrant => "entrant",
            Self::Judge => "judge",
            Self::Assignment => "assignment",
            Self::Deduction => "deduction",
            Self::Sheet => "sheet",
            Self::Mark => "mark",
            Self::Token => "token",
            Self::Template => "template",
            Self::Field => "field",
            Self::Conflict => "conflict",
            Self::Job => "job",
            Self::JudgeLink => "judgeLink",
            Self::Breaker => "breaker",
            Self::Delivery => "delivery",
            Self::Webhook => "webhook",
            Self::Action => "action",
            Self::File => "file",
            Self::Backup => "backup",
            Self::Alert => "alert",
            Self::Wording => "wording",
        }
    }

    /// The word for many of them, as in paths.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Tenant => "tenants",
            Self::User => "users",
            Self::Event => "events",
            Self::Contest => "contests",
            Self::Category => "categories",
            Self::Criterion => "criteria",
            Self::Contestant => "contestants",
            Self::Entry => "entries",
            Self::Entrant => "entrants",
            Self::Judge => "judges",
            Self::Assignment => "assignments",
            Self::Deduction => "deductions",
            Self::Sheet => "sheets",
            Self::Mark => "marks",
            Self::Token => "tokens",
            Self::Template => "templates",
            Self::Field => "fields",
            Self::Conflict => "conflicts",
            Self::Job => "jobs",
            Self::JudgeLink => "judge-links",
            Self::Breaker => "breakers",
            Self::Delivery => "deliveries",
            Self::Webhook => "webhooks",
            Self::Action => "actions",
            Self::File => "files",
            Self::Backup => "backups",
            Self::Alert => "alerts",
            Self::Wording => "wordings",
        }
    }

    /// The kind with this stored number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == code)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Texts are for people, who read words.
        f.write_str(if *self == Self::JudgeLink { "judge link" } else { self.word() })
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == word).ok_or(UnknownKind)
    }
}

/// A word that names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of resource")]
pub struct UnknownKind;

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_kind_is_found_by_its_number_and_its_word() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind as u8), Some(kind));
            assert_eq!(kind.word().parse(), Ok(kind));
        }
    }

    #[test]
    fn every_chain_of_parents_ends_at_the_tenant() {
        for kind in Kind::ALL {
            let top = std::iter::successors(Some(kind), |kind| kind.parent()).last();
            assert_eq!(top, Some(Kind::Tenant));
        }
    }
}
