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
    telemetry::{
        clock::Clock,
        metrics::{MetricsHandle, OPEN_METRICS},
    },
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
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let (kind, body) = if prefers_open_metrics(accepted.unwrap_or_default()) {
        (OPEN_METRICS, handle.render_open_metrics())
    } else {
        ("text/plain; version=0.0.4; charset=utf-8", handle.render())
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, kind)).insert_header((header::VARY, "Accept"));
    Ok(response.body(body))
}

/// Whether an `Accept` names OpenMetrics, in the version that is made here, and nothing that it would rather have.
fn prefers_open_metrics(accepted: &str) -> bool {
    let weight = |wanted: &str| {
        let offers = accepted.split(',').filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let is_it = parts.next()?.eq_ignore_ascii_case(wanted);
            let (mut weight, mut made) = (1.0_f32, true);
            for part in parts {
                match part.split_once('=') {
                    Some(("q", number)) => weight = number.parse().ok()?,
                    Some(("version", version)) if wanted == "application/openmetrics-text" => {
                        made = version == "1.0.0";
                    }
                    _ => {}
                }
            }
            (is_it && made).then_some(weight)
        });
        offers.fold(0.0, f32::max)
    };
    let open = weight("application/openmetrics-text");
    open > 0.0 && open >= weight("text/plain")
}

#[cfg(test)]
mod tests {
    use super::prefers_open_metrics;

    #[test]
    fn open_metrics_is_sent_to_whoever_would_rather_have_it() {
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
            text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        for accepted in
            [prometheus, "application/openmetrics-text", "Application/OpenMetrics-Text; version=1.0.0; q=0.5"]
        {
            assert!(prefers_open_metrics(accepted), "{accepted}");
        }
        let newer = "text/plain;version=0.0.4;q=0.8,application/openmetrics-text;version=1.0.0;q=0.6";
        let none = "application/openmetrics-text;q=0,text/plain";
        for accepted in ["", "*/*", "text/plain", "application/openmetrics-text;version=0.0.1", newer, none] {
            assert!(!prefers_open_metrics(accepted), "{accepted}");
        }
    }
}
