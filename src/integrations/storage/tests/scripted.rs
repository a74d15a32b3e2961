//! A peer that answers what a test says, one connection a request.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use parking_lot::Mutex;

use crate::integrations::storage::{Provider, S3Settings};

/// What becomes of one request.
pub(super) enum Reply {
    /// It is answered with these bytes, and the connection is closed.
    Bytes(String),
    /// It is never answered.
    Silence,
}

/// The peer. Its address stops being listened at after the last reply.
pub(super) struct Scripted {
    pub url: String,
    /// The first line of each request.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    #[allow(clippy::disallowed_methods, reason = "a peer is no part of the product")]
    pub(super) fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        thread::spawn(move || {
            let mut silent = Vec::new();
            for reply in replies {
                let (mut stream, _) = listener.accept().unwrap();
                kept.lock().push(request(&stream));
                match reply {
                    Reply::Bytes(bytes) => stream.write_all(bytes.as_bytes()).unwrap(),
                    Reply::Silence => silent.push(stream),
                }
            }
            // Silence lasts until the other side has had enough.
            for mut stream in silent {
                let _ = stream.read(&mut [0]);
            }
        });
        Self { url, asked }
    }

    /// A bucket of it.
    pub(super) fn bucket(&self) -> Provider {
        bucket_at(&self.url)
    }
}

/// A bucket of S3 at an address.
pub(super) fn bucket_at(url: &str) -> Provider {
    Provider::S3(S3Settings {
        endpoint: Some(url.to_owned()),
        region: "us-east-1".to_owned(),
        bucket: "bkt".to_owned(),
        access_key: "AKIAEXAMPLE".to_owned(),
        secret_key: "correct-horse".to_owned(),
        path_style: true,
        checksums: true,
    })
}

/// An answer with a body of which all is sent.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Bytes(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}

/// Reads a request to its end.
fn request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if first.is_empty() {
            first = line.trim().to_owned();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    first
}
