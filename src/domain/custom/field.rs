//! The definition of a custom field.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FieldRule;
use crate::domain::{
    Kind, Role,
    noun::{Fault, Noun, Unique, UniqueField},
    readable_name,
};

/// Something that a tenant wants to know of each contestant, judge, entry or event.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Field")]
#[garde(allow_unvalidated)]
pub struct CustomField {
    /// Of what it is asked; never changes.
    pub entity: FieldEntity,
    /// Its name among the values: lower-case letters, digits and hyphens; never changes.
    #[garde(length(chars, min = 1, max = 40))]
    pub key: String,
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub label: String,
    /// Which values it takes; the type never changes.
    pub rule: FieldRule,
    /// Whether there must be a value.
    #[serde(default)]
    pub required: bool,
    /// The roles that see its values and may give them, ADMIN always among them.
    #[serde(default = "organisers")]
    #[garde(length(max = 9))]
    pub visibility: Vec<Role>,
    /// Place among the fields.
    #[serde(default)]
    pub position: i32,
}

fn organisers() -> Vec<Role> {
    vec![Role::Admin, Role::Organizer]
}

/// What a custom field can be asked of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldEntity {
    /// Contestants.
    Contestant,
    /// Judges.
    Judge,
    /// Entries.
    Entry,
    /// Events.
    Event,
}

impl FieldEntity {
    /// Its word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contestant => "contestant",
            Self::Judge => "judge",
            Self::Entry => "entry",
            Self::Event => "event",
        }
    }
}

impl CustomField {
    /// Whether somebody with one of these roles sees its values.
    pub fn is_seen_by(&self, has_role: impl Fn(Role) -> bool) -> bool {
        has_role(Role::Admin) || self.visibility.iter().any(|role| has_role(*role))
    }

    /// What would change although it never does: a JSON pointer.
    pub fn immutable(&self, new: &Self) -> Option<&'static str> {
        if self.entity != new.entity {
            Some("/entity")
        } else if self.key != new.key {
            Some("/key")
        } else if self.rule.word() != new.rule.word() {
            Some("/rule/type")
        } else {
            None
        }
    }
}

impl Noun for CustomField {
    const KIND: Kind = Kind::Field;

    fn label(&self) -> String {
        self.label.clone()
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Unique { field: UniqueField::FieldKey, value: format!("{}:{}", self.entity.word(), self.key) }]
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> =
            self.rule.faults().into_iter().map(|fault| fault.under("/rule")).collect();
        let plain = self.key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain || self.key.starts_with('-') || self.key.ends_with('-') {
            let message = "must be lower-case letters, digits and hyphens, no hyphen at an end";
            faults.push(Fault::new("/key", message));
        }
        faults
    }

    fn order(&self) -> (i32, u32) {
        (self.position, 0)
    }
}
