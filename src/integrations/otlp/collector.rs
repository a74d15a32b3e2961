//! The way to a collector: carries a request there, under limits. Uses what is beside it.

use std::{fmt, io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};
use url::Url;

use super::{
    super::{
        attempt::{CallIds, Failure, Next},
        http::{HttpClient, HttpRequest, Reach},
    },
    settings::{CollectorSettings, NoCollector, headers},
    verdict::refused_of,
};
use crate::telemetry::otlp::Signal;

/// Most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 16 * 1_024;

/// The way to a collector. `Debug` shows no secrets.
#[derive(Clone)]
pub struct Collector {
    http: HttpClient,
    /// What stands before `v1/`, with a slash at the end.
    base: Url,
    headers: Vec<(String, String)>,
    limits: (Duration, Duration),
    key: String,
}

impl Collector {
    /// The way to a collector, which need not be there.
    ///
    /// # Errors
    /// The address or the headers cannot be used.
    pub fn new(http: HttpClient, settings: CollectorSettings) -> Result<Self, NoCollector> {
        let headers = headers(&settings.headers)?;
        let base = format!("{}/", settings.endpoint.trim_end_matches('/'));
        let base = Url::parse(&base).map_err(|_| NoCollector::Endpoint)?;
        let is_plain = base.username().is_empty()
            && base.password().is_none()
            && base.query().is_none()
            && base.fragment().is_none();
        let host = base.host_str().filter(|_| is_plain && matches!(base.scheme(), "http" | "https"));
        let (host, port) = (host.ok_or(NoCollector::Endpoint)?, base.port_or_known_default());
        let key = format!("{host}:{}", port.unwrap_or_default());
        let limits = (settings.connect_limit, settings.total_limit);
        Ok(Self { http, base, headers, limits, key })
    }

    /// The host and port, for the circuit breaker and people.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Hands a request of OTLP over, and returns how many of its items were refused. Blocks, at most for the limits; called on
    /// a thread that may. `now` is in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// It was not taken. What was not answered is worth sending again.
    pub fn send(&self, signal: Signal, body: &str, ids: &CallIds, now: i64) -> Result<u64, Failure> {
        let answer = self.http.send(&self.request(signal, body), ids);
        let answer = answer.map_err(|failure| Failure { next: Next::Retry, ..failure.into() })?;
        refused_of(&answer, now)
    }

    fn request(&self, signal: Signal, body: &str) -> HttpRequest {
        let mut url = self.base.clone();
        url.set_path(&format!("{}v1/{}", self.base.path(), signal.word()));
        let mut headers = self.headers.clone();
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish());
        if packed.is_ok() {
            headers.push(("Content-Encoding".to_owned(), "gzip".to_owned()));
        }
        HttpRequest {
            method: "POST",
            url,
            headers,
            body: packed.unwrap_or_else(|_| body.as_bytes().to_vec()),
            reach: Reach::Operator,
            connect_limit: self.limits.0,
            total_limit: self.limits.1,
            answer_limit: ANSWER_BYTES_MAX,
        }
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("key", &self.key).finish_non_exhaustive()
    }
}
