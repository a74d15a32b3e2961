//! The versions of a resource that a change may be based on. Uses nothing.

use std::sync::Arc;

use super::ServiceError;

/// Versions one of which must be the stored one, for nothing to be overwritten unseen. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Versions(Arc<[u64]>);

impl FromIterator<u64> for Versions {
    fn from_iter<I: IntoIterator<Item = u64>>(versions: I) -> Self {
        Self(versions.into_iter().collect())
    }
}

/// Whether the stored version is one of those that are expected, if any are.
///
/// # Errors
/// It is another one.
pub(super) fn ensure_expected(expected: Option<&Versions>, current: u64) -> Result<(), ServiceError> {
    match expected {
        Some(Versions(versions)) if !versions.contains(&current) => {
            Err(ServiceError::VersionMismatch { current })
        }
        _ => Ok(()),
    }
}
