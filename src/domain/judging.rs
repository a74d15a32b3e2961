//! Who judges: judges, their assignments to categories, and deductions by officials.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Custom, Decimal, Email, EntryId, FieldEntity, JudgeId, Kind, Phone, UserId,
    noun::{Fault, Noun, Reference, Unique, UniqueField},
    readable_name,
};

/// A person who judges.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Judge {
    /// What people call them.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
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
    /// The account that signs in as this judge.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// Values of custom fields, by their keys.
    #[serde(default, skip_serializing_if = "Custom::is_empty")]
    #[garde(length(max = 200))]
    pub custom: Custom,
}

impl Noun for Judge {
    const KIND: Kind = Kind::Judge;
    const ENTITY: Option<FieldEntity> = Some(FieldEntity::Judge);

    fn custom_mut(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn unique(&self) -> Vec<Unique> {
        let user = self.user_id.map(|user| Unique { field: UniqueField::User, value: user.to_string() });
        user.into_iter().collect()
    }

    fn without_contact(self) -> Self {
        Self { contact_email: None, contact_phone: None, ..self }
    }
}

/// A judge on a category.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Assignment {
    /// The judge; never changes.
    pub judge_id: JudgeId,
    /// Whether the judge is at work.
    #[serde(default)]
    pub status: AssignmentStatus,
    /// Whether the judge heads the panel of the category; one judge does.
    #[serde(default, skip_serializing_if = "is_false")]
    pub head_judge: bool,
}

/// For fields that came later than stored rows: what is not set is stored as it was before.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Whether an assigned judge is at work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AssignmentStatus {
    /// Sheets are expected.
    #[default]
    Active,
    /// The judge has left: marks given stay, no more are expected.
    Ended,
    /// The judge did not come: no sheets are expected.
    Absent,
}

impl Noun for Assignment {
    const KIND: Kind = Kind::Assignment;

    fn label(&self) -> String {
        "assignment".to_owned()
    }

    fn full_label(&self, judge: &str) -> String {
        judge.to_owned()
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference {
            kind: Kind::Judge,
            id: self.judge_id.uuid(),
            pointer: UniqueField::Judge.pointer(),
            apart: false,
        }]
    }

    fn unique(&self) -> Vec<Unique> {
        let judge = Unique { field: UniqueField::Judge, value: self.judge_id.to_string() };
        let head = || Unique { field: UniqueField::HeadJudge, value: "the head judge".to_owned() };
        std::iter::once(judge).chain(self.head_judge.then(head)).collect()
    }
}

/// Points taken from an entry in a category.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Deduction {
    /// The entry; never changes.
    pub entry_id: EntryId,
    /// The points taken, above zero.
    pub amount: Decimal,
    /// Why.
    #[garde(length(chars, min = 1, max = 1_000))]
    pub reason: String,
}

impl Noun for Deduction {
    const KIND: Kind = Kind::Deduction;

    fn label(&self) -> String {
        format!("deduction of {}", self.amount)
    }

    fn full_label(&self, entry: &str) -> String {
        format!("{} from {entry}", self.amount)
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference {
            kind: Kind::Entry,
            id: self.entry_id.uuid(),
            pointer: UniqueField::Entry.pointer(),
            apart: false,
        }]
    }

    fn faults(&self) -> Vec<Fault> {
        if self.amount > Decimal::default() {
            Vec::new()
        } else {
            vec![Fault::new("/amount", "must be above zero")]
        }
    }
}
