//! The bytes of a request's body: of a type that is understood, no larger than allowed, whole within a time limit, and
//! not waited for once the server stops.

use std::{rc::Rc, time::Duration};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::{self, Bytes},
};
use futures_util::future::LocalBoxFuture;

use crate::{
    http::problem::{Failure, code},
    service::StoreError,
};

/// Limits of a body; put into the app's data by whoever builds the server.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit {
    /// Most bytes.
    pub bytes: usize,
    /// Deepest nesting of JSON.
    pub depth: usize,
    /// Longest time from head to end.
    pub time: Duration,
}

impl Default for BodyLimit {
    fn default() -> Self {
        Self { bytes: 64 * 1024, depth: 32, time: Duration::from_secs(30) }
    }
}

/// Tells when the server begins to stop; put into the app's data by whoever builds the server.
#[derive(Clone)]
pub struct Stopping(pub Rc<dyn Fn() -> LocalBoxFuture<'static, ()>>);

/// The limits that hold for a request.
pub fn limit_of(request: &HttpRequest) -> BodyLimit {
    request.app_data::<BodyLimit>().copied().unwrap_or_default()
}

/// Whether a request comes with a body.
pub fn is_sent(request: &HttpRequest) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH);
    length.is_some_and(|length| length.as_bytes() != b"0")
        || request.headers().contains_key(header::TRANSFER_ENCODING)
}

/// Reads a body of one of these media types.
pub fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    types: &'static [&'static str],
) -> LocalBoxFuture<'static, Result<Bytes, Failure>> {
    read_up_to(request, payload, types, limit_of(request).bytes)
}

/// Reads a body of one of these media types that has a limit of its own.
pub fn read_up_to(
    request: &HttpRequest,
    payload: &mut Payload,
    types: &'static [&'static str],
    most: usize,
) -> LocalBoxFuture<'static, Result<Bytes, Failure>> {
    let time = limit_of(request).time;
    let acceptable = check_type(request, types).and_then(|()| check_length(request, most));
    let stopping = request.app_data::<Stopping>().cloned();
    let payload = web::Payload::from_request(request, payload);
    Box::pin(async move {
        acceptable?;
        let payload = payload.await.map_err(|_| unreadable())?;
        let whole = tokio::time::timeout(time, payload.to_bytes_limited(most));
        let stopped = async {
            match stopping {
                Some(Stopping(stopped)) => stopped().await,
                None => std::future::pending().await,
            }
        };
        let read = tokio::select! {
            biased;
            read = whole => read,
            () = stopped => return Err(StoreError::Closed.into()),
        };
        match read {
            Ok(Ok(read)) => read.map_err(|_| unreadable()),
            Ok(Err(_)) => Err(too_large(most)),
            Err(_) => {
                let detail = format!("the body did not come within {} seconds", time.as_secs());
                Err(Failure::new(StatusCode::REQUEST_TIMEOUT, code::TIMEOUT, detail))
            }
        }
    })
}

fn check_type(request: &HttpRequest, types: &[&str]) -> Result<(), Failure> {
    let refused = |detail| Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::MEDIA_TYPE, detail));
    if !types.iter().any(|kind| request.content_type().eq_ignore_ascii_case(kind)) {
        return refused(format!("the body must be {}", types.join(" or ")));
    }
    // Without a charset it is UTF-8.
    if !request.encoding().is_ok_and(|encoding| encoding.name() == "UTF-8") {
        return refused("the body must be in UTF-8".to_owned());
    }
    let plain = |coding: &header::HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"identity");
    if !request.headers().get_all(header::CONTENT_ENCODING).all(plain) {
        return refused("the body must not be compressed".to_owned());
    }
    Ok(())
}

/// Refuses what says itself that it is too large before any of it is read.
fn check_length(request: &HttpRequest, most: usize) -> Result<(), Failure> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    match length.and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length > u64::try_from(most).unwrap_or(u64::MAX) => Err(too_large(most)),
        _ => Ok(()),
    }
}

fn too_large(most: usize) -> Failure {
    let detail = format!("the body must not be larger than {most} bytes");
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, detail)
}

fn unreadable() -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, code::MALFORMED, "the body ends before it is complete")
}
