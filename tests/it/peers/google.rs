//! Google Cloud Storage before an S3 or an emulator: none speaks all of its XML API, but that is S3's with other names for some
//! headers and another way to sign, and an emulator only lacks a little of it. The signature is that of a service account and is
//! not looked at.

use std::{net::SocketAddr, time::SystemTime};

use ureq::http;

use super::{
    http::{Answer, Request, answer_all},
    serving::Serving,
    tls::Stream,
};

/// Who signs is somebody, to moto; who does not is nobody.
const SOMEBODY: &str =
    "AWS4-HMAC-SHA256 Credential=A/20260101/auto/s3/aws4_request, SignedHeaders=host, Signature=0";

/// Headers of a connection, and not of what goes over it.
const OF_THE_WAY: [&str; 3] = ["host", "connection", "transfer-encoding"];

/// The service. It stores what it is asked to in the store behind it.
pub struct GoogleStorage(Serving);

impl GoogleStorage {
    /// Before an S3 at an address.
    pub fn before(store: SocketAddr) -> Self {
        Self(Serving::start(move |stream, _| {
            answer_all(Stream::Plain(stream), |request| translated(store, request));
        }))
    }

    /// Before an emulator at an address, which knows no HEAD and leaves two headers out.
    pub fn before_emulator(store: SocketAddr) -> Self {
        Self(Serving::start(move |stream, _| {
            answer_all(Stream::Plain(stream), |request| completed(store, request));
        }))
    }

    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// The key of a service account.
    pub fn service_account() -> String {
        let private_key = include_str!("../../../src/integrations/email/tests/rsa_test_key.pem");
        let account = serde_json::json!({
            "type": "service_account",
            "private_key_id": "1",
            "private_key": private_key,
            "client_email": "event-manager@hall.iam.gserviceaccount.com",
        });
        account.to_string()
    }
}

/// The answer of the store; nothing if that is away.
fn translated(store: SocketAddr, request: Request) -> Option<Answer> {
    let Request { method, path, headers, body } = request;
    let mut asked = http::Request::builder().method(method.as_str()).uri(format!("http://{store}{path}"));
    let is_asked = |name: &str| name != "content-length" && !OF_THE_WAY.contains(&name);
    for (name, value) in headers.iter().filter(|(name, _)| is_asked(name)) {
        let value = if name == "authorization" { SOMEBODY } else { value };
        asked = asked.header(name.replace("x-goog-", "x-amz-"), value);
    }
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut answer = agent.run(asked.body(body).ok()?).ok()?;
    let told = answer.headers().iter().filter(|(name, _)| !OF_THE_WAY.contains(&name.as_str()));
    let told = told.map(|(name, value)| {
        (name.as_str().replace("x-amz-", "x-goog-"), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let told = told.collect();
    Some((answer.status().as_u16(), told, answer.body_mut().read_to_vec().ok()?))
}

/// The answer of an emulator, with what Google tells beside it.
fn completed(store: SocketAddr, request: Request) -> Option<Answer> {
    let is_head = request.method == "HEAD";
    let method = if is_head { "GET".to_owned() } else { request.method };
    let (status, mut told, body) = translated(store, Request { method, ..request })?;
    told.push(("etag".to_owned(), "\"CKih16GjycICEAE=\"".to_owned()));
    told.push(("last-modified".to_owned(), httpdate::fmt_http_date(SystemTime::now())));
    // The length that is told is that of what GET has.
    Some((status, told, if is_head { Vec::new() } else { body }))
}
