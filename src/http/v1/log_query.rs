//! What is looked for in the log, as query parameters.

use std::ops::RangeInclusive;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error};

use crate::{
    domain::Timestamp,
    telemetry::log_store::{Filter, Level},
};

/// Longest text that is looked for, in bytes.
const TEXT_MAX: usize = 256;

/// Query parameters that say which lines, and more. (Serde's `flatten` reads no numbers from a query, and lets unknown
/// parameters pass.)
macro_rules! with_log_filter {
    ($(#[$doc:meta])* struct $name:ident { $($(#[$attribute:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Deserialize, JsonSchema, Validate)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[garde(allow_unvalidated)]
        pub struct $name {
            /// Any id of the line: of the request, correlation, trace, job, delivery, user, judge or tenant. Several, separated by
            /// commas, must all be there.
            #[serde(default)]
            #[garde(length(max = TEXT_MAX))]
            id: Option<String>,
            /// A text that stands in the line, in capitals or not.
            #[serde(default)]
            #[garde(length(max = TEXT_MAX))]
            q: Option<String>,
            /// This level, and what is worse.
            #[serde(default)]
            level: Option<LogLevel>,
            /// A part of the program, such as `event_manager::store`, with all beneath it.
            #[serde(default)]
            #[garde(length(max = TEXT_MAX))]
            module: Option<String>,
            /// The kind of work, such as `http` or `job`.
            #[serde(default)]
            #[garde(length(max = TEXT_MAX))]
            kind: Option<String>,
            /// The user or judge who asked.
            #[serde(default)]
            #[garde(length(max = TEXT_MAX))]
            user_id: Option<String>,
            /// The tenant; in a tenant there are no others.
            #[serde(default)]
            #[garde(length(max = TEXT_MAX))]
            tenant_id: Option<String>,
            /// The route, such as `/api/v1/events/{id}`.
            #[serde(default)]
            #[garde(length(max = TEXT_MAX))]
            route: Option<String>,
            /// The status of the answer: `404`, a class such as `5xx`, or a range such as `400-499`.
            #[serde(default)]
            status: Option<StatusRange>,
            /// How long it took at least, in milliseconds.
            #[serde(default)]
            #[garde(range(max = 86_400_000))]
            min_duration_ms: Option<u64>,
            $($(#[$attribute])* pub $field: $type,)*
        }

        impl $name {
            /// Which lines. All that is given must hold.
            pub fn filter(&self) -> Filter {
                filter(
                    [&self.id, &self.q, &self.module, &self.kind, &self.user_id, &self.tenant_id, &self.route],
                    (self.level, &self.status, self.min_duration_ms),
                )
            }
        }
    };
}

/// How bad it is.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// Statuses of answers.
#[derive(JsonSchema)]
#[schemars(with = "String")]
struct StatusRange(RangeInclusive<u16>);

impl<'de> Deserialize<'de> for StatusRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = |text: &str| text.parse::<u16>().ok().filter(|status| (100..=599).contains(status));
        let range = match (text.strip_suffix("xx"), text.split_once('-')) {
            (Some(class), _) => number(&format!("{class}00")).map(|first| first..=first + 99),
            (None, Some((first, last))) => number(first).zip(number(last)).map(|(first, last)| first..=last),
            (None, None) => number(&text).map(|status| status..=status),
        };
        let wrong = || D::Error::custom("must be a status, a class such as 5xx, or a range such as 400-499");
        range.filter(|range| !range.is_empty()).map(Self).ok_or_else(wrong)
    }
}

fn filter(
    [id, q, module, kind, user, tenant, route]: [&Option<String>; 7],
    (level, status, min_duration_ms): (Option<LogLevel>, &Option<StatusRange>, Option<u64>),
) -> Filter {
    let ids = id.iter().flat_map(|ids| ids.split(',')).map(str::trim).filter(|id| !id.is_empty());
    let least = level.map(|level| match level {
        LogLevel::Error => Level::Error,
        LogLevel::Warn => Level::Warn,
        LogLevel::Info => Level::Info,
        LogLevel::Debug => Level::Debug,
        LogLevel::Trace => Level::Trace,
    });
    Filter {
        ids: ids.map(ToOwned::to_owned).collect(),
        tenant: tenant.clone(),
        user: user.clone(),
        module: module.clone(),
        kind: kind.clone(),
        route: route.clone(),
        levels: least.map(Level::or_worse).unwrap_or_default(),
        status: status.as_ref().map(|StatusRange(range)| range.clone()),
        slower_than: min_duration_ms.map(|millis| millis.saturating_mul(1_000)),
        words: q.iter().filter(|text| !text.is_empty()).cloned().collect(),
    }
}

with_log_filter! {
    /// What is looked for, and which part of what is found.
    struct LogQuery {
        /// From this time on.
        #[serde(default)]
        pub from: Option<Timestamp>,
        /// Before this time.
        #[serde(default)]
        pub until: Option<Timestamp>,
        /// Which way.
        #[serde(default)]
        pub order: LogOrder,
        /// Most lines of the answer.
        #[serde(default = "hundred")]
        #[garde(range(min = 1, max = 1000))]
        pub limit: u16,
        /// Where it goes on: `nextCursor` of the answer before.
        #[serde(default)]
        pub cursor: Option<String>,
    }
}

with_log_filter! {
    /// Which lines are followed.
    struct TailQuery {}
}

with_log_filter! {
    /// Which lines are counted, and of which time.
    struct VolumeQuery {
        /// From this time on.
        pub from: Timestamp,
        /// Before this time.
        pub until: Timestamp,
        /// Minutes of a piece of time.
        #[serde(default = "one")]
        #[garde(range(min = 1, max = 44_640))]
        pub minutes: u32,
    }
}

/// Which way.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogOrder {
    /// From the last line back.
    #[default]
    Newest,
    /// As they were written.
    Oldest,
}

fn hundred() -> u16 {
    100
}

fn one() -> u32 {
    1
}
