//! The log as it is written, as Server-Sent Events. It ends after a while, so that whoever follows shows again that they
//! may.

use std::{convert::Infallible, fmt::Write, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::{Method, StatusCode, header},
    web::{Bytes, Data},
};
use futures_util::stream::unfold;
use serde_json::json;
use tokio::time::{Sleep, sleep};

use super::{
    log_query::TailQuery,
    logs::LineOut,
    stream::{LAST_EVENT_ID, Stop},
};
use crate::{
    domain::permission::permissions,
    http::{
        extract::{self, Can, Query},
        openapi::{DescribeAnswer, DescribeInput, Operation, Schemas},
        problem::{Failure, code},
        route::Endpoint,
        streams::{Slot, Streams},
    },
    service::{LogTail, Services},
    telemetry::log_store::Place,
};

/// How often it is looked for new lines.
const LOOKED_AFTER: Duration = Duration::from_millis(100);
/// After how long without a line a sign of life is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After how long it ends.
const ENDS_AFTER: Duration = Duration::from_secs(15 * 60);
/// Most lines of one piece.
const LINES_MAX: usize = 200;

/// The place of the last line that a client has seen, as its browser says when it comes back.
struct LastPlace(Option<Place>);

impl FromRequest for LastPlace {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let place = request.headers().get(LAST_EVENT_ID).map(|value| {
            value.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
                let detail = "Last-Event-ID must be the id of an event of this stream";
                Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail)
            })
        });
        std::future::ready(place.transpose().map(Self))
    }
}

impl DescribeInput for LastPlace {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.insert(400);
        operation.parameters.push(json!({
            "name": "Last-Event-ID", "in": "header", "required": false,
            "description": "The id of the last event that was seen: what came after it is told first.",
            "schema": {"type": "string", "pattern": "^[0-9a-f]{1,16}\\.[0-9a-f]{1,16}$"},
        }));
    }
}

/// A log that is followed.
struct TailStream {
    services: Data<Services>,
    tail: LogTail,
    slot: Slot,
    stop: Stop,
    heartbeat: Pin<Box<Sleep>>,
    end: Pin<Box<Sleep>>,
    begun: bool,
}

impl TailStream {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if !self.slot.is_read() {
            return None;
        }
        let mut text = String::new();
        if !self.begun {
            self.begun = true;
            // Whoever is cut off before the first line knows where to go on all the same.
            let id = self.tail.after().map(|place| format!("id: {place}\n")).unwrap_or_default();
            write!(text, "retry: 2000\n{id}\n").ok()?;
        }
        loop {
            let lines = match self.services.next_lines(&mut self.tail, LINES_MAX).await {
                Ok(lines) => lines,
                Err(error) => {
                    tracing::warn!(%error, "a log is not followed any more");
                    return None;
                }
            };
            for line in lines.into_iter().map(LineOut::from) {
                let data = extract::to_json(&line).ok()?;
                write!(text, "id: {}\nevent: line\ndata: {data}\n\n", line.place).ok()?;
            }
            if !text.is_empty() {
                self.heartbeat = Box::pin(sleep(HEARTBEAT));
                self.slot.sent();
                return Some((Ok(Bytes::from(text)), self));
            }
            tokio::select! {
                biased;
                () = self.stop.asked() => return None,
                () = &mut self.end => return None,
                () = &mut self.heartbeat => text.push_str(": still here\n\n"),
                () = sleep(LOOKED_AFTER) => {}
            }
        }
    }
}

impl Responder for TailStream {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CONTENT_TYPE, "text/event-stream"))
            .insert_header((header::CACHE_CONTROL, "no-store, no-transform"))
            .insert_header(("x-accel-buffering", "no"));
        if request.method() == Method::HEAD {
            return response.finish();
        }
        response.streaming(Box::pin(unfold(self, Self::next)))
    }
}

impl DescribeAnswer for TailStream {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let line = schemas.of::<LineOut>();
        operation.answers.insert(
            200,
            json!({
                "description": "A stream that goes on for a quarter of an hour. Its events are `line`, with the data below.",
                "content": {"text/event-stream": {"schema": {"type": "string"}, "x-event-data": line}},
            }),
        );
    }
}

async fn tail(
    can: Can<permissions::ReadLogs>,
    services: Data<Services>,
    query: Query<TailQuery>,
    last: LastPlace,
    streams: Data<Streams>,
    stop: Stop,
) -> Result<TailStream, Failure> {
    let slot = streams.into_inner().open().ok_or_else(Failure::too_many_streams)?;
    let tail = services.tail_logs(&can, query.0.filter(), last.0).await?;
    let (heartbeat, end) = (Box::pin(sleep(HEARTBEAT)), Box::pin(sleep(ENDS_AFTER)));
    Ok(TailStream { services, tail, slot, stop, heartbeat, end, begun: false })
}

/// The endpoint of the log that is followed.
pub(super) fn endpoint() -> Endpoint {
    let summary = "Lines of the log as they are written, as Server-Sent Events.";
    Endpoint::new(Method::GET, "/logs/tail", ("logs", "followLogs", summary), tail)
}
