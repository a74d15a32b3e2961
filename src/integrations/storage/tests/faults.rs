//! Services that are slow, overloaded, gone, or make no sense.

use std::{net::TcpListener, time::Duration};

use super::{
    LARGE, bytes, fetch, ids,
    scripted::{Reply, Scripted, answer, bucket_at},
    sender::sender,
    store, target,
};
use crate::integrations::{
    attempt::{Blame, Failure, Next},
    http::Reach,
    storage::{CheckStep, StorageLimits, StorageSettings, StorageTarget},
};

const HEAD: &str =
    "ETag: \"0f343b0931126a20f133d67c2b018a3b\"\r\nLast-Modified: Wed, 12 Oct 2022 17:50:00 GMT\r\n";

const SLOW_DOWN: &str =
    "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

fn stored(replies: Vec<Reply>) -> Failure {
    let peer = Scripted::start(replies);
    let failure = store(&target(peer.bucket(), sender()), "x", b"hello").unwrap_err();
    // The service is asked once, whatever it says: retrying is left to the job.
    assert_eq!(peer.asked.lock().len(), 1);
    failure
}

fn judgement(failure: &Failure) -> (Blame, Next, &'static str, Option<u16>) {
    (failure.blame, failure.next, failure.class, failure.status)
}

#[test]
fn a_service_that_wants_less_is_tried_again_later_and_is_not_well() {
    let failure = stored(vec![answer("503 Slow Down", "", SLOW_DOWN)]);
    assert_eq!(judgement(&failure), (Blame::Service, Next::Retry, "slow_down", Some(503)));
    assert_eq!(
        failure.detail,
        "PUT of /bkt/hall/a/x was answered 503: SlowDown: Please reduce your request rate."
    );
    let failure = stored(vec![answer("503 Slow Down", "Retry-After: 9\r\n", SLOW_DOWN)]);
    assert_eq!(failure.next, Next::RetryAfter(Duration::from_secs(9)));
    let failure = stored(vec![answer("429 Too Many Requests", "Retry-After: 9\r\n", "")]);
    let pause = Next::Pause(Duration::from_secs(9));
    assert_eq!(judgement(&failure), (Blame::Call, pause, "too_many", Some(429)));
}

#[test]
fn redirects_are_not_followed() {
    let failure = stored(vec![answer("307 Temporary Redirect", "Location: http://127.0.0.1:1/\r\n", "")]);
    assert_eq!(judgement(&failure), (Blame::Call, Next::GiveUp, "region", Some(307)));
}

#[test]
fn an_object_that_has_another_size_afterwards_was_not_stored() {
    let head = format!("HTTP/1.1 200 OK\r\n{HEAD}Content-Length: 4\r\nConnection: close\r\n\r\n");
    let peer = Scripted::start(vec![answer("200 OK", HEAD, ""), Reply::Bytes(head)]);
    let failure = store(&target(peer.bucket(), sender()), "x", b"hello").unwrap_err();
    assert_eq!(judgement(&failure), (Blame::Service, Next::Retry, "checksum", None));
}

#[test]
fn an_upload_that_is_refused_in_an_answer_of_success_was_refused() {
    let begun = "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
    let late = "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>Oops.</Message></Error>";
    let part = || answer("200 OK", HEAD, "");
    let replies = vec![
        answer("200 OK", "", begun),
        part(),
        part(),
        part(),
        answer("200 OK", "", late),
        answer("204 OK", "", ""),
    ];
    let peer = Scripted::start(replies);
    let failure = store(&target(peer.bucket(), sender()), "x", &bytes(LARGE)).unwrap_err();
    assert_eq!(judgement(&failure), (Blame::Service, Next::Retry, "status", Some(500)));
    assert_eq!(peer.asked.lock().last().unwrap(), "DELETE /bkt/hall/a/x?uploadId=u HTTP/1.1");
}

#[test]
fn a_body_that_ends_early_is_no_object() {
    let cut = format!(
        "HTTP/1.1 206 Partial Content\r\n{HEAD}Content-Range: bytes 0-99/100\r\nContent-Length: 100\r\n\r\nshort"
    );
    let peer = Scripted::start(vec![Reply::Bytes(cut)]);
    let failure = fetch(&target(peer.bucket(), sender()), "x").unwrap_err();
    assert_eq!(judgement(&failure), (Blame::Service, Next::Retry, "reset", None));
}

#[test]
fn answers_that_make_no_sense_are_held_against_the_service() {
    let ranged = |range: &str, body: &str| {
        answer("206 Partial Content", &format!("{HEAD}Content-Range: {range}\r\n"), body)
    };
    let fetched = [
        // All of it, where a range was asked for.
        answer("200 OK", HEAD, "hello"),
        ranged("bytes 5-9/10", "hello"),
        ranged("bytes 0-9/10", "hello"),
        ranged("nonsense", "hello"),
        // The library panics at this one where arithmetic is checked.
        ranged("bytes 0-18446744073709551615/5", "hello"),
        answer("206 Partial Content", "", "hello"),
    ];
    for reply in fetched {
        let peer = Scripted::start(vec![reply]);
        let failure = fetch(&target(peer.bucket(), sender()), "x").unwrap_err();
        assert_eq!(judgement(&failure), (Blame::Service, Next::Retry, "malformed", None));
    }
    for reply in [answer("200 OK", "", "<html>Welcome to the hotel"), answer("200 OK", "", "")] {
        let peer = Scripted::start(vec![reply]);
        let failure = target(peer.bucket(), sender()).list("", 10, &ids()).unwrap_err();
        assert_eq!(judgement(&failure), (Blame::Service, Next::Retry, "malformed", None));
    }
}

#[test]
fn a_service_that_never_answers_is_waited_for_only_so_long() {
    let short = Duration::from_millis(100);
    let limits = StorageLimits { connect: short, control: short, transfer: short };
    let peer = Scripted::start((0..4).map(|_| Reply::Silence).collect());
    let settings =
        StorageSettings { provider: peer.bucket(), prefix: String::new(), reach: Reach::Operator, limits };
    let target = StorageTarget::new(settings, sender()).unwrap();
    let failures = [
        store(&target, "x", b"hello").unwrap_err(),
        fetch(&target, "x").unwrap_err(),
        target.list("", 1, &ids()).unwrap_err(),
        target.delete("x", &ids()).unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(judgement(&failure), (Blame::Service, Next::Retry, "timeout", None));
    }
}

#[test]
fn a_service_that_is_not_there_is_tried_again() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let target = target(bucket_at(&format!("http://{gone}")), sender());
    let failure = store(&target, "x", b"hello").unwrap_err();
    assert_eq!(judgement(&failure), (Blame::Service, Next::Retry, "connect", None));
    assert_eq!(target.check(&ids()).unwrap_err().step, CheckStep::Write);
}

#[test]
fn a_check_says_what_cannot_be_done_and_cleans_up() {
    let body = "event-manager-check/request-1";
    let head =
        format!("HTTP/1.1 200 OK\r\n{HEAD}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let peer = Scripted::start(vec![
        answer("200 OK", HEAD, ""),
        Reply::Bytes(head),
        answer("403 Forbidden", "", denied),
        answer("204 No Content", "", ""),
    ]);
    let fault = target(peer.bucket(), sender()).check(&ids()).unwrap_err();
    assert_eq!((fault.step, fault.failure.class), (CheckStep::Read, "credentials"));
    assert!(fault.to_string().starts_with("reading failed: credentials: GET of /bkt/"), "{fault}");
    assert_eq!(peer.asked.lock().last().unwrap(), &format!("DELETE /bkt/hall/a/{body} HTTP/1.1"));
}
