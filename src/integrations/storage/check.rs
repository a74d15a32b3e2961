//! Whether a bucket can be used at all: for whoever has just set it. Uses `attempt`.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{
    target::StorageTarget,
    upload::{Content, Origin},
};
use crate::integrations::attempt::{Blame, CallIds, Failure, Next};

/// The folder of the objects that are written to see whether they can be.
const FOLDER: &str = "event-manager-check";

/// What is done with the object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckStep {
    /// It is written.
    Write,
    /// It is read, and compared with what was written.
    Read,
    /// It is found in its folder.
    List,
    /// It is deleted.
    Delete,
}

impl fmt::Display for CheckStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Write => "writing",
            Self::Read => "reading",
            Self::List => "listing",
            Self::Delete => "deleting",
        })
    }
}

/// Why a bucket cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{step} failed: {failure}")]
pub struct CheckFault {
    /// The first thing that cannot be done.
    pub step: CheckStep,
    /// Why.
    pub failure: Failure,
}

impl StorageTarget {
    /// Writes, reads, lists and deletes a small object. It is deleted whatever else failed.
    ///
    /// # Errors
    /// The first of these that failed.
    pub fn check(&self, ids: &CallIds) -> Result<(), CheckFault> {
        // The id is of this attempt alone, and so is the object.
        let path = format!("{FOLDER}/{}", ids.request_id);
        let fault = |step| move |failure| CheckFault { step, failure };
        self.probe(&path, ids).map_err(fault(CheckStep::Write))?;
        let used = self
            .probe_read(&path, ids)
            .map_err(fault(CheckStep::Read))
            .and_then(|()| self.probe_listed(&path, ids).map_err(fault(CheckStep::List)));
        let deleted = self.delete(&path, ids).map_err(fault(CheckStep::Delete));
        used.and(deleted)
    }

    fn probe(&self, path: &str, ids: &CallIds) -> Result<(), Failure> {
        let mut text = path.as_bytes();
        let content =
            Content { length: text.len() as u64, sha256: Sha256::digest(text).into(), source: &mut text };
        let origin =
            Origin { correlation_id: ids.correlation_id.clone(), request_id: ids.request_id.clone() };
        self.store(path, content, &origin, ids).map(|_| ())
    }

    fn probe_read(&self, path: &str, ids: &CallIds) -> Result<(), Failure> {
        self.verify(path, path.len() as u64, &Sha256::digest(path).into(), ids)
    }

    fn probe_listed(&self, path: &str, ids: &CallIds) -> Result<(), Failure> {
        // Checks that were interrupted leave some behind, but not a thousand.
        let listing = self.list(FOLDER, 1_000, ids)?;
        if listing.objects.iter().any(|object| object.path == path) {
            return Ok(());
        }
        let detail = format!("{path} was written but is not listed");
        Err(Failure::new(Blame::Service, Next::Retry, "not_listed", detail))
    }
}
