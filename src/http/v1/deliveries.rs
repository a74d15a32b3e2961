//! Deliveries: what leaves the box, every attempt of it, stopping it and sending it once more.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    delivery_export::DeliveryExport,
    delivery_query::{DeliveriesQuery, ExportQuery},
    delivery_views::{DeliveryOut, out},
    representation::PageOut,
};
use crate::{
    domain::{Delivery, DeliveryId, DeliveryState, OutboundService, Timestamp, permission::permissions},
    http::{
        answer::{Answer, Digested, REPLAYED, Tagged, accepted},
        extract::{Body, Can, CursorText, Expected, Item, Query, place_of},
        openapi::{DescribeAnswer, Operation, Schemas, json_answer},
        problem::Failure,
        route::Endpoint,
    },
    service::{DeliveryEdit, DeliveryFilter, Permit, Replay, Services},
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

/// What is to be changed; what is not said stays.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct DeliveryPatch {
    /// The mail address or telephone number that a message is to go to.
    #[serde(default)]
    #[garde(length(chars, min = 1, max = 320))]
    to: Option<String>,
    /// What a message is about that somebody wrote.
    #[serde(default)]
    #[garde(length(chars, min = 1, max = 200))]
    subject: Option<String>,
    /// What a message says that somebody wrote; the event that the call of an action is made of, as JSON.
    #[serde(default)]
    #[garde(length(chars, min = 1, max = 500_000))]
    body: Option<String>,
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

fn tagged(services: &Services, permit: &Permit, delivery: Delivery) -> Tagged<DeliveryOut> {
    let (version, note) = (delivery.version, services.note_in(permit, &delivery));
    Tagged(out(services, delivery).with_note(note), version)
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
    Ok(tagged(&services, &can, delivery))
}

async fn update(
    can: Can<permissions::ManageDeliveries>,
    services: Data<Services>,
    Item(id): Item,
    expected: Expected,
    Body(body): Body<DeliveryPatch>,
) -> Result<Tagged<DeliveryOut>, Failure> {
    let DeliveryPatch { to, subject, body } = body;
    let edit = DeliveryEdit { to, subject, body };
    let delivery = services.edit_delivery(&can, DeliveryId::new(id), edit, expected.0).await?;
    Ok(tagged(&services, &can, delivery))
}

async fn cancel(
    can: Can<permissions::ManageDeliveries>,
    services: Data<Services>,
    Item(id): Item,
    expected: Expected,
) -> Result<Tagged<DeliveryOut>, Failure> {
    let delivery = services.cancel_delivery(&can, DeliveryId::new(id), expected.0).await?;
    Ok(tagged(&services, &can, delivery))
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
            Method::PATCH,
            "/deliveries/{id}",
            about(
                "updateDelivery",
                "Changes what did not arrive, before it is sent once more: to whom a message goes, what somebody wrote, what a \
                 call is made of.",
            ),
            update,
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
