use std::{
    io::{Read, Write},
    thread,
    time::{Duration, Instant, SystemTime},
};

use standardwebhooks::Webhook;

use super::{
    super::{Authority, Receiver, Reply},
    client::{Dialogue, LIMIT, connect, encrypted, http},
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn every_request_is_kept_whole_in_its_order() {
    let receiver = Receiver::start();
    let client = http();
    client.post(receiver.url("/first?a=1")).header("X-Request-ID", "r-1").send("{\"n\":1}").unwrap();
    client.put(receiver.url("/second")).send("").unwrap();
    let requests = receiver.wait_for(2, LIMIT);
    let [first, second] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((first.number, first.method.as_str(), first.path.as_str()), (1, "POST", "/first?a=1"));
    assert_eq!((second.number, second.method.as_str(), second.path.as_str()), (2, "PUT", "/second"));
    assert_eq!(first.header("x-request-id"), Some("r-1"));
    assert_eq!(first.json()["n"], 1);
    assert_eq!(first.connection, second.connection, "it keeps connections open");
    assert!(first.at <= second.at);
    assert_eq!(receiver.requests().len(), 2);
}

#[test]
fn a_body_in_chunks_is_put_together() {
    let receiver = Receiver::start();
    let mut client = connect(receiver.address());
    let head = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    client.write_all(format!("{head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").as_bytes()).unwrap();
    client.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(receiver.requests()[0].body, b"abcde");
}

#[test]
fn the_script_is_answered_first_and_then_what_is_usual() {
    let receiver = Receiver::start();
    receiver.answer_with(204);
    receiver
        .answer_script([Reply::status(429).header("retry-after", "7"), Reply::status(500).body("broken")]);
    let ask = || http().get(receiver.url("/")).call().unwrap();
    let first = ask();
    assert_eq!((first.status().as_u16(), first.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    let mut second = ask();
    assert_eq!(
        (second.status().as_u16(), second.body_mut().read_to_string().unwrap()),
        (500, "broken".into())
    );
    assert_eq!(ask().status(), 204);
    assert_eq!(ask().status(), 204);
}

#[test]
fn a_request_may_get_no_answer() {
    let receiver = Receiver::start();
    receiver.answer_script([Reply::none()]);
    assert!(http().post(receiver.url("/")).send("hello").is_err());
    assert_eq!(receiver.wait_for(1, LIMIT)[0].body, b"hello");
}

#[test]
fn an_answer_comes_as_late_as_the_script_says() {
    let receiver = Receiver::start();
    let (delay, started) = (Duration::from_millis(30), Instant::now());
    receiver.answer_script([Reply::status(200).after(delay)]);
    http().get(receiver.url("/")).call().unwrap();
    assert!(started.elapsed() >= delay);
}

#[test]
fn requests_are_held_until_they_are_released() {
    let receiver = Receiver::start();
    receiver.hold();
    let url = receiver.url("/");
    let client = thread::spawn(move || http().get(url).call().unwrap().status());
    receiver.wait_for(1, LIMIT);
    assert!(!client.is_finished());
    receiver.release();
    assert_eq!(client.join().unwrap(), 200);
}

#[test]
fn dropping_it_ends_requests_that_are_held() {
    let receiver = Receiver::start();
    receiver.hold();
    let mut client = connect(receiver.address());
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    receiver.wait_for(1, LIMIT);
    drop(receiver);
    assert!(client.read_to_end(&mut Vec::new()).is_ok_and(|count| count < 100));
}

#[test]
fn over_tls_it_is_trusted_by_whoever_trusts_its_authority() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let receiver = Receiver::start_with_tls(&authority);
    assert!(receiver.url("/").starts_with("https://127.0.0.1:"));
    let mut client =
        Dialogue::over(encrypted(connect(receiver.address()), authority.pem(), "127.0.0.1").unwrap());
    client.say("GET /safe HTTP/1.1\r\n");
    assert_eq!(client.hear(), "HTTP/1.1 200 Answer");
    assert_eq!(receiver.requests()[0].path, "/safe");
    let refused = encrypted(connect(receiver.address()), stranger.pem(), "127.0.0.1").unwrap_err();
    assert!(refused.to_string().contains("invalid peer certificate"), "{refused}");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::for_names(&["elsewhere.test"]);
    let receiver = Receiver::start_with_tls(&authority);
    let refused = encrypted(connect(receiver.address()), authority.pem(), "localhost").unwrap_err();
    assert!(refused.to_string().contains("not valid for name"), "{refused}");
}

#[test]
fn a_signature_is_verified_as_receivers_do() {
    let receiver = Receiver::start();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let signature = Webhook::new(SECRET).unwrap().sign("msg_1", now.cast_signed(), b"{\"n\":1}").unwrap();
    let send = |body: &str| {
        let request = http().post(receiver.url("/")).header("webhook-id", "msg_1");
        let request = request.header("webhook-timestamp", now.to_string());
        request.header("webhook-signature", &signature).send(body).unwrap();
    };
    send("{\"n\":1}");
    send("{\"n\":2}");
    let [genuine, forged] = receiver.wait_for(2, LIMIT).try_into().unwrap();
    assert_eq!(genuine.verify(SECRET), Ok(()));
    assert_eq!(genuine.verify("whsec_AAAA"), Err("signature invalid".to_owned()));
    assert_eq!(forged.verify(SECRET), Err("signature invalid".to_owned()));
    assert_eq!(genuine.verify_with_node(SECRET), Ok(()));
    assert_eq!(forged.verify_with_node(SECRET), Err("No matching signature found".to_owned()));
}
