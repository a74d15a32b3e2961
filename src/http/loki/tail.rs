//! The log as it is written, over a WebSocket (RFC 6455). What is sent is asked for by the client reading the piece before,
//! so nothing gathers for a slow one; of what it sends only pings and its end matter.

use std::{convert::Infallible, pin::Pin, time::Duration};

use actix_http::ws::{self, CloseCode, CloseReason, OpCode, Parser};
use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodyStream, BoxBody},
    http::{StatusCode, header},
    web::{self, Bytes, BytesMut, Data},
};
use futures_util::{StreamExt, stream::unfold};
use serde_json::json;
use tokio::time::{Sleep, sleep};

use super::{Services, View, log_query, reader_of, refused, render, wrong};
use crate::{
    http::{
        problem::{Failure, code},
        sse::Stop,
        streams::{Slot, Streams},
    },
    service::FollowedLog,
    telemetry::{clock::Stopwatch, logql::Entry},
};

/// How often it is looked for new lines.
const LOOKED_AFTER: Duration = Duration::from_millis(200);
/// After how long a sign of life is sent.
const PING: Duration = Duration::from_secs(20);
/// How often it is looked whether the client still may.
const MAY_FOR: Duration = Duration::from_secs(60);
/// Most lines of one piece.
const LINES_MAX: usize = 500;
/// Lines of before, if nothing is said, and most of them.
const LINES_BEFORE: usize = 100;
const LINES_BEFORE_MAX: usize = 5_000;
/// How far back lines of before may be, in microseconds, if nothing is said.
const HOUR: i64 = 3_600_000_000;
/// Longest message that a client may send, in bytes.
const MESSAGE_MAX: usize = 4 * 1_024;

/// Follows the log.
pub async fn tail(request: HttpRequest, payload: web::Payload, stop: Stop) -> HttpResponse {
    match open(request, payload, stop).await {
        Ok(answer) => answer,
        Err(failure) => refused(&failure),
    }
}

async fn open(request: HttpRequest, payload: web::Payload, stop: Stop) -> Result<HttpResponse, Failure> {
    ensure_own_page(&request)?;
    let View { services, reader, parameters, now } =
        View::open(&request, actix_web::dev::Payload::None).await?;
    let streams = request.app_data::<Data<Streams>>().ok_or_else(Failure::internal)?.clone();
    let query = parameters.required("query")?;
    let log = log_query(query)?;
    let limit = parameters.number("limit")?.unwrap_or(LINES_BEFORE).min(LINES_BEFORE_MAX);
    let from = parameters.time("start")?.unwrap_or(now.micros() - HOUR);
    let mut answer = ws::handshake(request.head()).map_err(|error| wrong(error.to_string()))?;
    services.note_log_reading(&reader, &format!("Loki: {query}")).await?;
    let slot = streams.into_inner().open_for(&reader.name()).ok_or_else(Failure::too_many_streams)?;
    let (before, followed) = services.follow_log(&reader, log, from, limit).await?;
    let tail = Tail {
        request,
        services,
        followed,
        before,
        payload,
        received: BytesMut::new(),
        ping: Box::pin(sleep(PING)),
        may: Stopwatch::start(),
        slot,
        stop,
        is_over: false,
    };
    let body = BoxBody::new(BodyStream::new(Box::pin(unfold(tail, Tail::next))));
    Ok(HttpResponse::from(answer.message_body(body).map_err(|_| Failure::internal())?))
}

/// Refuses pages of other sites: browsers let any page open a WebSocket to any address.
fn ensure_own_page(request: &HttpRequest) -> Result<(), Failure> {
    let text = |name: header::HeaderName| {
        request.headers().get(name).map(|value| value.to_str().unwrap_or_default())
    };
    let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
    if origin.split_once("://").map(|(_, host)| host) == text(header::HOST) {
        return Ok(());
    }
    let detail = "a page of another site may not follow the log";
    Err(Failure::new(StatusCode::FORBIDDEN, code::FORBIDDEN, detail))
}

/// A log that is followed.
struct Tail {
    request: HttpRequest,
    services: Data<Services>,
    followed: FollowedLog,
    /// Lines that were there before, until they are sent.
    before: Vec<Entry>,
    payload: web::Payload,
    received: BytesMut,
    ping: Pin<Box<Sleep>>,
    /// Since when it is known that the client may.
    may: Stopwatch,
    slot: Slot,
    stop: Stop,
    is_over: bool,
}

/// What comes next.
enum Step {
    /// This is sent.
    Send(OpCode, Bytes),
    /// This is sent, and then it is over.
    End(CloseCode, String),
    /// There is nothing.
    Nothing,
}

impl Tail {
    /// The next piece; none when it is over. When the server stops, the connection just ends: whoever follows comes back
    /// after that, and not after a farewell.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if self.is_over || !self.slot.is_read() {
            return None;
        }
        let mut frame = BytesMut::new();
        while frame.is_empty() {
            match self.step().await? {
                Step::Nothing => {}
                Step::Send(kind, content) => Parser::write_message(&mut frame, content, kind, true, false),
                Step::End(code, description) => {
                    let description = Some(description).filter(|said| !said.is_empty());
                    Parser::write_close(&mut frame, Some(CloseReason { code, description }), false);
                    self.is_over = true;
                }
            }
        }
        self.slot.sent();
        Some((Ok(frame.freeze()), self))
    }

    async fn step(&mut self) -> Option<Step> {
        if !self.before.is_empty() {
            return Some(told(std::mem::take(&mut self.before)));
        }
        if let Some((_, kind, content)) = Parser::parse(&mut self.received, true, MESSAGE_MAX).ok()? {
            return Some(match kind {
                OpCode::Ping => Step::Send(OpCode::Pong, content.unwrap_or_default().freeze()),
                OpCode::Close => Step::End(CloseCode::Normal, String::new()),
                _ => Step::Nothing,
            });
        }
        tokio::select! {
            biased;
            () = self.stop.asked() => None,
            piece = self.payload.next() => {
                self.received.extend_from_slice(&piece?.ok()?);
                Some(Step::Nothing)
            }
            () = &mut self.ping => {
                self.ping = Box::pin(sleep(PING));
                Some(Step::Send(OpCode::Ping, Bytes::new()))
            }
            () = sleep(LOOKED_AFTER) => self.look().await,
        }
    }

    /// New lines, as long as the client may see them.
    async fn look(&mut self) -> Option<Step> {
        if self.may.elapsed() > MAY_FOR {
            if let Err(failure) = reader_of(&self.request).await {
                return Some(Step::End(CloseCode::Normal, failure.told().1.to_owned()));
            }
            self.may = Stopwatch::start();
        }
        match self.services.next_entries(&mut self.followed, LINES_MAX).await {
            Ok(entries) if entries.is_empty() => Some(Step::Nothing),
            Ok(entries) => Some(told(entries)),
            Err(_) => Some(Step::End(CloseCode::Error, "the log cannot be read".to_owned())),
        }
    }
}

fn told(entries: Vec<Entry>) -> Step {
    let told = json!({"streams": render::streams(entries, false), "dropped_entries": []});
    Step::Send(OpCode::Text, told.to_string().into())
}
