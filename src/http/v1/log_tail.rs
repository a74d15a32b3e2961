//! The log as it is written, as Server-Sent Events. It ends after a while, so that whoever follows shows again that they
//! may.

use std::{convert::Infallible, fmt::Write, pin::Pin, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{Method, header},
    web::{Bytes, Data},
};
use futures_util::stream::unfold;
use serde_json::json;
use tokio::time::{Sleep, sleep};

use super::{log_query::TailQuery, logs::LineOut, stream::Stop};
use crate::{
    domain::permission::permissions,
    http::{
        extract::{self, Can, Query},
        openapi::{DescribeAnswer, Operation, Schemas},
        problem::Failure,
        route::Endpoint,
        streams::{Slot, Streams},
    },
    service::{LogTail, Services},
};

/// How often it is looked for new lines.
const LOOKED_AFTER: Duration = Duration::from_millis(100);
/// After how long without a line a sign of life is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After how long it ends.
const ENDS_AFTER: Duration = Duration::from_secs(15 * 60);
/// Most lines of one piece.
const LINES_MAX: usize = 200;

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
            text.push_str("retry: 2000\n\n");
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
                write!(text, "event: line\ndata: {data}\n\n").ok()?;
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
    streams: Data<Streams>,
    stop: Stop,
) -> Result<TailStream, Failure> {
    let slot = streams.into_inner().open().ok_or_else(Failure::too_many_streams)?;
    let tail = services.tail_logs(&can, query.0.filter()).await?;
    let (heartbeat, end) = (Box::pin(sleep(HEARTBEAT)), Box::pin(sleep(ENDS_AFTER)));
    Ok(TailStream { services, tail, slot, stop, heartbeat, end, begun: false })
}

/// The endpoint of the log that is followed.
pub(super) fn endpoint() -> Endpoint {
    let summary = "Lines of the log as they are written, as Server-Sent Events.";
    Endpoint::new(Method::GET, "/logs/tail", ("logs", "followLogs", summary), tail)
}
