//! The library's client of each provider, for the settings and on a given carrier. Uses the settings.

use object_store::{
    ObjectStore, RetryConfig,
    aws::{AmazonS3Builder, Checksum},
    azure::MicrosoftAzureBuilder,
    gcp::GoogleCloudStorageBuilder,
};
use url::Url;

use super::{
    carrier::Carrier,
    settings::{AzureSettings, GcsAccess, GcsSettings, Provider, S3Settings, StorageFault},
};

/// Where Google Cloud Storage is. Always given to the library, as it would else take it from the credentials.
const GOOGLE: &str = "https://storage.googleapis.com";

/// The region that Google's S3-compatible service wants to see in signatures.
const GOOGLE_REGION: &str = "auto";

/// A client of the provider. Asks nothing.
///
/// # Errors
/// The library refuses the settings; why it does is not passed on, since it may repeat secrets.
pub(super) fn open(provider: &Provider, carrier: Carrier) -> Result<Box<dyn ObjectStore>, StorageFault> {
    match provider {
        Provider::S3(settings) => s3(settings, carrier),
        Provider::Azure(settings) => azure(settings, carrier),
        Provider::Gcs(settings) => match &settings.access {
            GcsAccess::ServiceAccount(json) => gcs(settings, json, carrier),
            GcsAccess::Hmac { access_id, secret } => s3(&s3_of_gcs(settings, access_id, secret), carrier),
        },
    }
}

/// Retrying belongs to the job and its circuit breaker: the library would hide failures from them.
fn no_retries() -> RetryConfig {
    RetryConfig { max_retries: 0, ..RetryConfig::default() }
}

fn s3(settings: &S3Settings, carrier: Carrier) -> Result<Box<dyn ObjectStore>, StorageFault> {
    let mut builder = AmazonS3Builder::new()
        .with_region(&settings.region)
        .with_bucket_name(&settings.bucket)
        .with_access_key_id(&settings.access_key)
        .with_secret_access_key(&settings.secret_key)
        .with_virtual_hosted_style_request(!settings.path_style)
        // Deleting one object in bulk is more to send, and not every compatible service can do it.
        .with_disable_bulk_delete(true)
        .with_allow_http(true)
        .with_retry(no_retries())
        .with_http_connector(carrier);
    if settings.checksums {
        builder = builder.with_checksum_algorithm(Checksum::SHA256);
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(bucket_endpoint(endpoint, settings)?);
    }
    Ok(Box::new(builder.build().map_err(|_| StorageFault::Credentials("access key"))?))
}

/// The library puts the bucket into the path of an endpoint, but not into its host.
fn bucket_endpoint(endpoint: &str, settings: &S3Settings) -> Result<String, StorageFault> {
    let mut url = Url::parse(endpoint).map_err(|_| StorageFault::Endpoint)?;
    if !settings.path_style {
        let host = format!("{}.{}", settings.bucket, url.host_str().ok_or(StorageFault::Endpoint)?);
        url.set_host(Some(&host)).map_err(|_| StorageFault::Endpoint)?;
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn azure(settings: &AzureSettings, carrier: Carrier) -> Result<Box<dyn ObjectStore>, StorageFault> {
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(&settings.account)
        .with_container_name(&settings.container)
        .with_access_key(&settings.access_key)
        .with_allow_http(true)
        .with_retry(no_retries())
        .with_http_connector(carrier);
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/').to_owned());
    }
    Ok(Box::new(builder.build().map_err(|_| StorageFault::Credentials("access key"))?))
}

fn gcs(
    settings: &GcsSettings,
    service_account: &str,
    carrier: Carrier,
) -> Result<Box<dyn ObjectStore>, StorageFault> {
    let endpoint = settings.endpoint.as_deref().unwrap_or(GOOGLE);
    let store = GoogleCloudStorageBuilder::new()
        .with_base_url(endpoint.trim_end_matches('/'))
        .with_bucket_name(&settings.bucket)
        .with_service_account_key(service_account)
        .with_retry(no_retries())
        .with_http_connector(carrier)
        .build()
        .map_err(|_| StorageFault::Credentials("service account"))?;
    Ok(Box::new(store))
}

fn s3_of_gcs(settings: &GcsSettings, access_id: &str, secret: &str) -> S3Settings {
    S3Settings {
        endpoint: Some(settings.endpoint.clone().unwrap_or_else(|| GOOGLE.to_owned())),
        region: GOOGLE_REGION.to_owned(),
        bucket: settings.bucket.clone(),
        access_key: access_id.to_owned(),
        secret_key: secret.to_owned(),
        path_style: true,
        // Google compares and answers MD5 and CRC-32C instead.
        checksums: false,
    }
}
