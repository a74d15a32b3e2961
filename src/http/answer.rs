//! What handlers answer with. Each type knows its status and headers and describes itself.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, Responder,
    body::BoxBody,
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    web::Bytes,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    extract,
    openapi::{DescribeAnswer, Operation, Schemas, json_answer},
    problem::Failure,
};
use crate::domain::to_hex;

/// 200 with a JSON body.
pub struct Answer<T>(pub T);

/// 200 with what is read and has no version: its ETag is a digest of it.
pub struct Digested<T>(pub T);

/// 200 with a resource and its ETag.
pub struct Tagged<T>(pub T, pub u64);

/// 201 with a new resource, its ETag and where it is.
pub struct Created<T> {
    /// The resource.
    pub value: T,
    /// Its version.
    pub version: u64,
    /// Its path beneath the base.
    pub location: String,
    /// Whether an earlier request with the same idempotency key created it.
    pub replayed: bool,
}

/// Says that an earlier request under the same idempotency key did what this one asks for.
pub const REPLAYED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));

/// 200 with what was made, now or by an earlier request under the same idempotency key.
pub struct MadeOnce<T> {
    /// All of it.
    pub value: T,
    /// Whether an earlier request made it.
    pub replayed: bool,
}

/// 204.
pub struct Done;

/// Whether a list of entity tags (`If-None-Match`) names one, or all. Weak comparison: RFC 9110, section 13.1.2.
pub fn names<'a>(mut lists: impl Iterator<Item = &'a HeaderValue>, etag: &str) -> bool {
    lists.any(|list| {
        let mut tags = list.to_str().unwrap_or_default().split(',').map(str::trim);
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}

/// Whether whoever asks has this very answer already.
pub fn is_known(request: &HttpRequest, etag: &str) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && names(request.headers().get_all(header::IF_NONE_MATCH), etag)
}

/// The digest of an answer that has no version, as an ETag without its quotation marks.
pub fn digest_of(body: &str) -> String {
    to_hex(&Sha256::digest(body))
}

/// JSON with its ETag, or a 304 to whoever has it already.
pub fn unless_known(request: &HttpRequest, etag: &str, body: Bytes) -> HttpResponse {
    let quoted = format!("\"{etag}\"");
    if is_known(request, &quoted) {
        return HttpResponse::NotModified().insert_header((header::ETAG, quoted)).finish();
    }
    with_etag(etag, body)
}

/// JSON with its ETag.
pub fn with_etag(etag: &str, body: Bytes) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, format!("\"{etag}\"")));
    response.insert_header((header::CONTENT_TYPE, "application/json"));
    response.body(body)
}

fn digested(request: &HttpRequest, body: Result<String, Failure>) -> HttpResponse {
    match body {
        Ok(body) => unless_known(request, &digest_of(&body), Bytes::from(body)),
        Err(failure) => failure.respond("", None),
    }
}

/// Describes an answer that is sent only to whoever has another one.
pub fn describe_unless_known(operation: &mut Operation) {
    operation.parameters.push(if_none_match());
    operation.answers.insert(304, json!({"description": "It is as it was when this ETag was answered."}));
    if let Some(headers) = operation.answers.get_mut(&200).and_then(|answer| answer.get_mut("headers")) {
        *headers = json!({"ETag": {"schema": {"type": "string"}}});
    }
}

/// The header as operations of the API describe it.
pub fn if_none_match() -> Value {
    json!({
        "name": "If-None-Match", "in": "header", "required": false,
        "description": "The ETag of an answer that is there already; if it still holds, the answer is a 304.",
        "schema": {"type": "string"},
    })
}

/// An answer whose body and version can be kept for the next who asks.
pub trait Rendered {
    /// The body as JSON, and the version if it is one resource.
    ///
    /// # Errors
    /// When the body cannot be written.
    fn render(&self) -> Result<(String, Option<u64>), Failure>;
}

impl<T: Serialize> Rendered for Answer<T> {
    fn render(&self) -> Result<(String, Option<u64>), Failure> {
        Ok((extract::to_json(&self.0)?, None))
    }
}

impl<T: Serialize> Rendered for Tagged<T> {
    fn render(&self) -> Result<(String, Option<u64>), Failure> {
        Ok((extract::to_json(&self.0)?, Some(self.1)))
    }
}

fn respond<T: Serialize>(response: HttpResponseBuilder, value: &T) -> HttpResponse {
    with_body(response, extract::to_json(value))
}

fn with_body(mut response: HttpResponseBuilder, body: Result<String, Failure>) -> HttpResponse {
    match body {
        Ok(body) => response.insert_header((header::CONTENT_TYPE, "application/json")).body(body),
        Err(failure) => failure.respond("", None),
    }
}

fn of_version(mut response: HttpResponseBuilder, version: u64) -> HttpResponseBuilder {
    response.insert_header((header::ETAG, format!("\"{version}\"")));
    response
}

fn replayed(mut response: HttpResponseBuilder, is_replayed: bool) -> HttpResponseBuilder {
    if is_replayed {
        response.insert_header(REPLAYED);
    }
    response
}

/// The answer to what is done later: where to look, and how it stands.
pub fn accepted<T: Serialize>(location: &str, value: &T) -> HttpResponse {
    let mut response = HttpResponse::Accepted();
    response.insert_header((header::LOCATION, location));
    respond(response, value)
}

impl<T: Serialize> Responder for Answer<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        respond(HttpResponse::Ok(), &self.0)
    }
}

impl<T: Serialize> Responder for Digested<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        digested(request, extract::to_json(&self.0))
    }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        respond(of_version(HttpResponse::Ok(), self.1), &self.0)
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = of_version(HttpResponse::Created(), self.version);
        response.insert_header((header::LOCATION, self.location));
        respond(replayed(response, self.replayed), &self.value)
    }
}

impl<T: Serialize> Responder for MadeOnce<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        respond(replayed(HttpResponse::Ok(), self.replayed), &self.value)
    }
}

impl<T: JsonSchema> DescribeAnswer for MadeOnce<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Answer::<T>::describe(operation, schemas);
    }
}

impl Responder for Done {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

impl<T: JsonSchema> DescribeAnswer for Answer<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of::<T>();
        operation.answers.insert(200, json_answer("Done.", &schema, &json!({})));
    }
}

impl<T: JsonSchema> DescribeAnswer for Digested<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Answer::<T>::describe(operation, schemas);
        describe_unless_known(operation);
    }
}

impl<T: JsonSchema> DescribeAnswer for Tagged<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of::<T>();
        let headers = json!({"ETag": {"schema": {"type": "string"}}});
        let answer = json_answer("The resource; its version is the ETag.", &schema, &headers);
        operation.answers.insert(200, answer);
    }
}

impl<T: JsonSchema> DescribeAnswer for Created<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of::<T>();
        let headers = json!({
            "ETag": {"schema": {"type": "string"}}, "Location": {"schema": {"type": "string"}},
            "Idempotency-Replayed": {
                "description": "An earlier request with this Idempotency-Key created it.",
                "schema": {"const": "true"},
            },
        });
        let answer = json_answer("It was created.", &schema, &headers);
        operation.answers.insert(201, answer);
    }
}

impl DescribeAnswer for Done {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.answers.insert(204, json!({"description": "Done."}));
    }
}
