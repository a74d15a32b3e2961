//! Answers to what goes wrong: RFC 9457 `application/problem+json`. The one place where a failure of a use case
//! becomes a status, a stable code and a text for people.

pub mod code;
mod refusal;

use std::fmt;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use self::code::Code;
use crate::{domain::Fault, telemetry::context::RequestContext};

/// What went wrong, as it is sent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// A link to what this code means, on this server.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time, and what to do.
    pub detail: String,
    /// The path of the request.
    pub instance: String,
    /// Stable code for programs.
    pub code: String,
    /// The request, for the log.
    pub request_id: String,
    /// What the request belongs to.
    pub correlation_id: String,
    /// Every fault of what was sent, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub errors: Vec<Fault>,
    /// What else belongs to this code.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A failed request: a code, its status, a text, and what belongs to it.
#[derive(Clone, Debug)]
pub struct Failure {
    code: Code,
    status: StatusCode,
    detail: String,
    errors: Vec<Fault>,
    more: Map<String, Value>,
    headers: Vec<(header::HeaderName, String)>,
}

/// What a 401 asks for (RFC 9110, section 11.6.1). The pages sign in with a form, which no header can name.
const CHALLENGE: &str = "Bearer realm=\"event-manager\"";

/// What stands before every path of this server, for links to its documents.
#[derive(Clone, Debug)]
pub struct BasePath(pub String);

impl Failure {
    /// A failure with a code, its status and a text.
    pub fn new(status: StatusCode, code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            status,
            detail: detail.into(),
            errors: Vec::new(),
            more: Map::new(),
            headers: Vec::new(),
        }
    }

    /// What was sent breaks rules.
    pub fn invalid(errors: Vec<Fault>) -> Self {
        let failure = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            code::INVALID,
            "the request breaks rules; see errors",
        );
        Self { errors, ..failure }
    }

    /// A body of which this is wrong, before its members are looked at.
    pub fn of_body(status: StatusCode, code: Code, fault: Fault) -> Self {
        Self::new(status, code, format!("the body {}", fault.message)).with_errors(vec![fault])
    }

    /// There is nothing here.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "there is nothing at this address")
    }

    /// Something unforeseen happened; what it was stays in the log.
    pub fn internal() -> Self {
        let detail = "something unforeseen happened; the log has more under this request ID";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, detail)
    }

    /// The path has other methods.
    pub fn other_method(allowed: &str) -> Self {
        let detail = format!("this address answers {allowed}");
        let failure = Self::new(StatusCode::METHOD_NOT_ALLOWED, code::METHOD, detail);
        Self { headers: vec![(header::ALLOW, allowed.to_owned())], ..failure }
    }

    /// As many clients follow changes as may.
    pub fn too_many_streams() -> Self {
        let detail = "as many clients follow changes as may; ask for what is needed now and then instead";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code::TOO_MANY_STREAMS, detail).retry_after(15)
    }

    /// There were too many requests; there is room again after some seconds.
    pub fn rate_limited(seconds: u32) -> Self {
        let detail = format!("there were too many requests; go on in {seconds} s");
        Self::wait(code::RATE_LIMITED, seconds, detail)
    }

    /// Too many sign-ins were wrong; the next may be tried after some seconds.
    pub fn sign_in_delayed(seconds: u32) -> Self {
        let detail =
            format!("too many sign-ins were wrong; try again in {seconds} s, or ask an administrator");
        Self::wait(code::SIGN_IN_DELAYED, seconds, detail)
    }

    fn wait(code: Code, seconds: u32, detail: String) -> Self {
        let failure = Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail);
        failure.retry_after(seconds).with("retryAfterSeconds", json!(seconds))
    }

    /// What something hangs beneath never changes.
    pub fn parent_immutable(field: &str) -> Self {
        let detail = "what something hangs beneath never changes; create it anew there, and delete it here";
        let failure = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code::PARENT_IMMUTABLE, detail);
        failure.with_errors(vec![Fault::new(format!("/{field}"), "never changes")])
    }

    fn unauthenticated(code: Code, detail: String) -> Self {
        let failure = Self::new(StatusCode::UNAUTHORIZED, code, detail);
        Self { headers: vec![(header::WWW_AUTHENTICATE, CHALLENGE.to_owned())], ..failure }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// Code, text and faults, for an answer in which this is one problem of several.
    pub fn parts(&self) -> (&'static str, &str, &[Fault]) {
        (self.code.word(), &self.detail, &self.errors)
    }

    /// What else belongs to this code.
    pub const fn more(&self) -> &Map<String, Value> {
        &self.more
    }

    /// The same failure with its faults seen from further out.
    #[must_use]
    pub fn under(self, pointer: &str) -> Self {
        let errors = self.errors.into_iter().map(|fault| fault.under(pointer)).collect();
        Self { errors, ..self }
    }

    /// The same failure with its faults.
    #[must_use]
    pub fn with_errors(self, errors: Vec<Fault>) -> Self {
        Self { errors, ..self }
    }

    fn retry_after(self, seconds: u32) -> Self {
        Self { headers: vec![(header::RETRY_AFTER, seconds.to_string())], ..self }
    }

    /// What is sent to whoever asked for a path of a server without a base path.
    pub fn to_json(&self, path: &str, context: Option<&RequestContext>) -> String {
        self.json("", path, context)
    }

    fn json(&self, base: &str, path: &str, context: Option<&RequestContext>) -> String {
        let id = |text: fn(&RequestContext) -> String| context.map(text).unwrap_or_default();
        let problem = Problem {
            kind: format!("{base}/docs/problems#{}", self.code.word()),
            title: self.code.title(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            instance: path.to_owned(),
            code: self.code.word().to_owned(),
            request_id: id(|context| context.request_id().to_string()),
            correlation_id: id(|context| context.correlation_id().to_string()),
            errors: self.errors.clone(),
            more: self.more.clone(),
        };
        serde_json::to_string(&problem).unwrap_or_default()
    }

    /// The answer to a request of which nothing more is known.
    pub fn respond(&self, path: &str, context: Option<&RequestContext>) -> HttpResponse {
        self.response(self.to_json(path, context))
    }

    /// The answer to a request, with its path and ids.
    pub fn respond_to(&self, request: &HttpRequest) -> HttpResponse {
        let base = request.app_data::<BasePath>().map_or("", |base| base.0.as_str());
        self.response(self.json(base, request.path(), request.extensions().get::<RequestContext>()))
    }

    fn response(&self, body: String) -> HttpResponse {
        self.answer_as(self.status, "application/problem+json", body)
    }

    /// An answer in the form of another program, with the headers that belong to this failure.
    pub fn answer_as(&self, status: StatusCode, media_type: &'static str, body: String) -> HttpResponse {
        let mut response = HttpResponse::build(status);
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.as_str()));
        }
        response.insert_header((header::CONTENT_TYPE, media_type));
        response.body(body)
    }

    /// Status and text, for an answer in the form of another program. What is wrong with a query is the asker's fault like
    /// everything else there.
    pub fn told(&self) -> (StatusCode, &str) {
        let status = match self.status {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        (status, &self.detail)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.word(), self.detail)
    }
}

/// Handlers and extractors fail with this; the middleware puts path and ids in, where it knows them.
impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        self.respond("", None)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{body::MessageBody, test::TestRequest};

    use super::{BasePath, Failure};

    #[test]
    fn the_type_is_an_address_of_this_server() {
        for (base, expected) in
            [("", "/docs/problems#not_found"), ("/autumn/fair", "/autumn/fair/docs/problems#not_found")]
        {
            let request = TestRequest::default().app_data(BasePath(base.to_owned())).to_http_request();
            let body = Failure::not_found().respond_to(&request).into_body().try_into_bytes().unwrap();
            let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem["type"], expected);
        }
    }
}
