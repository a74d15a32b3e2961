//! What the store can fail with. Uses nothing but the engine's and the codec's failures.

use std::path::PathBuf;

use super::{EngineError, Trouble, WayOut, codec::CodecError};

/// What the store can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A stored value cannot be read.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Too many operations wait, or this one waited too long. Nothing was written.
    #[error("the store has too much to do")]
    Busy,
    /// Nothing can be written for now.
    #[error("{0}; nothing can be changed for now, and what is there can be read")]
    ReadOnly(Trouble),
    /// The commit failed, and nothing was written.
    #[error("the change was not written")]
    NotCommitted,
    /// The commit failed, and it is not known whether the change was written.
    #[error("it is not known whether the change was written")]
    CommitUnknown,
    /// An operation wrote more rows than it may.
    #[error("the operation is too large")]
    TooManyRows,
    /// An operation panicked. Nothing was written.
    #[error("the operation failed unexpectedly")]
    Panicked,
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// The data file is damaged, and was put aside.
    #[error("the data file is damaged ({what}) and is now kept as {aside}; {way_out}", aside = aside.display())]
    PutAside {
        /// What is wrong with it.
        what: String,
        /// Where it is now.
        aside: PathBuf,
        /// What there is to go on with.
        way_out: WayOut,
    },
    /// There is no data file where there was one.
    #[error(
        "the data file {file} is missing{kept}; {way_out}",
        file = file.display(),
        kept = aside.as_ref().map(|aside| format!(" and was put aside as damaged, as {}", aside.display())).unwrap_or_default()
    )]
    Missing {
        /// Where it should be.
        file: PathBuf,
        /// Where one that was damaged was put.
        aside: Option<PathBuf>,
        /// What there is to go on with.
        way_out: WayOut,
    },
    /// The data was written by a newer program.
    #[error(
        "the data has format {found}, and this version of event-manager knows formats up to {known}; \
         install the version that last ran here, or a newer one"
    )]
    NewerFormat {
        /// The format of the data.
        found: u32,
        /// The newest format this program knows.
        known: u32,
    },
    /// There is no way to lift the data to this program's format.
    #[error("data of format {from} cannot be migrated by this version of event-manager")]
    NoMigration {
        /// The format of the data.
        from: u32,
    },
}
