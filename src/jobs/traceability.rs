//! Whether requests can be followed, asked of the log itself once a minute: a line of its own is written and looked for, and so
//! are the ids of a sample of the requests that were answered before.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use super::log_keeping::LogInUse;
use crate::telemetry::{
    answered::AnsweredIds,
    clock::{Clock, Stopwatch},
    context::RequestContext,
    log::Flusher,
    log_store::{Filter, LogStore, Order, Plan, Seen},
    metrics as names,
};

/// The module of the line, which is written at whatever level lines are wanted.
pub const CANARY_TARGET: &str = module_path!();
/// Nothing that is looked for is older.
const OLDEST: Duration = Duration::from_secs(60 * 60);

/// Looks whether the log has what it should have.
pub struct TraceabilityCheck {
    logs: Arc<LogStore>,
    writer: Flusher,
    answered: Arc<AnsweredIds>,
    clock: Clock,
}

impl TraceabilityCheck {
    /// A check of a log and of the ids that were told. Until something is missing, all is well.
    pub fn new(LogInUse { store: logs, writer, answered }: LogInUse, clock: Clock) -> Self {
        metrics::gauge!(names::TRACEABILITY_RATIO).set(1.0);
        metrics::gauge!(names::TRACEABILITY_CANARY_SUCCESS).set(1.0);
        Self { logs, writer, answered, clock }
    }

    /// Looks once. Lines are written in their order: when the line of this look is there, so are those of what was answered
    /// before it.
    pub fn look(&self) {
        let told = self.answered.take();
        let context = RequestContext::system(self.clock.clone(), "canary");
        let watch = Stopwatch::start();
        context.span("canary").in_scope(|| tracing::info!("canary"));
        // That it could be written is no proof that it is there.
        let arrived = self.writer.flush() && self.has(context.request_id().as_str());
        metrics::gauge!(names::TRACEABILITY_CANARY_SUCCESS).set(f64::from(u8::from(arrived)));
        metrics::gauge!(names::TRACEABILITY_CANARY_DURATION).set(watch.elapsed().as_secs_f64());
        context.span("canary").in_scope(|| {
            if arrived {
                self.look_for(&told.iter().map(ToString::to_string).collect::<Vec<_>>());
            } else {
                tracing::error!("a line of the log was not found in it");
            }
        });
    }

    /// Looks for ids that callers were told.
    fn look_for(&self, told: &[String]) {
        let missing: Vec<_> = told.iter().filter(|id| !self.has(id)).collect();
        if self.logs.has_erased() && !missing.is_empty() {
            tracing::info!("requests are not looked for whose lines may have been erased");
            return;
        }
        let share = |part: usize| u32::try_from(part).map_or(f64::MAX, f64::from);
        let ratio = if told.is_empty() { 1.0 } else { share(told.len() - missing.len()) / share(told.len()) };
        metrics::gauge!(names::TRACEABILITY_RATIO).set(ratio);
        if let Some(first) = missing.first() {
            tracing::error!(
                missing = missing.len(),
                looked_for = told.len(),
                first,
                "requests are not in the log"
            );
        }
    }

    fn has(&self, id: &str) -> bool {
        let filter = Filter { ids: vec![id.to_owned()], ..Filter::default() };
        let from = self.clock.now().minus(OLDEST).millis().saturating_mul(1_000);
        let plan = Plan { from: Some(from), ..filter.plan(Order::NewestFirst, None) };
        let mut found = false;
        let walked = self.logs.walk(&plan, &mut |seen| {
            let Seen::Line(line) = seen else { return ControlFlow::Continue(()) };
            found = filter.matches(line.text).is_some();
            if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Err(error) = walked {
            tracing::warn!(%error, "the log cannot be read");
        }
        found
    }
}
