//! Carries the requests of the storage library on the guarded HTTP client, and keeps what the library would blur: why a
//! request failed, and which checksums were answered. Uses `attempt` and `http`.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use http_body_util::BodyExt;
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest as LibraryRequest,
        HttpResponse as LibraryAnswer, HttpResponseBody, HttpService,
    },
};
use parking_lot::Mutex;
use url::Url;

use super::{
    PART_BYTES, SendHttp,
    announced::Announced,
    receipt::{self, Receipt},
    settings::StorageLimits,
    verdict::{self, Asked},
};
use crate::integrations::{
    attempt::{Blame, CallIds, Failure, Next},
    http::{HttpAnswer, HttpRequest, Reach},
};

/// Most bytes that are read of an answer without content: a thousand objects are listed in it at most.
const CONTROL_ANSWER_BYTES: usize = 4 * 1_024 * 1_024;

/// What is put in place of a secret that a service repeats.
const HIDDEN: &str = "[secret]";

/// Which limits a request is under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// It carries no content.
    Control,
    /// It carries content, or makes the service put an object together.
    Transfer,
}

/// What the requests of one operation have in common, and what has become of them.
pub(super) struct Course {
    pub send: SendHttp,
    pub ids: CallIds,
    pub reach: Reach,
    pub limits: StorageLimits,
    pub announced: Announced,
    /// What no failure may repeat.
    pub secrets: Arc<[String]>,
    pub state: Mutex<State>,
}

/// What has become of the requests of an operation.
pub(super) struct State {
    pub kind: Kind,
    /// Why the last request failed.
    pub failure: Option<Failure>,
    /// Whether an answer to content named no checksum.
    pub unproven: bool,
}

/// The way of one operation's requests to the HTTP client.
#[derive(Clone)]
pub(super) struct Carrier(pub Arc<Course>);

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it holds is signed for, or is a secret.
        f.write_str("Carrier")
    }
}

/// A request failed; why is kept in the state of the operation.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failed(String);

impl HttpConnector for Carrier {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Carrier {
    /// Blocks: whoever drives an operation stands on a thread that may.
    async fn call(&self, request: LibraryRequest) -> Result<LibraryAnswer, HttpError> {
        let request = self.0.translated(request).await?;
        let asked = Asked { method: request.method, path: request.url.path() };
        let answer = match (self.0.send)(&request, &self.0.ids) {
            Ok(answer) => answer,
            Err(failure) => return Err(self.0.fail(verdict::of_fault(&asked, &failure))),
        };
        let success = (200..300).contains(&answer.status);
        if answer.truncated && success {
            let detail =
                format!("{} of {} was answered with more than was asked for", asked.method, asked.path);
            return Err(self.0.fail(Failure::new(Blame::Service, Next::Retry, "malformed", detail)));
        }
        if !success {
            return Err(self.0.fail(verdict::of_answer(&asked, &answer)));
        }
        if let Some(refusal) = verdict::inner_refusal(request.method, &answer) {
            return Err(self.0.fail(verdict::of_answer(&asked, &refusal)));
        }
        if carries_content(&request) {
            self.0.compare(&request, &answer)?;
        }
        into_library(answer)
            .map_err(|detail| self.0.fail(Failure::new(Blame::Service, Next::Retry, "malformed", detail)))
    }
}

impl Course {
    async fn translated(&self, request: LibraryRequest) -> Result<HttpRequest, HttpError> {
        let (mut head, body) = request.into_parts();
        let body = match body.collect().await {
            Ok(collected) => Vec::from(collected.to_bytes()),
            Err(error) => return Err(self.fail(unsendable(&error.to_string()))),
        };
        let Some(method) = method(head.method.as_str()) else {
            return Err(self.fail(unsendable("unknown method")));
        };
        let url =
            Url::parse(&head.uri.to_string()).map_err(|error| self.fail(unsendable(&error.to_string())))?;
        if method == "PUT" {
            let added = self.announced.added(head, &body);
            head = added.map_err(|error| self.fail(unsendable(&error.to_string())))?;
        }
        let mut headers = Vec::with_capacity(head.headers.len());
        for (name, value) in &head.headers {
            // The client sets these itself.
            if ["content-length", "host", "user-agent"].contains(&name.as_str()) {
                continue;
            }
            let Ok(value) = value.to_str() else {
                return Err(self.fail(unsendable("a header with other letters than ASCII")));
            };
            headers.push((name.as_str().to_owned(), value.to_owned()));
        }
        let (total_limit, answer_limit) = match self.state.lock().kind {
            Kind::Control => (self.limits.control, CONTROL_ANSWER_BYTES),
            Kind::Transfer => (self.limits.transfer, PART_BYTES),
        };
        Ok(HttpRequest {
            method,
            url,
            headers,
            body,
            reach: self.reach,
            connect_limit: self.limits.connect,
            total_limit,
            answer_limit,
        })
    }

    fn compare(&self, request: &HttpRequest, answer: &HttpAnswer) -> Result<(), HttpError> {
        match receipt::compared(&request.body, &request.headers, &answer.headers) {
            Receipt::Matching => Ok(()),
            Receipt::Silent => {
                self.state.lock().unproven = true;
                Ok(())
            }
            Receipt::Differing => {
                let detail = format!("{} arrived as other bytes than were sent", request.url.path());
                Err(self.fail(Failure::new(Blame::Service, Next::Retry, "checksum", detail)))
            }
        }
    }

    /// Keeps a failure, and makes of it what the library takes.
    fn fail(&self, failure: Failure) -> HttpError {
        let failure = self.without_secrets(failure);
        let error = HttpError::new(HttpErrorKind::Unknown, Failed(failure.to_string()));
        self.state.lock().failure = Some(failure);
        error
    }

    /// The same failure with none of the secrets in its text.
    pub(super) fn without_secrets(&self, failure: Failure) -> Failure {
        let mut detail = failure.detail;
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            if detail.contains(secret.as_str()) {
                detail = detail.replace(secret.as_str(), HIDDEN);
            }
        }
        Failure { detail, ..failure }
    }
}

/// Whether it is not the list of an object's parts, as Azure wants it.
fn carries_content(request: &HttpRequest) -> bool {
    request.method == "PUT" && !request.url.query().is_some_and(|query| query.contains("comp=blocklist"))
}

fn unsendable(why: &str) -> Failure {
    Failure::new(Blame::Call, Next::GiveUp, "request", format!("the request cannot be sent: {why}"))
}

fn method(name: &str) -> Option<&'static str> {
    ["GET", "PUT", "POST", "HEAD", "DELETE"].into_iter().find(|known| *known == name)
}

fn into_library(answer: HttpAnswer) -> Result<LibraryAnswer, String> {
    let mut builder = http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(name, value);
    }
    builder.body(HttpResponseBody::from(answer.body)).map_err(|error| error.to_string())
}
