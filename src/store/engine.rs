//! What the store asks of a storage engine: one ordered space of byte keys, snapshots, and atomic durable
//! commits. Everything else (tables, overlays, versions, deletion) is built on top, once for all engines.

use std::{collections::BTreeMap, ops::ControlFlow, path::Path};

/// Rows to put (`Some`) or delete (`None`), in key order.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Which way a range is walked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Ascending keys.
    Forward,
    /// Descending keys.
    Backward,
}

/// Called for each row of a range with key and value; `Break` ends the walk.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Asked in the middle of long work whether it is to go on.
pub type Pace<'a> = dyn FnMut() -> ControlFlow<()> + 'a;

/// A consistent state that can be read.
pub trait Reader: Send + Sync {
    /// The value under a key.
    ///
    /// # Errors
    /// Whatever keeps the engine from reading.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;

    /// Whether there is a row under a key.
    ///
    /// # Errors
    /// Whatever keeps the engine from reading.
    fn contains(&self, key: &[u8]) -> Result<bool, EngineError>;

    /// Walks the rows with `from <= key < to`.
    ///
    /// # Errors
    /// Whatever keeps the engine from reading.
    fn range(
        &self,
        from: &[u8],
        to: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), EngineError>;
}

/// A storage engine. Commits come from one thread at a time; snapshots are taken from any.
pub trait Engine: Send + Sync {
    /// The state after the last commit.
    ///
    /// # Errors
    /// When the engine cannot start reading.
    fn snapshot(&self) -> Result<Box<dyn Reader>, EngineError>;

    /// Applies all changes or none, and returns once they are on durable storage.
    ///
    /// # Errors
    /// After an error it is unknown whether the changes were kept; [`Engine::recover`] must come next.
    fn commit(&self, changes: &Changes) -> Result<(), EngineError>;

    /// Opens the storage anew after a failure, and checks it. Snapshots that were taken before are void.
    ///
    /// # Errors
    /// When nothing can be written. What can be read still is: [`Engine::snapshot`] gives the last state, if any can
    /// be had.
    fn recover(&self) -> Result<(), EngineError>;

    /// Leaves the storage cleanly; nothing is read or written afterwards.
    ///
    /// # Errors
    /// When the last state could not be written.
    fn close(&self) -> Result<(), EngineError>;

    /// Writes the last state to a new file, opens that file again and compares every row. `pace` is asked after every
    /// few thousand rows; it may wait, and it may end the work.
    ///
    /// # Errors
    /// When the file exists, cannot be written, does not read back equal, or the work was ended.
    fn copy_verified(&self, to: &Path, pace: &mut Pace<'_>) -> Result<(), EngineError>;

    /// Bytes on durable storage.
    fn size_bytes(&self) -> u64;

    /// Bytes of the pages that hold rows, of those on durable storage. All of them are read for it.
    ///
    /// # Errors
    /// When they cannot be read.
    fn used_bytes(&self) -> Result<u64, EngineError>;
}

/// What an engine can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The file or device failed.
    #[error("the data file could not be read or written: {0}")]
    Io(String),
    /// The device or the quota has no room.
    #[error("there is no room on the disk: {0}")]
    Full(String),
    /// The file was written by another version of the engine.
    #[error("the data file has the layout {0}, which this version of event-manager does not know")]
    UnknownLayout(u8),
    /// Long work was ended before it was done.
    #[error("the work was ended before it was done")]
    Ended,
    /// Another process has the data open.
    #[error(
        "the data directory is in use by another process; stop that one, or name another directory with --data"
    )]
    InUse,
    /// What is stored contradicts itself.
    #[error("the data file is damaged: {0}")]
    Damaged(String),
    /// The engine was closed.
    #[error("the store is closed")]
    Closed,
}
