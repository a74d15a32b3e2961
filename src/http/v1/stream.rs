//! The event stream: changes as they come, as Server-Sent Events (HTML Living Standard, section 9.2). The client asks for
//! each piece by reading the one before; nothing is put together in advance.

use std::{convert::Infallible, fmt::Write, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::{Method, StatusCode, header},
    web::{Bytes, Data},
};
use futures_util::stream::unfold;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Sleep, sleep};
use uuid::Uuid;

use crate::{
    domain::{Kind, Timestamp, permission::permissions},
    http::{
        extract::{self, Can, Query, Stopping},
        openapi::{DescribeAnswer, DescribeInput, Operation, Schemas},
        problem::{Failure, code},
        route::Endpoint,
        streams::{Slot, Streams},
    },
    service::{Follower, News, Services, Told},
};

/// After how long without anything to tell a sign of life is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long changes are gathered before they are told, so that many that come together are one piece.
const GATHERING: Duration = Duration::from_millis(50);

/// When a client that was cut off comes back, in milliseconds.
const RETRY_MILLIS: u32 = 2_000;

/// From where on changes are told.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct StreamQuery {
    /// The id of the last event that was seen, for clients that cannot send `Last-Event-ID`, which comes first.
    #[serde(default)]
    after: Option<u64>,
}

/// The id of the last event that a client has seen.
struct LastEventId(Option<u64>);

impl FromRequest for LastEventId {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.headers().get(LAST_EVENT_ID).map(|value| {
            let number = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            number.and_then(|number| number.parse().ok()).ok_or_else(|| {
                let detail = "Last-Event-ID must be the id of an event of this stream, a number";
                Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail)
            })
        });
        std::future::ready(id.transpose().map(Self))
    }
}

pub(super) const LAST_EVENT_ID: &str = "last-event-id";

impl DescribeInput for LastEventId {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.insert(400);
        operation.parameters.push(json!({
            "name": "Last-Event-ID", "in": "header", "required": false,
            "description": "The id of the last event that was seen: what came after it is told first.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"},
        }));
    }
}

/// When the server begins to stop.
pub(super) struct Stop(Option<Stopping>);

impl Stop {
    /// Waits until it does.
    pub(super) async fn asked(&self) {
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

/// What was done, in ids.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangeEvent {
    /// The change number, which is the event's id, too.
    version: u64,
    /// What was done, such as `sheet.submitted`.
    action: String,
    #[serde(rename = "type")]
    kind: Kind,
    /// What was changed; of a sheet the entry, of a mark the criterion.
    id: Uuid,
    /// The event that it hangs beneath or is. A deletion tells nothing but itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<Uuid>,
    /// The contest.
    #[serde(skip_serializing_if = "Option::is_none")]
    contest_id: Option<Uuid>,
    /// The category.
    #[serde(skip_serializing_if = "Option::is_none")]
    category_id: Option<Uuid>,
    at: Timestamp,
    /// Of a circuit's change alone, what the call belongs to that brought it about.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
}

impl From<Told> for ChangeEvent {
    fn from(Told { version, verb, kind, id, place, at, correlation_id }: Told) -> Self {
        let action = format!("{}.{}", kind.word(), verb.word());
        let (event_id, contest_id, category_id) = (place.event, place.contest, place.category);
        Self { version, action, kind, id, event_id, contest_id, category_id, at, correlation_id }
    }
}

/// A stream that has not begun.
struct EventStream(Telling);

/// What a stream needs to go on.
struct Telling {
    services: Data<Services>,
    follower: Follower,
    slot: Slot,
    stop: Stop,
    heartbeat: Pin<Box<Sleep>>,
    begun: bool,
}

impl Telling {
    /// The next piece of the stream; none if it ends: the authority is gone, the server stops, or the client was too slow.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if !self.slot.is_read() {
            return None;
        }
        let mut text = String::new();
        if !self.begun {
            self.begun = true;
            // Whoever is cut off before the first event knows where to go on all the same.
            write!(text, "retry: {RETRY_MILLIS}\nid: {}\n\n", self.follower.after()).ok()?;
        }
        loop {
            match self.services.news(&mut self.follower).await {
                Ok(Some(news)) => self.tell(news, &mut text)?,
                Ok(None) => return None,
                Err(error) => {
                    tracing::warn!(%error, "an event stream ends early");
                    return None;
                }
            }
            if !text.is_empty() {
                self.heartbeat = Box::pin(sleep(HEARTBEAT));
                self.slot.sent();
                return Some((Ok(Bytes::from(text)), self));
            }
            tokio::select! {
                biased;
                () = self.stop.asked() => return None,
                () = &mut self.heartbeat => write!(text, ": still here\nid: {}\n\n", self.follower.after()).ok()?,
                () = self.follower.moved() => sleep(GATHERING).await,
            }
        }
    }

    fn tell(&self, news: News, text: &mut String) -> Option<()> {
        match news {
            News::Changes(changes) => {
                for change in changes.into_iter().map(ChangeEvent::from) {
                    let data = extract::to_json(&change).ok()?;
                    write!(text, "id: {}\nevent: change\ndata: {data}\n\n", change.version).ok()?;
                }
            }
            News::Reset => {
                let version = self.follower.after();
                let data = json!({"version": version});
                write!(text, "id: {version}\nevent: reset\ndata: {data}\n\n").ok()?;
            }
        }
        Some(())
    }
}

impl Responder for EventStream {
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
        response.streaming(Box::pin(unfold(self.0, Telling::next)))
    }
}

impl DescribeAnswer for EventStream {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let event = schemas.of::<ChangeEvent>();
        operation.answers.insert(
            200,
            json!({
                "description": "A stream that goes on until the client or the server ends it. Its events are `change`, \
                    with the data below, and `reset`, with nothing but `version`: more has happened than is told, so \
                    everything is to be read anew.",
                "content": {"text/event-stream": {"schema": {"type": "string"}, "x-event-data": event}},
            }),
        );
    }
}

async fn stream(
    can: Can<permissions::UseAccount>,
    query: Query<StreamQuery>,
    last: LastEventId,
    services: Data<Services>,
    streams: Data<Streams>,
    stop: Stop,
) -> Result<EventStream, Failure> {
    let slot = streams.into_inner().open().ok_or_else(Failure::too_many_streams)?;
    let follower = services.follow(&can, last.0.or(query.0.after))?;
    let heartbeat = Box::pin(sleep(HEARTBEAT));
    Ok(EventStream(Telling { services, follower, slot, stop, heartbeat, begun: false }))
}

/// The endpoint of the event stream.
pub fn endpoints() -> Vec<Endpoint> {
    let summary = "Every change that the caller may read, as it comes, as Server-Sent Events.";
    vec![Endpoint::new(Method::GET, "/stream", ("stream", "followChanges", summary), stream)]
}
