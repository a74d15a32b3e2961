//! Health for whoever watches the box: alive, ready, details; and the metrics.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web::{Data, ServiceConfig},
};
use serde_json::json;

use super::{extract::Can, page, problem::Failure, route::routed};
use crate::{
    domain::{SYSTEM_TENANT, permission::permissions},
    service::Services,
    telemetry::metrics::MetricsHandle,
};

/// Whether callers on the same machine may read metrics without a token.
#[derive(Clone, Copy, Debug)]
pub struct MetricsOpenOnLoopback(pub bool);

/// Registers the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    let get = || routed(&Method::GET);
    config
        .service(page("/health/live", get().to(live)))
        .service(page("/health/ready", get().to(ready)))
        .service(page("/health", get().to(details)))
        .service(page("/metrics", get().to(metrics)));
}

/// Whether a program on this machine asks for itself: a proxy here asks for others, and says so.
fn is_of_this_machine(request: &HttpRequest) -> bool {
    let forwarded =
        ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via"];
    request.peer_addr().is_none_or(|address| address.ip().is_loopback())
        && !forwarded.iter().any(|header| request.headers().contains_key(*header))
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "live"}))
}

fn store_state(services: &Services) -> Result<(), String> {
    services.store().head(SYSTEM_TENANT).map(|_| ()).map_err(|error| error.to_string())
}

async fn ready(services: Data<Services>) -> HttpResponse {
    match store_state(&services) {
        Ok(()) => HttpResponse::Ok().json(json!({"status": "ready"})),
        Err(error) => {
            tracing::error!(%error, "not ready: the store cannot be read");
            HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE)
                .json(json!({"status": "notReady", "store": "failed"}))
        }
    }
}

async fn details(services: Data<Services>) -> HttpResponse {
    let store = if store_state(&services).is_ok() { "ok" } else { "failed" };
    let status = if store == "ok" { "ready" } else { "notReady" };
    HttpResponse::Ok().json(json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "checks": {"store": {"status": store, "sizeBytes": services.store().size_bytes()}},
    }))
}

async fn metrics(
    request: HttpRequest,
    handle: Data<MetricsHandle>,
    open: Data<MetricsOpenOnLoopback>,
    permit: Result<Can<permissions::ReadMetrics>, actix_web::Error>,
    services: Data<Services>,
) -> Result<HttpResponse, Failure> {
    if let (false, Err(error)) = (open.0 && is_of_this_machine(&request), permit) {
        return Err(error.as_error::<Failure>().cloned().unwrap_or_else(Failure::internal));
    }
    #[allow(clippy::cast_precision_loss, reason = "a data file is far smaller than 2^53 bytes")]
    ::metrics::gauge!(crate::telemetry::metrics::DB_FILE_BYTES).set(services.store().size_bytes() as f64);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(handle.render()))
}
