//! What deliveries come of: the request that causes one, and a new one that is due at once.

use crate::{
    domain::{Actor, Delivery, DeliveryId, DeliveryState, Outgoing, Urgency},
    telemetry::{clock::Clock, context::RequestContext},
};

/// What a delivery comes of.
pub(super) struct Cause {
    /// Who caused it.
    pub by: Actor,
    /// The request that caused it.
    pub request_id: String,
    /// What that request belongs to.
    pub correlation_id: String,
    /// The place of that request in its trace.
    pub traceparent: String,
}

impl Cause {
    /// A request that is under way.
    pub(super) fn of(context: &RequestContext) -> Self {
        Self {
            by: context.actor().clone(),
            request_id: context.request_id().to_string(),
            correlation_id: context.correlation_id().to_string(),
            traceparent: context.trace().to_string(),
        }
    }
}

/// A delivery that is due now.
pub(super) fn new_delivery(
    clock: &Clock,
    what: Outgoing,
    queue: String,
    urgency: Urgency,
    cause: Cause,
) -> Delivery {
    let now = clock.now();
    Delivery {
        id: DeliveryId::new(clock.new_uuid()),
        what,
        queue,
        urgency,
        state: DeliveryState::Waiting,
        due_at: now,
        by: cause.by,
        request_id: cause.request_id,
        correlation_id: cause.correlation_id,
        traceparent: cause.traceparent,
        created_at: now,
        finished_at: None,
        attempts: Vec::new(),
        made: 0,
        counted: 0,
        paused_at: None,
        ambiguous: false,
        replay_of: None,
        origin: None,
        replayed_by: None,
        taken_over_by: None,
        report: None,
        version: 1,
    }
}
