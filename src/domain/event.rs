//! Events, contests and categories: the frame of an evening.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ConflictRule, Custom, FieldEntity, Kind, Numbering, Timestamp,
    noun::{Fault, Noun},
    readable_name,
    scoring::{Method, TieBreak},
};

/// A judged event, such as a pageant or a science fair.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Event {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// Anything worth knowing.
    #[serde(default)]
    #[garde(inner(length(chars, max = 10_000)))]
    pub description: Option<String>,
    /// When it starts.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// When it ends; not before it starts.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// IANA name of the zone its times are shown in, such as `Europe/Vienna`.
    #[serde(default)]
    #[garde(inner(length(chars, min = 1, max = 64)))]
    pub time_zone: Option<String>,
    /// Where it takes place.
    #[serde(default)]
    #[garde(inner(length(chars, max = 500)))]
    pub location: Option<String>,
    /// Most contestants who may take part, each counted once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 1, max = 100_000)))]
    pub max_contestants: Option<u32>,
    /// How entries get their numbers, in contests that do not say it themselves; by default as `optional`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbering: Option<Numbering>,
    /// Values of custom fields, by their keys.
    #[serde(default, skip_serializing_if = "Custom::is_empty")]
    #[garde(length(max = 200))]
    pub custom: Custom,
}

impl Noun for Event {
    const KIND: Kind = Kind::Event;
    const ENTITY: Option<FieldEntity> = Some(FieldEntity::Event);

    fn custom_mut(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let (Some(start), Some(end)) = (self.starts_at, self.ends_at)
            && end < start
        {
            faults.push(Fault::new("/endsAt", "must not be before startsAt"));
        }
        if let Some(zone) = &self.time_zone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            faults.push(Fault::new("/timeZone", "must be an IANA time zone name, such as Europe/Vienna"));
        }
        faults.extend(faults_of_numbering(self.numbering));
        faults
    }
}

fn faults_of_numbering(numbering: Option<Numbering>) -> impl Iterator<Item = Fault> {
    numbering.into_iter().flat_map(Numbering::faults).map(|fault| fault.under("/numbering"))
}

/// A contest of an event: those who compete with one another.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Contest {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// Anything worth knowing.
    #[serde(default)]
    #[garde(inner(length(chars, max = 10_000)))]
    pub description: Option<String>,
    /// Place in the running order of the event.
    #[serde(default)]
    pub position: i32,
    /// How entries get their numbers, if not as in the whole event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbering: Option<Numbering>,
}

impl Noun for Contest {
    const KIND: Kind = Kind::Contest;

    fn label(&self) -> String {
        self.name.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        faults_of_numbering(self.numbering).collect()
    }

    fn order(&self) -> (i32, u32) {
        (self.position, 0)
    }
}

/// A category of a contest: what is judged together, and how results come about.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Category {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// Anything worth knowing; judges read it on their sheet.
    #[serde(default)]
    #[garde(inner(length(chars, max = 10_000)))]
    pub description: Option<String>,
    /// Place in the running order of the contest.
    #[serde(default)]
    pub position: i32,
    /// How marks become places.
    #[serde(default)]
    pub method: Method,
    /// What decides between equals, first rule first.
    #[serde(default)]
    #[garde(length(max = 16))]
    pub tie_breaks: Vec<TieBreak>,
    /// Who takes part.
    #[serde(default)]
    pub entrants: EntrantRule,
    /// Fewer who take part are a warning before the show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 1, max = 2_000)))]
    pub min_entrants: Option<u32>,
    /// More cannot take part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 1, max = 2_000)))]
    pub max_entrants: Option<u32>,
    /// What a conflict of interest between a judge and an entrant means.
    #[serde(default, skip_serializing_if = "ConflictRule::is_default")]
    pub conflict_rule: ConflictRule,
}

/// Which entries of the contest take part in a category.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EntrantRule {
    /// All live entries of the contest.
    #[default]
    All,
    /// Only those on the category's list of entrants.
    Listed,
}

impl Noun for Category {
    const KIND: Kind = Kind::Category;

    fn label(&self) -> String {
        self.name.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> =
            self.method.faults().into_iter().map(|fault| fault.under("/method")).collect();
        if let (Some(least), Some(most)) = (self.min_entrants, self.max_entrants)
            && most < least
        {
            faults.push(Fault::new("/maxEntrants", "must not be below minEntrants"));
        }
        faults
    }

    fn order(&self) -> (i32, u32) {
        (self.position, 0)
    }
}
