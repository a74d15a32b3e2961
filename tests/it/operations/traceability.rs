//! Every request can be followed: ten thousand of all kinds at once, answered, refused unread or given up by whoever
//! asked, and each of them stands in the log exactly once under the id it was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::log::{lines_of, log_of};
use crate::support::{Client, Competition, Options, Server, Tenant};

const REQUESTS: usize = 10_000;
const CONNECTIONS: usize = 64;
const ENTRIES: usize = 8;
/// The last request before the rush: what the log has of earlier ones is not looked at.
const BEFORE: &str = "before-the-rush";

/// How a request ended for whoever sent it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum End {
    Answered(u16),
    /// No proper HTTP: refused before anything of ours saw it.
    RefusedUnread,
    /// Given up with half the body sent, after the server has begun to read it.
    Aborted,
    /// Given up before the answer, with all of it sent.
    NotAwaited,
}

/// Everybody who asks, and what there is to ask about.
struct Callers {
    address: SocketAddr,
    admin: Client,
    anonymous: Client,
    judges: Vec<Client>,
    sheets: Vec<String>,
    marks: Vec<u8>,
    page: String,
}

/// A connection that is kept for as many requests as the server allows.
struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

impl Connection {
    fn open(address: SocketAddr) -> TcpStream {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Sends a request and reads its answer: status and request id.
    fn ask(&mut self, request: &[u8]) -> (u16, String) {
        let address = self.address;
        let stream = self.stream.get_or_insert_with(|| Self::open(address));
        stream.write_all(request).unwrap();
        let head = read_answer(stream);
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        if header(&head, "connection") == Some("close") {
            self.stream = None;
        }
        (status, header(&head, "x-request-id").unwrap_or_else(|| panic!("no id: {head}")).to_owned())
    }
}

/// Reads one answer to its end and returns its head.
fn read_answer(stream: &mut TcpStream) -> String {
    let (mut bytes, mut part) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "closed in the middle of an answer: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&part[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_ascii_lowercase();
        let length =
            if head.starts_with("http/1.1 304") { "0" } else { header(&head, "content-length").unwrap() };
        if bytes.len() == end + 4 + length.parse::<usize>().unwrap() {
            return head;
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// The bytes of a request on a kept connection.
fn request(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let headers = [headers, &[("content-type", "application/json"), ("content-length", &length)]].concat();
    let head =
        client.head(method, path, if body.is_empty() { &headers[..headers.len() - 2] } else { &headers[..] });
    [head.replace("connection: close\r\n", "").as_bytes(), b"\r\n", body].concat()
}

/// What requests that say it belong to, some with others.
fn correlation_of(number: usize) -> String {
    format!("evening-{}", number % 100)
}

impl Callers {
    /// Sends the request of a number; its id and how it ended.
    fn send(&self, number: usize, connection: &mut Connection) -> (String, End) {
        let own = format!("rush-{number}");
        let together = correlation_of(number);
        let mine = [("x-request-id", own.as_str()), ("x-correlation-id", together.as_str())];
        // Every other request lets the server draw the id.
        let given = if number.is_multiple_of(2) { &mine[..] } else { &[] };
        let judge = &self.judges[number % self.judges.len()];
        let nowhere = "/api/v1/events/01890000-0000-7000-8000-000000000000";
        let bytes = match number % 25 {
            0 | 1 => {
                let name = json!({"name": format!("Event {number}")}).to_string();
                request(&self.admin, "POST", "/api/v1/events", given, name.as_bytes())
            }
            2..=4 => request(judge, "PUT", &self.sheets[number / 25 % self.sheets.len()], given, &self.marks),
            5 | 6 => request(&self.admin, "GET", nowhere, given, &[]),
            7 | 8 => request(&self.admin, "POST", "/api/v1/events", given, b"{}"),
            9 | 10 => request(&self.anonymous, "GET", "/api/v1/events", given, &[]),
            11 | 12 => request(judge, "GET", "/api/v1/users", given, &[]),
            13 | 14 => {
                let seen = [given, &[("if-none-match", self.page.as_str())]].concat();
                request(&self.anonymous, "GET", "/", &seen, &[])
            }
            15 => {
                // Too long by what it says of itself; there is no need to send it.
                let long =
                    [given, &[("content-type", "application/json"), ("content-length", "9000000")]].concat();
                let head = self.admin.head("POST", "/api/v1/events", &long);
                let (status, id) =
                    Connection { address: self.address, stream: None }.ask(format!("{head}\r\n").as_bytes());
                return (id, End::Answered(status));
            }
            16 => {
                let mut stream = Connection::open(self.address);
                stream.write_all(b"this is no HTTP at all\r\n\r\n").unwrap();
                return (
                    header(&read_answer(&mut stream), "x-request-id").unwrap().to_owned(),
                    End::RefusedUnread,
                );
            }
            17 => {
                self.abort(&mine);
                return (own, End::Aborted);
            }
            18 => {
                let mut stream = Connection::open(self.address);
                stream.write_all(&request(&self.admin, "GET", "/api/v1/events?limit=1", &mine, &[])).unwrap();
                return (own, End::NotAwaited);
            }
            _ => request(&self.admin, "GET", "/api/v1/events?limit=1", given, &[]),
        };
        let (status, id) = connection.ask(&bytes);
        (id, End::Answered(status))
    }

    /// Gives a request up while the server waits for the rest of its body. What the server said meanwhile is left
    /// unread, so that the connection is reset.
    fn abort(&self, headers: &[(&str, &str)]) {
        let expected = [
            headers,
            &[("content-type", "application/json"), ("content-length", "100"), ("expect", "100-continue")],
        ];
        let head = self.admin.head("POST", "/api/v1/events", &expected.concat());
        let mut stream = Connection::open(self.address);
        stream.write_all(format!("{head}\r\n{{\"name\": ").as_bytes()).unwrap();
        stream.peek(&mut [0]).unwrap();
    }
}

/// A server without limits to requests, with judges and an entry for each of their sheets.
fn callers() -> (Server, Callers) {
    let server = Arc::new(Server::with(Options::default()));
    let mut competition = Competition::empty(Tenant::on(Arc::clone(&server)), &json!({"name": "Talent"}));
    competition.add_criterion(&json!({"name": "Technique"}));
    for number in 0..ENTRIES {
        competition.add_entry(&format!("Contestant {number}"));
    }
    for number in 0..ENTRIES {
        competition.add_judge(&format!("Judge {number}"));
    }
    let page = server.anonymous().raw("GET", "/", &[], &[]).etag().to_owned();
    let callers = Callers {
        address: server.address(),
        admin: competition.admin().clone(),
        anonymous: server.anonymous(),
        judges: competition.judges.iter().map(|judge| judge.client.clone()).collect(),
        sheets: (0..ENTRIES).map(|entry| format!("/api/v1{}", competition.own_sheet(entry))).collect(),
        marks: competition.marks(&["7"]).to_string().into_bytes(),
        page,
    };
    server.anonymous().raw("GET", "/health/live", &[("x-request-id", BEFORE)], &[]);
    drop(competition);
    (Arc::into_inner(server).expect("nobody else holds it"), callers)
}

/// Whether a line is the record of a request, or of one that was refused unread.
fn is_record(line: &Value) -> bool {
    line["module"] == "event_manager::request"
        || line["message"] == "a request was refused before it was read"
}

#[test]
fn ten_thousand_requests_of_all_kinds_at_once_stand_in_the_log_exactly_once_each() {
    let (mut server, callers) = callers();
    let (next, ends) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = Connection { address: callers.address, stream: None };
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= REQUESTS {
                        break;
                    }
                    let (id, end) = callers.send(number, &mut connection);
                    let before = ends.lock().unwrap().insert(id.clone(), end);
                    assert_eq!(before, None, "two requests were told the id {id}");
                }
            });
        }
    });
    let ends = ends.into_inner().unwrap();
    assert_eq!(ends.len(), REQUESTS);
    let kinds: BTreeSet<End> = ends.values().copied().collect();
    let answered = [200, 201, 304, 401, 403, 404, 413, 422].map(End::Answered);
    assert_eq!(
        kinds,
        answered.into_iter().chain([End::RefusedUnread, End::Aborted, End::NotAwaited]).collect()
    );

    let lines = lines_of(&log_of(&mut server));
    for line in lines.iter().filter(|line| is_record(line)) {
        assert!(line["requestId"].is_string() && line["correlationId"].is_string(), "{line}");
    }
    let records = lines.iter().filter(|line| is_record(line));
    let mut found: BTreeMap<&str, &Value> = BTreeMap::new();
    for line in records.skip_while(|line| line["requestId"] != BEFORE).skip(1) {
        let id = line["requestId"].as_str().unwrap();
        assert!(ends.contains_key(id), "nobody was told this id: {line}");
        assert_eq!(found.insert(id, line), None, "two records of {id}");
    }
    let missing: Vec<_> = ends.iter().filter(|(id, _)| !found.contains_key(id.as_str())).collect();
    assert!(missing.is_empty(), "{} are not in the log, such as {:?}", missing.len(), missing.first());
    for (id, end) in &ends {
        let line = found[id.as_str()];
        if let Some(number) = id.strip_prefix("rush-") {
            assert_eq!(line["correlationId"], correlation_of(number.parse().unwrap()), "{line}");
        }
        let is_so = match end {
            End::Answered(status) => line["status"] == *status && line["aborted"].is_null(),
            End::RefusedUnread => line["level"] == "warn",
            End::Aborted => line["aborted"] == true && line["status"].is_null(),
            // The server may have been done before it saw that nobody waits any more.
            End::NotAwaited => line["status"] == 200 || line["aborted"] == true,
        };
        assert!(is_so, "{end:?}: {line}");
    }
}
