//! The least HTTP client that can stand in for the guarded one, and what can be put before it.

use std::{
    io::{self, Read},
    sync::Arc,
};

use parking_lot::Mutex;
use ureq::{
    Agent, Body,
    http::{HeaderValue, Request, Response},
};

use crate::integrations::{
    http::{HttpAnswer, HttpFailure, HttpFault, HttpRequest},
    storage::SendHttp,
};

/// Sends.
pub(super) fn sender() -> SendHttp {
    Arc::new(|request, ids| {
        let agent: Agent = Agent::config_builder()
            .timeout_global(Some(request.total_limit))
            .timeout_connect(Some(request.connect_limit))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .into();
        let mut builder = Request::builder()
            .method(request.method)
            .uri(request.url.as_str())
            .header("x-request-id", &ids.request_id)
            .header("x-correlation-id", &ids.correlation_id);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let answered = if ["PUT", "POST"].contains(&request.method) {
            agent.run(builder.body(request.body.clone()).unwrap())
        } else {
            assert!(request.body.is_empty());
            agent.run(builder.body(()).unwrap())
        };
        answered.and_then(|answered| read(answered, request.answer_limit)).map_err(|error| failure(&error))
    })
}

fn read(answered: Response<Body>, limit: usize) -> Result<HttpAnswer, ureq::Error> {
    let (head, mut body) = answered.into_parts();
    let mut bytes = Vec::new();
    let mut reader = body.with_config().limit(u64::MAX).reader().take(limit as u64 + 1);
    reader.read_to_end(&mut bytes)?;
    let truncated = bytes.len() > limit;
    bytes.truncate(limit);
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    Ok(HttpAnswer { status: head.status.as_u16(), headers, body: bytes, truncated, address: None })
}

fn failure(error: &ureq::Error) -> HttpFailure {
    let fault = match error {
        ureq::Error::HostNotFound => HttpFault::Dns,
        ureq::Error::ConnectionFailed => HttpFault::Connect,
        ureq::Error::Timeout(_) => HttpFault::Timeout,
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => HttpFault::Connect,
            io::ErrorKind::TimedOut => HttpFault::Timeout,
            _ => HttpFault::Reset,
        },
        _ => HttpFault::Malformed,
    };
    HttpFailure { fault, sent: true, detail: error.to_string() }
}

/// Sends, after a change to what is sent.
pub(super) fn changing(change: impl Fn(&mut HttpRequest) + Send + Sync + 'static) -> SendHttp {
    let send = sender();
    Arc::new(move |request, ids| {
        let mut request = request.clone();
        change(&mut request);
        send(&request, ids)
    })
}

/// Sends, unless the request is one that is to get lost.
pub(super) fn losing(lost: impl Fn(&HttpRequest) -> bool + Send + Sync + 'static) -> SendHttp {
    let send = sender();
    Arc::new(move |request, ids| {
        if lost(request) {
            return Err(HttpFailure {
                fault: HttpFault::Reset,
                sent: true,
                detail: "it got lost".to_owned(),
            });
        }
        send(request, ids)
    })
}

/// Sends, and keeps what was sent.
pub(super) fn recording() -> (SendHttp, Arc<Mutex<Vec<HttpRequest>>>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let (send, kept) = (sender(), Arc::clone(&sent));
    let recording: SendHttp = Arc::new(move |request, ids| {
        kept.lock().push(request.clone());
        send(request, ids)
    });
    (recording, sent)
}
