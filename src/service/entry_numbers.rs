//! Numbers of entries: the next free one is given when none is asked for, and named when the one asked for is taken.

use std::any::Any;

use super::{Conflict, ServiceError};
use crate::{
    domain::{Entry, Noun, Visibility, noun::UniqueField},
    store::{Lineage, Place, Transaction},
};

/// The body with a number, if it is an entry without one.
pub(super) fn with_number<N: Noun>(
    transaction: &Transaction<'_>,
    place: &Place,
    mut body: N,
) -> Result<N, ServiceError> {
    if let Some(entry) = (&mut body as &mut dyn Any).downcast_mut::<Entry>()
        && entry.number.is_none()
    {
        entry.number = Some(next(transaction, place.lineage())?);
    }
    Ok(body)
}

/// The refusal of an entry's number, with one that is free in the contest; any other error as it is.
pub(super) fn with_next_free(
    transaction: &Transaction<'_>,
    contest: Option<Lineage>,
    error: ServiceError,
) -> ServiceError {
    match (error, contest) {
        (ServiceError::Conflict(Conflict::Taken { pointer, value, holder, .. }), Some(contest))
            if pointer == UniqueField::Number.pointer() =>
        {
            let next_free = next(transaction, &contest).ok().map(|number| number.to_string());
            Conflict::Taken { pointer, value, holder, next_free }.into()
        }
        (other, _) => other,
    }
}

/// One more than the highest number of the contest, hidden entries included, so that no number is given twice while
/// somebody wears it.
fn next(transaction: &Transaction<'_>, contest: &Lineage) -> Result<u32, ServiceError> {
    let entries = transaction.with_deleted().children::<Entry>(contest)?;
    let held = entries.iter().filter(|found| !matches!(found.visibility, Visibility::Deleted(_)));
    Ok(held.filter_map(|found| found.row.body.number).max().unwrap_or(0) + 1)
}
