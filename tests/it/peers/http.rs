//! As much of HTTP/1.1 as the scripted servers need: requests with a length or in chunks, answers with a length.

use std::io::{self, BufRead, BufReader, Read, Write};

/// A whole request. The names of its headers are in small letters.
pub(super) struct Request {
    pub(super) method: String,
    /// With the query.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// The next request of a connection; nothing when its client has closed it.
    pub(super) fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some(first) = read_line(stream)? else { return Ok(None) };
        let mut words = first.split(' ').map(ToOwned::to_owned);
        let (Some(method), Some(path), Some(_version)) = (words.next(), words.next(), words.next()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("no request: {first}")));
        };
        let mut headers = Vec::new();
        loop {
            // What ends before its head does is no request.
            let line = read_line(stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self { method, path, headers, body: Vec::new() };
        request.body = request.read_body(stream)?;
        Ok(Some(request))
    }

    fn read_body(&self, stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
        if self.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return read_chunks(stream);
        }
        let length = self.header("content-length").map_or(Ok(0), str::parse);
        let mut body = vec![0; length.map_err(|_| io::ErrorKind::InvalidData)?];
        stream.read_exact(&mut body)?;
        Ok(body)
    }

    /// The first header of a name in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether the client wants no further answer on this connection.
    pub(super) fn is_last(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// An answer: its status, its headers and its body.
pub(super) type Answer = (u16, Vec<(String, String)>, Vec<u8>);

/// Answers every request of a connection, until the client goes or `answer` has none for a request: then the connection is
/// closed. A client that breaks off is none of a server's business.
pub(super) fn answer_all(stream: impl Read + Write, answer: impl Fn(Request) -> Option<Answer>) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(request)) = Request::read(&mut stream) {
        let is_last = request.is_last();
        let Some((status, headers, body)) = answer(request) else { break };
        if write_answer(stream.get_mut(), status, &headers, &body).is_err() || is_last {
            break;
        }
    }
}

/// Writes an answer with its length, or with the length that is said of it: an answer to HEAD has none of what it tells.
pub(super) fn write_answer(
    stream: &mut impl Write,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} Answer\r\n");
    if headers.iter().all(|(name, _)| name != "content-length") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    head.push_str("\r\n");
    stream.write_all(&[head.as_bytes(), body].concat())?;
    stream.flush()
}

fn read_chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let length = line.split(';').next().unwrap_or_default();
        let length = u64::from_str_radix(length, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        stream.by_ref().take(length).read_to_end(&mut body)?;
        read_line(stream)?;
        if length == 0 {
            return Ok(body);
        }
    }
}

/// A line without its end; nothing at the end of the stream.
pub(super) fn read_line(stream: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if stream.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let line = String::from_utf8_lossy(&line);
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}
