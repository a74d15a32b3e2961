//! `Idempotency-Key`: the name under which a client creates something once, however often it asks.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};
use serde_json::json;

use crate::{
    http::{
        openapi::{DescribeInput, Operation, Schemas},
        problem::{Failure, code},
    },
    service::IdempotencyKey,
};

const HEADER: &str = "idempotency-key";

/// The key of a creation, if the client sends one.
pub struct Once(pub Option<IdempotencyKey>);

impl FromRequest for Once {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let values: Vec<_> = request.headers().get_all(HEADER).collect();
        ready(match values.as_slice() {
            [] => Ok(Self(None)),
            [value] => match value.to_str().map(str::parse) {
                Ok(Ok(key)) => Ok(Self(Some(key))),
                _ => Err(unreadable()),
            },
            _ => Err(unreadable()),
        })
    }
}

fn unreadable() -> Failure {
    let detail = "Idempotency-Key must come once and be 1 to 255 visible ASCII characters";
    Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail)
}

impl DescribeInput for Once {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.extend([400, 422]);
        operation.parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Creates once: the same key with the same body within 24 hours answers what was created \
                then, as it is now, with Idempotency-Replayed: true. With another body it is a 422.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        }));
    }
}
