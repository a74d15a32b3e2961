//! Questions about the log, for the tests that ask every one of the API.

use std::sync::Arc;

use serde_json::json;

use super::fixtures::Question;
use crate::support::{Competition, Tenant, fresh, wait_until};

/// The log, of an evening of its own.
pub fn of_log(competition: &Competition, operation: &str) -> Option<Question> {
    let path = match operation {
        "searchLogs" => "/logs".to_owned(),
        "followLogs" => "/logs/tail".to_owned(),
        "getLogVolume" => {
            "/logs/volume?from=2026-05-01T19:00:00Z&until=2026-05-02T19:00:00Z&minutes=60".to_owned()
        }
        "summarizeRequests" => "/logs/requests?until=2026-05-02T19:00:00Z".to_owned(),
        "eraseLogs" => {
            let nobodys = Tenant::on(Arc::clone(&competition.tenant.server)).slug;
            return Some((
                "/logs/erasures".to_owned(),
                Some(json!({"tenant": nobodys, "reason": "asked for"})),
            ));
        }
        "getTrace" => format!("/traces/{}", logged_trace(competition)),
        _ => return None,
    };
    Some((path, None))
}

/// The trace of a request that is in the log already.
fn logged_trace(competition: &Competition) -> String {
    let trace = trace_id();
    let admin = competition.admin();
    let traceparent = format!("00-{trace}-b7ad6b7169203331-01");
    assert_eq!(admin.raw("GET", "/api/v1/me", &[("traceparent", &traceparent)], b"").status, 200);
    wait_until("the request is in the log", || admin.get(&format!("/traces/{trace}")).status == 200);
    trace
}

/// A trace that nobody has.
pub fn trace_id() -> String {
    let number: String = fresh("trace").chars().filter(char::is_ascii_digit).collect();
    format!("f{number:0>31}")
}
