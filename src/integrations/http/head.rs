//! The head of a request: what the caller wants in it, unless it would change how the message is framed or whom it names,
//! and what the client adds. Uses `attempt`.

use ureq::http::{HeaderName, HeaderValue, Method, Request, header};

use super::{
    super::attempt::CallIds,
    request::{HttpFailure, HttpFault, HttpRequest},
};

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// What the client sets itself, or what belongs to a connection and not to a request.
const SET_BY_CLIENT: [&str; 15] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "accept-encoding",
    "user-agent",
    "x-request-id",
    "x-correlation-id",
    "traceparent",
];

/// The head of a request.
///
/// # Errors
/// It would be no HTTP, or not the request that it seems to be.
pub(super) fn head(
    request: &HttpRequest,
    ids: &CallIds,
    user_agent: &HeaderValue,
) -> Result<Request<()>, HttpFailure> {
    let method =
        METHODS.contains(&request.method).then(|| Method::from_bytes(request.method.as_bytes()).ok());
    let method =
        method.flatten().ok_or_else(|| malformed("the method is not one that is sent".to_owned()))?;
    let mut url = request.url.clone();
    url.set_fragment(None);
    let mut head = Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(header::USER_AGENT, user_agent)
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::CONNECTION, "close");
    let context = [
        ("x-request-id", &ids.request_id),
        ("x-correlation-id", &ids.correlation_id),
        ("traceparent", &ids.traceparent),
    ];
    for (name, text) in context {
        head = head.header(name, value(name, text)?);
    }
    for (name, text) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| malformed("the name of a header is not allowed".to_owned()))?;
        if SET_BY_CLIENT.contains(&name.as_str()) {
            return Err(malformed(format!("the header {name} is not for the caller to set")));
        }
        let value = value(name.as_str(), text)?;
        head = head.header(name, value);
    }
    // The error would repeat the address.
    head.body(()).map_err(|_| malformed("the address cannot be sent in a request".to_owned()))
}

fn value(name: &str, text: &str) -> Result<HeaderValue, HttpFailure> {
    HeaderValue::from_str(text).map_err(|_| {
        malformed(format!("the value of the header {name} holds characters that are not allowed"))
    })
}

fn malformed(detail: String) -> HttpFailure {
    HttpFailure::unsent(HttpFault::Malformed, detail)
}
