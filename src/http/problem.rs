//! Answers to what goes wrong: RFC 9457 `application/problem+json`. The one place where a failure of a use case
//! becomes a status, a stable code and a text for people.

use std::fmt;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    domain::{Fault, Kind},
    service::{Conflict, EngineError, ServiceError, StoreError},
    telemetry::context::RequestContext,
};

/// What went wrong, as it is sent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// A link to what this code means.
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
    code: &'static str,
    status: StatusCode,
    detail: String,
    errors: Vec<Fault>,
    more: Map<String, Value>,
    headers: Vec<(header::HeaderName, String)>,
}

/// Codes that no failure of a use case stands behind.
pub mod code {
    /// The body is no JSON.
    pub const MALFORMED: &str = "malformed_json";
    /// What was sent breaks rules.
    pub const INVALID: &str = "invalid";
    /// There is nothing at this path.
    pub const NOT_FOUND: &str = "not_found";
    /// The path has no such method.
    pub const METHOD: &str = "method_not_allowed";
    /// The body is larger than allowed.
    pub const TOO_LARGE: &str = "too_large";
    /// The head of the request did not come in time.
    pub const TIMEOUT: &str = "request_timeout";
    /// The body is of another type than expected.
    pub const MEDIA_TYPE: &str = "unsupported_media_type";
    /// A header, parameter or condition cannot be read.
    pub const BAD_REQUEST: &str = "bad_request";
    /// The request lacks its CSRF token.
    pub const CSRF: &str = "csrf";
    /// Something unforeseen happened.
    pub const INTERNAL: &str = "internal";
}

impl Failure {
    /// A failure with a code, its status and a text.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
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

    fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    fn with_errors(self, errors: Vec<Fault>) -> Self {
        Self { errors, ..self }
    }

    fn retry_after(self, seconds: u32) -> Self {
        Self { headers: vec![(header::RETRY_AFTER, seconds.to_string())], ..self }
    }

    /// What is sent to whoever asked for a path.
    pub fn to_json(&self, path: &str, context: Option<&RequestContext>) -> String {
        let id = |text: fn(&RequestContext) -> String| context.map(text).unwrap_or_default();
        let problem = Problem {
            kind: format!("/docs/problems#{}", self.code),
            title: title(self.code),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            instance: path.to_owned(),
            code: self.code.to_owned(),
            request_id: id(|context| context.request_id().to_string()),
            correlation_id: id(|context| context.correlation_id().to_string()),
            errors: self.errors.clone(),
            more: self.more.clone(),
        };
        serde_json::to_string(&problem).unwrap_or_default()
    }

    /// The answer to a request.
    pub fn respond(&self, path: &str, context: Option<&RequestContext>) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.as_str()));
        }
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.body(self.to_json(path, context))
    }

    /// The answer to a request, with its path and ids.
    pub fn respond_to(&self, request: &HttpRequest) -> HttpResponse {
        self.respond(request.path(), request.extensions().get::<RequestContext>())
    }
}

/// `category_locked` becomes `Category locked`.
fn title(code: &str) -> String {
    let words = code.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
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

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let detail = error.to_string();
        match error {
            ServiceError::Unauthenticated(_) => {
                Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
            }
            ServiceError::Forbidden(action) => {
                Self::new(StatusCode::FORBIDDEN, "forbidden", detail).with("action", json!(action.word()))
            }
            ServiceError::NotFound(kind) => {
                Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, detail).with("kind", json!(kind.word()))
            }
            ServiceError::CategoryDeleted => Self::new(StatusCode::NOT_FOUND, "category_deleted", detail),
            ServiceError::Invalid { code, detail, faults } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).with_errors(faults)
            }
            ServiceError::Conflict(conflict) => conflict_failure(conflict, &detail),
            ServiceError::VersionMismatch { current } => {
                Self::new(StatusCode::PRECONDITION_FAILED, "version_mismatch", detail)
                    .with("currentVersion", json!(current))
            }
            ServiceError::Store(error) => store_failure(&error),
            ServiceError::Passwords(_) | ServiceError::Random(_) | ServiceError::Internal(_) => {
                tracing::error!(error = %detail, "a request failed");
                Self::internal()
            }
        }
    }
}

fn conflict_failure(conflict: Conflict, detail: &str) -> Failure {
    let failure = |code| Failure::new(StatusCode::CONFLICT, code, detail);
    match conflict {
        Conflict::Taken { pointer, value, holder, next_free } => failure("taken")
            .with_errors(vec![Fault::new(pointer, format!("{value} is taken"))])
            .with("holder", json!(holder))
            .with("nextFree", json!(next_free)),
        Conflict::Locked { kind, id } => {
            failure(state_code(kind, "locked")).with("kind", json!(kind)).with("id", json!(id))
        }
        Conflict::Archived { kind, id } => {
            failure(state_code(kind, "archived")).with("kind", json!(kind)).with("id", json!(id))
        }
        Conflict::HasMarks => failure("has_marks"),
        Conflict::ConfirmationRequired(changes) => {
            failure("confirmation_required").with("changes", json!(changes))
        }
        Conflict::ParentDeleted { kind, id } => {
            failure("parent_deleted").with("kind", json!(kind)).with("id", json!(id))
        }
        Conflict::StaleSheet { stored, sent } => failure("version_conflict")
            .with("stored", json!(super::v1::sheets::content(&stored)))
            .with("sent", json!(sent)),
        Conflict::SheetFinal => failure("sheet_final"),
        Conflict::SheetState(_) => failure("sheet_state"),
        Conflict::LastAdmin(_) => failure("last_admin"),
        Conflict::TooMany { .. } => failure("too_many"),
        Conflict::AlreadySetUp => failure("already_set_up"),
        Conflict::SystemTenant => failure("system_tenant"),
    }
}

/// A judge's page tells a locked category from an archived one by the code, wherever the lock sits.
const fn state_code(kind: Kind, state: &'static str) -> &'static str {
    match (kind, state.as_bytes()) {
        (Kind::Event, b"locked") => "event_locked",
        (Kind::Contest, b"locked") => "contest_locked",
        (_, b"locked") => "category_locked",
        (Kind::Event, _) => "event_archived",
        (Kind::Contest, _) => "contest_archived",
        _ => "category_archived",
    }
}

fn store_failure(error: &StoreError) -> Failure {
    let unavailable = |code| {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, code, format!("{error}; try again")).retry_after(1)
    };
    match error {
        StoreError::Busy => unavailable("store_busy"),
        StoreError::NotCommitted => unavailable("not_committed"),
        StoreError::CommitUnknown => unavailable("commit_unknown"),
        StoreError::Closed | StoreError::Engine(EngineError::Closed) => unavailable("shutting_down"),
        other => {
            tracing::error!(error = %other, "the store failed");
            Failure::internal()
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        store_failure(&error)
    }
}
