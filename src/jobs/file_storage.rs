//! Files and object storage, once at the start and then once a day: what is not there yet is stored, what is missing here is
//! fetched back, and what was destroyed is deleted. May use `service` and `telemetry`.

use std::time::Duration;

use actix_web::web::Data;
use tracing::Instrument;

use crate::{
    service::Services,
    telemetry::{clock::Clock, context::RequestContext},
};

/// How often it is looked.
const LOOKED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Looks again and again.
pub async fn keep_files_stored(services: &Data<Services>, clock: &Clock) {
    let mut ticks = tokio::time::interval(LOOKED_AFTER);
    loop {
        ticks.tick().await;
        let context = RequestContext::system(clock.clone(), "storage");
        let span = context.span("storage");
        look(services, &context).instrument(span).await;
    }
}

async fn look(services: &Services, context: &RequestContext) {
    if let Err(error) = services.begin_storing_files(context).await {
        tracing::warn!(%error, "it could not be looked which files are to be stored or fetched back");
    }
    if let Err(error) = services.delete_unused_contents(context).await {
        tracing::warn!(%error, "files that were destroyed are deleted in object storage later");
    }
}
