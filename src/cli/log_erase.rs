//! `logs erase`: erases what the log has of a tenant, and waits until that is done.

use std::{sync::mpsc::sync_channel, time::Duration};

use clap::Args;
use serde_json::json;

use super::{
    Failure, console,
    local_api::{Data, OPERATORS, text, with_api},
};
use crate::config::Flags;

/// How often it is asked how far the job is.
const ASKED_AFTER: Duration = Duration::from_millis(200);

/// Whose lines are to go.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// The tenant: its short name, or its id, which finds one that was destroyed, too
    #[arg(long)]
    tenant: String,
    /// Why, for the audit log
    #[arg(long)]
    reason: String,
}

/// Erases.
///
/// # Errors
/// There is no such tenant, or the job fails.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let body = json!({"tenant": arguments.tenant, "reason": arguments.reason});
    with_api(&arguments.flags, Data::Existing, Some(OPERATORS.to_owned()), move |api| {
        let mut job = api.request("POST", "/logs/erasures", Some(&body))?;
        let path = format!("/jobs/{}", text(&job, "id"));
        // Nobody ever sends anything: it waits for its time.
        let (_sender, clock) = sync_channel::<()>(1);
        while matches!(text(&job, "state"), "waiting" | "running") {
            let _ = clock.recv_timeout(ASKED_AFTER);
            job = api.request("GET", &path, None)?;
        }
        if text(&job, "state") != "done" {
            return Err(Failure::Other(format!("not all was erased: {}", text(&job, "detail"))));
        }
        let task = job.get("task").cloned().unwrap_or_default();
        let number = |name: &str| task.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default();
        console::say(&format!("erased: {} lines, {} bytes", number("lines"), number("bytes")));
        Ok(())
    })
}
