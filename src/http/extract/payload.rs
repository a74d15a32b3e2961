//! The bytes of a request's body: of a type that is understood, no larger than allowed, whole within a time limit, and
//! not waited for once the server stops.

use std::{rc::Rc, time::Duration};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::{self, Bytes},
};
use futures_util::{StreamExt, future::LocalBoxFuture};

use crate::{
    domain::Fault,
    http::problem::{Failure, code},
    service::StoreError,
};

/// The statuses of what can be wrong with a body.
pub const BODY_PROBLEMS: [u16; 5] = [400, 408, 413, 415, 422];

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

/// A body that comes piece by piece, of a type that is understood, and no larger than allowed.
pub struct Pieces {
    payload: web::Payload,
    stopping: LocalBoxFuture<'static, ()>,
    until: Sleep,
    most: u64,
    time: Duration,
    come: u64,
}

impl Pieces {
    /// The body of a request that has limits of its own.
    ///
    /// # Errors
    /// It is not of one of these media types, compressed, or says itself that it is too large.
    pub fn of(
        request: &HttpRequest,
        payload: &mut Payload,
        types: &[&str],
        (most, time): (u64, Duration),
    ) -> Result<Self, Failure> {
        check_type(request, types)?;
        check_length(request, most)?;
        let stopping = request.app_data::<Stopping>().cloned();
        // It is there at once.
        let payload = web::Payload::from_request(request, payload).into_inner().map_err(|_| unreadable())?;
        let until = Box::pin(tokio::time::sleep(time));
        Ok(Self { payload, stopping: Box::pin(stopped(stopping)), until, most, time, come: 0 })
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// More comes than is allowed, it does not come in time, or the server stops.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let piece = tokio::select! {
            biased;
            piece = self.payload.next() => piece,
            () = &mut self.stopping => return Err(StoreError::Closed.into()),
            () = &mut self.until => return Err(late(self.time)),
        };
        let Some(piece) = piece else { return Ok(None) };
        let piece = piece.map_err(|_| unreadable())?;
        self.come = self.come.saturating_add(piece.len() as u64);
        if self.come > self.most { Err(too_large(self.most)) } else { Ok(Some(piece)) }
    }
}

type Sleep = std::pin::Pin<Box<tokio::time::Sleep>>;

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
    let most_bytes = u64::try_from(most).unwrap_or(u64::MAX);
    let acceptable = check_type(request, types).and_then(|()| check_length(request, most_bytes));
    let stopping = request.app_data::<Stopping>().cloned();
    let payload = web::Payload::from_request(request, payload);
    Box::pin(async move {
        acceptable?;
        let payload = payload.await.map_err(|_| unreadable())?;
        let whole = tokio::time::timeout(time, payload.to_bytes_limited(most));
        let read = tokio::select! {
            biased;
            read = whole => read,
            () = stopped(stopping) => return Err(StoreError::Closed.into()),
        };
        match read {
            Ok(Ok(read)) => read.map_err(|_| unreadable()),
            Ok(Err(_)) => Err(too_large(most_bytes)),
            Err(_) => Err(late(time)),
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
fn check_length(request: &HttpRequest, most: u64) -> Result<(), Failure> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    match length.and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length > most => Err(too_large(most)),
        _ => Ok(()),
    }
}

/// Once the server begins to stop.
async fn stopped(stopping: Option<Stopping>) {
    match stopping {
        Some(Stopping(stopped)) => stopped().await,
        None => std::future::pending().await,
    }
}

fn late(time: Duration) -> Failure {
    let detail = format!("the body did not come within {} seconds", time.as_secs());
    Failure::new(StatusCode::REQUEST_TIMEOUT, code::TIMEOUT, detail)
}

fn too_large(most: u64) -> Failure {
    let fault = Fault::new("", format!("must not be larger than {most} bytes"));
    Failure::of_body(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, fault)
}

fn unreadable() -> Failure {
    let fault = Fault::new("", "ends before it is complete");
    Failure::of_body(StatusCode::BAD_REQUEST, code::MALFORMED, fault)
}
