use std::{
    io::{ErrorKind, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    time::Duration,
};

use super::{
    super::{Clamd, INFECTED, Postfix, RedisServer},
    client::{Dialogue, LIMIT, connect},
};

/// Scans a file over a stream as clamd wants it.
fn scan(mut stream: impl Read + Write, file: &[u8]) -> String {
    let length = u32::try_from(file.len()).unwrap().to_be_bytes();
    stream.write_all(&[b"zINSTREAM\0", length.as_slice(), file, &[0; 4]].concat()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.trim_end_matches('\0').to_owned()
}

#[test]
fn redis_counts_and_is_silent_while_it_is_frozen() {
    let redis = RedisServer::start();
    assert_eq!(redis.url(), format!("redis://{}/", redis.address()));
    let mut client = Dialogue::with(redis.address());
    assert_eq!(client.ask("INCR visits"), ":1");
    redis.freeze();
    redis.freeze();
    client.say("INCR visits");
    let mut stream = client.into_stream();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    redis.thaw();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    assert_eq!(Dialogue::over(stream).hear(), ":2");
}

#[test]
fn redis_is_gone_when_it_is_dropped_even_while_it_is_frozen() {
    let redis = RedisServer::start();
    let mut client = Dialogue::with(redis.address());
    assert_eq!(client.ask("PING"), "+PONG");
    redis.freeze();
    drop(redis);
    assert_eq!(client.hear(), "");
}

#[test]
fn clamd_finds_the_marker_and_nothing_else_on_both_of_its_sockets() {
    let clamd = Clamd::start();
    let infected = format!("before {INFECTED} after");
    let found = format!("stream: {} FOUND", Clamd::SIGNATURE);
    assert_eq!(scan(connect(clamd.address()), infected.as_bytes()), found);
    assert_eq!(scan(connect(clamd.address()), b"harmless"), "stream: OK");
    assert_eq!(scan(UnixStream::connect(clamd.socket()).unwrap(), infected.as_bytes()), found);
    let too_long = vec![b'x'; Clamd::STREAM_BYTES_MAX + 1];
    let answer = scan(connect(clamd.address()), &too_long);
    assert!(answer.starts_with("INSTREAM size limit exceeded"), "{answer}");
}

#[test]
fn clamd_is_silent_while_it_is_frozen() {
    let clamd = Clamd::start();
    clamd.freeze();
    let mut client = connect(clamd.address());
    client.write_all(b"zPING\0").unwrap();
    client.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    clamd.thaw();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "PONG\0");
}

#[test]
fn postfix_queues_and_delivers_under_the_id_that_it_told() {
    let postfix = Postfix::start();
    let mut client = Dialogue::with(postfix.address());
    assert_eq!(client.hear(), "220 relay.peers.test ESMTP Postfix");
    client.ask("EHLO client.test");
    let answers = ["one", "two"].map(|text| client.send_mail("a@x.test", "b@y.test", text));
    let told = answers.map(|answer| answer.split_once("queued as ").unwrap().1.to_owned());
    told.iter().for_each(|id| postfix.wait_until_delivered(id, LIMIT));
    // Queued side by side, they come into the log in any order.
    let logged = postfix.queue_ids_logged();
    assert_eq!(logged.len(), 2);
    assert!(told.iter().all(|id| logged.contains(id)), "{told:?} {logged:?}");
}

#[test]
fn postfix_is_gone_when_it_is_dropped() {
    let postfix = Postfix::start();
    let address = postfix.address();
    let client = connect(address);
    client.shutdown(Shutdown::Write).unwrap();
    drop(postfix);
    assert_eq!(std::net::TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}
