//! The log as it is written, over a WebSocket as Grafana opens one, read here frame by frame.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use super::{address, auditor, requests};
use crate::support::{Client, Peer, Server, Tenant};

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// An open WebSocket.
struct Socket(BufReader<TcpStream>);

impl Socket {
    /// Asks for one; the status, if it is refused.
    fn open(client: &Client, query: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let Peer::Tcp(server) = &client.peer else { panic!("it is opened over TCP") };
        let mut connection = TcpStream::connect(server).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let path = address("/loki/api/v1/tail", &[("query", query)]);
        let head = client.head("GET", &path, headers).replace("connection: close", "connection: Upgrade");
        let asked = "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        write!(connection, "{head}{asked}").unwrap();
        let mut connection = BufReader::new(connection);
        let mut answer = String::new();
        while !answer.ends_with("\r\n\r\n") {
            assert_ne!(connection.read_line(&mut answer).unwrap(), 0, "no answer: {answer}");
        }
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        if status != 101 {
            return Err(status);
        }
        // The example of RFC 6455, section 1.3.
        assert!(
            answer.to_lowercase().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
            "{answer}"
        );
        Ok(Self(connection))
    }

    fn send(&mut self, kind: u8, content: &[u8]) {
        let mask = [1, 2, 3, 4];
        let masked = content.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        let length = u8::try_from(content.len()).unwrap();
        let frame: Vec<u8> = [0x80 | kind, 0x80 | length].into_iter().chain(mask).chain(masked).collect();
        self.0.get_mut().write_all(&frame).unwrap();
    }

    /// The next frame; none when the connection has ended.
    fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).ok()?;
        assert_eq!((head[0] & 0xF0, head[1] & 0x80), (0x80, 0), "whole and not masked");
        let length = match head[1] {
            126 => u64::from(u16::from_be_bytes(self.bytes())),
            127 => u64::from_be_bytes(self.bytes()),
            short => u64::from(short),
        };
        let mut content = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut content).unwrap();
        Some((head[0] & 0x0F, content))
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// The next lines: their labels, and what they say.
    fn lines(&mut self) -> Vec<(Value, Value)> {
        loop {
            let (kind, content) = self.next().expect("the log goes on");
            if kind != TEXT {
                continue;
            }
            let told: Value = serde_json::from_slice(&content).unwrap();
            assert_eq!(told["dropped_entries"], json!([]));
            let mut lines = Vec::new();
            for stream in told["streams"].as_array().unwrap() {
                for value in stream["values"].as_array().unwrap() {
                    assert!(value[0].as_str().unwrap().parse::<i128>().is_ok());
                    let line = serde_json::from_str(value[1].as_str().unwrap()).unwrap();
                    lines.push((stream["stream"].clone(), line));
                }
            }
            return lines;
        }
    }
}

#[test]
fn the_log_is_told_as_it_is_written_behind_the_newest_of_before() {
    let tenant = Tenant::new();
    let (reader, correlation) = (auditor(&tenant), requests(&tenant, 3));
    let query = format!(r#"{{app="event-manager"}} |= "correlationId:{correlation}""#);
    let mut socket = Socket::open(&reader, &query, &[]).ok().unwrap();
    assert_eq!(socket.lines().len(), 3, "what was there before");
    for path in ["/api/v1/events", "/api/v1/judges"] {
        assert_eq!(tenant.admin.raw("GET", path, &[("x-correlation-id", &correlation)], b"").status, 200);
    }
    let mut told = Vec::new();
    while told.len() < 2 {
        told.extend(socket.lines());
    }
    let paths: Vec<&Value> = told.iter().map(|(_, line)| &line["path"]).collect();
    assert_eq!(paths, ["/api/v1/events", "/api/v1/judges"]);
    assert_eq!((&told[0].0["kind"], &told[0].0["correlationId"]), (&json!("http"), &json!(correlation)));
}

#[test]
fn pings_are_answered_and_a_farewell_is_returned() {
    let tenant = Tenant::new();
    let reader = auditor(&tenant);
    let mut socket = Socket::open(&reader, r#"{app="nobodys"}"#, &[]).ok().unwrap();
    socket.send(PING, b"still there?");
    assert_eq!(socket.next(), Some((PONG, b"still there?".to_vec())));
    socket.send(CLOSE, &1000_u16.to_be_bytes());
    assert_eq!(socket.next(), Some((CLOSE, 1000_u16.to_be_bytes().to_vec())));
    assert_eq!(socket.next(), None);
}

#[test]
fn only_whoever_may_follows_and_each_only_some() {
    let tenant = Tenant::new();
    let all = r#"{app="event-manager"}"#;
    let refused =
        |client: &Client, query: &str, headers: &[(&str, &str)]| Socket::open(client, query, headers).err();
    let judge = tenant.token(&json!([{"role": "JUDGE"}]));
    assert_eq!(refused(&judge, all, &[]), Some(403));
    assert_eq!(refused(&tenant.server.anonymous(), all, &[("via", "1.1 grafana")]), Some(401));
    let reader = auditor(&tenant);
    assert_eq!(refused(&reader, "{", &[]), Some(400));
    assert_eq!(refused(&reader, "rate({app=\"x\"}[1m])", &[]), Some(400));
    // A page that somebody looks at on this machine.
    let page = [("origin", "http://evil.example")];
    assert_eq!(refused(&tenant.server.anonymous(), all, &page), Some(403));
    assert_eq!(refused(&reader, all, &[("origin", "http://localhost")]), None);
    let open: Vec<Socket> = (0..10).filter_map(|_| Socket::open(&reader, all, &[]).ok()).collect();
    assert!(open.len() >= 9, "one of before may not be gone yet");
    assert_eq!(refused(&reader, all, &[]), Some(503));
    assert_eq!(refused(&auditor(&tenant), all, &[]), None, "others have places of their own");
}

#[test]
fn a_server_that_stops_ends_it_without_a_farewell_so_that_grafana_comes_back() {
    let mut server = Server::start();
    let mut socket = Socket::open(&server.anonymous(), r#"{app="nobodys"}"#, &[]).ok().unwrap();
    assert!(server.stop().success());
    assert_eq!(socket.next(), None);
}
