//! How much waits to leave the box, as metrics.

use std::time::Duration;

use crate::{
    domain::OutboundService,
    service::Services,
    telemetry::{clock::Clock, metrics},
};

/// How often it is counted.
const COUNTED: Duration = Duration::from_secs(15);

/// Shows how much waits and how much is dead, for ever.
pub async fn show_sizes(services: &Services, clock: &Clock) {
    loop {
        match services.queue_sizes().await {
            Ok(sizes) => {
                for service in OutboundService::ALL {
                    let size = sizes.get(&service).copied().unwrap_or_default();
                    let age = size.oldest.map_or(0, |oldest| clock.now().millis() - oldest.millis());
                    show(metrics::JOB_QUEUE_DEPTH, service, size.queued);
                    let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
                    ::metrics::gauge!(metrics::JOB_OLDEST_AGE, "queue" => service.word())
                        .set(age.as_secs_f64());
                }
            }
            Err(error) => tracing::warn!(%error, "what waits to leave the box cannot be counted"),
        }
        match services.dead_letters().await {
            Ok(count) => ::metrics::gauge!(metrics::JOB_DEAD_LETTERS).set(as_number(count)),
            Err(error) => tracing::warn!(%error, "dead letters cannot be counted"),
        }
        tokio::time::sleep(COUNTED).await;
    }
}

fn show(metric: &'static str, service: OutboundService, count: usize) {
    ::metrics::gauge!(metric, "queue" => service.word()).set(as_number(count));
}

fn as_number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
