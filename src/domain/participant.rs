//! Who takes part: contestants, their entries in contests, and lists of entrants.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ContestantId, Custom, Email, EntryId, FieldEntity, Kind, Phone,
    noun::{Fault, Noun, Reference, Unique, UniqueField},
    readable_name,
};

/// A person, team or exhibit of a tenant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Contestant {
    /// What people call them.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// What takes part.
    #[serde(default)]
    pub form: ContestantForm,
    /// Anything worth knowing.
    #[serde(default)]
    #[garde(inner(length(chars, max = 10_000)))]
    pub description: Option<String>,
    /// How to speak of them, such as `she/her`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60), custom(readable_name)))]
    pub pronouns: Option<String>,
    /// What may be said about them on stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 10_000)))]
    pub bio: Option<String>,
    /// Their address; left out for those who may not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_email: Option<Email>,
    /// Their number; left out for those who may not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_phone: Option<Phone>,
    /// Who belongs to a team, in the order in which they are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 200), dive)]
    pub members: Vec<TeamMember>,
    /// Values of custom fields, by their keys.
    #[serde(default, skip_serializing_if = "Custom::is_empty")]
    #[garde(length(max = 200))]
    pub custom: Custom,
}

/// One of a team.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TeamMember {
    /// What people call them.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// What they do in the team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 100), custom(readable_name)))]
    pub role: Option<String>,
}

/// What a contestant is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ContestantForm {
    /// One person.
    #[default]
    Person,
    /// Several people who are judged as one.
    Team,
    /// A thing, such as a project or a dish.
    Exhibit,
}

impl Noun for Contestant {
    const KIND: Kind = Kind::Contestant;
    const ENTITY: Option<FieldEntity> = Some(FieldEntity::Contestant);

    fn custom_mut(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        if self.members.is_empty() || self.form == ContestantForm::Team {
            Vec::new()
        } else {
            vec![Fault::new("/members", "belong to a team; this is none")]
        }
    }

    fn without_contact(self) -> Self {
        Self { contact_email: None, contact_phone: None, ..self }
    }
}

/// A contestant in a contest, with its number.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Entry {
    /// Who takes part; never changes.
    pub contestant_id: ContestantId,
    /// The number worn or called; the next free one if none is given.
    #[serde(default)]
    #[garde(inner(range(min = 1, max = Entry::NUMBER_MAX)))]
    pub number: Option<u32>,
    /// Whether it can be placed; a guest is shown and takes no place from others.
    #[serde(default = "yes")]
    pub eligible: bool,
    /// Place in the running order of the contest.
    #[serde(default)]
    pub position: i32,
    /// Values of custom fields, by their keys.
    #[serde(default, skip_serializing_if = "Custom::is_empty")]
    #[garde(length(max = 200))]
    pub custom: Custom,
}

impl Entry {
    /// The highest number.
    pub const NUMBER_MAX: u32 = 99_999;
}

fn yes() -> bool {
    true
}

impl Noun for Entry {
    const KIND: Kind = Kind::Entry;
    const ENTITY: Option<FieldEntity> = Some(FieldEntity::Entry);

    fn custom_mut(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }

    fn label(&self) -> String {
        self.number.map_or_else(|| "entry".to_owned(), |number| format!("No. {number}"))
    }

    fn full_label(&self, contestant: &str) -> String {
        self.number.map_or_else(|| contestant.to_owned(), |number| format!("No. {number} {contestant}"))
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference {
            kind: Kind::Contestant,
            id: self.contestant_id.uuid(),
            pointer: UniqueField::Contestant.pointer(),
            apart: false,
        }]
    }

    fn unique(&self) -> Vec<Unique> {
        let contestant = Unique { field: UniqueField::Contestant, value: self.contestant_id.to_string() };
        let number = self.number.map(|n| Unique { field: UniqueField::Number, value: n.to_string() });
        [Some(contestant), number].into_iter().flatten().collect()
    }

    fn order(&self) -> (i32, u32) {
        (self.position, self.number.unwrap_or(u32::MAX))
    }
}

/// An entry listed in a category.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Entrant {
    /// The entry of the same contest; never changes.
    pub entry_id: EntryId,
    /// Place in the running order of the category.
    #[serde(default)]
    pub position: i32,
}

impl Noun for Entrant {
    const KIND: Kind = Kind::Entrant;

    fn label(&self) -> String {
        "listed entrant".to_owned()
    }

    fn full_label(&self, entry: &str) -> String {
        entry.to_owned()
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference {
            kind: Kind::Entry,
            id: self.entry_id.uuid(),
            pointer: UniqueField::Entry.pointer(),
            apart: false,
        }]
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Unique { field: UniqueField::Entry, value: self.entry_id.to_string() }]
    }

    fn order(&self) -> (i32, u32) {
        (self.position, 0)
    }
}
