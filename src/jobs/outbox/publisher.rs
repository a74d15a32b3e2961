//! The publisher: follows the changes of all tenants and makes deliveries of them. Whoever scores waits for none of it.

use std::time::Duration;

use crate::{service::Services, telemetry::clock::Clock};

/// How long changes are gathered before they are looked at.
const GATHERED: Duration = Duration::from_millis(50);

/// How long to wait after the store failed.
const PATIENCE: Duration = Duration::from_secs(1);

/// Publishes changes as they come, for ever.
pub async fn publish_changes(services: &Services, clock: &Clock) {
    let mut watch = services.watch_all();
    loop {
        let pause = match services.publish(clock).await {
            Ok(_) => GATHERED,
            Err(error) => {
                tracing::warn!(%error, "changes are published later");
                tokio::time::sleep(PATIENCE).await;
                continue;
            }
        };
        watch.moved().await;
        tokio::time::sleep(pause).await;
    }
}
