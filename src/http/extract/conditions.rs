//! `If-Match`: the version of a resource that the caller has seen.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, http::header};
use serde_json::json;

use crate::http::{
    openapi::{DescribeInput, Operation, Schemas},
    problem::{Failure, code},
};

/// The version the caller has seen, if it says so.
pub struct Expected(pub Option<u64>);

impl FromRequest for Expected {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(parse(request).map(Self))
    }
}

fn parse(request: &HttpRequest) -> Result<Option<u64>, Failure> {
    let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    match value.to_str().map(str::trim) {
        Ok("*") => Ok(None),
        Ok(tag) => {
            let number =
                tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
            number.map(Some).ok_or_else(unreadable)
        }
        Err(_) => Err(unreadable()),
    }
}

fn unreadable() -> Failure {
    let detail = "If-Match must be one ETag as it was answered, such as \"17\", or *";
    Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail)
}

impl DescribeInput for Expected {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.extend([400, 412]);
        operation.parameters.push(json!({
            "name": "If-Match", "in": "header", "required": false,
            "description": "The ETag that was seen; another one meanwhile is a 412.",
            "schema": {"type": "string", "pattern": "^(\\*|\"[0-9]{1,19}\")$"},
        }));
    }
}
