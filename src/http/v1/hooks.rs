//! Webhooks and actions beside what every noun has: the events there are, secrets, how they fare, and trying them.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{deliveries::AcceptedDelivery, delivery_views::out, representation::PageOut};
use crate::{
    domain::{
        ActionHookId, EventType, Stopped, Timestamp, WebhookHealth, WebhookId, permission::permissions,
    },
    http::{
        answer::{Answer, Digested, Done},
        extract::{Body, Can, Item},
        problem::Failure,
        route::Endpoint,
    },
    service::{SECRET_KEPT_MS, Services},
};

/// Longest that the secret before goes on, in seconds: a week.
const KEPT_SECONDS_MAX: u32 = 7 * 24 * 60 * 60;

/// A type of event.
#[derive(Serialize, JsonSchema)]
struct EventTypeOut {
    /// Its name.
    #[serde(rename = "type")]
    name: String,
    /// What it means.
    summary: String,
    /// JSON Schema of its `data`.
    #[schemars(with = "Schema")]
    schema: &'static Value,
}

/// What becomes of the secret before.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct SecretIn {
    /// For how many seconds it signs, too: a day if nothing is said; 0 ends it at once, as when it has become known.
    #[serde(default = "a_day")]
    #[garde(range(max = KEPT_SECONDS_MAX))]
    keep_previous_seconds: u32,
}

fn a_day() -> u32 {
    u32::try_from(SECRET_KEPT_MS / 1_000).unwrap_or(KEPT_SECONDS_MAX)
}

/// A new secret, which is told once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SecretOut {
    /// `whsec_` and the base 64 of 32 bytes.
    secret: String,
    /// Until when the one before signs, too.
    previous_until: Option<Timestamp>,
}

/// How a webhook fares.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct HealthOut {
    /// Whether anybody was told its secret.
    has_secret: bool,
    /// Until when the secret before signs, too.
    previous_secret_until: Option<Timestamp>,
    /// When something first arrived after the last failure.
    arrived_at: Option<Timestamp>,
    /// Since when nothing arrives.
    failing_since: Option<Timestamp>,
    /// Deliveries that have failed since then.
    failed: u32,
    /// Since when it is not told any more, and why. A test that arrives ends that.
    stopped: Option<Stopped>,
}

impl From<WebhookHealth> for HealthOut {
    fn from(health: WebhookHealth) -> Self {
        Self {
            has_secret: health.secret > 0,
            previous_secret_until: health.previous_until,
            arrived_at: health.arrived_at,
            failing_since: health.failing_since,
            failed: health.failed,
            stopped: health.stopped,
        }
    }
}

/// The authorization of an action.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct AuthorizationIn {
    /// The value of the `Authorization` header, such as `Bearer …`; null removes it. It is never shown again.
    #[garde(inner(length(bytes, min = 1, max = 4_000), custom(visible)))]
    authorization: Option<String>,
}

fn visible(value: &str, (): &()) -> garde::Result {
    let fits = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if fits { Ok(()) } else { Err(garde::Error::new("must be visible ASCII and spaces")) }
}

/// Whether an action has an authorization.
#[derive(Serialize, JsonSchema)]
struct AuthorizationOut {
    /// Whether one is set.
    set: bool,
}

async fn event_types(_can: Can<permissions::ReadHooks>) -> Result<Digested<PageOut<EventTypeOut>>, Failure> {
    let out = |event: EventType| EventTypeOut {
        name: event.to_string(),
        summary: event.summary(),
        schema: event.schema(),
    };
    Ok(Digested(PageOut { items: EventType::all().map(out).collect(), next_cursor: None }))
}

async fn renew_secret(
    can: Can<permissions::ManageHooks>,
    services: Data<Services>,
    Item(id): Item,
    Body(body): Body<SecretIn>,
) -> Result<Answer<SecretOut>, Failure> {
    let kept = i64::from(body.keep_previous_seconds) * 1_000;
    let until = (kept > 0).then(|| can.context().clock().now().plus_millis(kept));
    let (secret, health) = services.renew_webhook_secret(&can, WebhookId::new(id), until).await?;
    Ok(Answer(SecretOut { secret, previous_until: health.previous_until }))
}

async fn health(
    can: Can<permissions::ReadHooks>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Digested<HealthOut>, Failure> {
    Ok(Digested(services.webhook_health(&can, WebhookId::new(id)).await?.into()))
}

async fn try_webhook(
    can: Can<permissions::ManageHooks>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<AcceptedDelivery, Failure> {
    let delivery = services.try_webhook(&can, WebhookId::new(id)).await?;
    Ok(AcceptedDelivery(out(&services, delivery)))
}

async fn authorization(
    can: Can<permissions::ReadHooks>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Digested<AuthorizationOut>, Failure> {
    let set = services.has_action_authorization(&can, ActionHookId::new(id)).await?;
    Ok(Digested(AuthorizationOut { set }))
}

async fn set_authorization(
    can: Can<permissions::ManageHooks>,
    services: Data<Services>,
    Item(id): Item,
    Body(body): Body<AuthorizationIn>,
) -> Result<Done, Failure> {
    let value = body.authorization.as_deref();
    services.set_action_authorization(&can, ActionHookId::new(id), value).await?;
    Ok(Done)
}

async fn try_action(
    can: Can<permissions::ManageHooks>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<AcceptedDelivery, Failure> {
    let delivery = services.try_action(&can, ActionHookId::new(id)).await?;
    Ok(AcceptedDelivery(out(&services, delivery)))
}

/// The endpoints of webhooks and actions beside those of every noun.
pub fn endpoints() -> Vec<Endpoint> {
    let of_webhooks = |name: &'static str, summary: &'static str| ("webhooks", name, summary);
    let of_actions = |name: &'static str, summary: &'static str| ("actions", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/event-types",
            of_webhooks("listEventTypes", "The events that webhooks and actions can be called on."),
            event_types,
        ),
        Endpoint::new(
            Method::POST,
            "/webhooks/{id}/secret",
            of_webhooks("renewWebhookSecret", "A new secret for a webhook, which is told once."),
            renew_secret,
        ),
        Endpoint::new(
            Method::GET,
            "/webhooks/{id}/health",
            of_webhooks("getWebhookHealth", "How a webhook fares."),
            health,
        ),
        Endpoint::new(
            Method::POST,
            "/webhooks/{id}/test",
            of_webhooks("testWebhook", "Tells a webhook of an event that tries it."),
            try_webhook,
        ),
        Endpoint::new(
            Method::GET,
            "/actions/{id}/authorization",
            of_actions("getActionAuthorization", "Whether an action has an authorization."),
            authorization,
        ),
        Endpoint::new(
            Method::PUT,
            "/actions/{id}/authorization",
            of_actions("setActionAuthorization", "Sets the authorization of an action, or removes it."),
            set_authorization,
        ),
        Endpoint::new(
            Method::POST,
            "/actions/{id}/test",
            of_actions("testAction", "Calls an action on an event that tries it."),
            try_action,
        ),
    ]
}
