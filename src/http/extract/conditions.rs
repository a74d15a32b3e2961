//! `If-Match`: the versions of a resource that the caller has seen.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, http::header};
use serde_json::json;

use crate::{
    http::{
        openapi::{DescribeInput, Operation, Schemas, TakesInput},
        problem::{Failure, code},
    },
    service::Versions,
};

/// The versions the caller has seen, if it says so.
pub struct Expected(pub Option<Versions>);

impl FromRequest for Expected {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(parse(request).map(Self))
    }
}

/// Tags are compared strongly (RFC 9110, section 13.1.1): weak ones, and those that were never answered, match nothing.
fn parse(request: &HttpRequest) -> Result<Option<Versions>, Failure> {
    let mut tags = Vec::new();
    for list in request.headers().get_all(header::IF_MATCH) {
        for tag in list.to_str().map_err(|_| unreadable())?.split(',').map(str::trim) {
            if tag == "*" {
                return Ok(None);
            }
            let strong = tag.strip_prefix("W/").unwrap_or(tag);
            let text =
                strong.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).ok_or_else(unreadable)?;
            let version = text.parse::<u64>().ok().filter(|version| version.to_string() == text);
            tags.push(version.filter(|_| strong == tag));
        }
    }
    Ok((!tags.is_empty()).then(|| tags.into_iter().flatten().collect()))
}

/// An operation that looks at no versions refuses to be told any: it would do what was to be done on a condition only.
///
/// # Errors
/// Some were told.
pub fn ensure_none(request: &HttpRequest) -> Result<(), Failure> {
    if request.method().is_safe() || parse(request)?.is_none() {
        return Ok(());
    }
    let detail = "this operation does not look at If-Match; leave it out, or send *";
    Err(Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail))
}

fn unreadable() -> Failure {
    let detail = "If-Match must be ETags as they were answered, such as \"17\" or \"17\", \"18\", or *";
    Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail)
}

impl DescribeInput for Expected {
    const TAKES: TakesInput = TakesInput::VERSIONS;

    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.extend([400, 412]);
        operation.parameters.push(json!({
            "name": "If-Match", "in": "header", "required": false,
            "description": "The ETag that was seen; another one meanwhile is a 412.",
            "schema": {"type": "string", "pattern": "^(\\*|\"[0-9]{1,19}\"(, \"[0-9]{1,19}\")*)$"},
        }));
    }
}
