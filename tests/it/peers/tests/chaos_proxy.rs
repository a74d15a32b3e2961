use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixListener,
    thread,
    time::Duration,
};

use super::{
    super::{Behaviour, ChaosProxy, Receiver, serving::Serving},
    client::{LIMIT, connect, http},
};

/// Asks and hears so many bytes of an answer.
fn ask(stream: &mut TcpStream, question: &[u8], count: usize) -> Vec<u8> {
    stream.write_all(question).unwrap();
    let mut answer = vec![0; count];
    stream.read_exact(&mut answer).unwrap();
    answer
}

/// A peer that answers every byte with itself.
fn echo() -> Serving {
    Serving::start(|mut stream, _| {
        let mut copy = stream.try_clone().unwrap();
        drop(std::io::copy(&mut copy, &mut stream));
    })
}

#[test]
fn all_passes_until_something_else_is_set() {
    let receiver = Receiver::start();
    let proxy = ChaosProxy::before(receiver.address());
    let url = format!("http://{}/hook", proxy.address());
    assert_eq!(http().post(&url).send("hello").unwrap().status(), 200);
    assert_eq!(receiver.requests()[0].body, b"hello");
    let counts = proxy.counts();
    assert_eq!(counts.seen, 1);
    assert!(counts.to_target > 5 && counts.to_client > 0, "{counts:?}");
}

#[test]
fn connections_are_counted_until_they_are_closed() {
    let peer = echo();
    let proxy = ChaosProxy::before(peer.address());
    let mut first = connect(proxy.address());
    let mut second = connect(proxy.address());
    assert_eq!(ask(&mut first, b"one", 3), b"one");
    assert_eq!(ask(&mut second, b"two", 3), b"two");
    assert_eq!(proxy.connections_open(), 2);
    drop(first);
    let counts = proxy.wait_for(LIMIT, |counts| counts.open == 1);
    assert_eq!((counts.seen, counts.to_target, counts.to_client), (2, 6, 6));
}

#[test]
fn a_peer_behind_a_unix_socket_is_reached() {
    let directory = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(directory.path().join("peer.sock")).unwrap();
    let peer = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"welcome").unwrap();
    });
    let proxy = ChaosProxy::before_local(directory.path().join("peer.sock"));
    let mut heard = Vec::new();
    connect(proxy.address()).read_to_end(&mut heard).unwrap();
    assert_eq!(heard, b"welcome");
    peer.join().unwrap();
}

#[test]
fn refused_means_a_closed_port_and_reset_connections_until_it_heals_on_the_same_port() {
    let peer = echo();
    let proxy = ChaosProxy::before(peer.address());
    for _ in 0..3 {
        let mut open = connect(proxy.address());
        assert_eq!(ask(&mut open, b"hello", 5), b"hello");
        proxy.set(Behaviour::Refuse);
        assert_eq!(open.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(TcpStream::connect(proxy.address()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert_eq!(proxy.connections_open(), 0);
        proxy.set(Behaviour::Pass);
    }
    assert_eq!(ask(&mut connect(proxy.address()), b"again", 5), b"again");
}

#[test]
fn a_peer_that_is_gone_resets_the_connection() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = ChaosProxy::before(gone);
    let error = connect(proxy.address()).read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn an_answer_is_cut_after_so_many_bytes_though_the_request_arrived() {
    let peer = echo();
    let proxy = ChaosProxy::before(peer.address());
    let mut open = connect(proxy.address());
    assert_eq!(ask(&mut open, b"before", 6), b"before");
    proxy.set(Behaviour::CutAfter(4));
    assert_eq!(ask(&mut open, b"question", 4), b"ques");
    assert_eq!(open.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(proxy.counts().to_target, 14);
}

#[test]
fn an_answer_that_is_cut_at_once_leaves_a_request_that_was_carried_out() {
    let receiver = Receiver::start();
    let proxy = ChaosProxy::before(receiver.address());
    proxy.set(Behaviour::CutAfter(0));
    let error = http().post(format!("http://{}/hook", proxy.address())).send("hello").unwrap_err();
    assert!(matches!(error, ureq::Error::Io(_)), "{error:?}");
    assert_eq!(receiver.wait_for(1, LIMIT)[0].body, b"hello");
    assert_eq!(proxy.counts().to_client, 0);
}

#[test]
fn a_request_is_cut_after_so_many_bytes() {
    let receiver = Receiver::start();
    let proxy = ChaosProxy::before(receiver.address());
    proxy.set(Behaviour::CutRequestAfter(10));
    assert!(http().post(format!("http://{}/hook", proxy.address())).send("hello").is_err());
    proxy.wait_for(LIMIT, |counts| counts.open == 0);
    assert_eq!(proxy.counts().to_target, 10);
    assert_eq!(receiver.requests().len(), 0);
}

#[test]
fn a_black_hole_takes_connections_and_nothing_else_and_gives_up_what_it_held() {
    let peer = echo();
    let proxy = ChaosProxy::before(peer.address());
    let mut open = connect(proxy.address());
    assert_eq!(ask(&mut open, b"one", 3), b"one");
    proxy.set(Behaviour::BlackHole);
    open.write_all(b"two").unwrap();
    let mut new = connect(proxy.address());
    new.write_all(b"new").unwrap();
    proxy.wait_for(LIMIT, |counts| counts.seen == 2);
    new.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(new.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(proxy.counts().to_target, 3);
    new.set_read_timeout(Some(LIMIT)).unwrap();
    proxy.set(Behaviour::Pass);
    assert_eq!(ask(&mut open, b"", 3), b"two");
    assert_eq!(ask(&mut new, b"", 3), b"new");
}

#[test]
fn garbage_comes_instead_of_answers_and_its_connections_do_not_survive() {
    let peer = echo();
    let proxy = ChaosProxy::before(peer.address());
    let mut open = connect(proxy.address());
    assert_eq!(ask(&mut open, b"hello", 5), b"hello");
    proxy.set(Behaviour::Garbage);
    assert_ne!(ask(&mut open, b"hello", 5), b"hello");
    assert_eq!(proxy.counts().to_target, 5);
    proxy.set(Behaviour::Pass);
    assert_eq!(open.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(ask(&mut connect(proxy.address()), b"hello", 5), b"hello");
}

#[test]
fn open_connections_are_cut_on_command() {
    let peer = echo();
    let proxy = ChaosProxy::before(peer.address());
    let mut open = connect(proxy.address());
    assert_eq!(ask(&mut open, b"hello", 5), b"hello");
    proxy.cut_all();
    assert_eq!(proxy.connections_open(), 0);
    assert_eq!(open.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(ask(&mut connect(proxy.address()), b"hello", 5), b"hello");
}
