//! Waiting for what happens behind an answer: looked at again and again, with an end.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::client::Client;

/// Longest time that anything here may take.
const DEADLINE: Duration = Duration::from_secs(60);
const LOOKED_AFTER: Duration = Duration::from_millis(10);

/// Waits until something is so.
///
/// # Panics
/// When it does not become so.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        thread::sleep(LOOKED_AFTER);
    }
}

/// Waits until a job is over and returns it.
#[track_caller]
pub fn after_job(client: &Client, accepted: &Value) -> Value {
    let path = format!("/jobs/{}", accepted["id"].as_str().unwrap_or_else(|| panic!("no job: {accepted}")));
    let mut job = Value::Null;
    wait_until("the job is over", || {
        job = client.get(&path).expect(200);
        !matches!(job["state"].as_str(), Some("waiting" | "running"))
    });
    job
}
