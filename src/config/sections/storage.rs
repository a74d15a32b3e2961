//! `[storage]` and `[storage_second]`: object storage that backups and files go to.

use std::path::PathBuf;

use crate::config::{
    keys::section,
    values::{Line, Secret, StorageProvider},
};

section! {
    /// Object storage, to which backups and uploaded files go. Without a bucket, they stay on this machine alone.
    StorageTarget {
        /// Which object storage: "s3" also stands for all that speaks its language.
        provider: StorageProvider = StorageProvider::S3,
        /// The bucket, or the container at Azure.
        bucket: Option<Line> = None,
        /// The region of S3.
        region: Line = Line::constant("us-east-1"),
        /// The address of the service, such as "https://minio.example.org:9000"; without it, the provider's own.
        endpoint: Option<Line> = None,
        /// Whether the bucket stands in the path of addresses rather than in their host name.
        path_style: bool = true,
        /// The access key of S3, the account of Azure; not for Google.
        access_key: Option<Line> = None,
        /// The secret key of S3, the account key of Azure, the service account's JSON of Google.
        secret_key: Option<Secret> = None,
        /// A file with it.
        secret_key_file: Option<PathBuf> = None,
        /// What all names begin with.
        prefix: Line = Line::constant("event-manager"),
        /// Whether uploaded files go there, too, each content once. They stay on this machine, from which they are given
        /// out, and come back from there if they are missing here.
        files: bool = true,
    }
}

section! {
    /// A second object storage: it takes what the first one does not. Without a bucket, there is none.
    SecondStorageTarget {
        /// Which object storage: "s3" also stands for all that speaks its language.
        provider: StorageProvider = StorageProvider::S3,
        /// The bucket, or the container at Azure.
        bucket: Option<Line> = None,
        /// The region of S3.
        region: Line = Line::constant("us-east-1"),
        /// The address of the service, such as "https://minio.example.org:9000"; without it, the provider's own.
        endpoint: Option<Line> = None,
        /// Whether the bucket stands in the path of addresses rather than in their host name.
        path_style: bool = true,
        /// The access key of S3, the account of Azure; not for Google.
        access_key: Option<Line> = None,
        /// The secret key of S3, the account key of Azure, the service account's JSON of Google.
        secret_key: Option<Secret> = None,
        /// A file with it.
        secret_key_file: Option<PathBuf> = None,
        /// What all names begin with.
        prefix: Line = Line::constant("event-manager"),
    }
}

/// Object storage, whichever it is.
pub struct StorageRules<'a> {
    /// Which.
    pub provider: StorageProvider,
    /// The bucket or container.
    pub bucket: &'a str,
    /// The region.
    pub region: &'a str,
    /// The address of the service.
    pub endpoint: Option<&'a str>,
    /// Whether the bucket stands in the path.
    pub path_style: bool,
    /// The access key or account.
    pub access_key: Option<&'a str>,
    /// The secret.
    pub secret_key: Option<&'a Secret>,
    /// What all names begin with.
    pub prefix: &'a str,
}

macro_rules! rules {
    ($($section:ident),+) => {$(
        impl $section {
            /// The target, if a bucket is set.
            pub fn rules(&self) -> Option<StorageRules<'_>> {
                Some(StorageRules {
                    provider: self.provider,
                    bucket: self.bucket.as_ref()?.as_str(),
                    region: self.region.as_str(),
                    endpoint: self.endpoint.as_ref().map(Line::as_str),
                    path_style: self.path_style,
                    access_key: self.access_key.as_ref().map(Line::as_str),
                    secret_key: self.secret_key.as_ref(),
                    prefix: self.prefix.as_str(),
                })
            }
        }
    )+};
}

rules!(StorageTarget, SecondStorageTarget);
