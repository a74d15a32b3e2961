//! What the index knows of one line: its time and level, whether it tells of a failed request, and the ids that it can
//! be found by.

use serde::Deserialize;
use serde_json::value::RawValue;
use twox_hash::XxHash64;

use crate::telemetry::log::LineTime;

/// Where the hash of ids begins; a constant of the format.
const SEED: u64 = 0x656d_2d6c_6f67;

/// A value that lines are found by, as the index keeps it: the field it stands in does not matter, so that one can paste
/// any id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IdHash(pub(super) u64);

impl IdHash {
    /// Of the text of a value.
    pub fn of(id: &str) -> Self {
        Self(XxHash64::oneshot(SEED, id.as_bytes()))
    }
}

/// The levels, in the order of their counts in the index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Something was lost or did not work.
    Error,
    /// Something is to be looked at.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
    /// Every step of it.
    Trace,
}

impl Level {
    /// All, the worst first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// As it stands in a line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// This level, and those that are worse.
    pub fn or_worse(self) -> Vec<Self> {
        Self::ALL.into_iter().filter(|level| *level <= self).collect()
    }

    /// The level of a word, in capitals or not.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word().eq_ignore_ascii_case(word))
    }
}

/// What is looked at in a line.
#[derive(Deserialize)]
struct Known<'a> {
    #[serde(default, borrow)]
    level: Option<&'a RawValue>,
    #[serde(default, borrow)]
    status: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "requestId")]
    request: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "correlationId")]
    correlation: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "trace_id")]
    trace: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "jobId")]
    job: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "deliveryId")]
    delivery: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "userId")]
    user: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "judgeId")]
    judge: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "tenantId")]
    tenant: Option<&'a RawValue>,
    #[serde(default, borrow)]
    module: Option<&'a RawValue>,
    #[serde(default, borrow)]
    kind: Option<&'a RawValue>,
    #[serde(default, borrow)]
    route: Option<&'a RawValue>,
}

/// The fields whose values are indexed: ids first, then what there are few of.
pub const INDEXED_FIELDS: [&str; 11] = [
    "requestId",
    "correlationId",
    "trace_id",
    "jobId",
    "deliveryId",
    "userId",
    "judgeId",
    "tenantId",
    "module",
    "kind",
    "route",
];

/// What the index keeps of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Head {
    /// Microseconds since 1970; none if the line does not begin as a line of this log.
    pub micros: Option<i64>,
    pub level: Option<Level>,
    /// Whether it tells of a request that failed for a fault of the server's.
    pub failed: bool,
    ids: [Option<IdHash>; INDEXED_FIELDS.len()],
}

impl Head {
    /// A line that is no JSON object has neither level nor ids: it is found by its words alone.
    pub(super) fn of(line: &[u8]) -> Self {
        let micros = LineTime::micros_of(line);
        let Ok(known) = serde_json::from_slice::<Known<'_>>(line) else {
            return Self { micros, level: None, failed: false, ids: [None; INDEXED_FIELDS.len()] };
        };
        let status = known.status.and_then(|status| status.get().parse::<u16>().ok());
        let ids = [
            known.request,
            known.correlation,
            known.trace,
            known.job,
            known.delivery,
            known.user,
            known.judge,
            known.tenant,
            known.module,
            known.kind,
            known.route,
        ];
        Self {
            micros,
            level: known.level.and_then(text).and_then(Level::of),
            failed: status.is_some_and(|status| status >= 500),
            ids: ids.map(|id| id.and_then(text).map(IdHash::of)),
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = IdHash> {
        self.ids.iter().flatten().copied()
    }

    /// Whose line it is.
    pub(super) fn tenant(&self) -> Option<IdHash> {
        let [_, _, _, _, _, _, _, tenant, ..] = self.ids;
        tenant
    }

    /// What request it belongs to, and what that belongs to.
    pub(super) fn request(&self) -> impl Iterator<Item = IdHash> {
        let [request, correlation, ..] = self.ids;
        request.into_iter().chain(correlation)
    }
}

/// A JSON string's text. Ids need no escapes.
fn text(raw: &RawValue) -> Option<&str> {
    raw.get().strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_time_level_outcome_and_ids() {
        let line =
            br#"{"timestamp":"2026-05-01T19:00:00.250123Z","level":"info","status":503,"requestId":"r-1",
            "correlationId":"c-1","spans":[["store",1,2]],"userId":"u-1"}"#;
        let head = Head::of(line);
        assert_eq!(head.micros, Some(1_777_662_000_250_123));
        assert_eq!((head.level, head.failed), (Some(Level::Info), true));
        let ids: Vec<_> = head.ids().collect();
        assert_eq!(ids, ["r-1", "c-1", "u-1"].map(IdHash::of));
    }

    #[test]
    fn a_line_that_is_torn_or_foreign_has_no_ids() {
        for line in ["", "{\"timestamp\":\"2026-05-01T19:00:00.250123Z\",\"requ", "plain text", "[1]"] {
            let head = Head::of(line.as_bytes());
            assert_eq!((head.level, head.ids().count()), (None, 0), "{line}");
        }
        assert_eq!(Head::of(br#"{"requestId":7,"level":"loud"}"#).ids().count(), 0);
    }
}
