//! Bodies that are sent packed to whoever takes them so (RFC 9110, section 8.4).

use std::io::Write;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

/// What is smaller is not worth packing, in bytes.
const PACKED_FROM: usize = 1_024;

/// Whether a request takes a body that is packed with gzip.
pub fn takes_gzip(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|offer| offers(offer, "gzip"))
}

/// Whether one item of `Accept-Encoding` offers a coding: a weight of zero refuses it (RFC 9110, section 12.4.2).
fn offers(item: &str, coding: &str) -> bool {
    let mut parts = item.split(';').map(str::trim);
    let weight = |part: &str| part.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
    parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding)) && parts.find_map(weight) != Some(0.0)
}

/// An answer in JSON that may be large.
pub fn json(request: &HttpRequest, body: &Value) -> HttpResponse {
    let body = body.to_string();
    let mut response = HttpResponse::build(StatusCode::OK);
    response
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if body.len() < PACKED_FROM || !takes_gzip(request) {
        return response.body(body);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    match encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish()) {
        Ok(packed) => response.insert_header((header::CONTENT_ENCODING, "gzip")).body(packed),
        Err(_) => response.body(body),
    }
}
