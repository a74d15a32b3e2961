//! What was asked of the server after a copy was taken, as far as the log knows: what somebody has to do again.

use std::{io, ops::ControlFlow, path::Path};

use serde::Deserialize;

use crate::{
    domain::Timestamp,
    telemetry::log_store::{IdHash, LogStore, Order, Plan, Seen},
};

/// Most requests that are told one by one.
const TOLD_MAX: usize = 200;

/// The record of a request that changed something.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    timestamp: String,
    method: String,
    path: String,
    status: u16,
    request_id: String,
    user_id: Option<String>,
    judge_id: Option<String>,
}

impl Request {
    fn changed_something(&self) -> bool {
        (200..300).contains(&self.status) && !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    fn told(&self) -> String {
        let Self { timestamp, method, path, request_id, user_id, judge_id, .. } = self;
        let who = match (user_id, judge_id) {
            (Some(user), _) => format!(" by the user {user}"),
            (None, Some(judge)) => format!(" by the judge {judge}"),
            (None, None) => String::new(),
        };
        format!("  {timestamp} {method} {path}{who}, request {request_id}")
    }
}

/// The requests since a time that changed something, a line each, in their order.
///
/// # Errors
/// The log cannot be read.
pub fn changes_since(log: &Path, taken_at: Timestamp) -> io::Result<Vec<String>> {
    let plan = Plan {
        from: Some(taken_at.micros()),
        ids: vec![IdHash::of("http")],
        ..Plan::all(Order::OldestFirst)
    };
    let (mut told, mut more) = (Vec::new(), 0_usize);
    let report = LogStore::new(log).walk(&plan, &mut |seen| {
        if let Seen::Line(line) = seen
            && let Ok(request) = serde_json::from_slice::<Request>(line.text)
            && request.changed_something()
        {
            if told.len() < TOLD_MAX { told.push(request.told()) } else { more += 1 }
        }
        ControlFlow::Continue(())
    })?;
    if more > 0 {
        told.push(format!("  and {more} more"));
    }
    told.extend(report.faults.iter().map(|fault| format!("  {} cannot be read: {}", fault.file, fault.what)));
    Ok(told)
}
