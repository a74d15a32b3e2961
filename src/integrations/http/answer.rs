//! Reads an answer, and of its body only as much as is wanted. Uses what is beside it.

use std::io::Read;

use ureq::{Body, BodyReader, http::Response};

use super::request::HttpAnswer;

/// Most bytes of the status line and the headers of an answer.
pub(super) const HEAD_BYTES_MAX: usize = 32 * 1_024;

/// Reads an answer whose head has come.
///
/// # Errors
/// The body does not come whole, as far as it is wanted.
pub(super) fn read(response: Response<Body>, limit: usize) -> Result<HttpAnswer, ureq::Error> {
    let (head, body) = response.into_parts();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let length = body.content_length();
    let mut reader = body.into_reader();
    let wanted = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    (&mut reader).take(wanted).read_to_end(&mut bytes)?;
    let truncated = bytes.len() == limit && length.map_or_else(|| has_more(&mut reader), |all| all > wanted);
    Ok(HttpAnswer {
        status: head.status.as_u16(),
        headers: headers.collect(),
        body: bytes,
        truncated,
        address: None,
    })
}

/// Whether there is more of a body whose length nobody said. If it cannot be told, something may be missing.
fn has_more(reader: &mut BodyReader<'_>) -> bool {
    reader.read(&mut [0]).map_or(true, |amount| amount > 0)
}
