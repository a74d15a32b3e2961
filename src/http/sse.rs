//! Server-Sent Events (HTML Living Standard, section 9.2): what all streams of the API have in common. The client asks for each
//! piece by reading the one before; nothing is put together in advance. Uses `telemetry`.

use std::{convert::Infallible, fmt::Write, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::{Method, StatusCode, header},
    web::Bytes,
};
use futures_util::stream::unfold;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Sleep, sleep};

use super::{
    extract::{self, Stopping},
    openapi::{DescribeAnswer, DescribeInput, Operation, Schemas},
    problem::{Failure, code},
    streams::Slot,
};

/// After how long without anything to tell a sign of life is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// When a client that was cut off comes back, in milliseconds.
const RETRY_MILLIS: u32 = 2_000;

const LAST_EVENT_ID: &str = "last-event-id";

/// What a stream tells.
pub trait Source: Sized + 'static {
    /// What its events are, for the document.
    const DESCRIPTION: &'static str;

    /// The schema of its events' data.
    fn event(schemas: &mut Schemas) -> Value;

    /// The id with which a client goes on that is cut off before the first event; none if there is nothing yet.
    fn place(&self) -> Option<String>;

    /// What is sent when there was nothing to tell for a while.
    fn sign_of_life(&self) -> String;

    /// Adds what is new. None ends the stream.
    async fn tell(&mut self, text: &mut String) -> Option<()>;

    /// Waits until there may be something new. It may be given up at any time.
    async fn moved(&mut self);
}

/// Adds an event with its data.
pub fn write_event(
    text: &mut String,
    id: impl std::fmt::Display,
    name: &str,
    data: &impl Serialize,
) -> Option<()> {
    let data = extract::to_json(data).ok()?;
    write!(text, "id: {id}\nevent: {name}\ndata: {data}\n\n").ok()
}

/// A stream that has not begun.
pub struct EventStream<S> {
    source: S,
    slot: Slot,
    stop: Stop,
    heartbeat: Pin<Box<Sleep>>,
    begun: bool,
}

impl<S: Source> EventStream<S> {
    /// Tells what the source has, as long as it has a place among the streams.
    pub fn new(source: S, slot: Slot, stop: Stop) -> Self {
        Self { source, slot, stop, heartbeat: Box::pin(sleep(HEARTBEAT)), begun: false }
    }

    /// The next piece of the stream; none if it ends: the source does, the server stops, or the client was too slow.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if !self.slot.is_read() {
            return None;
        }
        let mut text = String::new();
        if !self.begun {
            self.begun = true;
            // Whoever is cut off before the first event knows where to go on all the same.
            let id = self.source.place().map(|place| format!("id: {place}\n")).unwrap_or_default();
            write!(text, "retry: {RETRY_MILLIS}\n{id}\n").ok()?;
        }
        loop {
            self.source.tell(&mut text).await?;
            if !text.is_empty() {
                self.heartbeat = Box::pin(sleep(HEARTBEAT));
                self.slot.sent();
                return Some((Ok(Bytes::from(text)), self));
            }
            tokio::select! {
                biased;
                () = self.stop.asked() => return None,
                () = &mut self.heartbeat => text = self.source.sign_of_life(),
                () = self.source.moved() => {}
            }
        }
    }
}

impl<S: Source> Responder for EventStream<S> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CONTENT_TYPE, "text/event-stream"))
            .insert_header((header::CACHE_CONTROL, "no-store, no-transform"))
            // Proxies of the nginx family would hold events back.
            .insert_header(("x-accel-buffering", "no"));
        if request.method() == Method::HEAD {
            return response.finish();
        }
        response.streaming(Box::pin(unfold(self, Self::next)))
    }
}

impl<S: Source> DescribeAnswer for EventStream<S> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let event = S::event(schemas);
        operation.answers.insert(
            200,
            json!({
                "description": S::DESCRIPTION,
                "content": {"text/event-stream": {"schema": {"type": "string"}, "x-event-data": event}},
            }),
        );
    }
}

/// The id of an event of a stream.
pub trait EventId: Sized + 'static {
    /// What its text looks like, for the document.
    const PATTERN: &'static str;
    /// What to say of a text that is none.
    const WRONG: &'static str;

    /// The id of a text.
    fn from_header(text: &str) -> Option<Self>;
}

/// The id of the last event that a client has seen, as its browser says when it comes back.
pub struct LastEventId<I>(pub Option<I>);

impl<I: EventId> FromRequest for LastEventId<I> {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.headers().get(LAST_EVENT_ID).map(|value| {
            let id = value.to_str().ok().and_then(I::from_header);
            id.ok_or_else(|| Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, I::WRONG))
        });
        std::future::ready(id.transpose().map(Self))
    }
}

impl<I: EventId> DescribeInput for LastEventId<I> {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.insert(400);
        operation.parameters.push(json!({
            "name": "Last-Event-ID", "in": "header", "required": false,
            "description": "The id of the last event that was seen: what came after it is told first.",
            "schema": {"type": "string", "pattern": I::PATTERN},
        }));
    }
}

/// When the server begins to stop.
pub struct Stop(Option<Stopping>);

impl Stop {
    /// Waits until it does.
    pub async fn asked(&self) {
        match &self.0 {
            Some(Stopping(stopping)) => stopping().await,
            None => std::future::pending().await,
        }
    }
}

impl FromRequest for Stop {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(request.app_data::<Stopping>().cloned())))
    }
}

impl DescribeInput for Stop {
    fn describe(_: &mut Operation, _: &mut Schemas) {}
}
