//! Where objects are stored and with what credentials; checked, and never shown with its secrets. Uses nothing of ours but
//! the reach of a request.

use std::{fmt, time::Duration};

use url::Url;

use crate::integrations::http::Reach;

/// What stands in place of a secret.
const HIDDEN: &str = "[secret]";

/// A bucket or container, and how it is reached.
#[derive(Clone, Debug)]
pub struct StorageSettings {
    /// Whose bucket it is.
    pub provider: Provider,
    /// The folder in the bucket below which everything is stored, such as `event-manager/hall-a`; empty for none.
    pub prefix: String,
    /// Which addresses may be reached: depends on who set the endpoint.
    pub reach: Reach,
    /// How long a request may take.
    pub limits: StorageLimits,
}

/// How long a request may take at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StorageLimits {
    /// Until it is connected.
    pub connect: Duration,
    /// In all, when it carries no content: deleting, listing, asking for the size.
    pub control: Duration,
    /// In all, when it carries up to 16 MiB of content, or has the service put an object together.
    pub transfer: Duration,
}

impl Default for StorageLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            control: Duration::from_secs(10),
            transfer: Duration::from_secs(120),
        }
    }
}

/// Whose bucket it is.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Amazon S3, or a service that is compatible with it.
    S3(S3Settings),
    /// Azure Blob Storage.
    Azure(AzureSettings),
    /// Google Cloud Storage.
    Gcs(GcsSettings),
}

/// A bucket of Amazon S3, or of a service that is compatible with it.
#[derive(Clone)]
pub struct S3Settings {
    /// The address of the service, without the bucket; none for Amazon's own.
    pub endpoint: Option<String>,
    /// Such as `eu-central-1`; what compatible services take for granted is `us-east-1`.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// The id of the access key.
    pub access_key: String,
    /// The secret of the access key.
    pub secret_key: String,
    /// Whether the bucket stands in the path rather than in the name of the host: what most compatible services need.
    pub path_style: bool,
    /// Whether SHA-256 checksums are sent along (`x-amz-checksum-sha256`). Few compatible services refuse them.
    pub checksums: bool,
}

/// A container of Azure Blob Storage.
#[derive(Clone)]
pub struct AzureSettings {
    /// The storage account.
    pub account: String,
    /// The container.
    pub container: String,
    /// A key of the account, base 64.
    pub access_key: String,
    /// The address of the account's blob service; none for the public cloud's own.
    pub endpoint: Option<String>,
}

/// A bucket of Google Cloud Storage.
#[derive(Clone, Debug)]
pub struct GcsSettings {
    /// The bucket.
    pub bucket: String,
    /// The credentials.
    pub access: GcsAccess,
    /// The address of the service; none for Google's own.
    pub endpoint: Option<String>,
}

/// Credentials of Google Cloud Storage.
#[derive(Clone)]
pub enum GcsAccess {
    /// The JSON key of a service account.
    ServiceAccount(String),
    /// An HMAC key, with which the service is spoken to as if it were S3.
    Hmac {
        /// The id of the key.
        access_id: String,
        /// The secret of the key.
        secret: String,
    },
}

/// Settings that can never work. Says nothing of the secrets in them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StorageFault {
    /// Something is missing.
    #[error("the {0} is missing")]
    Missing(&'static str),
    /// The address of the service cannot be used.
    #[error("the endpoint is no http or https address without credentials, query and fragment")]
    Endpoint,
    /// The name cannot be one of a bucket or an account.
    #[error("the {0} may only have letters, digits, dots, hyphens and underscores")]
    Name(&'static str),
    /// The folder cannot be one.
    #[error("the prefix has empty, `.` or `..` segments, or control characters")]
    Prefix,
    /// The credentials are not of the form that the provider gives out.
    #[error("the {0} is not what the provider gives out")]
    Credentials(&'static str),
}

impl StorageSettings {
    /// Provider and bucket, such as `s3:minio.hall.example:9000/backups`: what shares a circuit breaker.
    pub fn key(&self) -> String {
        let (provider, endpoint, bucket) = match &self.provider {
            Provider::S3(s3) => ("s3", &s3.endpoint, s3.bucket.clone()),
            Provider::Azure(azure) => {
                ("azure", &azure.endpoint, format!("{}/{}", azure.account, azure.container))
            }
            Provider::Gcs(gcs) => ("gcs", &gcs.endpoint, gcs.bucket.clone()),
        };
        match endpoint.as_deref().and_then(authority) {
            Some(host) => format!("{provider}:{host}/{bucket}"),
            None => format!("{provider}:{bucket}"),
        }
    }

    /// Checks what can be checked without asking the service.
    ///
    /// # Errors
    /// The first fault.
    pub(super) fn ensure_sound(&self) -> Result<(), StorageFault> {
        let endpoint = match &self.provider {
            Provider::S3(s3) => {
                ensure_name("bucket", &s3.bucket)?;
                ensure_name("region", &s3.region)?;
                ensure_given("access key", &s3.access_key)?;
                ensure_given("secret key", &s3.secret_key)?;
                &s3.endpoint
            }
            Provider::Azure(azure) => {
                ensure_name("account", &azure.account)?;
                ensure_name("container", &azure.container)?;
                ensure_given("access key", &azure.access_key)?;
                &azure.endpoint
            }
            Provider::Gcs(gcs) => {
                ensure_name("bucket", &gcs.bucket)?;
                match &gcs.access {
                    GcsAccess::ServiceAccount(json) => ensure_given("service account", json)?,
                    GcsAccess::Hmac { access_id, secret } => {
                        ensure_given("access id", access_id)?;
                        ensure_given("secret", secret)?;
                    }
                }
                &gcs.endpoint
            }
        };
        endpoint.as_deref().map_or(Ok(()), ensure_endpoint)
    }

    /// The texts that no failure may repeat.
    pub(super) fn secrets(&self) -> Vec<String> {
        let texts = match &self.provider {
            Provider::S3(s3) => vec![&s3.secret_key],
            Provider::Azure(azure) => vec![&azure.access_key],
            Provider::Gcs(gcs) => match &gcs.access {
                GcsAccess::ServiceAccount(json) => vec![json],
                GcsAccess::Hmac { secret, .. } => vec![secret],
            },
        };
        texts.into_iter().cloned().collect()
    }
}

fn ensure_given(what: &'static str, text: &str) -> Result<(), StorageFault> {
    // What is not visible would be signed differently from what it is sent as.
    let sound =
        !text.trim().is_empty() && (what == "service account" || text.chars().all(|c| c.is_ascii_graphic()));
    match (text.is_empty(), sound) {
        (true, _) => Err(StorageFault::Missing(what)),
        (false, false) => Err(StorageFault::Credentials(what)),
        (false, true) => Ok(()),
    }
}

fn ensure_name(what: &'static str, text: &str) -> Result<(), StorageFault> {
    if text.is_empty() {
        return Err(StorageFault::Missing(what));
    }
    let sound =
        text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_$".contains(c)) && !text.starts_with('.');
    if sound { Ok(()) } else { Err(StorageFault::Name(what)) }
}

fn ensure_endpoint(text: &str) -> Result<(), StorageFault> {
    let url = Url::parse(text).map_err(|_| StorageFault::Endpoint)?;
    let sound = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if sound { Ok(()) } else { Err(StorageFault::Endpoint) }
}

/// Host and port of an address; the port only where it is not the scheme's own.
fn authority(endpoint: &str) -> Option<String> {
    let url = Url::parse(endpoint).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .field("access_key", &self.access_key)
            .field("secret_key", &HIDDEN)
            .field("path_style", &self.path_style)
            .field("checksums", &self.checksums)
            .finish()
    }
}

impl fmt::Debug for AzureSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureSettings")
            .field("account", &self.account)
            .field("container", &self.container)
            .field("access_key", &HIDDEN)
            .field("endpoint", &self.endpoint)
            .finish()
    }
}

impl fmt::Debug for GcsAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceAccount(_) => f.debug_tuple("ServiceAccount").field(&HIDDEN).finish(),
            Self::Hmac { access_id, .. } => {
                f.debug_struct("Hmac").field("access_id", access_id).field("secret", &HIDDEN).finish()
            }
        }
    }
}
