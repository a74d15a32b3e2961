//! Deletion: what is kept of who deleted what, and how a reader learns that something is out of sight.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Actor, Kind, Timestamp};

/// The tombstone of a deleted row: when, who, why and which request.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tombstone {
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// Who deleted it.
    pub deleted_by: Actor,
    /// Why, in the words of whoever deleted it.
    pub reason: Option<String>,
    /// The request that deleted it.
    pub request_id: String,
    /// The correlation ID of that request.
    pub correlation_id: String,
}

/// The deleted resource that takes another one out of sight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HiddenBy {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Its id.
    pub id: Uuid,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

/// Whether a row can be seen.
#[derive(Clone, PartialEq, Debug)]
pub enum Visibility {
    /// It and all it depends on are live.
    Live,
    /// It has its own tombstone.
    Deleted(Tombstone),
    /// Something it depends on is deleted.
    Hidden(HiddenBy),
}

impl Visibility {
    /// What takes out of sight whatever depends on a thing of this visibility; nothing while it is live.
    pub const fn hides(&self, kind: Kind, id: Uuid) -> Option<HiddenBy> {
        match self {
            Self::Live => None,
            Self::Deleted(tombstone) => Some(HiddenBy { kind, id, deleted_at: tombstone.deleted_at }),
            Self::Hidden(hidden_by) => Some(*hidden_by),
        }
    }
}
