//! Which object storage.

use crate::config::setting::TextSetting;

/// Which object storage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StorageProvider {
    /// Amazon S3, or what speaks its language.
    S3,
    /// Azure Blob Storage.
    Azure,
    /// Google Cloud Storage.
    Gcs,
}

impl TextSetting for StorageProvider {
    const ALLOWED: &'static str = "\"s3\", \"azure\" or \"gcs\"";

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "s3" => Some(Self::S3),
            "azure" => Some(Self::Azure),
            "gcs" => Some(Self::Gcs),
            _ => None,
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::S3 => "s3",
            Self::Azure => "azure",
            Self::Gcs => "gcs",
        }
        .to_owned()
    }
}
