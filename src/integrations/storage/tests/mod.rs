//! The storage integration against real services on this machine, and against peers that misbehave on purpose.

mod azure;
mod faults;
mod gcs;
mod peers;
mod s3;
mod scripted;
mod secrets;
mod sender;

use sha2::{Digest, Sha256};

use super::{
    Content, Origin, SendHttp, StorageLimits, StorageSettings, StorageTarget, Stored, settings::Provider,
};
use crate::integrations::{
    attempt::{CallIds, Failure},
    http::Reach,
};

/// Larger than what is sent in one request, and no multiple of a part.
const LARGE: usize = 20 * 1_024 * 1_024 + 17;

fn ids() -> CallIds {
    CallIds {
        request_id: "request-1".to_owned(),
        correlation_id: "correlation-1".to_owned(),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
    }
}

fn origin() -> Origin {
    Origin { correlation_id: "correlation-of-origin".to_owned(), request_id: "request-of-origin".to_owned() }
}

fn target(provider: Provider, send: SendHttp) -> StorageTarget {
    let limits = StorageLimits::default();
    let prefix = "hall/a".to_owned();
    StorageTarget::new(StorageSettings { provider, prefix, reach: Reach::Operator, limits }, send).unwrap()
}

/// Bytes of which no two ranges are alike.
fn bytes(length: usize) -> Vec<u8> {
    let mut state: u32 = 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

fn store(target: &StorageTarget, path: &str, content: &[u8]) -> Result<Stored, Failure> {
    let mut source = content;
    let length = content.len() as u64;
    let content = Content { source: &mut source, length, sha256: Sha256::digest(content).into() };
    target.store(path, content, &origin(), &ids())
}

fn fetch(target: &StorageTarget, path: &str) -> Result<Vec<u8>, Failure> {
    let mut sink = Vec::new();
    let fetched = target.fetch(path, &mut sink, LARGE as u64, &ids())?;
    assert_eq!(fetched.bytes, sink.len() as u64);
    assert_eq!(fetched.sha256, <[u8; 32]>::from(Sha256::digest(&sink)));
    Ok(sink)
}

fn paths(target: &StorageTarget, folder: &str) -> Vec<(String, u64)> {
    let listing = target.list(folder, 100, &ids()).unwrap();
    assert!(!listing.more);
    let mut paths: Vec<_> = listing.objects.into_iter().map(|object| (object.path, object.bytes)).collect();
    paths.sort();
    paths
}

/// What every provider must do.
fn stores_lists_fetches_and_deletes(target: &StorageTarget) {
    let small = bytes(1_000);
    assert_eq!(store(target, "exports/a b/ä+%.csv", &small).unwrap().bytes, 1_000);
    assert_eq!(store(target, "exports/empty", b"").unwrap().bytes, 0);
    assert_eq!(store(target, "exportsother/x", b"x").unwrap().bytes, 1);
    assert_eq!(fetch(target, "exports/a b/ä+%.csv").unwrap(), small);
    assert_eq!(fetch(target, "exports/empty").unwrap(), b"");
    let listed = [("exports/a b/ä+%.csv".to_owned(), 1_000), ("exports/empty".to_owned(), 0)];
    assert_eq!(paths(target, "exports"), listed);
    let first = target.list("", 1, &ids()).unwrap();
    assert_eq!((first.objects.len(), first.more), (1, true));
    // It is there once, with what was stored last.
    store(target, "exports/empty", b"no more").unwrap();
    assert_eq!(fetch(target, "exports/empty").unwrap(), b"no more");
    for path in ["exports/a b/ä+%.csv", "exports/empty", "exportsother/x"] {
        target.delete(path, &ids()).unwrap();
        // What is not there is deleted.
        target.delete(path, &ids()).unwrap();
    }
    assert_eq!(paths(target, ""), []);
    assert_eq!(fetch(target, "exports/empty").unwrap_err().class, "not_found");
    target.check(&ids()).unwrap();
    assert_eq!(paths(target, ""), []);
}

/// What every provider must do with what is too large for one request.
fn stores_and_fetches_in_parts(target: &StorageTarget) {
    let large = bytes(LARGE);
    let stored = store(target, "backup", &large).unwrap();
    assert_eq!(stored.bytes, LARGE as u64);
    assert!(fetch(target, "backup").unwrap() == large);
    target.verify("backup", LARGE as u64, &Sha256::digest(&large).into(), &ids()).unwrap();
    let other = target.verify("backup", LARGE as u64, &Sha256::digest(b"other").into(), &ids());
    assert_eq!(other.unwrap_err().class, "checksum");
    let mut sink = Vec::new();
    let bounded = target.fetch("backup", &mut sink, LARGE as u64 - 1, &ids()).unwrap_err();
    assert_eq!((bounded.class, sink.len()), ("too_large", 0));
}
