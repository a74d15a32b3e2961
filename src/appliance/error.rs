//! Why the appliance cannot run.

use std::{io, net::SocketAddr, path::PathBuf};

use super::{data, listening};
use crate::{
    security::{KeyError, PasswordsError},
    service::{SealError, ServiceError},
    store::StoreError,
    telemetry::{log::LogError, metrics::MetricsError},
};

/// Why the appliance cannot run. Each says in one sentence what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ApplianceError {
    /// The data directory cannot be used.
    #[error("the data directory {path} cannot be used: {error}; {}", data::remedy(error), path = path.display())]
    DataDirectory {
        /// Which one.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}; {}", listening::remedy(*address, error))]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// The server cannot run.
    #[error("the server cannot run: {0}")]
    Server(io::Error),
    /// The store cannot be opened.
    #[error("the data in {path} cannot be opened: {error}")]
    Store {
        /// The data directory.
        path: PathBuf,
        /// Why not.
        error: StoreError,
    },
    /// Backups are looked for where there are none.
    #[error("no object storage is set up: there is no [storage] in the configuration")]
    NoStorage,
    /// A backup could not be kept.
    #[error("{path} cannot be written: {error}", path = path.display())]
    Fetched {
        /// Which file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// No object store gave a backup.
    #[error("the backup could not be fetched: {0}")]
    NotFetched(String),
    /// There is nothing to restore.
    #[error(
        "the data file {file} is sound, so no copy was put in its place; to go back to a copy all the same, move it away \
         first"
    )]
    Sound {
        /// The data file.
        file: PathBuf,
    },
    /// A backup was half put in place.
    #[error(
        "a restore into {path} was interrupted; run `event-manager backup restore` again. What was there before is in a \
         directory before-restore-<time>"
    )]
    Restoring {
        /// The data directory.
        path: PathBuf,
    },
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// A key of the installation cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Metrics cannot be collected.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// A use case failed at start.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// What is called outside cannot be called as it is set.
    #[error("outbound calls cannot be made as they are set: {0}")]
    Outside(String),
    /// The heads of the audit log cannot be sealed.
    #[error("the audit log cannot be sealed: {0}")]
    Seals(#[from] SealError),
}
