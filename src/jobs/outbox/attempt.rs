//! One attempt of a delivery: made in a span of its own, told in one line of the log, and never lost, even if it panics.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tracing::Instrument;

use super::carrier::{Carrier, Passage};
use crate::{
    domain::{AttemptEnd, Delivery, DeliveryId, Outcome, TenantId},
    service::{QueuePlace, Services},
    telemetry::{clock::Stopwatch, context::RequestContext, metrics},
};

/// An attempt that has ended.
pub struct Carried {
    /// Whose delivery.
    pub tenant: TenantId,
    /// Which one.
    pub id: DeliveryId,
    /// The queue it stands in.
    pub place: QueuePlace,
    /// How it ended.
    pub end: AttemptEnd,
}

/// Makes an attempt.
pub async fn attempt(
    services: &Services,
    carrier: &Carrier,
    context: RequestContext,
    (tenant, delivery, place): (TenantId, Delivery, QueuePlace),
    passage: Passage,
) -> Carried {
    let span = context.span("delivery");
    let made = async {
        let watch = Stopwatch::start();
        let carrying = carrier.carry(services, &context, tenant, &delivery, passage);
        let end = match AssertUnwindSafe(carrying).catch_unwind().await {
            Ok(end) => end,
            Err(_) => AttemptEnd {
                took_ms: 0,
                outcome: Outcome::Failed { after_ms: None },
                class: "panic".to_owned(),
                status: None,
                detail: "the program failed while it was sending this".to_owned(),
                via: None,
            },
        };
        let took = watch.elapsed();
        let end = AttemptEnd { took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX), ..end };
        tell(&delivery, &end);
        let (queue, job) = (delivery.service().word(), delivery.what.word());
        ::metrics::histogram!(metrics::JOB_DURATION, "queue" => queue, "job" => job)
            .record(took.as_secs_f64());
        end
    };
    let end = made.instrument(span).await;
    Carried { tenant, id: delivery.id, place, end }
}

fn tell(delivery: &Delivery, end: &AttemptEnd) {
    let (service, outcome) = (delivery.service().word(), end.outcome.word());
    ::metrics::counter!(metrics::DELIVERY_ATTEMPTS, "service" => service, "outcome" => outcome).increment(1);
    if delivery.made > 1 {
        ::metrics::counter!(metrics::OUTBOUND_RETRIES, "service" => service).increment(1);
    }
    let AttemptEnd { took_ms, class, status, detail, .. } = end;
    let (id, queue, title, number) = (delivery.id, &delivery.queue, delivery.what.title(), delivery.made);
    if end.outcome == Outcome::Arrived {
        tracing::info!(
            deliveryId = %id, service, queue, title, number, outcome, status, durationMs = took_ms, "delivered"
        );
    } else {
        tracing::warn!(
            deliveryId = %id, service, queue, title, number, outcome, class, status, durationMs = took_ms,
            reason = detail, "not delivered"
        );
    }
}
