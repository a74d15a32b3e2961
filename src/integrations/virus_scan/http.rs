//! A scanner that is asked over HTTP: it is sent the file and answers whether it is infected. Uses
//! the types of `integrations::http`.

use std::{fmt, io::Read, sync::Arc, time::Duration};

use url::Url;

use super::{Scan, Scanner, http_answer, unreadable};
use crate::integrations::{Blame, CallIds, Failure, HttpAnswer, HttpFailure, HttpRequest, Next, Reach};

/// Most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 16 * 1_024;

/// What is scanned to find out whether the scanner works.
const HARMLESS: &[u8] = b"event-manager: is the scanner there?\n";

/// What sends a request: the guarded client.
pub type HttpSend = dyn Fn(&HttpRequest, &CallIds) -> Result<HttpAnswer, HttpFailure> + Send + Sync;

/// How a scanner is reached over HTTP.
#[derive(Clone)]
pub struct HttpScannerSettings {
    /// Where files are posted.
    pub url: Url,
    /// The value of the `authorization` header: a secret.
    pub authorization: Option<String>,
    /// Further headers; their values may be secrets.
    pub headers: Vec<(String, String)>,
    /// Who gave the address.
    pub reach: Reach,
    /// Longest wait for the connection.
    pub connect_limit: Duration,
    /// Longest wait for everything.
    pub total_limit: Duration,
    /// Largest file in bytes; it is held in memory while it is sent.
    pub file_limit: usize,
}

impl HttpScannerSettings {
    /// The usual limits (5 s to connect, 60 s for everything, files of 32 MiB), for an address of the operator's,
    /// without secrets.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            authorization: None,
            headers: Vec::new(),
            reach: Reach::Operator,
            connect_limit: Duration::from_secs(5),
            total_limit: Duration::from_secs(60),
            file_limit: 32 * 1_024 * 1_024,
        }
    }

    fn key(&self) -> String {
        let host = self.url.host_str().unwrap_or_default().to_lowercase();
        format!("{host}:{}", self.url.port_or_known_default().unwrap_or_default())
    }
}

impl fmt::Debug for HttpScannerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("HttpScannerSettings")
            .field("key", &self.key())
            .field("authorization", &self.authorization.as_ref().map(|_| "[secret]"))
            .field("headers", &names)
            .field("reach", &self.reach)
            .field("connect_limit", &self.connect_limit)
            .field("total_limit", &self.total_limit)
            .field("file_limit", &self.file_limit)
            .finish_non_exhaustive()
    }
}

/// A scanner that is asked over HTTP.
#[derive(Clone)]
pub struct HttpScanner {
    settings: HttpScannerSettings,
    send: Arc<HttpSend>,
}

impl HttpScanner {
    /// A scanner; nothing is sent before the first call.
    pub fn new(settings: HttpScannerSettings, send: Arc<HttpSend>) -> Self {
        Self { settings, send }
    }

    fn request(&self, body: Vec<u8>) -> HttpRequest {
        let settings = &self.settings;
        let own = [("content-type", "application/octet-stream"), ("accept", "application/json")];
        let mut headers: Vec<_> = own.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        headers.extend(settings.headers.iter().cloned());
        headers
            .extend(settings.authorization.iter().map(|value| ("authorization".to_owned(), value.clone())));
        HttpRequest {
            method: "POST",
            url: settings.url.clone(),
            headers,
            body,
            reach: settings.reach,
            connect_limit: settings.connect_limit,
            total_limit: settings.total_limit,
            answer_limit: ANSWER_BYTES_MAX,
        }
    }

    /// The file, if it is not too large.
    fn body(&self, data: &mut dyn Read) -> Result<Vec<u8>, Failure> {
        let limit = self.settings.file_limit;
        let mut body = Vec::new();
        let readable = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        data.take(readable).read_to_end(&mut body).map_err(|error| unreadable(&error))?;
        if body.len() > limit {
            let what = format!("the file is larger than the {limit} bytes that are sent to the scanner");
            return Err(Failure::new(Blame::Call, Next::GiveUp, "too_large", what));
        }
        Ok(body)
    }
}

impl fmt::Debug for HttpScanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpScanner").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Scanner for HttpScanner {
    fn key(&self) -> String {
        self.settings.key()
    }

    fn scan(&self, data: &mut dyn Read, ids: &CallIds) -> Result<Scan, Failure> {
        let request = self.request(self.body(data)?);
        match (self.send)(&request, ids) {
            Ok(answer) => http_answer::verdict(&answer),
            // Scanning twice does no harm, so nothing is unknown.
            Err(failure) => Err(Failure::from(failure).repeatable()),
        }
    }

    fn probe(&self, ids: &CallIds) -> Result<String, Failure> {
        match self.scan(&mut &*HARMLESS, ids)? {
            Scan::Clean => Ok(format!("the scanner at {} answers", self.key())),
            Scan::Infected { signature } => {
                let what = format!("the scanner finds {signature} in a harmless line");
                Err(Failure::new(Blame::Service, Next::Retry, "scanner_error", what))
            }
        }
    }
}
