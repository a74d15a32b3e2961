//! A receiver of webhooks: keeps every request and answers by a script, over HTTP or HTTPS.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{SocketAddr, TcpStream},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::{Condvar, Mutex};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::{
    arrivals::wait_for,
    http::{Request, answer_all},
    program::from_registry,
    serving::Serving,
    tls::{Authority, Stream},
};

/// Says what is wrong with a signature, if anything is.
const VERIFIER: &str = r#"
    const [library, question] = process.argv.slice(1);
    const { secret, headers, body } = JSON.parse(question);
    try {
        new (require(library).Webhook)(secret).verify(body, headers);
    } catch (error) {
        console.error(error.message);
        process.exit(1);
    }
"#;

/// The receiver. It answers 200 until it is told otherwise.
pub struct Receiver {
    serving: Serving,
    scheme: &'static str,
    shared: Arc<Shared>,
}

/// A request that has arrived whole.
#[derive(Clone, Debug)]
pub struct Received {
    /// The place in the order of arrival, counted from 1.
    pub number: usize,
    /// The connection it came on, counted from 1.
    pub connection: u64,
    /// When it had arrived.
    pub at: Instant,
    pub method: String,
    /// With the query.
    pub path: String,
    /// With names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    status: Option<u16>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    script: VecDeque<Reply>,
    otherwise: Reply,
    is_held: bool,
    is_over: bool,
}

impl Receiver {
    /// Over HTTP.
    pub fn start() -> Self {
        Self::serve("http", Stream::Plain)
    }

    /// Over HTTPS, with the certificate of an authority.
    pub fn start_with_tls(authority: &Authority) -> Self {
        let authority = authority.clone();
        Self::serve("https", move |stream| authority.encrypt(stream))
    }

    fn serve(scheme: &'static str, open: impl Fn(TcpStream) -> Stream + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let serving = Serving::start({
            let shared = Arc::clone(&shared);
            move |stream, connection| {
                answer_all(open(stream), |request| {
                    let Reply { status, headers, body, .. } = shared.receive(request, connection);
                    Some((status?, headers, body))
                });
            }
        });
        Self { serving, scheme, shared }
    }

    pub fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// The address of a path such as `/hook`.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address())
    }

    /// From now on every request gets this answer, such as `503` or a [`Reply`].
    pub fn answer_with(&self, reply: impl Into<Reply>) {
        self.shared.state.lock().otherwise = reply.into();
    }

    /// The next requests get these answers in this order; those after them what [`Receiver::answer_with`] says.
    pub fn answer_script(&self, replies: impl IntoIterator<Item: Into<Reply>>) {
        self.shared.state.lock().script.extend(replies.into_iter().map(Into::into));
    }

    /// From now on requests are taken and not answered, until [`Receiver::release`].
    pub fn hold(&self) {
        self.shared.state.lock().is_held = true;
    }

    /// Answers all that wait, and goes on as before [`Receiver::hold`].
    pub fn release(&self) {
        self.shared.state.lock().is_held = false;
        self.shared.changed.notify_all();
    }

    /// All requests so far, in the order of their arrival.
    pub fn requests(&self) -> Vec<Received> {
        self.shared.state.lock().received.clone()
    }

    /// Waits until so many requests have arrived, and returns all.
    ///
    /// # Panics
    /// When they have not within the limit.
    #[track_caller]
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Received> {
        let shared = (&self.shared.state, &self.shared.changed);
        wait_for(shared, |state| &state.received, count, limit)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.state.lock().is_over = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    /// Keeps a request and returns its answer when it is time for it.
    fn receive(&self, request: Request, connection: u64) -> Reply {
        let Request { method, path, headers, body } = request;
        let mut state = self.state.lock();
        let number = state.received.len() + 1;
        let received = Received { number, connection, at: Instant::now(), method, path, headers, body };
        state.received.push(received);
        self.changed.notify_all();
        let reply = state.script.pop_front().unwrap_or_else(|| state.otherwise.clone());
        self.changed.wait_while(&mut state, |state| state.is_held && !state.is_over);
        self.changed.wait_while_for(&mut state, |state| !state.is_over, reply.delay);
        reply
    }
}

impl Received {
    /// The first header of a name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Verifies the signature as receivers do: with the public library of Standard Webhooks.
    ///
    /// # Errors
    /// What the library says is wrong with it.
    pub fn verify(&self, secret: &str) -> Result<(), String> {
        let header = |(name, value): &(String, String)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        };
        let headers: HeaderMap = self.headers.iter().filter_map(header).collect();
        let webhook = Webhook::new(secret).map_err(|error| error.to_string())?;
        webhook.verify(&self.body, &headers).map_err(|error| error.to_string())
    }

    /// As [`Received::verify`], with the library for Node.js.
    ///
    /// # Errors
    /// What the library says is wrong with it.
    #[track_caller]
    pub fn verify_with_node(&self, secret: &str) -> Result<(), String> {
        let headers: BTreeMap<_, _> = self.headers.iter().cloned().collect();
        let body = String::from_utf8_lossy(&self.body);
        let question = json!({"secret": secret, "headers": headers, "body": body}).to_string();
        let mut node = Command::new("node");
        node.args(["-e", VERIFIER]).arg(from_registry("node_modules/standardwebhooks")).arg(question);
        let output = node.output().expect("node is missing: apt-get install nodejs");
        let fault = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if output.status.success() { Ok(()) } else { Err(fault) }
    }
}

impl Reply {
    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self { status: Some(status), headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO }
    }

    /// No answer: the connection is closed when the request has arrived.
    pub fn none() -> Self {
        Self { status: None, ..Self::default() }
    }

    /// With a header, such as `retry-after`.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// So much later than the request.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

impl Default for Reply {
    fn default() -> Self {
        Self::status(200)
    }
}

impl From<u16> for Reply {
    fn from(status: u16) -> Self {
        Self::status(status)
    }
}
