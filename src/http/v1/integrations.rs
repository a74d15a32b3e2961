//! Services outside that the operator sets up: which are, how they fare, and trying those that no message shows.

use actix_web::{http::Method, web::Data};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    breaker_views::in_millis, deliveries::AcceptedDelivery, delivery_views::out, representation::PageOut,
};
use crate::{
    domain::{BreakerMode, CircuitState, OutboundService, Timestamp, permission::permissions},
    http::{answer::Digested, extract::Can, problem::Failure, route::Endpoint},
    resilience::BreakerView,
    service::{Integration, IntegrationTarget, Services},
};

/// A service outside.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct IntegrationOut {
    service: OutboundService,
    /// The mode that its circuit breakers are in.
    mode: BreakerMode,
    /// Where it goes, in the order in which that is tried; none if it is not set up.
    targets: Vec<TargetOut>,
}

/// Where a service goes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TargetOut {
    /// The relay, bucket or host.
    key: String,
    /// Where its circuit stands; nothing if it was not called yet.
    circuit: Option<CircuitOut>,
}

/// Where a circuit stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CircuitOut {
    state: CircuitState,
    since: Timestamp,
    /// How long it stays open, in milliseconds; nothing if it is not open.
    retry_after_ms: Option<u64>,
    last_success_time: Option<Timestamp>,
    last_failure_time: Option<Timestamp>,
    /// What went wrong then, in a word or two.
    last_error: Option<&'static str>,
}

impl From<BreakerView> for CircuitOut {
    fn from(view: BreakerView) -> Self {
        Self {
            state: view.state,
            since: view.since,
            retry_after_ms: view.retry_after.map(in_millis),
            last_success_time: view.last_success,
            last_failure_time: view.last_failure,
            last_error: view.errors.first().map(|failed| failed.what),
        }
    }
}

impl From<Integration> for IntegrationOut {
    fn from(Integration { service, mode, targets }: Integration) -> Self {
        let target = |IntegrationTarget { key, circuit }| TargetOut { key, circuit: circuit.map(Into::into) };
        Self { service, mode, targets: targets.into_iter().map(target).collect() }
    }
}

async fn list(
    _can: Can<permissions::ReadIntegrations>,
    services: Data<Services>,
) -> Result<Digested<PageOut<IntegrationOut>>, Failure> {
    let items = services.integrations().into_iter().map(IntegrationOut::from).collect();
    Ok(Digested(PageOut { items, next_cursor: None }))
}

async fn try_scanner(
    can: Can<permissions::TestIntegrations>,
    services: Data<Services>,
) -> Result<AcceptedDelivery, Failure> {
    let delivery = services.try_scanner(&can).await?;
    Ok(AcceptedDelivery(out(&services, delivery)))
}

async fn try_redis(
    can: Can<permissions::TestIntegrations>,
    services: Data<Services>,
) -> Result<AcceptedDelivery, Failure> {
    let delivery = services.try_redis(&can).await?;
    Ok(AcceptedDelivery(out(&services, delivery)))
}

/// The endpoints of services outside.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("integrations", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/integrations",
            about(
                "listIntegrations",
                "Services outside: which are set up, where they go, and how they fare.",
            ),
            list,
        ),
        Endpoint::new(
            Method::POST,
            "/integrations/virus-scan/test",
            about("testVirusScan", "Asks the scanner for viruses whether it works."),
            try_scanner,
        ),
        Endpoint::new(
            Method::POST,
            "/integrations/redis/test",
            about("testRedis", "Asks Redis whether it works."),
            try_redis,
        ),
    ]
}
