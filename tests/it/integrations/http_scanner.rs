//! Virus scans over HTTP, up to what is handed to the guarded client.

use std::{
    io::{self, Read},
    sync::{Arc, Mutex},
};

use event_manager::integrations::{
    Blame, HttpAnswer, HttpFailure, HttpFault, HttpRequest, Next,
    virus_scan::{HttpScanner, HttpScannerSettings, Scan, Scanner},
};

use super::{assert_service_failed, ids};

type Sent = Arc<Mutex<Vec<HttpRequest>>>;

fn settings() -> HttpScannerSettings {
    let url = "https://Scanner.Example/v1/scan?key=horse".parse().unwrap();
    HttpScannerSettings {
        authorization: Some("Bearer horse".to_owned()),
        headers: vec![("x-api-key".to_owned(), "horse".to_owned())],
        file_limit: 1_000,
        ..HttpScannerSettings::new(url)
    }
}

fn scanner(answer: Result<&'static str, HttpFault>) -> (HttpScanner, Sent) {
    let sent = Sent::default();
    let kept = Arc::clone(&sent);
    let send = move |request: &HttpRequest, call: &_| {
        assert_eq!(call, &ids());
        kept.lock().unwrap().push(request.clone());
        let answered = |body: &str| HttpAnswer {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
            truncated: false,
            address: None,
        };
        answer.map(answered).map_err(|fault| HttpFailure { fault, sent: true, detail: "why".to_owned() })
    };
    (HttpScanner::new(settings(), Arc::new(send)), sent)
}

#[test]
fn a_file_is_posted_with_the_credentials_and_the_answer_is_the_verdict() {
    let (scanner, sent) = scanner(Ok(r#"{"infected":true,"signature":"Evil"}"#));
    let scan = scanner.scan(&mut &b"a score sheet\n"[..], &ids());
    assert_eq!(scan, Ok(Scan::Infected { signature: "Evil".to_owned() }));
    let sent = sent.lock().unwrap();
    let [request] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((request.method, request.body.as_slice()), ("POST", &b"a score sheet\n"[..]));
    assert_eq!(request.url.as_str(), "https://scanner.example/v1/scan?key=horse");
    let header =
        |name: &str| request.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
    assert_eq!(header("authorization"), Some("Bearer horse"));
    assert_eq!(header("x-api-key"), Some("horse"));
    assert_eq!(header("content-type"), Some("application/octet-stream"));
}

#[test]
fn a_file_that_is_too_large_or_cannot_be_read_is_not_sent() {
    let (scanner, sent) = scanner(Ok(r#"{"infected":false,"signature":null}"#));
    assert_eq!(scanner.scan(&mut io::repeat(b'.').take(1_000), &ids()), Ok(Scan::Clean));
    let failure = scanner.scan(&mut io::repeat(b'.'), &ids()).unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::GiveUp, "too_large"));
    assert_eq!(sent.lock().unwrap().len(), 1);
}

#[test]
fn a_scanner_is_probed_with_something_harmless() {
    let (clean, _) = scanner(Ok(r#"{"infected":false,"signature":null}"#));
    assert_eq!(clean.probe(&ids()).unwrap(), "the scanner at scanner.example:443 answers");
    let (zealous, _) = scanner(Ok(r#"{"infected":true,"signature":"Everything"}"#));
    assert_service_failed(zealous.probe(&ids()), "scanner_error");
    let (silent, _) = scanner(Err(HttpFault::Timeout));
    assert_service_failed(silent.probe(&ids()), "timeout");
}

#[test]
fn its_secrets_are_never_shown() {
    let (scanner, _) = scanner(Err(HttpFault::Reset));
    let failure = scanner.scan(&mut &b"a score sheet\n"[..], &ids()).unwrap_err();
    let shown = [format!("{scanner:?}"), format!("{:?}", settings()), format!("{failure:?}"), scanner.key()];
    for text in shown {
        assert!(!text.contains("horse"), "{text}");
    }
    assert_eq!(scanner.key(), "scanner.example:443");
}
