//! What deliveries come of: the request that causes one, and a new one that is due at once.

use crate::{
    domain::{Actor, Delivery, DeliveryId, DeliveryState, Outgoing, Timestamp, Urgency},
    telemetry::{clock::Clock, context::RequestContext},
};

/// What a delivery comes of.
#[derive(Clone)]
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

    /// What another delivery comes of.
    pub(super) fn same_as(delivery: &Delivery) -> Self {
        Self {
            by: delivery.by.clone(),
            request_id: delivery.request_id.clone(),
            correlation_id: delivery.correlation_id.clone(),
            traceparent: delivery.traceparent.clone(),
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
    drawn_delivery((DeliveryId::new(clock.new_uuid()), clock.now()), what, queue, urgency, cause)
}

/// The same, with an id that was drawn before: in an operation, which draws none.
pub(super) fn drawn_delivery(
    (id, now): (DeliveryId, Timestamp),
    what: Outgoing,
    queue: String,
    urgency: Urgency,
    cause: Cause,
) -> Delivery {
    Delivery {
        id,
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
        edited: false,
        taken_over_by: None,
        report: None,
        version: 1,
    }
}
