//! S3, as moto understands it when it checks signatures.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    LARGE, bytes, fetch, ids, origin,
    peers::moto,
    sender::{changing, losing, recording, sender},
    store, stores_and_fetches_in_parts, stores_lists_fetches_and_deletes, target,
};
use crate::integrations::{
    attempt::{Blame, Next},
    storage::{CheckStep, Content, Proof, Provider, S3Settings, SendHttp, StorageTarget},
};

fn settings(bucket: String) -> S3Settings {
    S3Settings {
        endpoint: Some(moto().text("url")),
        region: "us-east-1".to_owned(),
        bucket,
        access_key: moto().text("access_key"),
        secret_key: moto().text("secret_key"),
        path_style: true,
        checksums: true,
    }
}

fn bucket(name: &str, send: SendHttp) -> StorageTarget {
    target(Provider::S3(settings(moto().bucket(name))), send)
}

fn uploads_left(bucket: &str) -> serde_json::Value {
    moto().ask(&json!({"do": "uploads", "bucket": bucket}))
}

#[test]
fn objects_are_stored_listed_fetched_and_deleted() {
    stores_lists_fetches_and_deletes(&bucket("s3-basics", sender()));
    let plain = S3Settings { checksums: false, ..settings(moto().bucket("s3-plain")) };
    stores_lists_fetches_and_deletes(&target(Provider::S3(plain), sender()));
}

#[test]
#[allow(clippy::disallowed_methods, reason = "there is no request to be followed")]
fn operations_run_on_the_blocking_threads_of_an_asynchronous_program() {
    let bucket = bucket("s3-threads", sender());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let checked = runtime.block_on(async { tokio::task::spawn_blocking(move || bucket.check(&ids())).await });
    assert_eq!(checked.unwrap(), Ok(()));
}

#[test]
fn large_objects_are_sent_and_fetched_in_parts_of_8_mib() {
    let (send, sent) = recording();
    let bucket = bucket("s3-parts", send);
    stores_and_fetches_in_parts(&bucket);
    let parts: Vec<_> = sent
        .lock()
        .iter()
        .filter(|request| request.method == "PUT")
        .map(|request| request.body.len())
        .collect();
    assert_eq!(parts, [8 << 20, 8 << 20, (4 << 20) + 17]);
    assert_eq!(uploads_left("s3-parts"), json!([]));
}

#[test]
fn an_object_carries_the_ids_it_came_from_and_its_checksum() {
    let bucket = bucket("s3-ids", sender());
    let stored = store(&bucket, "small", b"hello").unwrap();
    assert_eq!(stored.proof, Proof::Checksum);
    assert_eq!(stored.etag.as_deref(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    store(&bucket, "large", &bytes(LARGE)).unwrap();
    for (key, sha256) in [("small", Sha256::digest(b"hello")), ("large", Sha256::digest(bytes(LARGE)))] {
        let key = format!("hall/a/{key}");
        let metadata = moto().ask(&json!({"do": "metadata", "bucket": "s3-ids", "key": key}));
        let expected = json!({
            "correlationid": "correlation-of-origin",
            "requestid": "request-of-origin",
            "sha256": crate::domain::to_hex(&sha256),
        });
        assert_eq!(metadata, expected);
    }
}

#[test]
fn parts_of_an_upload_that_fails_midway_are_removed() {
    let lost = losing(|request| request.url.query().is_some_and(|query| query.contains("partNumber=2")));
    let failure = store(&bucket("s3-abort", lost), "backup", &bytes(LARGE)).unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Service, Next::Retry, "reset"));
    assert_eq!(uploads_left("s3-abort"), json!([]));
    assert_eq!(moto().ask(&json!({"do": "keys", "bucket": "s3-abort"})), json!([]));
}

#[test]
fn parts_that_could_not_be_removed_are_spoken_of() {
    let lost = losing(|request| {
        request.method == "DELETE" || request.url.query().is_some_and(|query| query.contains("partNumber=2"))
    });
    let failure = store(&bucket("s3-orphans", lost), "backup", &bytes(LARGE)).unwrap_err();
    assert!(failure.detail.contains("the parts already sent could not be removed"), "{failure}");
    assert_eq!(uploads_left("s3-orphans"), json!(["hall/a/backup"]));
}

#[test]
fn content_that_is_not_what_was_queued_is_not_stored() {
    let bucket = bucket("s3-source", sender());
    for length in [1_000, LARGE] {
        let content = bytes(length);
        let right: [u8; 32] = Sha256::digest(&content).into();
        let cases = [
            (length as u64 + 1, right, "it ends after"),
            (length as u64 - 1, right, "it has more than"),
            (length as u64, [7; 32], "it has another SHA-256"),
        ];
        for (length, sha256, why) in cases {
            let content = Content { source: &mut content.as_slice(), length, sha256 };
            let failure = bucket.store("wrong", content, &origin(), &ids()).unwrap_err();
            assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::GiveUp, "source"));
            assert!(failure.detail.contains(why), "{failure}");
        }
    }
    assert_eq!(uploads_left("s3-source"), json!([]));
    assert_eq!(moto().ask(&json!({"do": "keys", "bucket": "s3-source"})), json!([]));
}

#[test]
fn a_wrong_secret_is_given_up_and_not_held_against_the_service() {
    let wrong = S3Settings { secret_key: "correct-horse".to_owned(), ..settings(moto().bucket("s3-secret")) };
    let unknown = S3Settings { access_key: "AKIAEXAMPLE".to_owned(), ..settings("s3-secret".to_owned()) };
    for settings in [wrong, unknown] {
        let bucket = target(Provider::S3(settings), sender());
        let failures = [
            store(&bucket, "x", b"x").unwrap_err(),
            store(&bucket, "x", &bytes(LARGE)).unwrap_err(),
            fetch(&bucket, "x").unwrap_err(),
            bucket.list("", 1, &ids()).unwrap_err(),
            bucket.delete("x", &ids()).unwrap_err(),
        ];
        for failure in failures {
            assert_eq!(
                (failure.blame, failure.next, failure.class, failure.status),
                (Blame::Call, Next::GiveUp, "credentials", Some(403)),
                "{failure}"
            );
            assert!(!failure.to_string().contains("horse"), "{failure}");
        }
        let fault = bucket.check(&ids()).unwrap_err();
        assert_eq!((fault.step, fault.failure.class), (CheckStep::Write, "credentials"));
    }
}

#[test]
fn a_bucket_that_does_not_exist_is_told_from_an_object_that_does_not() {
    let missing = target(Provider::S3(settings("s3-missing".to_owned())), sender());
    let failures = [
        store(&missing, "x", b"x").unwrap_err(),
        store(&missing, "x", &bytes(LARGE)).unwrap_err(),
        fetch(&missing, "x").unwrap_err(),
        missing.list("", 1, &ids()).unwrap_err(),
        missing.delete("x", &ids()).unwrap_err(),
        missing.check(&ids()).unwrap_err().failure,
    ];
    for failure in failures {
        assert_eq!(
            (failure.blame, failure.next, failure.class),
            (Blame::Call, Next::GiveUp, "no_bucket"),
            "{failure}"
        );
    }
    let failure = fetch(&bucket("s3-there", sender()), "x").unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::GiveUp, "not_found"));
}

#[test]
fn bytes_that_change_in_the_store_are_found_when_they_are_fetched() {
    let bucket = bucket("s3-damage", sender());
    let content = bytes(LARGE);
    store(&bucket, "backup", &content).unwrap();
    moto().ask(&json!({"do": "damage", "bucket": "s3-damage", "key": "hall/a/backup"}));
    let verified =
        bucket.verify("backup", LARGE as u64, &Sha256::digest(&content).into(), &ids()).unwrap_err();
    assert_eq!((verified.blame, verified.next, verified.class), (Blame::Service, Next::GiveUp, "checksum"));
    assert_eq!(fetch(&bucket, "backup").unwrap_err().class, "checksum");
}

#[test]
fn an_object_that_is_replaced_while_it_is_fetched_is_fetched_again() {
    let name = moto().bucket("s3-replaced");
    store(&target(Provider::S3(settings(name.clone())), sender()), "backup", &bytes(LARGE)).unwrap();
    let send = changing(|request| {
        let second = request
            .headers
            .iter()
            .any(|(name, value)| name == "range" && value.starts_with("bytes=8388608-"));
        if second {
            moto().ask(&json!({"do": "damage", "bucket": "s3-replaced", "key": "hall/a/backup"}));
        }
    });
    let failure = fetch(&target(Provider::S3(settings(name)), send), "backup").unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::Retry, "changed"));
}

#[test]
fn a_service_that_says_nothing_of_the_bytes_it_got_proves_nothing_and_verifying_finds_out() {
    let damaging = changing(|request| {
        if request.method == "PUT" {
            request.body[0] ^= 1;
        }
    });
    let bucket = bucket("s3-way", damaging);
    // Amazon would refuse this by the checksum in the request; moto ignores that.
    assert_eq!(store(&bucket, "x", b"hello").unwrap().proof, Proof::Size);
    let verified = bucket.verify("x", 5, &Sha256::digest(b"hello").into(), &ids());
    assert_eq!(verified.unwrap_err().class, "checksum");
}
