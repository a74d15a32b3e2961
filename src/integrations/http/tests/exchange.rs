//! What is sent, and what is made of the answer.

use std::{env, io::Write, process::Command, thread};

use url::Url;

use super::{
    client, ids,
    peers::{answering, listener, receive, was_called},
    request,
};
use crate::integrations::{
    attempt::CallIds,
    http::{HttpClient, HttpFault, HttpRequest, HttpRules},
};

const EMPTY: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[test]
fn an_answer_is_read_whole_and_says_from_which_address_it_came() {
    let peer = answering("HTTP/1.1 201 Created\r\nX-Place: here\r\nContent-Length: 5\r\n\r\nhello");
    let answer = client().send(&request("POST", &peer.url("/")), &ids()).unwrap();
    assert_eq!((answer.status, answer.body.as_slice(), answer.truncated), (201, &b"hello"[..], false));
    assert_eq!((answer.header("x-place"), answer.header("X-Place")), (Some("here"), None));
    assert_eq!(answer.address, Some(peer.address));
    peer.ended();
}

#[test]
fn answers_of_every_framing_are_read() {
    for (method, answer, body) in [
        (
            "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "abcde",
        ),
        ("GET", "HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
        ("GET", "HTTP/1.0 200 OK\r\n\r\nold", "old"),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", ""),
        ("DELETE", EMPTY, ""),
        (
            "GET",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            "x",
        ),
    ] {
        let peer = answering(answer);
        let read = client().send(&request(method, &peer.url("/")), &ids()).unwrap();
        assert_eq!(
            (String::from_utf8(read.body).unwrap().as_str(), read.truncated),
            (body, false),
            "{answer}"
        );
        peer.ended();
    }
}

#[test]
fn failures_of_the_peer_are_answers_like_every_other() {
    for status in [304, 400, 401, 404, 429, 500, 503] {
        let text: &'static str = format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n").leak();
        let peer = answering(text);
        let answer = client().send(&request("GET", &peer.url("/")), &ids()).unwrap();
        assert_eq!(answer.status, status);
        peer.ended();
    }
}

#[test]
fn every_request_says_where_it_belongs_and_who_asks_and_wants_no_encoding() {
    let peer = answering(EMPTY);
    let rules = HttpRules { user_agent: "event-manager/1.2".to_owned(), ..HttpRules::default() };
    let mut request = request("GET", &peer.url("/a/b?c=d#not-sent"));
    request.headers = vec![
        ("X-Own".to_owned(), "one".to_owned()),
        ("x-own".to_owned(), "two".to_owned()),
        ("Authorization".to_owned(), "Bearer t".to_owned()),
    ];
    HttpClient::new(rules).unwrap().send(&request, &ids()).unwrap();
    let address = peer.address.to_string();
    let received = peer.ended();
    assert!(received.head.starts_with("GET /a/b?c=d HTTP/1.1\r\n"), "{}", received.head);
    for (name, values) in [
        ("x-request-id", vec!["request-1"]),
        ("x-correlation-id", vec!["correlation-1"]),
        ("traceparent", vec![ids().traceparent.as_str()]),
        ("user-agent", vec!["event-manager/1.2"]),
        ("accept-encoding", vec!["identity"]),
        ("host", vec![address.as_str()]),
        ("x-own", vec!["one", "two"]),
        ("authorization", vec!["Bearer t"]),
        ("content-length", vec![]),
        ("cookie", vec![]),
    ] {
        assert_eq!(received.values(name), values, "{name}");
    }
}

#[test]
fn bodies_are_sent_with_their_length() {
    for (method, body, length) in [
        ("POST", "text", Some("4")),
        ("PUT", "", Some("0")),
        ("PATCH", "p", Some("1")),
        ("GET", "", None),
        ("DELETE", "", None),
        ("DELETE", "why", Some("3")),
    ] {
        let peer = answering(EMPTY);
        let request = HttpRequest { body: body.into(), ..request(method, &peer.url("/")) };
        client().send(&request, &ids()).unwrap();
        let received = peer.ended();
        assert_eq!(received.values("content-length"), Vec::from_iter(length), "{method} {body}");
        assert_eq!(received.values("transfer-encoding"), Vec::<&str>::new());
        assert_eq!(received.body, body.as_bytes());
    }
}

#[test]
fn headers_that_would_change_the_message_are_refused_before_anything_is_sent() {
    let (listener, address) = listener();
    for (name, value) in [
        ("x-own", "one\r\nx-injected: two"),
        ("x-own", "one\ntwo"),
        ("x-own\r\nx-injected", "one"),
        ("x own", "one"),
        ("", "one"),
        ("Host", "other.example"),
        ("Content-Length", "0"),
        ("transfer-encoding", "chunked"),
        ("Connection", "keep-alive"),
        ("Expect", "100-continue"),
        ("X-Request-ID", "another"),
    ] {
        let mut request = request("POST", &format!("http://{address}/"));
        request.headers = vec![(name.to_owned(), value.to_owned())];
        let failure = client().send(&request, &ids()).unwrap_err();
        assert_eq!((failure.fault, failure.sent), (HttpFault::Malformed, false), "{name:?}");
        assert!(!failure.detail.contains("two"), "{}", failure.detail);
    }
    let forged = CallIds { request_id: "a\r\nb: c".to_owned(), ..ids() };
    assert!(client().send(&request("GET", &format!("http://{address}/")), &forged).is_err());
    assert!(client().send(&request("CONNECT", &format!("http://{address}/")), &ids()).is_err());
    assert!(!was_called(&listener));
}

#[test]
fn a_redirect_is_an_answer_and_not_followed() {
    let (private, address) = listener();
    let text = format!("HTTP/1.1 302 Found\r\nLocation: http://{address}/\r\nContent-Length: 4\r\n\r\nthere");
    let peer = answering(text.leak());
    let answer = client().send(&request("GET", &peer.url("/")), &ids()).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (302, &b"ther"[..]));
    assert_eq!(answer.header("location"), Some(format!("http://{address}/").as_str()));
    peer.ended();
    assert!(!was_called(&private));
}

#[test]
#[allow(clippy::disallowed_methods, reason = "clients of a test have no request to belong to")]
fn nothing_of_one_request_is_used_for_the_next() {
    let (listener, address) = listener();
    let client = client();
    let url = format!("http://{address}/");
    thread::scope(|scope| {
        for _ in 0..3 {
            let call = scope.spawn(|| client.send(&request("GET", &url), &ids()).unwrap());
            let (mut stream, _) = listener.accept().unwrap();
            let received = receive(&mut stream);
            assert_eq!(received.values("cookie"), Vec::<&str>::new());
            assert_eq!(received.values("connection"), ["close"]);
            stream.write_all(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n").unwrap();
            assert_eq!(call.join().unwrap().header("set-cookie"), Some("a=b"));
        }
    });
}

#[test]
fn proxies_of_the_environment_are_ignored() {
    const DEAD_PROXY: &str = "http://127.0.0.1:9";
    if env::var("ALL_PROXY").is_ok_and(|proxy| proxy == DEAD_PROXY) {
        let peer = answering(EMPTY);
        assert_eq!(client().send(&request("GET", &peer.url("/")), &ids()).unwrap().status, 204);
        peer.ended();
        return;
    }
    // The environment of this process is shared by all tests, so another one runs this test once more.
    let module = module_path!().split_once("::").unwrap().1;
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::proxies_of_the_environment_are_ignored")])
        .envs(["ALL_PROXY", "HTTP_PROXY", "http_proxy"].map(|name| (name, DEAD_PROXY)))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

#[test]
fn secrets_are_neither_in_debug_texts_nor_in_failures() {
    let (listener, address) = listener();
    drop(listener);
    let mut request = request("POST", &format!("http://{address}/hooks/hunter2?key=hunter2"));
    request.headers = vec![("authorization".to_owned(), "Bearer hunter2".to_owned())];
    request.body = b"hunter2".to_vec();
    let client = client();
    let failure = client.send(&request, &ids()).unwrap_err();
    let mut texts =
        vec![format!("{request:?}"), format!("{failure:?}"), failure.to_string(), format!("{client:?}")];
    request.url.set_password(Some("hunter2")).unwrap();
    texts.push(format!("{request:?} {:?}", client.send(&request, &ids())));
    request.url = Url::parse("gopher://127.0.0.1/hunter2").unwrap();
    texts.push(format!("{request:?} {:?}", client.send(&request, &ids())));
    let peer = answering("HTTP/1.1 200 OK\r\nSet-Cookie: hunter2\r\nContent-Length: 7\r\n\r\nhunter2");
    texts.push(format!("{:?}", client.send(&self::request("GET", &peer.url("/")), &ids()).unwrap()));
    peer.ended();
    let peer = answering("hunter2\r\n\r\n");
    texts.push(format!("{:?}", client.send(&self::request("GET", &peer.url("/hunter2")), &ids())));
    peer.ended();
    for text in texts {
        assert!(!text.contains("hunter2"), "{text}");
    }
}
