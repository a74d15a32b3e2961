//! Requests as they arrive at a provider, and what is made of answers that do not come.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    sync::mpsc::{Receiver, channel},
};

use super::{Gateway, GatewaySettings, NoGateway, Protocol, TextMessage};
use crate::integrations::{Blame, CallIds, HttpClient, HttpRules, Next};

/// A provider that reads one request and says one thing, or nothing.
#[allow(clippy::disallowed_methods, reason = "a peer of a test has no request to belong to")]
fn provider(answer: &'static str) -> (SocketAddr, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).unwrap();
        }
        let length = head.to_lowercase();
        let (_, length) = length.split_once("content-length: ").unwrap();
        let mut body = vec![0; length.lines().next().unwrap().parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        reader.get_mut().write_all(answer.as_bytes()).unwrap();
        tell.send((head, String::from_utf8(body).unwrap())).unwrap();
    });
    (address, told)
}

fn settings(protocol: Protocol, url: String, from: &str) -> GatewaySettings {
    let (account, token) = ("AC01".to_owned(), "the-secret".to_owned());
    GatewaySettings { protocol, url, account, token, from: from.to_owned() }
}

fn gateway(protocol: Protocol, address: SocketAddr, from: &str) -> Gateway {
    let http = HttpClient::new(HttpRules::default()).unwrap();
    Gateway::new(http, settings(protocol, format!("http://{address}"), from)).unwrap()
}

fn message() -> TextMessage {
    TextMessage {
        to: "+4915112345678".to_owned(),
        text: "Ü & so".to_owned(),
        reference: "msg_1".to_owned(),
        report_to: Some("https://scores.example.org/callbacks/sms/1/2".to_owned()),
    }
}

fn ids() -> CallIds {
    CallIds { request_id: "r-1".to_owned(), correlation_id: "c-1".to_owned(), traceparent: "00-1".to_owned() }
}

const TAKEN: &str =
    "HTTP/1.1 201 Created\r\nContent-Length: 33\r\n\r\n{\"sid\": \"SM01\", \"id\": \"theirs-1\"}";

#[test]
fn twilio_gets_a_form_with_the_sender_as_number_or_as_messaging_service() {
    let service = "MG0123456789abcdef0123456789abcdef";
    for (from, field) in [("+15005550006", "From=%2B15005550006"), (service, "MessagingServiceSid=MG0")] {
        let (address, told) = provider(TAKEN);
        let accepted = gateway(Protocol::Twilio, address, from).send(&message(), &ids(), 0).unwrap();
        assert_eq!((accepted.status, accepted.id.as_deref()), (201, Some("SM01")));
        let (head, body) = told.recv().unwrap();
        assert!(head.starts_with("POST /2010-04-01/Accounts/AC01/Messages.json HTTP/1.1\r\n"), "{head}");
        let head = head.to_lowercase();
        assert!(
            head.contains("x-correlation-id: c-1\r\n") && head.contains("authorization: basic "),
            "{head}"
        );
        let whole = ["To=%2B4915112345678&", field, "&Body=%C3%9C+%26+so", "&StatusCallback=https%3A%2F%2F"];
        assert!(whole.iter().all(|part| body.contains(part)), "{body}");
    }
}

#[test]
fn another_provider_gets_json_with_our_name_for_the_message() {
    let (address, told) = provider(TAKEN);
    let accepted = gateway(Protocol::Generic, address, "Fair").send(&message(), &ids(), 0).unwrap();
    assert_eq!(accepted.id.as_deref(), Some("theirs-1"));
    let (head, body) = told.recv().unwrap();
    assert!(head.contains("Bearer the-secret\r\n"), "{head}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let wanted =
        serde_json::json!({"to": "+4915112345678", "from": "Fair", "text": "Ü & so", "reference": "msg_1"});
    assert_eq!(body, wanted);
}

#[test]
fn nobody_knows_what_became_of_a_message_whose_answer_does_not_come() {
    let (address, told) = provider("");
    let failure = gateway(Protocol::Twilio, address, "+1").send(&message(), &ids(), 0).unwrap_err();
    told.recv().unwrap();
    assert_eq!((failure.blame, failure.next), (Blame::Service, Next::Unknown));
}

#[test]
fn a_message_that_never_left_is_tried_again() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = gateway(Protocol::Generic, closed, "+1").send(&message(), &ids(), 0).unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Service, Next::Retry, "connect"));
}

#[test]
fn no_debug_text_holds_the_secret_the_number_or_the_message() {
    let gateway = gateway(Protocol::Twilio, ([127, 0, 0, 1], 9).into(), "+1");
    let shown = format!("{gateway:?} {:?} {:?}", message(), settings(Protocol::Generic, String::new(), "+1"));
    assert!(
        ["the-secret", "4915112345678", "Ü & so"].iter().all(|hidden| !shown.contains(hidden)),
        "{shown}"
    );
    assert_eq!(gateway.key(), "127.0.0.1:9/AC01");
}

#[test]
fn an_address_or_account_that_leads_elsewhere_is_refused() {
    let made = |url: &str, account: &str| {
        let http = HttpClient::new(HttpRules::default()).unwrap();
        let settings = settings(Protocol::Twilio, url.to_owned(), "+1");
        Gateway::new(http, GatewaySettings { account: account.to_owned(), ..settings })
            .map(|made| made.key().to_owned())
    };
    assert_eq!(made("https://api.twilio.com/", "AC01").unwrap(), "api.twilio.com:443/AC01");
    for url in ["", "api.twilio.com", "ftp://api.twilio.com", "https://user:password@api.twilio.com"] {
        assert_eq!(made(url, "AC01"), Err(NoGateway::Url), "{url}");
    }
    for account in ["", "../AC02", "AC 1"] {
        assert_eq!(made("https://api.twilio.com", account), Err(NoGateway::Account), "{account}");
    }
}
