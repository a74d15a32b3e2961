//! The log as it is written, as an event stream. It ends after a while, so that whoever follows shows again that they may.

use std::time::Duration;

use actix_web::{http::Method, web::Data};
use serde_json::Value;
use tokio::time::sleep;

use super::{log_query::TailQuery, logs::LineOut};
use crate::{
    domain::permission::permissions,
    http::{
        extract::{Can, Query},
        openapi::Schemas,
        problem::Failure,
        route::Endpoint,
        sse::{EventId, EventStream, LastEventId, Source, Stop, write_event},
        streams::Streams,
    },
    service::{LogTail, Services},
    telemetry::{clock::Stopwatch, log_store::Place},
};

/// How often it is looked for new lines.
const LOOKED_AFTER: Duration = Duration::from_millis(100);
/// After how long it ends.
const ENDS_AFTER: Duration = Duration::from_secs(15 * 60);
/// Most lines of one piece.
const LINES_MAX: usize = 200;

impl EventId for Place {
    const PATTERN: &'static str = "^[0-9a-f]{1,16}\\.[0-9a-f]{1,16}$";
    const WRONG: &'static str = "Last-Event-ID must be the id of an event of this stream";

    fn from_header(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A log that is followed.
struct Tail {
    services: Data<Services>,
    tail: LogTail,
    watch: Stopwatch,
}

impl Source for Tail {
    const DESCRIPTION: &'static str =
        "A stream that goes on for a quarter of an hour. Its events are `line`, with the data below.";

    fn event(schemas: &mut Schemas) -> Value {
        schemas.of::<LineOut>()
    }

    fn place(&self) -> Option<String> {
        self.tail.after().map(|place| place.to_string())
    }

    fn sign_of_life(&self) -> String {
        ": still here\n\n".to_owned()
    }

    async fn tell(&mut self, text: &mut String) -> Option<()> {
        if self.watch.elapsed() > ENDS_AFTER {
            return None;
        }
        match self.services.next_lines(&mut self.tail, LINES_MAX).await {
            Ok(lines) => lines
                .into_iter()
                .map(LineOut::from)
                .try_for_each(|line| write_event(text, &line.place, "line", &line)),
            Err(error) => {
                tracing::warn!(%error, "a log is not followed any more");
                None
            }
        }
    }

    async fn moved(&mut self) {
        sleep(LOOKED_AFTER).await;
    }
}

async fn tail(
    can: Can<permissions::ReadLogs>,
    services: Data<Services>,
    query: Query<TailQuery>,
    last: LastEventId<Place>,
    streams: Data<Streams>,
    stop: Stop,
) -> Result<EventStream<Tail>, Failure> {
    let slot = streams.into_inner().open().ok_or_else(Failure::too_many_streams)?;
    let tail = services.tail_logs(&can, query.0.filter(), last.0).await?;
    Ok(EventStream::new(Tail { services, tail, watch: Stopwatch::start() }, slot, stop))
}

/// The endpoint of the log that is followed.
pub(super) fn endpoint() -> Endpoint {
    let summary = "Lines of the log as they are written, as Server-Sent Events.";
    Endpoint::new(Method::GET, "/logs/tail", ("logs", "followLogs", summary), tail)
}
