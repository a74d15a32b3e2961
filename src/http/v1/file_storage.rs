//! Where the content of a file is kept besides on this machine, in JSON.

use std::any::Any;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    domain::{DeliveryId, File, Noun, Timestamp},
    http::problem::Failure,
    service::{FileStorage, Permit, Services},
};

/// Where the content of a file is kept in object storage, besides on this machine.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FileStorageOut {
    /// Nowhere: no object storage keeps files, or the scanner did not pass it.
    Off,
    /// Nowhere yet.
    Waiting {
        /// The delivery by which it goes there, once that was caused.
        #[serde(skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryId>,
    },
    /// There.
    Kept {
        /// The bucket.
        target: String,
        /// When it was seen there, whole.
        at: Timestamp,
    },
    /// It is missing on this machine, and is fetched back.
    Fetching {
        /// The delivery by which it comes back.
        delivery: DeliveryId,
    },
    /// Nowhere: that was given up, or stopped.
    Failed {
        /// The delivery that says why.
        delivery: DeliveryId,
    },
}

impl From<FileStorage> for FileStorageOut {
    fn from(storage: FileStorage) -> Self {
        match storage {
            FileStorage::Off => Self::Off,
            FileStorage::Waiting(delivery) => Self::Waiting { delivery },
            FileStorage::Kept(place) => Self::Kept { target: place.target, at: place.at },
            FileStorage::Fetching(delivery) => Self::Fetching { delivery },
            FileStorage::Failed(delivery) => Self::Failed { delivery },
        }
    }
}

/// Where the content of a file is kept; nothing of anything else.
pub async fn file_storage<N: Noun>(
    services: &Services,
    permit: &Permit,
    body: &N,
) -> Result<Option<FileStorageOut>, Failure> {
    let Some(file) = (body as &dyn Any).downcast_ref::<File>() else { return Ok(None) };
    Ok(Some(services.file_storage(permit.tenant(), file).await?.into()))
}
