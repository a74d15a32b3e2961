//! Answers a request whose handler panicked. It wraps single resources, not the whole server: only after routing may a
//! request be held twice.

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use futures_util::FutureExt;

use crate::http::problem::Failure;

/// Runs a handler; a panic becomes a 500. The panic hook has written what happened and where.
///
/// # Errors
/// Whatever lies within fails with.
pub async fn catch<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let kept = request.request().clone();
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(response) => response.map(ServiceResponse::map_into_left_body),
        Err(_) => {
            let answer = Failure::internal().respond_to(&kept);
            Ok(ServiceResponse::new(kept, answer).map_into_right_body())
        }
    }
}
