//! Azure Blob Storage, as azurite understands it.

use super::{
    LARGE, bytes, fetch, ids,
    peers::azurite,
    sender::{changing, losing, sender},
    store, stores_and_fetches_in_parts, stores_lists_fetches_and_deletes, target,
};
use crate::integrations::{
    attempt::{Blame, Next},
    storage::{AzureSettings, Proof, Provider, SendHttp, StorageTarget},
};

fn settings(container: String) -> AzureSettings {
    AzureSettings {
        account: azurite().text("account"),
        container,
        access_key: azurite().text("access_key"),
        endpoint: Some(azurite().text("url")),
    }
}

fn container(name: &str, send: SendHttp) -> StorageTarget {
    target(Provider::Azure(settings(azurite().bucket(name))), send)
}

#[test]
fn objects_are_stored_listed_fetched_and_deleted() {
    stores_lists_fetches_and_deletes(&container("basics", sender()));
}

#[test]
fn large_objects_are_sent_and_fetched_in_parts() {
    stores_and_fetches_in_parts(&container("parts", sender()));
}

#[test]
fn what_was_stored_is_compared_by_the_checksums_that_are_answered() {
    let container = container("proof", sender());
    assert_eq!(store(&container, "small", b"hello").unwrap().proof, Proof::Checksum);
    // Azure answers it for parts too; azurite only compares it.
    assert_eq!(store(&container, "large", &bytes(LARGE)).unwrap().proof, Proof::Size);
}

#[test]
fn bytes_that_change_on_the_way_are_refused() {
    let damaging = changing(|request| {
        let block = request.url.query().is_none_or(|query| query.contains("comp=block&"));
        if request.method == "PUT" && block {
            request.body[0] ^= 1;
        }
    });
    let container = container("way", damaging);
    for length in [1_000, LARGE] {
        let failure = store(&container, "x", &bytes(length)).unwrap_err();
        // Azure says `Md5Mismatch`.
        assert_eq!(failure.status, Some(400));
        assert!(failure.detail.ends_with("Provided contentMD5 doesn't match."), "{failure}");
        assert_eq!(fetch(&container, "x").unwrap_err().class, "not_found");
    }
}

#[test]
fn an_upload_that_fails_midway_leaves_no_object() {
    let name = azurite().bucket("abort");
    let lost = losing(|request| request.url.query().is_some_and(|query| query.contains("comp=blocklist")));
    let failure =
        store(&target(Provider::Azure(settings(name.clone())), lost), "backup", &bytes(LARGE)).unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Service, Next::Retry, "reset"));
    let container = target(Provider::Azure(settings(name)), sender());
    assert_eq!(fetch(&container, "backup").unwrap_err().class, "not_found");
    // What is left of it is in nobody's way.
    store(&container, "backup", &bytes(LARGE)).unwrap();
    assert!(fetch(&container, "backup").unwrap() == bytes(LARGE));
}

#[test]
fn a_wrong_key_is_given_up_and_not_held_against_the_service() {
    let access_key = "Y29ycmVjdC1ob3JzZQ==".to_owned();
    let settings = AzureSettings { access_key: access_key.clone(), ..settings(azurite().bucket("secret")) };
    let container = target(Provider::Azure(settings), sender());
    let failures = [
        store(&container, "x", b"x").unwrap_err(),
        fetch(&container, "x").unwrap_err(),
        container.list("", 1, &ids()).unwrap_err(),
        container.delete("x", &ids()).unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(
            (failure.blame, failure.next, failure.class, failure.status),
            (Blame::Call, Next::GiveUp, "credentials", Some(403)),
            "{failure}"
        );
        assert!(!failure.to_string().contains(&access_key), "{failure}");
    }
}

#[test]
fn a_container_that_does_not_exist_is_told_from_an_object_that_does_not() {
    let missing = target(Provider::Azure(settings("missing".to_owned())), sender());
    let failures = [
        store(&missing, "x", b"x").unwrap_err(),
        fetch(&missing, "x").unwrap_err(),
        missing.list("", 1, &ids()).unwrap_err(),
        missing.delete("x", &ids()).unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(
            (failure.blame, failure.next, failure.class),
            (Blame::Call, Next::GiveUp, "no_bucket"),
            "{failure}"
        );
    }
    let failure = fetch(&container("there", sender()), "x").unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::GiveUp, "not_found"));
}
