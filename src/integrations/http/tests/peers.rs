//! Peers on real sockets, each of which follows a script on the first connection that it gets.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

/// A peer that serves one connection.
pub struct Peer<T> {
    pub address: SocketAddr,
    script: JoinHandle<T>,
}

impl<T> Peer<T> {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What its script came to.
    pub fn ended(self) -> T {
        self.script.join().unwrap()
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a peer stands for another machine, which has no request to follow"
)]
pub fn peer<T: Send + 'static>(script: impl FnOnce(TcpStream) -> T + Send + 'static) -> Peer<T> {
    let (listener, address) = listener();
    Peer { address, script: thread::spawn(move || script(listener.accept().unwrap().0)) }
}

/// A peer that reads a request and answers it.
pub fn answering(answer: &'static str) -> Peer<Received> {
    peer(move |mut stream| {
        let received = receive(&mut stream);
        stream.write_all(answer.as_bytes()).unwrap();
        received
    })
}

pub fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Whether anybody has connected.
pub fn was_called(listener: &TcpListener) -> bool {
    listener.set_nonblocking(true).unwrap();
    match listener.accept() {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            false
        }
    }
}

/// A request as it came.
pub struct Received {
    pub head: String,
    pub body: Vec<u8>,
}

impl Received {
    /// All values of a header.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }
}

/// Reads one request whole.
pub fn receive(stream: &mut impl Read) -> Received {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let received = Received { head: String::from_utf8(head).unwrap(), body: Vec::new() };
    let length = received.values("content-length").first().map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Received { body, ..received }
}
