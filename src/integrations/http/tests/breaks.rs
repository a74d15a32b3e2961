//! What breaks, in which way, and whether the request may have been acted upon.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use super::{
    client, ids,
    peers::{Peer, answering, listener, peer, receive},
    request,
};
use crate::integrations::http::{HttpFault, HttpRequest};

#[track_caller]
fn outcome<T>(peer: &Peer<T>, body: Vec<u8>) -> (HttpFault, bool) {
    let request = HttpRequest { body, ..request("POST", &peer.url("/")) };
    let failure = client().send(&request, &ids()).unwrap_err();
    assert!(failure.detail.contains("127.0.0.1") && !failure.detail.contains('\n'), "{}", failure.detail);
    (failure.fault, failure.sent)
}

#[test]
fn where_nobody_listens_nothing_was_sent() {
    let (listener, address) = listener();
    drop(listener);
    let failure = client().send(&request("POST", &format!("http://{address}/")), &ids()).unwrap_err();
    assert_eq!((failure.fault, failure.sent), (HttpFault::Connect, false));
}

#[test]
fn a_peer_that_hangs_up_instead_of_answering_may_have_acted() {
    let peer = peer(|mut stream: TcpStream| drop(receive(&mut stream)));
    assert_eq!(outcome(&peer, b"order".to_vec()), (HttpFault::Reset, true));
    peer.ended();
}

#[test]
fn a_peer_that_hangs_up_in_its_answer_may_have_acted() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Len",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ] {
        let peer = answering(answer);
        assert_eq!(outcome(&peer, b"order".to_vec()), (HttpFault::Reset, true), "{answer}");
        peer.ended();
    }
}

#[test]
fn a_peer_that_hangs_up_in_the_request_has_not_got_it() {
    let peer = peer(|mut stream: TcpStream| stream.read_exact(&mut [0; 16]).unwrap());
    assert_eq!(outcome(&peer, vec![b'x'; 32 << 20]), (HttpFault::Reset, false));
    peer.ended();
}

#[test]
fn a_peer_that_hangs_up_in_the_request_may_have_said_why() {
    let peer = peer(|mut stream: TcpStream| {
        stream.read_exact(&mut [0; 16]).unwrap();
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig").unwrap();
    });
    let request = HttpRequest { body: vec![b'x'; 32 << 20], ..request("PUT", &peer.url("/")) };
    let answer = client().send(&request, &ids()).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (413, &b"big"[..]));
    peer.ended();
}

#[test]
fn what_is_no_http_is_no_answer() {
    for garbage in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "220 mail.example ESMTP\r\n",
        "HTTP/3.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ] {
        // It waits for us to leave, so that what it said is not lost with its connection.
        let peer = peer(move |mut stream: TcpStream| {
            receive(&mut stream);
            stream.write_all(garbage.as_bytes()).unwrap();
            let _ = stream.read(&mut [0]);
        });
        assert_eq!(outcome(&peer, b"order".to_vec()), (HttpFault::Malformed, true), "{garbage}");
        peer.ended();
    }
}
