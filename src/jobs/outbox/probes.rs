//! Probes: whether a service works, asked by somebody who wants to know now. What fails is not tried again.

use super::carrier::{arrived, failed, ids_of, refused};
use crate::{
    domain::{AttemptEnd, Outcome},
    integrations::{Blame, CallIds, Failure, Next},
    jobs::call::call,
    resilience::Permit,
    telemetry::{context::RequestContext, spawn},
};

/// Asks a service whether it works, on a thread that may block, where the permit goes along.
pub async fn carry_probe(
    context: &RequestContext,
    permit: Option<Permit>,
    via: String,
    ask: impl FnOnce(&CallIds) -> Result<String, Failure> + Send + 'static,
) -> AttemptEnd {
    let Some(permit) = permit else { return refused("not_set_up", "this is not set up on this server") };
    let ids = ids_of(context);
    let asked = spawn::spawn_blocking(move || call(permit, "probe", || ask(&ids)));
    let panicked =
        |_| Failure::new(Blame::Call, Next::GiveUp, "panic", "the program failed while it was asking");
    match asked.await.map_err(panicked).flatten() {
        Ok(detail) => arrived(None, detail, Some(via)),
        Err(failure) => told_now(failed(&failure, Some(via))),
    }
}

/// The end of a probe: whoever tries something wants to know now, not after it was tried again.
pub fn told_now(end: AttemptEnd) -> AttemptEnd {
    match end.outcome {
        Outcome::Arrived => end,
        _ => AttemptEnd { outcome: Outcome::Refused, ..end },
    }
}
