//! How much waits to be done within the box and to leave it, and how much lies in the trash, as metrics.

use std::time::Duration;

use crate::{
    domain::{Kind, OutboundService, Timestamp},
    service::Services,
    telemetry::{clock::Clock, metrics},
};

/// How often it is counted.
const COUNTED: Duration = Duration::from_secs(15);

/// Most jobs within the box that are counted.
const JOBS_COUNTED_MAX: usize = 10_000;

/// Shows how much waits, how much is dead, and how large the data is, for ever.
pub async fn show_sizes(services: &Services, clock: &Clock) {
    loop {
        match services.queue_sizes().await {
            Ok(sizes) => {
                for service in carriers() {
                    let size = sizes.get(&service).copied().unwrap_or_default();
                    show(service.word(), size.queued, size.oldest, clock.now());
                }
            }
            Err(error) => tracing::warn!(%error, "what waits to leave the box cannot be counted"),
        }
        match services.queued_jobs(JOBS_COUNTED_MAX).await {
            Ok(jobs) => show("jobs", jobs.len(), jobs.first().map(|oldest| oldest.due), clock.now()),
            Err(error) => tracing::warn!(%error, "jobs that wait cannot be counted"),
        }
        match services.dead_letters().await {
            Ok(dead) => {
                for service in carriers() {
                    let count = dead.get(&service).copied().unwrap_or_default();
                    ::metrics::gauge!(metrics::JOB_DEAD_LETTERS, "queue" => service.word())
                        .set(as_number(count));
                }
            }
            Err(error) => tracing::warn!(%error, "dead letters cannot be counted"),
        }
        match services.trash_sizes().await {
            Ok(sizes) => {
                for kind in Kind::ALL {
                    let count = sizes.get(&kind).copied().unwrap_or_default();
                    ::metrics::gauge!(metrics::SOFT_DELETED_ROWS, "entity" => kind.word())
                        .set(as_number(count));
                }
            }
            Err(error) => tracing::warn!(%error, "what lies in the trash cannot be counted"),
        }
        ::metrics::gauge!(metrics::DB_FILE_BYTES).set(metrics::approximate(services.store().size_bytes()));
        tokio::time::sleep(COUNTED).await;
    }
}

fn carriers() -> impl Iterator<Item = OutboundService> {
    OutboundService::ALL.into_iter().filter(|service| service.carries_deliveries())
}

fn show(queue: &'static str, depth: usize, oldest: Option<Timestamp>, now: Timestamp) {
    ::metrics::gauge!(metrics::JOB_QUEUE_DEPTH, "queue" => queue).set(as_number(depth));
    let age = oldest.map_or(0, |oldest| now.millis() - oldest.millis());
    let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
    ::metrics::gauge!(metrics::JOB_OLDEST_AGE, "queue" => queue).set(age.as_secs_f64());
}

fn as_number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
