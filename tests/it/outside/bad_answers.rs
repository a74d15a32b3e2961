//! Peers that answer without end, in drops, or in another language: every service says what is wrong, takes bounded time and
//! memory, and it is held against the peer unless the answer says that all went well.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use serde_json::json;

use super::house::{House, SERVICES, with_services_at};

/// More than anybody wants to hear.
const GIGABYTE: usize = 1 << 30;

/// How much more memory the program may need at its worst, in bytes.
const MORE_MEMORY_MAX: u64 = 96 << 20;

/// What a peer does when it is asked; one that speaks first, at once.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Answer {
    /// As it should, but a gigabyte.
    WithoutEnd,
    /// As it should, but byte by byte.
    InDrops,
    /// In the words of another protocol.
    InAnotherLanguage,
}

/// A peer for a service, as long as the test runs.
fn peer(service: &'static str, answer: Answer) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A client that has heard enough ends it.
            thread::spawn(move || drop(play(service, answer, stream)));
        }
    });
    address
}

fn play(service: &str, answer: Answer, mut stream: TcpStream) -> std::io::Result<()> {
    let speaks_first = service == "email";
    if !speaks_first {
        read_head(&mut stream)?;
    }
    match (answer, speaks_first) {
        (Answer::InAnotherLanguage, true) => stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?,
        (Answer::InAnotherLanguage, false) => stream.write_all(b"220 relay.example ESMTP\r\n")?,
        (Answer::WithoutEnd, true) => {
            (0..GIGABYTE / 16).try_for_each(|_| stream.write_all(b"220-and another\r\n"))?;
        }
        (Answer::WithoutEnd, false) => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {GIGABYTE}\r\n\r\n")?;
            (0..GIGABYTE / 65_536).try_for_each(|_| stream.write_all(&[b'x'; 65_536]))?;
        }
        (Answer::InDrops, _) => {
            let begun: &[u8] =
                if speaks_first { b"220" } else { b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" };
            stream.write_all(begun)?;
            stream.set_read_timeout(Some(Duration::from_millis(100)))?;
            loop {
                stream.write_all(b" ")?;
                // Whatever else it says is the pause between two drops.
                let _ = stream.read(&mut [0; 1_024]);
            }
        }
    }
    // Until it goes: what was said would else be lost with the connection.
    std::io::copy(&mut stream, &mut std::io::sink()).map(drop)
}

/// Up to the empty line behind the head of a request.
fn read_head(stream: &mut TcpStream) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(())
}

/// Has all services meet such peers, and compares what is said of the first attempt of each.
#[track_caller]
fn meets(answer: Answer, expected: &[(&'static str, &str, &str)]) {
    let addresses = SERVICES.map(|service| (service, peer(service, answer)));
    let address = |service: &str| addresses.iter().find(|(name, _)| *name == service).unwrap().1;
    let house = House::with(with_services_at(address), address);
    let before = house.server.peak_memory_bytes();
    let ids: Vec<_> = expected.iter().map(|(service, ..)| (*service, house.cause(service))).collect();
    for ((service, id), (_, outcome, class)) in ids.iter().zip(expected) {
        let attempt = house.first_attempt(service, id);
        let (found, wanted) = ((&attempt["outcome"], &attempt["class"]), (&json!(outcome), &json!(class)));
        assert_eq!(found, wanted, "{answer:?} {service}: {attempt}");
        let detail = attempt["detail"].as_str().unwrap();
        assert!((1..=1_024).contains(&detail.len()), "{service}: {detail}");
        assert!(attempt["tookMs"].as_u64().unwrap() < 25_000, "{service}: {attempt}");
        // What failed may have been tried again meanwhile.
        assert_eq!(house.failures(service) > 0, *outcome != "arrived", "{answer:?} {service}");
    }
    let more = house.server.peak_memory_bytes() - before;
    assert!(more < MORE_MEMORY_MAX, "{more} bytes more");
}

#[test]
fn an_answer_of_a_gigabyte_is_not_read_to_its_end() {
    meets(
        Answer::WithoutEnd,
        &[
            ("email", "failed", "malformed"),
            ("storage", "failed", "malformed"),
            // What their status says is enough.
            ("webhook", "arrived", "ok"),
            ("external_api", "arrived", "ok"),
            ("sms", "arrived", "ok"),
            ("virus_scan", "failed", "malformed"),
        ],
    );
}

#[test]
fn an_answer_in_drops_is_waited_for_no_longer_than_one_that_does_not_come() {
    meets(
        Answer::InDrops,
        &[
            // Mail and storage have a minute and more.
            ("webhook", "unknown", "timeout"),
            ("external_api", "unknown", "timeout"),
            ("sms", "unknown", "timeout"),
            ("virus_scan", "failed", "timeout"),
        ],
    );
}

#[test]
fn an_answer_in_another_language_is_none() {
    meets(
        Answer::InAnotherLanguage,
        &[
            ("email", "failed", "malformed"),
            ("storage", "failed", "malformed"),
            ("webhook", "unknown", "malformed"),
            ("external_api", "unknown", "malformed"),
            ("sms", "unknown", "malformed"),
            ("virus_scan", "failed", "malformed"),
        ],
    );
}
