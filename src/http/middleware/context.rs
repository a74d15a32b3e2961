//! Gives every request its context: ids in, ids out, and the span in which all its work is done. Also the headers that
//! every answer carries.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use tracing::Instrument;

use crate::{
    service::Services,
    telemetry::{
        clock::Clock,
        context::{Inbound, RequestContext},
    },
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
/// Sent while nothing can be changed, so that every page can say so.
const STORE_STATE: HeaderName = HeaderName::from_static("x-store-state");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Runs a request in a context of its own.
///
/// # Errors
/// Whatever lies within fails with; nothing does, because failures are answers there.
pub async fn enter<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let clock = request.app_data::<Data<Clock>>().map_or_else(Clock::system, |clock| clock.get_ref().clone());
    let context = inbound(request.headers(), clock);
    let span = context.span("http");
    let services = request.app_data::<Data<Services>>().cloned();
    request.extensions_mut().insert(context.clone());
    let mut response = next.call(request).instrument(span).await?;
    let headers = response.headers_mut();
    set(headers, REQUEST_ID, context.request_id().as_str());
    set(headers, CORRELATION_ID, context.correlation_id().as_str());
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    if let Some(trouble) = services.and_then(|services| services.store().trouble()) {
        set(headers, STORE_STATE, &format!("read-only; reason={}", trouble.word()));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        set(headers, header::CACHE_CONTROL, "no-store");
    }
    Ok(response)
}

fn inbound(headers: &HeaderMap, clock: Clock) -> RequestContext {
    // What is no text cannot be an id, and counts as one that was refused.
    let all = |name: HeaderName| -> Vec<&str> {
        headers.get_all(name).map(|value| value.to_str().unwrap_or_default()).collect()
    };
    let (request_ids, correlation_ids, traceparents) =
        (all(REQUEST_ID), all(CORRELATION_ID), all(TRACEPARENT));
    let inbound =
        Inbound { request_ids: &request_ids, correlation_ids: &correlation_ids, traceparents: &traceparents };
    RequestContext::inbound(inbound, clock)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
