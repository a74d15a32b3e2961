use std::{
    io::{ErrorKind, Read, Write},
    net::SocketAddr,
    time::Duration,
};

use super::{
    super::{Azurite, GcsPeer, S3Peer},
    client::{LIMIT, connect, http},
};

/// What only looks like a signature.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/// Nothing comes while it is frozen, and the answer after it.
fn expect_frozen_and_thawed(address: SocketAddr, freeze: impl Fn(), thaw: impl Fn()) {
    freeze();
    let mut client = connect(address);
    client.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    client.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    thaw();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    let mut answer = [0; 7];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.");
}

#[test]
fn s3_keeps_an_object() {
    let store = S3Peer::start();
    let object = format!("{}/bucket/object", store.url());
    assert_eq!(http().put(format!("{}/bucket", store.url())).send_empty().unwrap().status(), 200);
    let put = http().put(&object).header("authorization", SIGNED).send("content").unwrap();
    assert_eq!(put.status(), 200);
    let mut got = http().get(&object).header("authorization", SIGNED).call().unwrap();
    assert_eq!(got.body_mut().read_to_string().unwrap(), "content");
    assert_eq!(http().get(&object).call().unwrap().status(), 403, "what is not signed is refused");
    expect_frozen_and_thawed(store.address(), || store.freeze(), || store.thaw());
}

#[test]
fn azurite_wants_a_signature() {
    let store = Azurite::start();
    let url = format!("{}/{}?comp=list", store.url(), Azurite::ACCOUNT);
    assert_eq!(http().get(url).call().unwrap().status(), 403);
    assert!(base64::Engine::decode(&base64::engine::general_purpose::STANDARD, Azurite::KEY).is_ok());
    expect_frozen_and_thawed(store.address(), || store.freeze(), || store.thaw());
}

#[test]
fn gcs_keeps_an_object() {
    let store = GcsPeer::start();
    let object = format!("{}/{}/object", store.url(), GcsPeer::BUCKET);
    assert_eq!(http().put(&object).send("content").unwrap().status(), 200);
    assert_eq!(http().get(&object).call().unwrap().body_mut().read_to_string().unwrap(), "content");
    expect_frozen_and_thawed(store.address(), || store.freeze(), || store.thaw());
}
