//! Whose files are whose: a file is as near to somebody as what it is about. Uses the store and the guards.

use std::any::Any;

use super::{Permit, ServiceError, guards::ensure_in_reach_of};
use crate::{
    domain::{About, Action, File, Kind, Noun},
    store::{StoreError, WithDeleted},
};

/// Whether the holder of a permit may see what a file is about.
pub(super) fn is_readable(all: &WithDeleted<'_>, permit: &Permit, file: &File) -> Result<bool, StoreError> {
    let Some(About { kind, id }) = file.about else { return Ok(true) };
    let lineage = all.lineage(permit.tenant(), kind.kind(), id)?;
    let action = match kind.kind() {
        Kind::Contestant | Kind::Judge => Action::ReadPeople,
        _ => Action::ReadEvents,
    };
    Ok(lineage.is_some_and(|lineage| permit.allows(action, &lineage)))
}

/// A file about something is changed by those alone who run that.
pub(super) fn ensure_in_reach<N: Noun>(
    all: &WithDeleted<'_>,
    permit: &Permit,
    body: &N,
) -> Result<(), ServiceError> {
    let file = (body as &dyn Any).downcast_ref::<File>();
    let Some(About { kind, id }) = file.and_then(|file| file.about) else { return Ok(()) };
    // What is not there is refused with the body's other faults.
    let Some(lineage) = all.lineage(permit.tenant(), kind.kind(), id)? else { return Ok(()) };
    let action = Action::ManageEvents;
    match kind.kind() {
        Kind::Contestant | Kind::Judge => ensure_in_reach_of(all, permit, &lineage, action),
        _ if permit.allows(action, &lineage) => Ok(()),
        _ => Err(ServiceError::OutOfScope { kind: Kind::File, action }),
    }
}
