//! Circuit breakers: where each circuit stands and why, what was seen while they only watched, their modes, resetting and
//! opening.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    breaker_views::{BreakerOut, in_millis},
    representation::PageOut,
};
use crate::{
    domain::{BreakerMode, CircuitState, ObservedCalls, Opening, OutboundService, permission::permissions},
    http::{
        answer::{Answer, Digested},
        extract::{Body, Can, Query},
        problem::Failure,
        route::Endpoint,
    },
    resilience::{BreakerSettings, BreakerView, Circuit, WindowSpan},
    service::{ServiceStatus, Services},
};

/// Which circuits.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct BreakersQuery {
    /// Only those of this service.
    #[serde(default)]
    service: Option<OutboundService>,
    /// Only those in this state.
    #[serde(default)]
    state: Option<CircuitState>,
}

/// A circuit.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct CircuitIn {
    /// The kind of service.
    service: OutboundService,
    /// Which of its kind.
    #[garde(length(chars, min = 1, max = 400))]
    key: String,
}

/// A mode.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ModeIn {
    /// Of which service; of all, if of none.
    #[serde(default)]
    service: Option<OutboundService>,
    /// The mode; null leaves it to what is set and what was seen.
    #[serde(deserialize_with = "given")]
    mode: Option<BreakerMode>,
}

/// A field that has to be there although it may be null.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BreakerMode>, D::Error> {
    Option::deserialize(deserializer)
}

/// How the circuit breakers are brought in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ServicesOut {
    /// Whether there are circuit breakers at all.
    enabled: bool,
    /// The mode that was chosen for all services.
    mode: Option<BreakerMode>,
    items: Vec<ServiceOut>,
}

/// A service outside.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ServiceOut {
    service: OutboundService,
    /// The mode that its breakers are in.
    mode: BreakerMode,
    /// The mode that was chosen for it.
    chosen: Option<BreakerMode>,
    /// Its worst state.
    state: CircuitState,
    /// Its circuits.
    circuits: usize,
    /// Hours in which it was called while it was watched.
    observed_hours: u32,
    /// After so many of them calls are rejected.
    observe_hours: u32,
    /// What was seen of it, over restarts.
    seen: ObservedCalls,
    /// When its circuits were opened, or would have been, over restarts: newest first, the last 50.
    openings: Vec<Opening>,
    settings: BreakerSettingsOut,
}

/// What the breakers of a service go by.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BreakerSettingsOut {
    failure_threshold: Option<u32>,
    success_threshold: u32,
    /// How long a circuit stays open at first, in milliseconds.
    timeout: u64,
    /// How long a call counts, in milliseconds.
    window_size: Option<u64>,
    volume_threshold: u32,
    consecutive_failures: Option<u32>,
    failure_rate: Option<f64>,
    slow_call_ms: Option<u64>,
    slow_call_rate: Option<f64>,
    /// The longest that a circuit stays open, in milliseconds.
    longest_timeout: Option<u64>,
}

impl From<BreakerSettings> for BreakerSettingsOut {
    fn from(settings: BreakerSettings) -> Self {
        let window_size = match settings.window {
            WindowSpan::Time(span) => Some(in_millis(span)),
            WindowSpan::Calls(_) => None,
        };
        Self {
            failure_threshold: settings.failure_threshold,
            success_threshold: settings.success_threshold,
            timeout: in_millis(settings.open),
            window_size,
            volume_threshold: settings.volume_threshold,
            consecutive_failures: settings.consecutive_failures,
            failure_rate: settings.failure_rate,
            slow_call_ms: settings.slow_after.map(in_millis),
            slow_call_rate: settings.slow_rate,
            longest_timeout: settings.open_max.map(in_millis),
        }
    }
}

async fn list(
    _can: Can<permissions::ReadBreakers>,
    services: Data<Services>,
    query: Query<BreakersQuery>,
) -> Result<Digested<PageOut<BreakerOut>>, Failure> {
    let BreakersQuery { service, state } = query.0;
    let wanted = |view: &BreakerView| {
        service.is_none_or(|service| service == view.circuit.service)
            && state.is_none_or(|state| state == view.state)
    };
    let items = services.breakers().views().into_iter().filter(wanted).map(BreakerOut::from).collect();
    Ok(Digested(PageOut { items, next_cursor: None }))
}

async fn services(
    _can: Can<permissions::ReadBreakers>,
    services: Data<Services>,
) -> Result<Digested<ServicesOut>, Failure> {
    Ok(Digested(told(&services)))
}

fn told(services: &Services) -> ServicesOut {
    let (rules, mode) = services.rollout();
    let views = services.breakers().views();
    let out = |status: ServiceStatus| {
        let states: Vec<CircuitState> = views
            .iter()
            .filter(|view| view.circuit.service == status.service)
            .map(|view| view.state)
            .collect();
        ServiceOut {
            service: status.service,
            mode: status.mode,
            chosen: status.rollout.chosen,
            state: states.iter().max().copied().unwrap_or(CircuitState::Closed),
            circuits: states.len(),
            observed_hours: status.rollout.observed_hours,
            observe_hours: rules.observe_hours,
            seen: status.rollout.seen,
            openings: status.rollout.openings.into(),
            settings: status.settings.into(),
        }
    };
    let items = services.outbound_services().into_iter().map(out).collect();
    ServicesOut { enabled: rules.enabled, mode, items }
}

async fn choose_mode(
    can: Can<permissions::ManageBreakers>,
    services: Data<Services>,
    Body(body): Body<ModeIn>,
) -> Result<Answer<ServicesOut>, Failure> {
    services.choose_breaker_mode(&can, body.service, body.mode).await?;
    Ok(Answer(told(&services)))
}

async fn reset(
    can: Can<permissions::ManageBreakers>,
    services: Data<Services>,
    Body(body): Body<CircuitIn>,
) -> Result<Answer<BreakerOut>, Failure> {
    let circuit = Circuit { service: body.service, key: body.key.into() };
    Ok(Answer(services.reset_breaker(&can, &circuit).await?.view().into()))
}

async fn trip(
    can: Can<permissions::ManageBreakers>,
    services: Data<Services>,
    Body(body): Body<CircuitIn>,
) -> Result<Answer<BreakerOut>, Failure> {
    let circuit = Circuit { service: body.service, key: body.key.into() };
    Ok(Answer(services.trip_breaker(&can, &circuit).await?.view().into()))
}

/// The endpoints of circuit breakers.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("breakers", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/breakers",
            about("listBreakers", "Every circuit that was called: where it stands, since when, and why."),
            list,
        ),
        Endpoint::new(
            Method::GET,
            "/breakers/services",
            about(
                "listOutboundServices",
                "Every kind of service outside: its mode, and what was seen of it.",
            ),
            services,
        ),
        Endpoint::new(
            Method::PUT,
            "/breakers/mode",
            about("chooseBreakerMode", "Chooses the mode of a service's breakers, or of all."),
            choose_mode,
        ),
        Endpoint::new(
            Method::POST,
            "/breakers/reset",
            about("resetBreaker", "Closes a circuit with all that it knew forgotten."),
            reset,
        ),
        Endpoint::new(
            Method::POST,
            "/breakers/trip",
            about("tripBreaker", "Opens a circuit; it recovers by trials as usual."),
            trip,
        ),
    ]
}
