//! An event stream as a client reads it, event by event.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::client::{Client, Peer};

/// How long a test waits for an event, whatever else the stream says meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open stream. Reading waits for the next event, and fails a test after a minute without one.
pub struct EventStream {
    connection: BufReader<TcpStream>,
    text: String,
    pub headers: String,
}

/// One block of a stream; a name and data, a comment, or just an id.
#[derive(Clone, Debug, Default)]
pub struct StreamEvent {
    pub id: Option<u64>,
    /// Its id, whatever it is.
    pub place: String,
    pub name: String,
    pub data: Value,
    pub comment: Option<String>,
}

impl EventStream {
    /// Opens the stream of a caller from now on; what changes after this returns is told.
    pub fn open(client: &Client) -> Self {
        Self::open_at(client, "/api/v1/stream", &[])
    }

    /// Opens the stream of a caller behind a change.
    pub fn after(client: &Client, change: u64) -> Self {
        Self::open_at(client, "/api/v1/stream", &[("last-event-id", &change.to_string())])
    }

    /// Opens a stream at a path with headers of one's own.
    pub fn open_at(client: &Client, path: &str, headers: &[(&str, &str)]) -> Self {
        let Peer::Tcp(address) = &client.peer else { panic!("streams are read over TCP") };
        let mut connection = TcpStream::connect(address).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(connection, "{}\r\n", client.head("GET", path, headers)).unwrap();
        let mut connection = BufReader::new(connection);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(connection.read_line(&mut head).unwrap(), 0, "no answer: {head}");
        }
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let mut stream = Self { connection, text: String::new(), headers: head };
        let first = stream.next_block().expect("a stream begins with its place");
        assert!(!first.place.is_empty() && first.name.is_empty(), "{first:?}");
        stream
    }

    /// The next event with data; none if the stream has ended.
    pub fn next(&mut self) -> Option<StreamEvent> {
        let began = Instant::now();
        std::iter::from_fn(|| self.next_block()).find(|block| {
            assert!(began.elapsed() < PATIENCE, "nothing but signs of life for {PATIENCE:?}");
            !block.name.is_empty()
        })
    }

    /// The next events up to one of this action, that one included.
    pub fn until(&mut self, action: &str) -> Vec<StreamEvent> {
        let mut events = Vec::new();
        while events.last().is_none_or(|event: &StreamEvent| event.data["action"] != action) {
            events.push(self.next().unwrap_or_else(|| panic!("the stream ended: {events:?}")));
        }
        events
    }

    /// The next block of any kind; none if the stream has ended.
    pub fn next_block(&mut self) -> Option<StreamEvent> {
        while !self.text.contains("\n\n") {
            let chunk = self.next_chunk()?;
            self.text.push_str(&chunk);
        }
        let (block, rest) = self.text.split_once("\n\n")?;
        let event = parse(block);
        self.text = rest.to_owned();
        Some(event)
    }

    /// One chunk of the body (RFC 9112, section 7.1).
    fn next_chunk(&mut self) -> Option<String> {
        let mut size = String::new();
        if self.connection.read_line(&mut size).unwrap() == 0 {
            return None;
        }
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap_or_else(|_| panic!("no size: {size}"));
        let mut chunk = vec![0; size + 2];
        self.connection.read_exact(&mut chunk).unwrap();
        chunk.truncate(size);
        (size > 0).then(|| String::from_utf8(chunk).unwrap())
    }
}

fn parse(block: &str) -> StreamEvent {
    let mut event = StreamEvent::default();
    for line in block.lines() {
        match line.split_once(": ").unwrap() {
            ("", comment) => event.comment = Some(comment.to_owned()),
            ("id", id) => (event.id, event.place) = (id.parse().ok(), id.to_owned()),
            ("event", name) => event.name = name.to_owned(),
            ("data", data) => event.data = serde_json::from_str(data).unwrap(),
            ("retry", _) => {}
            other => panic!("{other:?}"),
        }
    }
    event
}
