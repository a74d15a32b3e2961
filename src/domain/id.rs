//! Identifiers: one newtype a noun, so that a judge's id never stands where an entry's belongs.
//! UUIDv7 values are drawn by the caller; nothing here reads a clock or randomness.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID whose noun is known.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for keys.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "format": "uuid"})
            }
        }
    )+};
}

ids! {
    /// A tenant: one organisation on the box.
    TenantId,
    /// A user of a tenant.
    UserId,
    /// An event.
    EventId,
    /// A contest of an event.
    ContestId,
    /// A category of a contest.
    CategoryId,
    /// A criterion of a category.
    CriterionId,
    /// A contestant (person, team or exhibit) of a tenant.
    ContestantId,
    /// An entry: a contestant in a contest.
    EntryId,
    /// An entrant: an entry listed in a category.
    EntrantId,
    /// A judge of a tenant.
    JudgeId,
    /// An assignment: a judge on a category.
    AssignmentId,
    /// A deduction from an entry in a category.
    DeductionId,
    /// A file.
    FileId,
    /// An API token.
    TokenId,
    /// A template.
    TemplateId,
    /// A job.
    JobId,
    /// A judge link.
    JudgeLinkId,
    /// A delivery.
    DeliveryId,
    /// A webhook.
    WebhookId,
    /// An action.
    ActionHookId,
    /// An alert.
    AlertId,
    /// A silence of alerts.
    SilenceId,
}
