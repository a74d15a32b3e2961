//! Health for whoever watches the box: alive, ready, details; and the metrics.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web::Data,
};
use serde_json::json;

use super::{
    extract::Can,
    log_view::{OpenOnLoopback, is_of_this_machine},
    page::Page,
    problem::Failure,
};
use crate::{
    domain::{SYSTEM_TENANT, permission::permissions},
    service::{Services, Trouble},
    telemetry::{clock::Clock, metrics::MetricsHandle},
};

/// What they are and where.
pub fn pages() -> Vec<Page> {
    vec![
        Page::at("/health/live").answering(Method::GET, live),
        Page::at("/health/ready").answering(Method::GET, ready),
        Page::at("/health").answering(Method::GET, details),
        Page::at("/metrics").answering(Method::GET, metrics),
    ]
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "live"}))
}

/// Whether the store can be read and written.
enum StoreState {
    Ok,
    ReadOnly(Trouble),
    Failed(String),
}

impl StoreState {
    fn of(services: &Services) -> Self {
        match (services.store().head(SYSTEM_TENANT), services.store().trouble()) {
            (Err(error), _) => Self::Failed(error.to_string()),
            (Ok(_), Some(trouble)) => Self::ReadOnly(trouble),
            (Ok(_), None) => Self::Ok,
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ReadOnly(_) => "readOnly",
            Self::Failed(_) => "failed",
        }
    }

    /// What that means for the whole: who can read can work, so a store that is read-only is no reason to send nobody.
    const fn status(&self) -> &'static str {
        match self {
            Self::Ok => "ready",
            Self::ReadOnly(_) => "degraded",
            Self::Failed(_) => "notReady",
        }
    }

    const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::ReadOnly(trouble) => Some(trouble.word()),
            _ => None,
        }
    }
}

async fn ready(services: Data<Services>) -> HttpResponse {
    let state = StoreState::of(&services);
    let status = match &state {
        StoreState::Failed(error) => {
            tracing::error!(%error, "not ready: the store cannot be read");
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::OK,
    };
    let mut body = json!({"status": state.status()});
    if !matches!(state, StoreState::Ok) {
        body = json!({"status": state.status(), "store": state.word(), "reason": state.reason()});
    }
    HttpResponse::build(status).json(body)
}

async fn details(services: Data<Services>, clock: Data<Clock>) -> HttpResponse {
    let (state, store) = (StoreState::of(&services), services.store());
    let backups = services.backup_health(&clock);
    // Whoever scores is served all the same, so that readiness says nothing of it.
    let status =
        if matches!(state, StoreState::Ok) && backups.is_bad() { "degraded" } else { state.status() };
    HttpResponse::Ok().json(json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "checks": {"store": {
            "status": state.word(),
            "reason": state.reason(),
            "sizeBytes": store.size_bytes(),
            "freeBytes": store.free_bytes(),
        }, "backups": {
            "status": backups.status,
            "reason": backups.reason,
            "newestAt": backups.newest_at,
        }},
    }))
}

async fn metrics(
    request: HttpRequest,
    handle: Data<MetricsHandle>,
    open: Data<OpenOnLoopback>,
    permit: Result<Can<permissions::ReadMetrics>, actix_web::Error>,
) -> Result<HttpResponse, Failure> {
    if let (false, Err(error)) = (open.0 && is_of_this_machine(&request), permit) {
        return Err(error.as_error::<Failure>().cloned().unwrap_or_else(Failure::internal));
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(handle.render()))
}
