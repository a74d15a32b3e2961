//! Deliveries: what leaves the box, every attempt of it, stopping it and sending it once more.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    breaker_views::in_millis,
    delivery_export::DeliveryExport,
    delivery_query::{DeliveriesQuery, ExportQuery},
    representation::PageOut,
};
use crate::{
    domain::{
        Actor, Attempt, Delivery, DeliveryId, DeliveryReport, DeliveryState, OutboundService, ReportedStatus,
        Timestamp, Urgency, permission::permissions,
    },
    http::{
        answer::{Answer, Digested, REPLAYED, Tagged, accepted},
        extract::{Body, Can, CursorText, Expected, Item, Query, place_of},
        openapi::{DescribeAnswer, Operation, Schemas, json_answer},
        problem::Failure,
        route::Endpoint,
    },
    service::{DeliveryFilter, Permit, Replay, Services},
};

/// Which deliveries to send once more.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ReplayIn {
    /// Only those in this state; the dead letters, if none is given.
    #[serde(default)]
    state: Option<DeliveryState>,
    /// Only those of this service.
    #[serde(default)]
    service: Option<OutboundService>,
    /// Only those for this webhook or action.
    #[serde(default)]
    hook: Option<Uuid>,
    /// Only those that were caused since.
    #[serde(default)]
    since: Option<Timestamp>,
    /// Says only which they are.
    #[serde(default)]
    dry_run: bool,
}

/// What was, or would be, sent once more.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReplayOut {
    /// How many.
    count: usize,
    /// Which, newest first.
    deliveries: Vec<DeliveryId>,
    /// Whether there are more than are sent at a time; ask again for them.
    more: bool,
}

/// An attempt.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AttemptOut {
    /// When it began.
    at: Timestamp,
    /// The request ID under which it was made.
    request_id: String,
    /// What came of it: `arrived`, `failed`, `paused`, `refused`, `unknown` or `interrupted`; nothing as long as it runs.
    outcome: Option<&'static str>,
    /// How long it took.
    took_ms: Option<u64>,
    /// In a word: `connect`, `timeout`, `status` and the like.
    class: Option<String>,
    /// The status that was answered.
    status: Option<u16>,
    /// In a sentence.
    detail: Option<String>,
    /// The address or relay it went to.
    via: Option<String>,
}

impl From<Attempt> for AttemptOut {
    fn from(attempt: Attempt) -> Self {
        let Attempt { at, request_id, end } = attempt;
        let Some(end) = end else {
            return Self {
                at,
                request_id,
                outcome: None,
                took_ms: None,
                class: None,
                status: None,
                detail: None,
                via: None,
            };
        };
        Self {
            at,
            request_id,
            outcome: Some(end.outcome.word()),
            took_ms: Some(end.took_ms),
            class: Some(end.class),
            status: end.status,
            detail: Some(end.detail),
            via: end.via,
        }
    }
}

/// Who gets a message.
#[derive(Serialize, JsonSchema)]
struct RecipientOut {
    name: String,
    /// The mail address or telephone number.
    address: String,
}

/// What a provider said later of a message.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReportOut {
    status: ReportedStatus,
    /// When it was said.
    at: Timestamp,
    /// The provider's own code for why it did not arrive.
    code: Option<String>,
    /// The request in which it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl From<DeliveryReport> for ReportOut {
    fn from(DeliveryReport { status, at, code, request_id }: DeliveryReport) -> Self {
        Self { status, at, code, request_id }
    }
}

/// A delivery.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryOut {
    id: DeliveryId,
    /// The service it goes out by.
    service: OutboundService,
    /// The host or relay it goes to.
    queue: String,
    /// What it is: the type of event, or the kind of message.
    title: String,
    /// The webhook or action that it is for.
    hook: Option<Uuid>,
    /// Who gets it, if it is a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<RecipientOut>,
    /// What is sent, as far as it may be shown.
    body: Option<String>,
    /// The name under which the receiver knows it.
    message_id: String,
    urgency: Urgency,
    state: DeliveryState,
    /// How long it will not be tried because the circuit of its service is open, in milliseconds.
    parked_for_ms: Option<u64>,
    /// When it is tried next.
    due_at: Option<Timestamp>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// Who caused it.
    caused_by: Actor,
    request_id: String,
    correlation_id: String,
    /// Attempts that were made.
    attempts_made: u32,
    /// The last of them, oldest first.
    attempts: Vec<AttemptOut>,
    /// Whether it may have arrived more than once, or without our knowing.
    ambiguous: bool,
    /// The delivery that this one repeats.
    replay_of: Option<DeliveryId>,
    /// The delivery that repeats this one.
    replayed_by: Option<DeliveryId>,
    /// The mail that took the place of this text message, which had not arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_over_by: Option<DeliveryId>,
    /// What the provider said later of a text message that it had taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportOut>,
    version: u64,
}

pub(super) fn out(services: &Services, delivery: Delivery) -> DeliveryOut {
    let parked = services.parked_for(&delivery);
    DeliveryOut {
        service: delivery.service(),
        title: delivery.what.title().to_owned(),
        hook: delivery.what.hook(),
        recipient: delivery.what.message().map(|message| RecipientOut {
            name: message.to.name.clone(),
            address: message.to.address.clone(),
        }),
        body: delivery.what.shown().map(ToOwned::to_owned),
        message_id: delivery.message_id(),
        id: delivery.id,
        queue: delivery.queue,
        urgency: delivery.urgency,
        parked_for_ms: parked.map(in_millis),
        due_at: (delivery.state == DeliveryState::Waiting).then_some(delivery.due_at),
        state: delivery.state,
        created_at: delivery.created_at,
        finished_at: delivery.finished_at,
        caused_by: delivery.by,
        request_id: delivery.request_id,
        correlation_id: delivery.correlation_id,
        attempts_made: delivery.made,
        attempts: delivery.attempts.into_iter().map(AttemptOut::from).collect(),
        ambiguous: delivery.ambiguous,
        replay_of: delivery.replay_of,
        replayed_by: delivery.replayed_by,
        taken_over_by: delivery.taken_over_by,
        report: delivery.report.map(ReportOut::from),
        version: delivery.version,
    }
}

fn tagged(services: &Services, delivery: Delivery) -> Tagged<DeliveryOut> {
    let version = delivery.version;
    Tagged(out(services, delivery), version)
}

/// The answer to what is sent behind the answer: 202, with where to look.
pub struct AcceptedDelivery(pub DeliveryOut);

impl Responder for AcceptedDelivery {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        accepted(&format!("/api/v1/deliveries/{}", self.0.id), &self.0)
    }
}

impl DescribeAnswer for AcceptedDelivery {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of::<DeliveryOut>();
        let headers = serde_json::json!({"Location": {"schema": {"type": "string"}}});
        operation
            .answers
            .insert(202, json_answer("It is on its way; it is at `Location`.", &schema, &headers));
    }
}

/// The same, now or for an earlier request under the same idempotency key.
pub struct DeliveryOnce {
    pub delivery: AcceptedDelivery,
    /// Whether it was an earlier one.
    pub replayed: bool,
}

impl Responder for DeliveryOnce {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.delivery.respond_to(request);
        if self.replayed {
            response.headers_mut().insert(REPLAYED.0, REPLAYED.1);
        }
        response
    }
}

impl DescribeAnswer for DeliveryOnce {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        AcceptedDelivery::describe(operation, schemas);
    }
}

async fn list(
    can: Can<permissions::ReadDeliveries>,
    services: Data<Services>,
    query: Query<DeliveriesQuery>,
) -> Result<Digested<PageOut<DeliveryOut>>, Failure> {
    let (filter, after) = (query.0.filter(), place_of(query.0.cursor.as_deref())?);
    let page = services.deliveries(&can, &filter, after, usize::from(query.0.limit)).await?;
    let next_cursor = page.next.as_ref().map(CursorText::to_text);
    let items = page.items.into_iter().map(|delivery| out(&services, delivery)).collect();
    Ok(Digested(PageOut { items, next_cursor }))
}

async fn export(
    can: Can<permissions::ReadDeliveries>,
    services: Data<Services>,
    query: Query<ExportQuery>,
) -> Result<DeliveryExport, Failure> {
    DeliveryExport::begin(Permit::clone(&can), services, query.0.filter(), query.0.format).await
}

async fn get(
    can: Can<permissions::ReadDeliveries>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Tagged<DeliveryOut>, Failure> {
    let delivery = services.delivery(&can, DeliveryId::new(id)).await?;
    Ok(tagged(&services, delivery))
}

async fn cancel(
    can: Can<permissions::ManageDeliveries>,
    services: Data<Services>,
    Item(id): Item,
    expected: Expected,
) -> Result<Tagged<DeliveryOut>, Failure> {
    let delivery = services.cancel_delivery(&can, DeliveryId::new(id), expected.0).await?;
    Ok(tagged(&services, delivery))
}

async fn replay(
    can: Can<permissions::ManageDeliveries>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<AcceptedDelivery, Failure> {
    let delivery = services.replay_delivery(&can, DeliveryId::new(id)).await?;
    Ok(AcceptedDelivery(out(&services, delivery)))
}

async fn replay_many(
    can: Can<permissions::ManageDeliveries>,
    services: Data<Services>,
    Body(body): Body<ReplayIn>,
) -> Result<Answer<ReplayOut>, Failure> {
    let ReplayIn { state, service, hook, since, dry_run } = body;
    let filter = DeliveryFilter { state, service, hook, since, ..DeliveryFilter::default() };
    let Replay { of, more } = services.replay_deliveries(&can, filter, dry_run).await?;
    Ok(Answer(ReplayOut { count: of.len(), deliveries: of, more }))
}

/// The endpoints of deliveries.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("deliveries", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/deliveries",
            about(
                "listDeliveries",
                "What leaves the box, newest first; those that died are the dead letters.",
            ),
            list,
        ),
        Endpoint::new(
            Method::GET,
            "/deliveries/export",
            about(
                "exportDeliveries",
                "All deliveries that pass a filter, as a table for spreadsheets or as JSON for programs.",
            ),
            export,
        ),
        Endpoint::new(
            Method::POST,
            "/deliveries/replay",
            about("replayDeliveries", "Sends all once more that pass a filter, or says which they are."),
            replay_many,
        ),
        Endpoint::new(
            Method::GET,
            "/deliveries/{id}",
            about("getDelivery", "One delivery, with its attempts."),
            get,
        ),
        Endpoint::new(
            Method::POST,
            "/deliveries/{id}/cancel",
            about("cancelDelivery", "Stops a delivery; an attempt that is under way ends by itself."),
            cancel,
        ),
        Endpoint::new(
            Method::POST,
            "/deliveries/{id}/replay",
            about("replayDelivery", "Sends a delivery that is over once more."),
            replay,
        ),
    ]
}
