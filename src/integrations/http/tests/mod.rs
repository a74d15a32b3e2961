//! The client against real peers: what it sends and reads, where it may go, how long it waits, what breaks, and whom it
//! believes.

mod breaks;
mod certificates;
mod exchange;
mod limits;
mod peers;
mod reach;

use std::time::Duration;

use url::Url;

use super::{HttpClient, HttpRequest, HttpRules, Reach};
use crate::integrations::attempt::CallIds;

/// Longer than any test takes.
const PATIENT: Duration = Duration::from_secs(60);

/// Long enough for a local peer to be reached, on a busy machine too.
const SHORT: Duration = Duration::from_secs(2);

fn client() -> HttpClient {
    HttpClient::new(HttpRules::default()).unwrap()
}

fn ids() -> CallIds {
    CallIds {
        request_id: "request-1".to_owned(),
        correlation_id: "correlation-1".to_owned(),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
    }
}

fn request(method: &'static str, url: &str) -> HttpRequest {
    HttpRequest {
        method,
        url: Url::parse(url).unwrap(),
        headers: Vec::new(),
        body: Vec::new(),
        reach: Reach::Operator,
        connect_limit: PATIENT,
        total_limit: PATIENT,
        answer_limit: 1_024,
    }
}
