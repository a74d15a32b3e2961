//! A light client: requests are written as ready bytes over kept connections, answers are read to their length. Any
//! answer but a success stops the run.

use std::{
    io,
    sync::Mutex,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

/// A request as bytes.
#[derive(Clone)]
pub struct Request(Vec<u8>);

impl Request {
    pub fn get(path: &str, token: &str) -> Self {
        Self(
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
                .into_bytes(),
        )
    }

    pub fn send(method: &str, path: &str, headers: &str, body: &str) -> Self {
        Self::send_as("application/json", method, path, headers, body)
    }

    /// With a body of a media type.
    pub fn send_as(kind: &str, method: &str, path: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self(
            format!(
                "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-type: {kind}\r\n\
                 content-length: {length}\r\n\r\n{body}"
            )
            .into_bytes(),
        )
    }
}

/// What a run measured.
pub struct Load {
    took: Duration,
    times: Vec<Duration>,
}

impl Load {
    pub fn count(&self) -> usize {
        self.times.len()
    }

    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64()
    }

    pub fn quantile(&self, part: f64) -> Duration {
        self.times.get((self.times.len() as f64 * part) as usize).copied().unwrap_or_default()
    }
}

/// Sends requests from so many clients for a time, or until they run out.
pub async fn run(
    address: &str,
    requests: impl IntoIterator<Item = Request>,
    clients: usize,
    span: Duration,
) -> Load {
    let requests = Mutex::new(requests.into_iter());
    let begun = Instant::now();
    let client = async || {
        let mut connection = Connection::open(address).await;
        let mut times = Vec::new();
        while begun.elapsed() < span {
            let Some(request) = requests.lock().unwrap().next() else { break };
            let sent = Instant::now();
            connection.exchange(&request).await;
            times.push(sent.elapsed());
        }
        times
    };
    let all = futures_util::future::join_all((0..clients).map(|_| client())).await;
    let took = begun.elapsed();
    let mut times: Vec<Duration> = all.into_iter().flatten().collect();
    times.sort_unstable();
    Load { took, times }
}

/// The body of the answer to one request.
pub async fn body(address: &str, request: &Request) -> Vec<u8> {
    Connection::open(address).await.exchange(request).await
}

/// One kept connection.
pub struct Connection<S = TcpStream> {
    stream: S,
    read: Vec<u8>,
}

impl Connection {
    pub async fn open(address: &str) -> Self {
        Self::try_open(address).await.unwrap()
    }

    pub async fn try_open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self::over(stream))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub fn over(stream: S) -> Self {
        Self { stream, read: Vec::with_capacity(16 * 1024) }
    }

    pub async fn exchange(&mut self, request: &Request) -> Vec<u8> {
        self.try_exchange(request).await.unwrap()
    }

    /// As [`Connection::exchange`], where the server may be killed meanwhile.
    pub async fn try_exchange(&mut self, request: &Request) -> io::Result<Vec<u8>> {
        self.stream.write_all(&request.0).await?;
        self.read.clear();
        let (head, length) = loop {
            if let Some(found) = head(&self.read) {
                break found;
            }
            self.read_more().await?;
        };
        while self.read.len() < head + length {
            self.read_more().await?;
        }
        assert_eq!(self.read[9], b'2', "{}", String::from_utf8_lossy(&self.read));
        Ok(self.read[head..].to_vec())
    }

    async fn read_more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// Where the body begins, and how long it is.
fn head(read: &[u8]) -> Option<(usize, usize)> {
    let end = read.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&read[..end]).unwrap();
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    Some((end, length.unwrap_or(0)))
}
