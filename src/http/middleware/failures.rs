//! Turns whatever fails into an answer with path and ids: failures of handlers and extractors, and the server library's
//! own errors.

use actix_web::{
    Error,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
};

use crate::http::problem::{Failure, code};

/// Answers a failed request with a problem.
///
/// # Errors
/// What fails before any handler, which the server library answers.
pub async fn answer<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let response = next.call(request).await?;
    match response.response().error().map(of_error) {
        None => Ok(response.map_into_left_body()),
        Some(failure) => {
            let answer = failure.respond_to(response.request());
            Ok(response.into_response(answer).map_into_right_body())
        }
    }
}

fn of_error(error: &Error) -> Failure {
    if let Some(failure) = error.as_error::<Failure>() {
        return failure.clone();
    }
    let status = error.as_response_error().status_code();
    match status {
        StatusCode::NOT_FOUND => Failure::not_found(),
        StatusCode::PAYLOAD_TOO_LARGE => Failure::new(status, code::TOO_LARGE, "the body is too large"),
        status if status.is_client_error() => Failure::new(status, code::BAD_REQUEST, error.to_string()),
        _ => {
            tracing::error!(%error, "a request failed");
            Failure::internal()
        }
    }
}
