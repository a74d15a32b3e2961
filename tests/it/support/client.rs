//! A small HTTP client for tests: over TCP or the local socket, one connection a request, every header visible.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    path::PathBuf,
    time::Duration,
};

use serde_json::Value;

/// Where a server answers.
#[derive(Clone, Debug)]
pub enum Peer {
    Tcp(SocketAddr),
    Local(PathBuf),
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Nobody.
    None,
    /// A browser: the session's cookie and the proof that unsafe methods need.
    Session { cookie: String, csrf: String },
    /// A program with an API token.
    Token(String),
    /// The operator of the machine, in the tenant of this short name.
    Operator { tenant: String },
}

/// The API as one caller sees it. Paths are relative to `/api/v1`.
#[derive(Clone, Debug)]
pub struct Client {
    pub peer: Peer,
    pub credentials: Credentials,
    headers: Vec<(String, String)>,
}

/// An answer, with what it answers for messages of failed tests.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    question: String,
}

impl Client {
    pub fn new(peer: Peer, credentials: Credentials) -> Self {
        Self { peer, credentials, headers: Vec::new() }
    }

    /// The same caller, sending one more header with every request.
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same caller, acting only on this version of a resource.
    pub fn if_match(&self, etag: &str) -> Self {
        self.with_header("if-match", etag)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    /// A POST without a body.
    pub fn call(&self, path: &str) -> Answer {
        self.send("POST", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body))
    }

    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, Some(body))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some(body))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None)
    }

    /// Creates a resource and gives it back.
    #[track_caller]
    pub fn create(&self, path: &str, body: &Value) -> Value {
        self.post(path, body).expect(201)
    }

    /// One request of the API, with a JSON body or none.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map(|body| body.to_string().into_bytes());
        let kind = body.as_ref().map(|_| ("content-type", "application/json"));
        self.raw(method, &format!("/api/v1{path}"), kind.as_slice(), &body.unwrap_or_default())
    }

    /// One request of any path of the server, with these headers and bytes besides the caller's own headers.
    pub fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_raw(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// As [`Client::raw`]; the server may be gone.
    pub fn try_raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut head = self.head(method, path, headers);
        if !body.is_empty() || method != "GET" {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let bytes = exchange(&self.peer, &[head.as_bytes(), body].concat())?;
        Answer::parse(&bytes, format!("{method} {path} {}", String::from_utf8_lossy(body)))
    }

    /// The head of a request without the empty line at its end.
    pub fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        let mut line = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        match &self.credentials {
            Credentials::None => {}
            Credentials::Session { cookie, csrf } => {
                line("cookie", cookie);
                line("x-csrf-token", csrf);
            }
            Credentials::Token(secret) => line("authorization", &format!("Bearer {secret}")),
            Credentials::Operator { tenant } => line("x-tenant", tenant),
        }
        self.headers.iter().for_each(|(name, value)| line(name, value));
        headers.iter().for_each(|(name, value)| line(name, value));
        head
    }
}

/// Sends bytes as they are and reads until the server closes the connection; of an event stream, which goes on, the head.
pub fn exchange(peer: &Peer, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let limit = Some(Duration::from_secs(60));
    let mut answer = Vec::new();
    match peer {
        Peer::Tcp(address) => {
            let mut stream = TcpStream::connect(address)?;
            stream.set_read_timeout(limit)?;
            stream.write_all(bytes)?;
            read_answer(stream, &mut answer)?;
        }
        Peer::Local(path) => {
            let mut stream = UnixStream::connect(path)?;
            stream.set_read_timeout(limit)?;
            stream.write_all(bytes)?;
            read_answer(stream, &mut answer)?;
        }
    }
    Ok(answer)
}

fn read_answer(mut stream: impl Read, answer: &mut Vec<u8>) -> io::Result<()> {
    let mut bytes = [0; 64 * 1024];
    loop {
        let count = stream.read(&mut bytes)?;
        answer.extend_from_slice(&bytes[..count]);
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let head = end.map(|end| String::from_utf8_lossy(&answer[..end]).into_owned());
        let is_stream = head.is_some_and(|head| head.contains("\r\ncontent-type: text/event-stream"));
        if is_stream {
            answer.truncate(end.unwrap_or_default() + 4);
        }
        if count == 0 || is_stream {
            return Ok(());
        }
    }
}

/// What was sent in pieces of which nobody knew the number, as a whole; nothing if its end is missing.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + 4 + size..)?;
    }
}

impl Answer {
    fn parse(bytes: &[u8], question: String) -> io::Result<Self> {
        let broken = || io::Error::new(io::ErrorKind::UnexpectedEof, "no whole answer");
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(broken)?;
        let head = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or_else(broken)?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Self { status, headers, body: bytes[end + 4..].to_vec(), question };
        // Of a stream only the head is read.
        let is_stream = answer.header("content-type") == Some("text/event-stream");
        let is_chunked = answer.header("transfer-encoding") == Some("chunked");
        if is_chunked && !is_stream && !answer.question.starts_with("HEAD ") {
            answer.body = unchunked(&answer.body).ok_or_else(broken)?;
        }
        match answer.header("content-length").map(str::parse::<usize>) {
            Some(Ok(length)) if length > answer.body.len() && !answer.question.starts_with("HEAD ") => {
                Err(broken())
            }
            _ => Ok(answer),
        }
    }

    /// The first header of a name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn etag(&self) -> &str {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {}", self.describe()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null if there is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.describe()))
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.describe());
        self.json()
    }

    /// The body of a problem that must have this status and code, and the ids of its headers.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["code"], code, "{}", self.describe());
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.describe());
        assert_eq!(problem["requestId"].as_str(), self.header("x-request-id"), "{}", self.describe());
        problem
    }

    /// The JSON pointers of a problem's faults.
    #[track_caller]
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|fault| fault["pointer"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What it says, without what differs between any two answers.
    pub fn said(&self) -> String {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(mut fields)) if self.status >= 400 => {
                fields.retain(|name, _| !["requestId", "correlationId", "instance"].contains(&name.as_str()));
                Value::Object(fields).to_string()
            }
            _ => self.text(),
        }
    }

    /// Question and answer for messages.
    pub fn describe(&self) -> String {
        format!("{} -> {} {}", self.question, self.status, self.text())
    }
}
