//! What the box tells the world: every type of event that webhooks and actions can be called on, and the audit record that
//! it comes of. The one source of the catalogue. Depends on audit records.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AuditRecord, Kind, Verb};

/// What becomes of any noun.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Becoming {
    /// It came to be.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted, and can be restored.
    Deleted,
    /// It was brought back.
    Restored,
    /// It was destroyed for good.
    Purged,
}

impl Becoming {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Created, Self::Updated, Self::Deleted, Self::Restored, Self::Purged];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Purged => "purged",
        }
    }

    const fn of(verb: Verb) -> Option<Self> {
        match verb {
            Verb::Created => Some(Self::Created),
            Verb::Updated | Verb::Archived | Verb::Unarchived | Verb::Renumbered => Some(Self::Updated),
            Verb::Deleted => Some(Self::Deleted),
            Verb::Restored => Some(Self::Restored),
            Verb::Purged => Some(Self::Purged),
            _ => None,
        }
    }
}

/// A type of event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EventType {
    /// Something became of a noun, such as `contest.created`.
    Noun(Kind, Becoming),
    /// A judge handed in a score sheet.
    SheetSubmitted,
    /// A judge may change a score sheet again.
    SheetReopened,
    /// The results of a category may be others than before.
    ResultChanged,
    /// Something was locked against change.
    LockSet,
    /// Something was opened to change.
    LockReleased,
    /// Somebody asked another one to unlock something.
    LockReleaseRequested,
    /// Another one did not unlock it.
    LockReleaseRefused,
    /// The circuit of a service outside changed.
    BreakerStateChanged,
    /// A delivery is not tried any more.
    JobDead,
    /// A backup was made and found sound.
    BackupMade,
    /// A backup could not be made, or is not sound.
    BackupFailed,
    /// Something is wrong with the box.
    AlertFired,
    /// It is not wrong any more.
    AlertResolved,
}

/// The kinds that people create, delete and restore.
pub const NOUNS: [Kind; 19] = [
    Kind::Tenant,
    Kind::User,
    Kind::Event,
    Kind::Contest,
    Kind::Category,
    Kind::Criterion,
    Kind::Contestant,
    Kind::Entry,
    Kind::Entrant,
    Kind::Judge,
    Kind::Assignment,
    Kind::Deduction,
    Kind::Template,
    Kind::Field,
    Kind::Conflict,
    Kind::File,
    Kind::Webhook,
    Kind::Action,
    Kind::Wording,
];

impl EventType {
    /// Those that are of no noun.
    const OTHERS: [Self; 13] = [
        Self::SheetSubmitted,
        Self::SheetReopened,
        Self::ResultChanged,
        Self::LockSet,
        Self::LockReleased,
        Self::LockReleaseRequested,
        Self::LockReleaseRefused,
        Self::BreakerStateChanged,
        Self::JobDead,
        Self::BackupMade,
        Self::BackupFailed,
        Self::AlertFired,
        Self::AlertResolved,
    ];

    /// The catalogue.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_nouns = NOUNS.into_iter().flat_map(|kind| Becoming::ALL.map(|what| Self::Noun(kind, what)));
        of_nouns.chain(Self::OTHERS)
    }

    /// The type of event that an audit record is, if it is one.
    pub fn of(record: &AuditRecord) -> Option<Self> {
        match (record.kind, record.verb) {
            (Kind::Sheet, Verb::Submitted) => Some(Self::SheetSubmitted),
            (Kind::Sheet, Verb::Reopened) => Some(Self::SheetReopened),
            (Kind::Breaker, Verb::StateChanged) => Some(Self::BreakerStateChanged),
            (Kind::Delivery, Verb::Died) => Some(Self::JobDead),
            (Kind::Backup, Verb::Created) => Some(Self::BackupMade),
            (Kind::Backup, Verb::Failed) => Some(Self::BackupFailed),
            (Kind::Alert, Verb::Fired) => Some(Self::AlertFired),
            (Kind::Alert, Verb::Resolved) => Some(Self::AlertResolved),
            (_, Verb::Locked) => Some(Self::LockSet),
            (_, Verb::Unlocked) => Some(Self::LockReleased),
            (_, Verb::UnlockRequested) => Some(Self::LockReleaseRequested),
            (_, Verb::UnlockRefused) => Some(Self::LockReleaseRefused),
            (kind, verb) if NOUNS.contains(&kind) => Becoming::of(verb).map(|what| Self::Noun(kind, what)),
            _ => None,
        }
    }

    /// What it means, in a sentence.
    pub fn summary(self) -> String {
        match self {
            Self::Noun(kind, what) => {
                let article = if kind.word().starts_with(['a', 'e', 'i', 'o']) { "An" } else { "A" };
                format!("{article} {kind} was {}.", what.word())
            }
            Self::SheetSubmitted => "A judge handed in a score sheet.".to_owned(),
            Self::SheetReopened => "A judge may change a score sheet again.".to_owned(),
            Self::ResultChanged => "The results of a category may be others than before.".to_owned(),
            Self::LockSet => "Something was locked against change.".to_owned(),
            Self::LockReleased => "Something was opened to change.".to_owned(),
            Self::LockReleaseRequested => "Somebody asked another one to unlock something.".to_owned(),
            Self::LockReleaseRefused => "A request to unlock something was refused.".to_owned(),
            Self::BreakerStateChanged => "The circuit of a service outside changed.".to_owned(),
            Self::JobDead => "A delivery is not tried any more.".to_owned(),
            Self::BackupMade => "A backup was made and found sound.".to_owned(),
            Self::BackupFailed => "A backup could not be made, or is not sound.".to_owned(),
            Self::AlertFired => "Something is wrong with the box.".to_owned(),
            Self::AlertResolved => "What was wrong with the box is not any more.".to_owned(),
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noun(kind, what) => write!(f, "{}.{}", kind.word(), what.word()),
            Self::SheetSubmitted => f.write_str("sheet.submitted"),
            Self::SheetReopened => f.write_str("sheet.reopened"),
            Self::ResultChanged => f.write_str("result.changed"),
            Self::LockSet => f.write_str("lock.set"),
            Self::LockReleased => f.write_str("lock.released"),
            Self::LockReleaseRequested => f.write_str("lock.release_requested"),
            Self::LockReleaseRefused => f.write_str("lock.release_refused"),
            Self::BreakerStateChanged => f.write_str("breaker.state_changed"),
            Self::JobDead => f.write_str("job.dead"),
            Self::BackupMade => f.write_str("backup.made"),
            Self::BackupFailed => f.write_str("backup.failed"),
            Self::AlertFired => f.write_str("alert.fired"),
            Self::AlertResolved => f.write_str("alert.resolved"),
        }
    }
}

/// A text that names no type of event.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("is no type of event; `GET /api/v1/event-types` lists them, and `contest.*` or `*` stand for many")]
pub struct UnknownEventType;

/// Which events somebody wants to hear of: one type (`contest.created`), all of a noun (`contest.*`), or all (`*`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventPattern(String);

impl EventPattern {
    /// Whether it stands for a type.
    pub fn matches(&self, event: EventType) -> bool {
        let name = event.to_string();
        match self.0.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == self.0,
        }
    }
}

impl FromStr for EventPattern {
    type Err = UnknownEventType;

    fn from_str(text: &str) -> Result<Self, UnknownEventType> {
        let pattern = Self(text.to_owned());
        let whole = text == "*" || !text.contains('*') || text.ends_with(".*");
        if whole && EventType::all().any(|event| pattern.matches(event)) {
            Ok(pattern)
        } else {
            Err(UnknownEventType)
        }
    }
}

impl Serialize for EventPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EventPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for EventPattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EventPattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let types: Vec<String> = EventType::all().map(|event| event.to_string()).collect();
        let beginnings: std::collections::BTreeSet<String> = types
            .iter()
            .filter_map(|name| name.split_once('.'))
            .map(|(noun, _)| format!("{noun}.*"))
            .collect();
        let all: Vec<String> = ["*".to_owned()].into_iter().chain(beginnings).chain(types).collect();
        schemars::json_schema!({"type": "string", "enum": all})
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Becoming, EventPattern, EventType, Kind};

    #[test]
    fn every_type_has_a_name_of_its_own_and_a_sentence() {
        let names: Vec<String> = EventType::all().map(|event| event.to_string()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        for event in EventType::all() {
            assert!(event.summary().ends_with('.'), "{event}");
        }
    }

    #[test]
    fn a_pattern_stands_for_one_type_for_those_of_a_noun_or_for_all() {
        let created = EventType::Noun(Kind::Contest, Becoming::Created);
        let matches = |text: &str, event| text.parse::<EventPattern>().unwrap().matches(event);
        assert!(
            matches("contest.created", created) && matches("contest.*", created) && matches("*", created)
        );
        assert!(!matches("contest.created", EventType::Noun(Kind::Contest, Becoming::Deleted)));
        assert!(!matches("contest.*", EventType::Noun(Kind::Contestant, Becoming::Created)));
        for wrong in ["", "contest", "contest.", "cont*", "contest.cre*", "**", "contest.sung", "mark.*"] {
            assert!(wrong.parse::<EventPattern>().is_err(), "{wrong}");
        }
    }
}
