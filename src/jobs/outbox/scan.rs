//! Scans: a file goes to the scanner as it lies on the disk, and what the scanner says is noted before the scan counts as done.
//! What cannot be scanned now waits, and is not given out meanwhile.

use std::{fs, sync::Arc};

use super::carrier::{Passage, arrived, failed, ids_of, refused};
use crate::{
    domain::{AttemptEnd, Delivery, FileId, ScanOutcome, TenantId},
    integrations::{
        Blame, Failure, Next,
        virus_scan::{Scan, Scanner},
    },
    jobs::call::call,
    resilience::Permit,
    service::{ServiceError, Services},
    telemetry::{context::RequestContext, metrics, spawn},
};

/// Scans a file.
pub async fn carry_scan(
    scanner: &Arc<dyn Scanner>,
    services: &Services,
    context: &RequestContext,
    (tenant, delivery): (TenantId, &Delivery),
    file: FileId,
    passage: Passage,
) -> AttemptEnd {
    let Some(permit) = passage.permit else { return refused("not_set_up", "no scanner is set up") };
    let bytes = match services.file_to_scan(tenant, file).await {
        Ok(Some((_, bytes))) => bytes,
        Ok(None) => {
            let destroyed = arrived(None, "the file was destroyed before it was scanned".to_owned(), None);
            return AttemptEnd { class: "gone".to_owned(), ..destroyed };
        }
        Err(error) => return unread(&error),
    };
    let (outcome, word, detail) = match scan(scanner, bytes, context, permit).await {
        Ok(Scan::Clean) => (ScanOutcome::Clean, "clean", "clean".to_owned()),
        Ok(Scan::Infected { signature }) => {
            let detail = format!("infected: {signature}");
            (ScanOutcome::Infected(signature), "infected", detail)
        }
        Err(failure) => return failed(&failure, Some(scanner.key())),
    };
    match services.note_scan(context, tenant, file, outcome).await {
        Ok(_) | Err(ServiceError::NotFound(_)) => {}
        Err(error) => return unread(&error),
    }
    if word == "infected" {
        tracing::warn!(fileId = %file, deliveryId = %delivery.id, found = detail, "a file is infected");
    }
    ::metrics::counter!(metrics::FILES_SCANNED, "outcome" => word).increment(1);
    arrived(None, detail, Some(scanner.key()))
}

/// Scans on a thread that may block, where the permit goes along.
async fn scan(
    scanner: &Arc<dyn Scanner>,
    mut bytes: fs::File,
    context: &RequestContext,
    permit: Permit,
) -> Result<Scan, Failure> {
    let (scanner, ids) = (Arc::clone(scanner), ids_of(context));
    let made = spawn::spawn_blocking(move || call(permit, "scan", || scanner.scan(&mut bytes, &ids)));
    let panicked =
        |_| Failure::new(Blame::Call, Next::Retry, "panic", "the program failed while it was sending this");
    made.await.map_err(panicked)?
}

/// Nothing outside is at fault: it is tried again.
fn unread(error: &ServiceError) -> AttemptEnd {
    failed(&Failure::new(Blame::Call, Next::Retry, "store", error.to_string()), None)
}
