//! Peers that do what no real program can be made to do.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// Follows a script with everybody who connects, one after the other. Returns the port.
pub fn scripted(script: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(script));
    port
}

/// A port on which nobody listens.
pub fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A listener that answers no attempt to connect: its queue is full. It is one as long as what is returned is kept.
pub fn black_hole() -> (u16, impl Drop) {
    struct Full(#[allow(dead_code, reason = "held, never looked at")] TcpListener, Vec<TcpStream>);
    impl Drop for Full {
        fn drop(&mut self) {
            self.1.clear();
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
    }
    (address.port(), Full(listener, waiting))
}

/// Reads something, so that what is closed afterwards had been used.
pub fn swallow(stream: &mut TcpStream) {
    let read = stream.read(&mut [0; 65_536]);
    // Whatever it was, and even if it was nothing.
    read.ok();
}

/// Sends one byte after the other, slowly and without end.
pub fn drip(mut stream: TcpStream, byte: u8) {
    stream.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    while stream.write_all(&[byte]).is_ok() {
        swallow(&mut stream);
    }
}
