//! Requests that no route ever sees: the server library refuses a head that is malformed, too large or too slow by
//! itself. The first answer on a connection is the only one it can give before anything of ours ran, so only that one
//! is looked at; it is replaced by a problem with ids. Every refusal is counted and logged. Uses `telemetry`.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_http::error::{DispatchError, ParseError};
use actix_web::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::problem::{Failure, code};
use crate::telemetry::{
    clock::Clock,
    context::{Inbound, RequestContext},
    metrics,
};

/// What a connection's first answer was: the refused request's status and context, if the library gave it.
#[derive(Clone, Default)]
pub struct Refusal(Rc<RefCell<Option<(StatusCode, RequestContext)>>>);

/// A connection whose first answer is looked at.
pub struct Watched<S> {
    stream: S,
    clock: Clock,
    refusal: Refusal,
    first: FirstAnswer,
}

enum FirstAnswer {
    Awaited,
    /// The problem that is sent in place of so many bytes of the library's.
    Replaced {
        problem: Vec<u8>,
        sent: usize,
        library_bytes: usize,
    },
    Passed,
}

impl<S> Watched<S> {
    /// Watches a connection; `refusal` tells afterwards what was found.
    pub fn new(stream: S, clock: Clock, refusal: Refusal) -> Self {
        Self { stream, clock, refusal, first: FirstAnswer::Awaited }
    }

    /// The connection itself.
    pub fn stream(&self) -> &S {
        &self.stream
    }

    fn look_at(&self, bytes: &[u8]) -> FirstAnswer {
        let Some((status, head)) = library_answer(bytes) else { return FirstAnswer::Passed };
        let context = RequestContext::inbound(Inbound::default(), self.clock.clone());
        let problem = problem(status, head, &context);
        self.refusal.0.replace(Some((status, context)));
        FirstAnswer::Replaced { problem, sent: 0, library_bytes: bytes.len() }
    }
}

/// The status and the head of an answer that nothing of ours has touched: ours carry a request ID.
fn library_answer(bytes: &[u8]) -> Option<(StatusCode, &str)> {
    let (head, body) = std::str::from_utf8(bytes).ok()?.split_once("\r\n\r\n")?;
    let status = StatusCode::from_bytes(head.strip_prefix("HTTP/1.")?.as_bytes().get(2..5)?).ok()?;
    let is_ours = head.contains("\r\nx-request-id:") || status.is_informational();
    (!is_ours && body.is_empty()).then_some((status, head))
}

fn problem(status: StatusCode, head: &str, context: &RequestContext) -> Vec<u8> {
    let (code, detail) = match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            (code::TOO_LARGE, "the head of the request is too large")
        }
        StatusCode::REQUEST_TIMEOUT => (code::TIMEOUT, "the head of the request did not come in time"),
        _ => (code::BAD_REQUEST, "the request is no valid HTTP"),
    };
    let body = Failure::new(status, code, detail).to_json("", Some(context));
    let kept = head.split("\r\n").filter(|line| !line.starts_with("content-length:"));
    let mut answer = kept.collect::<Vec<_>>().join("\r\n");
    let headers = [
        ("content-type", "application/problem+json"),
        ("content-length", &body.len().to_string()),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-request-id", context.request_id().as_str()),
        ("x-correlation-id", context.correlation_id().as_str()),
    ];
    for (name, value) in headers {
        answer.push_str(&format!("\r\n{name}: {value}"));
    }
    answer.push_str("\r\n\r\n");
    answer.push_str(&body);
    answer.into_bytes()
}

/// Counts and logs what was refused on a connection that has ended. A request that is malformed after others on the
/// same connection were answered is refused without a problem, and found by how the connection ended.
pub fn record(ended: &Result<(), DispatchError>, refusal: &Refusal, peer: Option<SocketAddr>, clock: &Clock) {
    let error = match ended {
        Err(DispatchError::Parse(error)) => Some(error),
        Err(error @ (DispatchError::Body(_) | DispatchError::Service(_) | DispatchError::InternalError)) => {
            tracing::error!(%error, "a connection failed");
            None
        }
        _ => None,
    };
    let context = match (refusal.0.take(), error) {
        (Some((_, context)), _) => context,
        (None, Some(_)) => RequestContext::inbound(Inbound::default(), clock.clone()),
        (None, None) => return,
    };
    let reason = if matches!(error, Some(ParseError::TooLarge)) { "too_large" } else { "parse" };
    ::metrics::counter!(metrics::HTTP_REQUESTS_REJECTED, "reason" => reason).increment(1);
    let error = error.map_or_else(|| "the head did not come in time".to_owned(), ToString::to_string);
    let peer = peer.map(|peer| peer.to_string());
    context
        .span("http")
        .in_scope(|| tracing::warn!(reason, error, peer, "a request was refused before it was read"));
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if matches!(this.first, FirstAnswer::Awaited) {
            this.first = this.look_at(bytes);
        }
        let FirstAnswer::Replaced { problem, sent, library_bytes } = &mut this.first else {
            return Pin::new(&mut this.stream).poll_write(context, bytes);
        };
        while let Some(rest) = problem.get(*sent..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut this.stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => *sent += written,
            }
        }
        let library_bytes = *library_bytes;
        this.first = FirstAnswer::Passed;
        Poll::Ready(Ok(library_bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::{Refusal, StatusCode, Watched};
    use crate::telemetry::clock::Clock;

    const LIBRARY: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    const OURS: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nx-request-id: a\r\n\r\n";

    /// What a peer reads after these writes, through a pipe that takes a few bytes at a time.
    async fn sent(writes: &[&[u8]]) -> (String, Option<StatusCode>) {
        let (near, mut far) = tokio::io::duplex(7);
        let refusal = Refusal::default();
        let mut watched = Watched::new(near, Clock::system(), refusal.clone());
        let write = async {
            for bytes in writes {
                watched.write_all(bytes).await.unwrap();
            }
            drop(watched);
        };
        let mut read = String::new();
        let (_, outcome) = tokio::join!(write, tokio::io::AsyncReadExt::read_to_string(&mut far, &mut read));
        outcome.unwrap();
        let status = refusal.0.take().map(|(status, _)| status);
        (read, status)
    }

    #[tokio::test]
    async fn an_answer_of_the_library_becomes_a_problem_with_ids() {
        let (read, status) = sent(&[LIBRARY]).await;
        assert_eq!(status, Some(StatusCode::BAD_REQUEST));
        let (head, body) = read.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n"), "{head}");
        assert!(head.contains(&format!("\r\nx-request-id: {}\r\n", body["requestId"].as_str().unwrap())));
        assert_eq!(body["code"], "bad_request");
    }

    #[tokio::test]
    async fn whatever_follows_an_answer_of_ours_is_left_as_it_is() {
        let (read, status) = sent(&[OURS, LIBRARY]).await;
        assert_eq!(read.as_bytes(), [OURS, LIBRARY].concat());
        assert_eq!(status, None);
        let body = b"HTTP/1.1 100 Continue\r\n\r\n";
        assert_eq!(sent(&[body]).await.0.as_bytes(), body);
    }
}
