//! A rush of requests of all kinds at once, with webhooks that follow from some of them: who sends them, and how each ended.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::json;

use crate::{
    peers::Receiver,
    support::{Client, Competition, Options, Server, Tenant},
};

const CONNECTIONS: usize = 64;
const ENTRIES: usize = 8;
/// The last request before the rush: what the log has of earlier ones is not looked at.
pub const BEFORE: &str = "before-the-rush";

/// How a request ended for whoever sent it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum End {
    Answered(u16),
    /// No proper HTTP: refused before anything of ours saw it.
    RefusedUnread,
    /// Given up with half the body sent, after the server has begun to read it.
    Aborted,
    /// Given up before the answer, with all of it sent.
    NotAwaited,
    /// The server ended before it answered.
    Unanswered,
}

/// Everybody who asks, and what there is to ask about.
pub struct Callers {
    address: SocketAddr,
    /// The administrator of the tenant.
    pub admin: Client,
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
    fn open(address: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(stream)
    }

    /// Sends a request and reads its answer: status and request id. A server may close a connection that was idle for some
    /// time; what was sent over it meanwhile it has not seen.
    fn ask(&mut self, request: &[u8]) -> io::Result<(u16, String)> {
        let kept = self.stream.take();
        let answered = kept.and_then(|stream| self.exchange(stream, request).ok());
        match answered {
            Some(answered) => Ok(answered),
            None => self.exchange(Self::open(self.address)?, request),
        }
    }

    fn exchange(&mut self, mut stream: TcpStream, request: &[u8]) -> io::Result<(u16, String)> {
        stream.write_all(request)?;
        let head = read_answer(&mut stream)?;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        if header(&head, "connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok((status, header(&head, "x-request-id").unwrap_or_else(|| panic!("no id: {head}")).to_owned()))
    }
}

/// Reads one answer to its end and returns its head.
fn read_answer(stream: &mut TcpStream) -> io::Result<String> {
    let (mut bytes, mut part) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let count = stream.read(&mut part)?;
        if count == 0 {
            assert!(
                bytes.is_empty(),
                "closed in the middle of an answer: {}",
                String::from_utf8_lossy(&bytes)
            );
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&part[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_ascii_lowercase();
        let length =
            if head.starts_with("http/1.1 304") { "0" } else { header(&head, "content-length").unwrap() };
        if bytes.len() == end + 4 + length.parse::<usize>().unwrap() {
            return Ok(head);
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
pub fn correlation_of(number: usize) -> String {
    format!("evening-{}", number % 100)
}

impl Callers {
    /// Sends the request of a number; its id and how it ended. Without an answer there is no id but one that was chosen.
    fn send(&self, number: usize, connection: &mut Connection) -> (String, End) {
        self.try_send(number, connection).unwrap_or_else(|error| {
            let chosen = number.is_multiple_of(2).then(|| format!("rush-{number}"));
            (chosen.unwrap_or_else(|| format!("request {number}: {error}")), End::Unanswered)
        })
    }

    fn try_send(&self, number: usize, connection: &mut Connection) -> io::Result<(String, End)> {
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
                let mut alone = Connection { address: self.address, stream: None };
                let (status, id) = alone.ask(format!("{head}\r\n").as_bytes())?;
                return Ok((id, End::Answered(status)));
            }
            16 => {
                let mut stream = Connection::open(self.address)?;
                stream.write_all(b"this is no HTTP at all\r\n\r\n")?;
                let head = read_answer(&mut stream)?;
                return Ok((header(&head, "x-request-id").unwrap().to_owned(), End::RefusedUnread));
            }
            17 => {
                self.abort(&mine)?;
                return Ok((own, End::Aborted));
            }
            18 => {
                let mut stream = Connection::open(self.address)?;
                stream.write_all(&request(&self.admin, "GET", "/api/v1/events?limit=1", &mine, &[]))?;
                return Ok((own, End::NotAwaited));
            }
            19 if number.is_multiple_of(3) => {
                // The rest of the body never comes.
                let half =
                    request(&self.admin, "POST", "/api/v1/events", given, b"{\"name\": \"never told\"}");
                let mut alone = Connection { address: self.address, stream: None };
                let (status, id) = alone.ask(&half[..half.len() - 9])?;
                return Ok((id, End::Answered(status)));
            }
            _ => request(&self.admin, "GET", "/api/v1/events?limit=1", given, &[]),
        };
        let (status, id) = connection.ask(&bytes)?;
        Ok((id, End::Answered(status)))
    }

    /// Gives a request up while the server waits for the rest of its body. What the server said meanwhile is left
    /// unread, so that the connection is reset.
    fn abort(&self, headers: &[(&str, &str)]) -> io::Result<()> {
        let expected = [
            headers,
            &[("content-type", "application/json"), ("content-length", "100"), ("expect", "100-continue")],
        ];
        let head = self.admin.head("POST", "/api/v1/events", &expected.concat());
        let mut stream = Connection::open(self.address)?;
        stream.write_all(format!("{head}\r\n{{\"name\": ").as_bytes())?;
        match stream.peek(&mut [0])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Sends so many requests over many connections at once. While it does, something else is done after so many of them.
    pub fn rush(
        &self,
        requests: usize,
        after: usize,
        meanwhile: impl FnOnce() + Send,
    ) -> BTreeMap<String, End> {
        let (next, ends) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        let meanwhile = Mutex::new(Some(meanwhile));
        thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| {
                    let mut connection = Connection { address: self.address, stream: None };
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= requests {
                            break;
                        }
                        if number == after {
                            meanwhile.lock().unwrap().take().unwrap()();
                        }
                        let (id, end) = self.send(number, &mut connection);
                        let before = ends.lock().unwrap().insert(id.clone(), end);
                        assert_eq!(before, None, "two requests were told the id {id}");
                    }
                });
            }
        });
        ends.into_inner().unwrap()
    }
}

/// A server without limits to requests, with judges and an entry for each of their sheets. These receivers are told of every
/// event.
pub fn callers(told: &[&Receiver]) -> (Server, Callers) {
    let options = Options::default()
        .set("server.body_timeout_s", "2")
        .set("outbound.tenant_https_only", "false")
        .set("outbound.tenant_networks", "127.0.0.0/8")
        .set("resilience.enforce_from_start", "true");
    let server = Arc::new(Server::with(options));
    let mut competition = Competition::empty(Tenant::on(Arc::clone(&server)), &json!({"name": "Talent"}));
    competition.add_criterion(&json!({"name": "Technique"}));
    for number in 0..ENTRIES {
        competition.add_entry(&format!("Contestant {number}"));
    }
    for number in 0..ENTRIES {
        competition.add_judge(&format!("Judge {number}"));
    }
    for receiver in told {
        let body = json!({"name": "Told", "url": receiver.url("/"), "events": ["event.created"]});
        competition.admin().create("/webhooks", &body);
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
