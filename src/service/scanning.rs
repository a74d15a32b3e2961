//! Files on their way to a scanner: each that must be scanned before it is given out is a delivery, from the same operation on
//! by which it comes to be. What a scanner says of it is noted in `files`. Uses the store.

use super::{
    ServiceError,
    causing::{Cause, new_delivery},
};
use crate::{
    domain::{
        Delivery, DeliveryState, Facts, File, FileId, Outgoing, ScanOutcome, ScanState, TenantId, Urgency,
        Verb,
    },
    store::Transaction,
    telemetry::context::RequestContext,
};

/// The queue of all scans: there is one scanner.
pub(super) const SCAN_QUEUE: &str = "scan";

/// The delivery of a file to the scanner.
pub(super) fn scan_of(context: &RequestContext, file: FileId) -> Delivery {
    let (what, cause) = (Outgoing::Scan { file }, Cause::of(context));
    new_delivery(context.clock(), what, SCAN_QUEUE.to_owned(), Urgency::Now, cause)
}

/// Notes of a file whose scan is given up that no scanner could tell, so that whoever looks at it learns why. It is given out
/// as little as before.
pub(super) fn note_given_up(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    delivery: &Delivery,
) -> Result<(), ServiceError> {
    let (Outgoing::Scan { file }, DeliveryState::Dead) = (&delivery.what, delivery.state) else {
        return Ok(());
    };
    let found = transaction.with_deleted().find::<File>(tenant, file.uuid())?;
    // A file that was destroyed needs nothing, and what a scanner has said of another attempt stands.
    let Some(found) = found.filter(|found| found.row.body.scan == ScanState::Pending) else { return Ok(()) };
    let end = delivery.attempts.last().and_then(|attempt| attempt.end.as_ref());
    let why = end.map(|end| end.detail.clone()).unwrap_or_default();
    let state = ScanState::from(ScanOutcome::Failed(why));
    let what = (Verb::ScanNoted, Facts::Scan(state.clone()));
    transaction.amend(found, what, |row| row.body.scan = state.clone())?;
    Ok(())
}
