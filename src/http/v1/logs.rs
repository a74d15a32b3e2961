//! The log: searched, counted, and followed.

use actix_web::{http::Method, web::Data};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    log_erasures,
    log_query::{LogOrder, LogQuery, VolumeQuery},
    log_requests, log_tail,
};
use crate::{
    domain::{Timestamp, permission::permissions},
    http::{
        answer::Answer,
        extract::{Can, CursorText, Query, place_of},
        problem::Failure,
        route::Endpoint,
    },
    service::{FoundLine, LogPage, LogSearch, Services},
    telemetry::log_store::{Bar, Fault, Level, Order, Place},
};

/// A part of what was found in the log.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LogsOut {
    /// The lines, in the order that was asked for.
    items: Vec<LineOut>,
    /// Where the next part starts, if there is one. There can be one although no line was found: a search answers after a
    /// while with how far it has come.
    next_cursor: Option<String>,
    /// The time of the last line that was looked at.
    reached_at: Option<Timestamp>,
    read: ReadOut,
    /// What could not be read; nothing else is left out.
    faults: Vec<LogFaultOut>,
}

/// A line of the log.
#[derive(Serialize, JsonSchema)]
pub(super) struct LineOut {
    /// Where it stands, the same for ever.
    pub(super) place: String,
    /// What it says: `timestamp`, `level`, `message`, `module`, ids, and whatever belongs to it.
    fields: Map<String, Value>,
}

/// What was read for an answer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReadOut {
    /// Pieces of the log that were read.
    blocks: u64,
    /// Of how many, in the files that were looked at.
    blocks_of: u64,
    /// Bytes of lines in them.
    bytes: u64,
    /// How long it took.
    millis: u64,
}

/// A piece of the log that cannot be read.
#[derive(Serialize, JsonSchema)]
pub(super) struct LogFaultOut {
    file: String,
    what: String,
}

impl From<Fault> for LogFaultOut {
    fn from(Fault { file, what }: Fault) -> Self {
        Self { file, what }
    }
}

impl From<FoundLine> for LineOut {
    fn from(FoundLine { place, fields }: FoundLine) -> Self {
        Self { place: place.to_string(), fields }
    }
}

impl CursorText for Place {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl From<LogPage> for LogsOut {
    fn from(page: LogPage) -> Self {
        let (report, millis) = (page.report, u64::try_from(page.took.as_millis()).unwrap_or(u64::MAX));
        Self {
            items: page.lines.into_iter().map(LineOut::from).collect(),
            next_cursor: page.next.map(|place| place.to_string()),
            reached_at: page.reached.map(Timestamp::from_micros),
            read: ReadOut { blocks: report.blocks, blocks_of: report.blocks_of, bytes: report.bytes, millis },
            faults: report.faults.into_iter().map(LogFaultOut::from).collect(),
        }
    }
}

async fn search(
    can: Can<permissions::ReadLogs>,
    services: Data<Services>,
    query: Query<LogQuery>,
) -> Result<Answer<LogsOut>, Failure> {
    let query = query.0;
    let search = LogSearch {
        filter: query.filter(),
        from: query.from.map(Timestamp::micros),
        until: query.until.map(Timestamp::micros),
        order: match query.order {
            LogOrder::Newest => Order::NewestFirst,
            LogOrder::Oldest => Order::OldestFirst,
        },
        after: place_of(query.cursor.as_deref())?,
        limit: usize::from(query.limit),
    };
    Ok(Answer(services.search_logs(&can, search).await?.into()))
}

/// How many lines there were.
#[derive(Serialize, JsonSchema)]
struct VolumeOut {
    /// By pieces of time, in their order; those without lines are left out.
    items: Vec<BarOut>,
    /// Whether all was counted: where lines have to be read for it, what takes too long is left out, the oldest first.
    complete: bool,
    faults: Vec<LogFaultOut>,
}

/// The lines of a piece of time.
#[derive(Serialize, JsonSchema)]
struct BarOut {
    /// When it begins: with a whole minute.
    from: Timestamp,
    error: u64,
    warn: u64,
    info: u64,
    debug: u64,
    trace: u64,
    /// Lines of requests that failed for a fault of the server's.
    failed: u64,
}

impl From<Bar> for BarOut {
    fn from(Bar { from, levels, failed }: Bar) -> Self {
        let of = |level: Level| levels.get(level as usize).copied().unwrap_or_default();
        Self {
            from: Timestamp::from_micros(from),
            error: of(Level::Error),
            warn: of(Level::Warn),
            info: of(Level::Info),
            debug: of(Level::Debug),
            trace: of(Level::Trace),
            failed,
        }
    }
}

async fn volume(
    can: Can<permissions::ReadLogs>,
    services: Data<Services>,
    query: Query<VolumeQuery>,
) -> Result<Answer<VolumeOut>, Failure> {
    let (filter, VolumeQuery { from, until, minutes, .. }) = (query.0.filter(), query.0);
    let volume = services.log_volume(&can, filter, (from.micros(), until.micros()), minutes).await?;
    Ok(Answer(VolumeOut {
        items: volume.bars.into_iter().map(BarOut::from).collect(),
        complete: volume.complete,
        faults: volume.faults.into_iter().map(LogFaultOut::from).collect(),
    }))
}

/// The endpoints of the log.
pub fn endpoints() -> Vec<Endpoint> {
    let search_summary = "Lines of the log: by any id, time, level, module, user, tenant, route, status, duration and text. \
        A search that takes long answers after a while with what it has found, and goes on from `nextCursor`.";
    let volume_summary = "How many lines there were, by time and level: of all in a time, or of those that a search would find. In a \
        tenant and with anything to look for, lines are read for it, for a while.";
    vec![
        Endpoint::new(Method::GET, "/logs", ("logs", "searchLogs", search_summary), search),
        Endpoint::new(Method::GET, "/logs/volume", ("logs", "getLogVolume", volume_summary), volume),
        log_requests::endpoint(),
        log_erasures::endpoint(),
        log_tail::endpoint(),
    ]
}
