//! The event stream: changes as they come.

use std::time::Duration;

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    domain::{Kind, Timestamp, permission::permissions},
    http::{
        extract::{Can, Query},
        openapi::Schemas,
        problem::Failure,
        route::Endpoint,
        sse::{EventId, EventStream, LastEventId, Source, Stop, write_event},
        streams::Streams,
    },
    service::{Follower, News, Services, Told},
};

/// How long changes are gathered before they are told, so that many that come together are one piece.
const GATHERING: Duration = Duration::from_millis(50);

/// From where on changes are told.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct StreamQuery {
    /// The id of the last event that was seen, for clients that cannot send `Last-Event-ID`, which comes first.
    #[serde(default)]
    after: Option<u64>,
}

/// Changes have numbers.
impl EventId for u64 {
    const PATTERN: &'static str = "^[0-9]{1,19}$";
    const WRONG: &'static str = "Last-Event-ID must be the id of an event of this stream, a number";

    fn from_header(text: &str) -> Option<Self> {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    }
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

/// The changes that a follower may read.
struct Changes {
    services: Data<Services>,
    follower: Follower,
}

impl Source for Changes {
    const DESCRIPTION: &'static str = "A stream that goes on until the client or the server ends it. Its events are \
        `change`, with the data below, and `reset`, with nothing but `version`: more has happened than is told, so \
        everything is to be read anew.";

    fn event(schemas: &mut Schemas) -> Value {
        schemas.of::<ChangeEvent>()
    }

    fn place(&self) -> Option<String> {
        Some(self.follower.after().to_string())
    }

    fn sign_of_life(&self) -> String {
        format!(": still here\nid: {}\n\n", self.follower.after())
    }

    /// It ends when the authority is gone.
    async fn tell(&mut self, text: &mut String) -> Option<()> {
        match self.services.news(&mut self.follower).await {
            Ok(Some(News::Changes(changes))) => changes
                .into_iter()
                .map(ChangeEvent::from)
                .try_for_each(|change| write_event(text, change.version, "change", &change)),
            Ok(Some(News::Reset)) => {
                let version = self.follower.after();
                write_event(text, version, "reset", &json!({"version": version}))
            }
            Ok(None) => None,
            Err(error) => {
                tracing::warn!(%error, "an event stream ends early");
                None
            }
        }
    }

    async fn moved(&mut self) {
        self.follower.moved().await;
        sleep(GATHERING).await;
    }
}

async fn stream(
    can: Can<permissions::UseAccount>,
    query: Query<StreamQuery>,
    last: LastEventId<u64>,
    services: Data<Services>,
    streams: Data<Streams>,
    stop: Stop,
) -> Result<EventStream<Changes>, Failure> {
    let slot = streams.into_inner().open().ok_or_else(Failure::too_many_streams)?;
    let follower = services.follow(&can, last.0.or(query.0.after))?;
    Ok(EventStream::new(Changes { services, follower }, slot, stop))
}

/// The endpoint of the event stream.
pub fn endpoints() -> Vec<Endpoint> {
    let summary = "Every change that the caller may read, as it comes, as Server-Sent Events.";
    vec![Endpoint::new(Method::GET, "/stream", ("stream", "followChanges", summary), stream)]
}
