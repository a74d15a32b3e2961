//! Object storage: S3 and what is compatible with it, Azure Blob, Google Cloud Storage. The library speaks their protocols
//! and signs; every request of it goes through the guarded HTTP client, and nothing is tried twice here. All of it blocks.
//! May use `attempt`, `http` and `domain`.

mod announced;
mod carrier;
mod check;
mod download;
mod receipt;
mod service;
mod session;
mod settings;
mod target;
#[cfg(test)]
mod tests;
mod upload;
mod verdict;

use std::sync::Arc;

pub use self::{
    check::{CheckFault, CheckStep},
    download::Fetched,
    receipt::Proof,
    settings::{
        AzureSettings, GcsAccess, GcsSettings, Provider, S3Settings, StorageFault, StorageLimits,
        StorageSettings,
    },
    target::{Listed, Listing, StorageTarget},
    upload::{Content, Origin, Stored},
};
use super::{
    attempt::CallIds,
    http::{HttpAnswer, HttpFailure, HttpRequest},
};

/// How a request is sent; blocks until it is answered or has failed.
pub type SendHttp = Arc<dyn Fn(&HttpRequest, &CallIds) -> Result<HttpAnswer, HttpFailure> + Send + Sync>;

/// Bytes of a part of a large object, and of a range in which objects are fetched.
pub const PART_BYTES: usize = 8 * 1_024 * 1_024;

/// Objects of fewer bytes are sent in one request.
pub const MULTIPART_FROM_BYTES: u64 = 16 * 1_024 * 1_024;
