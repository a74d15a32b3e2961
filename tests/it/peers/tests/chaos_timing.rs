use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

use super::{
    super::{Behaviour, ChaosProxy, Receiver, Reply},
    client::{LIMIT, connect, http},
};

/// So long that a test which waits for it would fail.
const FOR_EVER: Duration = Duration::from_secs(3_600);

#[test]
fn every_answer_begins_late() {
    let receiver = Receiver::start();
    let proxy = ChaosProxy::before(receiver.address());
    let delay = Duration::from_millis(30);
    proxy.set(Behaviour::Delay(delay));
    let (client, started) = (http(), Instant::now());
    for _ in 0..3 {
        let mut answer = client.get(format!("http://{}/hook", proxy.address())).call().unwrap();
        answer.body_mut().read_to_vec().unwrap();
    }
    assert!(started.elapsed() >= 3 * delay, "{:?}", started.elapsed());
    // All on one connection, none of which was cut.
    assert_eq!(proxy.counts().seen, 1);
}

#[test]
fn a_delay_is_over_when_the_behaviour_changes() {
    let receiver = Receiver::start();
    let proxy = ChaosProxy::before(receiver.address());
    proxy.set(Behaviour::Delay(FOR_EVER));
    let mut client = connect(proxy.address());
    client.write_all(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n").unwrap();
    receiver.wait_for(1, LIMIT);
    assert_eq!(proxy.counts().to_client, 0);
    proxy.set(Behaviour::Pass);
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn a_throttled_answer_takes_its_time_and_arrives_whole() {
    let receiver = Receiver::start();
    receiver.answer_with(Reply::status(200).body(vec![b'x'; 4_000]));
    let proxy = ChaosProxy::before(receiver.address());
    proxy.set(Behaviour::Throttle(40_000));
    let started = Instant::now();
    let mut answer = http().get(format!("http://{}/hook", proxy.address())).call().unwrap();
    assert_eq!(answer.body_mut().read_to_vec().unwrap(), vec![b'x'; 4_000]);
    // The last piece, of a twentieth of a second, is there before its time is over.
    assert!(started.elapsed() >= Duration::from_millis(50), "{:?}", started.elapsed());
}

#[test]
fn a_throttled_connection_is_free_when_the_behaviour_changes() {
    let receiver = Receiver::start();
    let proxy = ChaosProxy::before(receiver.address());
    proxy.set(Behaviour::Throttle(0));
    let mut client = connect(proxy.address());
    client.write_all(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n").unwrap();
    proxy.wait_for(LIMIT, |counts| counts.to_target == 1);
    proxy.set(Behaviour::Pass);
    receiver.wait_for(1, LIMIT);
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn dropping_it_ends_all_connections_whatever_they_wait_for() {
    let receiver = Receiver::start();
    for behaviour in
        [Behaviour::Pass, Behaviour::BlackHole, Behaviour::Delay(FOR_EVER), Behaviour::Throttle(1)]
    {
        let proxy = ChaosProxy::before(receiver.address());
        proxy.set(behaviour);
        let mut client = connect(proxy.address());
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        proxy.wait_for(LIMIT, |counts| counts.open == 1);
        drop(proxy);
        let ended = client.read_to_end(&mut Vec::new());
        assert!(ended.is_err(), "{behaviour:?}: {ended:?}");
    }
}

#[test]
fn a_client_that_does_not_read_keeps_nobody_from_ending() {
    let receiver = Receiver::start();
    receiver.answer_with(Reply::status(200).body(vec![b'x'; 32 * 1024 * 1024]));
    let proxy = ChaosProxy::before(receiver.address());
    let mut client = connect(proxy.address());
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    proxy.wait_for(LIMIT, |counts| counts.to_client > 0);
    proxy.set(Behaviour::Refuse);
    assert_eq!(proxy.connections_open(), 0);
}
