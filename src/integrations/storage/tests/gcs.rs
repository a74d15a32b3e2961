//! Google Cloud Storage. No emulator speaks all of its XML API, but that is S3's with other names for some headers and
//! another way to sign: moto is asked, the names are translated on the way, and the signature is checked.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use md5::{Digest, Md5};
use serde_json::json;

use super::{
    peers::moto, peers::moto_unchecked, sender::sender, store, stores_and_fetches_in_parts,
    stores_lists_fetches_and_deletes, target,
};
use crate::integrations::{
    http::HttpRequest,
    storage::{GcsAccess, GcsSettings, Proof, Provider, SendHttp, StorageTarget},
};

const EMAIL: &str = "event-manager@hall.iam.gserviceaccount.com";

/// Who signs is somebody, to moto; who does not is nobody.
const UNCHECKED: &str =
    "AWS4-HMAC-SHA256 Credential=A/20260101/auto/s3/aws4_request, SignedHeaders=host, Signature=0";

/// Google's service on the way there and back.
/// (It takes hyphens in names of buckets as they are, though, which the library does not leave so.)
fn google(hash: impl Fn(&[u8]) -> Option<String> + Send + Sync + 'static) -> SendHttp {
    let send = sender();
    Arc::new(move |request, ids| {
        let mut request = request.clone();
        ensure_signed(&request);
        for (name, value) in &mut request.headers {
            *name = name.replace("x-goog-", "x-amz-");
            if name == "authorization" {
                UNCHECKED.clone_into(value);
            }
        }
        let mut answer = send(&request, ids)?;
        for (name, _) in &mut answer.headers {
            *name = name.replace("x-amz-", "x-goog-");
        }
        if request.method == "PUT" && request.url.query().is_none() {
            // The tag would prove it too; it is needed of parts only.
            answer.headers.retain(|(name, _)| name != "etag");
            answer.headers.push(("etag".to_owned(), "\"CKih16GjycICEAE=\"".to_owned()));
            answer.headers.extend(hash(&request.body).map(|hash| ("x-goog-hash".to_owned(), hash)));
        }
        Ok(answer)
    })
}

fn ensure_signed(request: &HttpRequest) {
    let (_, authorization) = request.headers.iter().find(|(name, _)| name == "authorization").unwrap();
    let token = authorization.strip_prefix("Bearer ").unwrap();
    let claims = moto_unchecked().ask(&json!({"do": "claims", "token": token}));
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(EMAIL), &json!(EMAIL)));
}

fn md5(body: &[u8]) -> Option<String> {
    Some(format!("crc32c=AAAAAA==,md5={}", BASE64_STANDARD.encode(Md5::digest(body))))
}

fn bucket(name: &str, send: SendHttp) -> StorageTarget {
    let account = json!({
        "type": "service_account",
        "private_key_id": "1",
        "private_key": moto_unchecked().text("private_key"),
        "client_email": EMAIL,
    });
    let settings = GcsSettings {
        bucket: moto_unchecked().bucket(name),
        access: GcsAccess::ServiceAccount(account.to_string()),
        endpoint: Some(moto_unchecked().text("url")),
    };
    target(Provider::Gcs(settings), send)
}

#[test]
fn objects_are_stored_listed_fetched_and_deleted() {
    stores_lists_fetches_and_deletes(&bucket("gcsbasics", google(md5)));
}

#[test]
fn an_object_carries_the_ids_it_came_from_and_is_proven_by_its_md5() {
    let bucket = bucket("gcsids", google(md5));
    assert_eq!(store(&bucket, "small", b"hello").unwrap().proof, Proof::Checksum);
    let metadata =
        moto_unchecked().ask(&json!({"do": "metadata", "bucket": "gcsids", "key": "hall/a/small"}));
    assert_eq!(metadata["correlationid"], "correlation-of-origin");
}

#[test]
fn other_bytes_than_were_sent_are_noticed_and_silence_is_no_proof() {
    let lying = bucket("gcslies", google(|_| md5(b"something else")));
    assert_eq!(store(&lying, "small", b"hello").unwrap_err().class, "checksum");
    assert_eq!(store(&bucket("gcssilent", google(|_| None)), "small", b"hello").unwrap().proof, Proof::Size);
}

#[test]
fn hmac_keys_speak_to_it_as_to_s3() {
    let settings = GcsSettings {
        bucket: moto().bucket("gcs-hmac"),
        access: GcsAccess::Hmac { access_id: moto().text("access_key"), secret: moto().text("secret_key") },
        endpoint: Some(moto().text("url")),
    };
    let hmac = target(Provider::Gcs(settings), sender());
    stores_lists_fetches_and_deletes(&hmac);
    stores_and_fetches_in_parts(&hmac);
}

#[test]
fn large_objects_are_sent_and_fetched_in_parts() {
    stores_and_fetches_in_parts(&bucket("gcsparts", google(md5)));
}
