//! What may be shown of the settings, and which settings are refused.

use super::{
    ids,
    scripted::{Scripted, answer, bucket_at},
    sender::sender,
    store, target,
};
use crate::integrations::{
    http::Reach,
    storage::{
        AzureSettings, GcsAccess, GcsSettings, Provider, S3Settings, StorageFault, StorageLimits,
        StorageSettings, StorageTarget,
    },
};

const SECRET: &str = "correct-horse";

fn settings(provider: Provider) -> StorageSettings {
    let limits = StorageLimits::default();
    StorageSettings { provider, prefix: String::new(), reach: Reach::Operator, limits }
}

fn refused(provider: Provider) -> StorageFault {
    StorageTarget::new(settings(provider), sender()).unwrap_err()
}

fn s3() -> S3Settings {
    let Provider::S3(s3) = bucket_at("https://minio.hall.example:9000/") else { panic!() };
    s3
}

fn azure(access_key: &str) -> Provider {
    let (account, container) = ("hall".to_owned(), "backups".to_owned());
    Provider::Azure(AzureSettings { account, container, access_key: access_key.to_owned(), endpoint: None })
}

fn gcs(access: GcsAccess) -> Provider {
    Provider::Gcs(GcsSettings { bucket: "backups".to_owned(), access, endpoint: None })
}

fn hmac() -> GcsAccess {
    GcsAccess::Hmac { access_id: "GOOG1".to_owned(), secret: SECRET.to_owned() }
}

#[test]
fn secrets_are_never_shown() {
    let account = GcsAccess::ServiceAccount(format!("{{\"private_key\":\"{SECRET}\"}}"));
    for provider in [Provider::S3(s3()), azure(SECRET), gcs(hmac()), gcs(account)] {
        let shown = format!("{:?}", settings(provider));
        assert!(shown.contains("[secret]") && !shown.contains("horse"), "{shown}");
    }
    let shown = format!("{:?}", target(Provider::S3(s3()), sender()));
    assert!(shown.contains("[secret]") && !shown.contains("horse"), "{shown}");
}

#[test]
fn a_service_that_repeats_a_secret_does_not_get_it_into_the_log() {
    let body = format!("<Error><Code>InvalidRequest</Code><Message>Is it {SECRET}?</Message></Error>");
    let peer = Scripted::start(vec![answer("400 Bad Request", "", &body)]);
    let failure = store(&target(peer.bucket(), sender()), "x", b"hello").unwrap_err();
    assert!(failure.detail.ends_with("InvalidRequest: Is it [secret]?"), "{failure}");
    let peer = Scripted::start(vec![answer("200 OK", "", &format!("<{SECRET}>"))]);
    let failure = target(peer.bucket(), sender()).list("", 1, &ids()).unwrap_err();
    assert!(!failure.to_string().contains("horse"), "{failure}");
}

#[test]
fn settings_that_cannot_work_are_refused_without_a_secret_in_the_refusal() {
    let s3 = |change: fn(&mut S3Settings)| {
        let mut settings = s3();
        change(&mut settings);
        Provider::S3(settings)
    };
    let cases = [
        (s3(|s3| s3.bucket.clear()), StorageFault::Missing("bucket")),
        (s3(|s3| s3.bucket = "a/b".to_owned()), StorageFault::Name("bucket")),
        (s3(|s3| s3.region.clear()), StorageFault::Missing("region")),
        (s3(|s3| s3.access_key.clear()), StorageFault::Missing("access key")),
        (s3(|s3| s3.secret_key.clear()), StorageFault::Missing("secret key")),
        (s3(|s3| s3.secret_key.push('\n')), StorageFault::Credentials("secret key")),
        (s3(|s3| s3.endpoint = Some("ftp://x".to_owned())), StorageFault::Endpoint),
        (s3(|s3| s3.endpoint = Some("https://u:p@x".to_owned())), StorageFault::Endpoint),
        (s3(|s3| s3.endpoint = Some("https://x/?a=b".to_owned())), StorageFault::Endpoint),
        (s3(|s3| s3.endpoint = Some("minio:9000".to_owned())), StorageFault::Endpoint),
        (azure("no base 64 at all"), StorageFault::Credentials("access key")),
        (azure("correct-horse"), StorageFault::Credentials("access key")),
        (gcs(GcsAccess::ServiceAccount(SECRET.to_owned())), StorageFault::Credentials("service account")),
        (
            gcs(GcsAccess::ServiceAccount(format!("\"{SECRET}\""))),
            StorageFault::Credentials("service account"),
        ),
    ];
    for (provider, expected) in cases {
        let fault = refused(provider);
        assert!(!fault.to_string().contains("horse"), "{fault}");
        assert_eq!(fault, expected);
    }
    let prefix =
        StorageSettings { prefix: "a/../b".to_owned(), ..settings(Provider::S3(super::secrets::s3())) };
    assert_eq!(StorageTarget::new(prefix, sender()).unwrap_err(), StorageFault::Prefix);
}

#[test]
fn paths_stay_below_the_prefix() {
    let target = target(Provider::S3(s3()), sender());
    for path in ["", "/", "../x", "a/../../x", "a//b", "."] {
        assert_eq!(target.delete(path, &ids()).unwrap_err().class, "path", "{path}");
    }
}

#[test]
fn what_shares_a_circuit_is_the_provider_and_the_bucket() {
    let amazon = S3Settings { endpoint: None, ..s3() };
    let cases = [
        (Provider::S3(s3()), "s3:minio.hall.example:9000/bkt"),
        (Provider::S3(amazon), "s3:bkt"),
        (azure("Y29ycmVjdA=="), "azure:hall/backups"),
        (gcs(hmac()), "gcs:backups"),
    ];
    let elsewhere = |provider: Provider| {
        let endpoint = Some("http://store.hall.example:10000/hall".to_owned());
        match provider {
            Provider::Azure(azure) => Provider::Azure(AzureSettings { endpoint, ..azure }),
            Provider::Gcs(gcs) => Provider::Gcs(GcsSettings { endpoint, ..gcs }),
            s3 @ Provider::S3(_) => s3,
        }
    };
    let of_the_house = [
        (elsewhere(azure("Y29ycmVjdA==")), "azure:store.hall.example:10000/hall/backups"),
        (elsewhere(gcs(hmac())), "gcs:store.hall.example:10000/backups"),
    ];
    for (provider, key) in cases.into_iter().chain(of_the_house) {
        assert_eq!(StorageTarget::new(settings(provider), sender()).unwrap().key(), key);
    }
}
