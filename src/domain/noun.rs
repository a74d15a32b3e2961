//! What every noun has in common: a body that people edit, and the record the product keeps around it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{BlobHash, Custom, FieldEntity, Kind, Sight, Timestamp};

/// The editable body of a resource: what a caller sends, what is stored, what an answer shows.
///
/// Single fields are checked by `garde`; [`Noun::faults`] adds the rules that join several fields.
pub trait Noun:
    Clone
    + PartialEq
    + Serialize
    + DeserializeOwned
    + garde::Validate<Context = ()>
    + JsonSchema
    + Send
    + Sync
    + 'static
{
    /// Which noun this is the body of.
    const KIND: Kind;

    /// As what it can have custom fields, if it can.
    const ENTITY: Option<FieldEntity> = None;

    /// A short text by which people know it, for lists of deleted things.
    fn label(&self) -> String;

    /// What people know it by where nothing else is shown of it, given what they know by that which it points at first.
    fn full_label(&self, _pointed_at: &str) -> String {
        self.label()
    }

    /// Other resources this one points at; while one of them is deleted, this one is hidden.
    /// But for what a file is about they never change after creation.
    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// What it keeps outside of its row. It never changes, and is kept as long as anything live or in the trash has it.
    fn blobs(&self) -> Vec<BlobHash> {
        Vec::new()
    }

    /// Values that no sibling (or no other of the tenant) may have.
    fn unique(&self) -> Vec<Unique> {
        Vec::new()
    }

    /// Faults of the body as a whole: a JSON pointer and a sentence each.
    fn faults(&self) -> Vec<Fault> {
        Vec::new()
    }

    /// Its values of custom fields, if it can have any.
    fn custom_mut(&mut self) -> Option<&mut Custom> {
        None
    }

    /// The body without what is for those only who may reach people.
    #[must_use]
    fn without_contact(self) -> Self {
        self
    }

    /// The body as a reader may see it: what it does not show is left out, as if it had never been given.
    #[must_use]
    fn seen_with(self, sight: &Sight) -> Self {
        let mut seen = if sight.contacts { self } else { self.without_contact() };
        if let (Some(entity), Some(custom)) = (Self::ENTITY, seen.custom_mut()) {
            custom.retain(|key, _| sight.fields.contains(&(entity, key.clone())));
        }
        seen
    }

    /// The place among its siblings: position, then number.
    fn order(&self) -> (i32, u32) {
        (0, 0)
    }
}

/// A pointer from one resource to another that hides it while the other is deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reference {
    /// What is pointed at.
    pub kind: Kind,
    /// Its id.
    pub id: Uuid,
    /// The body's field that holds it, as a JSON pointer.
    pub pointer: &'static str,
    /// Whether it may hang where the one that points does not, so that what is above it has to be looked at, too.
    pub apart: bool,
}

/// A value that must be unique.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unique {
    /// Which value; its number is part of stored keys.
    pub field: UniqueField,
    /// The value in the form in which it is compared.
    pub value: String,
}

/// The values that must be unique, each within its parent. The number is stored and never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum UniqueField {
    /// A tenant's short name, on the whole box.
    Slug = 1,
    /// A user's e-mail address in its tenant.
    Email = 2,
    /// An entry's number in its contest.
    Number = 3,
    /// A contestant's one entry in a contest.
    Contestant = 4,
    /// An entry's one place in a category's list.
    Entry = 5,
    /// A judge's one assignment on a category.
    Judge = 6,
    /// A user's one judge in its tenant.
    User = 7,
    /// A judge's one conflict with a contestant.
    Conflict = 8,
    /// A category's one head judge.
    HeadJudge = 9,
    /// A custom field's key, among those of one entity in its tenant.
    FieldKey = 10,
    /// A tenant's one wording of a kind of message in a language.
    Wording = 11,
}

impl UniqueField {
    /// The body's field, as a JSON pointer.
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Slug => "/slug",
            Self::Email => "/email",
            Self::Number => "/number",
            Self::Contestant => "/contestantId",
            Self::Entry => "/entryId",
            Self::Judge => "/judgeId",
            Self::User => "/userId",
            Self::Conflict => "/contestantId",
            Self::FieldKey => "/key",
            Self::Wording => "/language",
            Self::HeadJudge => "/headJudge",
        }
    }
}

/// One thing that is wrong with what a caller sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the body, or `""` for the whole.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Fault {
    /// A fault at a JSON pointer.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }

    /// The same fault seen from further out.
    #[must_use]
    pub fn under(self, pointer: &str) -> Self {
        Self { pointer: format!("{pointer}{}", self.pointer), message: self.message }
    }
}

/// A stored resource: the body with what the product keeps about it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "N: Noun", rename_all = "camelCase")]
pub struct Row<N> {
    /// Its id.
    pub id: Uuid,
    /// Number of the change that last wrote it: its version and entity tag.
    pub version: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its body or state was last written.
    pub updated_at: Timestamp,
    /// Since when it is locked: nothing in it or beneath it may change.
    #[serde(default)]
    pub locked_at: Option<Timestamp>,
    /// Since when it is archived: kept for reading.
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
    /// What people edit.
    pub body: N,
}
