//! Files and a real scanner for viruses: nothing is given out before it has said that it found nothing, whatever becomes of it.

use serde_json::{Value, json};

use super::{admin, deliveries, in_state, options, outcomes};
use crate::{
    peers::{Behaviour, ChaosProxy, Clamd, INFECTED, Receiver, Reply},
    support::{Client, Options, Server, id_of, upload, wait_until},
};

const DOCUMENT: &str = "name=Rules&purpose=document";

/// A server with a scanner at an address, whose circuit is tried again soon.
fn scanned_by(address: impl ToString) -> Options {
    options()
        .set("virus_scan.address", &address.to_string())
        .set("virus_scan.timeout_s", "2")
        .set("breaker.virus_scan.timeout_ms", "300")
        .set("breaker.virus_scan.longest_timeout_ms", "300")
}

fn document(admin: &Client, text: &str) -> String {
    let file = upload(admin, DOCUMENT, "text/plain", text.as_bytes()).expect(201);
    assert_eq!(file["scan"], json!({"state": "pending"}));
    id_of(&file)
}

/// The file once its scan is over.
#[track_caller]
fn scanned(admin: &Client, id: &str, state: &str) -> Value {
    let mut file = Value::Null;
    wait_until(&format!("the file is {state}"), || {
        file = admin.get(&format!("/files/{id}")).expect(200);
        file["scan"]["state"] == state
    });
    file
}

#[track_caller]
fn assert_given_out(admin: &Client, id: &str, text: &str) {
    assert_eq!(admin.get(&format!("/files/{id}/content")).text(), text);
}

/// That the content is refused, with what is known of the file.
#[track_caller]
fn assert_kept_back(admin: &Client, id: &str, scan: &Value) {
    let problem = admin.get(&format!("/files/{id}/content")).expect_problem(409, "file_quarantined");
    assert_eq!(&problem["scan"], scan);
}

/// The delivery of a file to the scanner, newest first if there are several.
fn scan(admin: &Client) -> Value {
    deliveries(admin, "service=virus_scan").remove(0)
}

fn metric(server: &Server, series: &str) -> String {
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_default().to_owned()
}

fn circuit(server: &Server) -> Value {
    server.super_admin().get("/breakers?service=virus_scan").expect(200)["items"][0].clone()
}

#[test]
fn a_file_is_given_out_once_the_scanner_has_found_nothing_in_it() {
    let scanner = Clamd::start();
    for address in [scanner.address().to_string(), scanner.socket().display().to_string()] {
        let server = Server::with(scanned_by(address));
        let client = admin(&server);
        let named = client.with_header("X-Correlation-ID", "the-upload");
        let id = document(&named, "Come early.");
        scanned(&client, &id, "clean");
        assert_given_out(&client, &id, "Come early.");
        let done = in_state(&client, &id_of(&scan(&client)), "done");
        assert_eq!((&done["title"], &done["body"]), (&json!("scan"), &Value::Null), "{done}");
        assert_eq!(done["correlationId"], "the-upload");
        assert_eq!((outcomes(&done), &done["attempts"][0]["detail"]), (vec!["arrived"], &json!("clean")));
        assert_eq!(metric(&server, "files_scanned_total{outcome=\"clean\"}"), "1");
    }
}

#[test]
fn an_infected_file_is_kept_back_with_its_signature_and_stays_so() {
    let scanner = Clamd::start();
    let mut server = Server::with(scanned_by(scanner.address()));
    let client = admin(&server);
    let id = document(&client, &format!("Come early. {INFECTED}"));
    scanned(&client, &id, "infected");
    let found = json!({"state": "infected", "signature": Clamd::SIGNATURE});
    assert_kept_back(&client, &id, &found);
    let done = in_state(&client, &id_of(&scan(&client)), "done");
    assert_eq!(done["attempts"][0]["detail"], format!("infected: {}", Clamd::SIGNATURE));
    assert_eq!(metric(&server, "files_scanned_total{outcome=\"infected\"}"), "1");
    assert_eq!(circuit(&server)["state"], "CLOSED", "the scanner works");
    server.stop();
    server.start_again();
    assert_kept_back(&admin(&server), &id, &found);
}

#[test]
fn while_the_scanner_is_down_files_wait_and_are_given_out_when_it_is_back() {
    let scanner = Clamd::start();
    let proxy = ChaosProxy::before(scanner.address());
    let server = Server::with(scanned_by(proxy.address()));
    let client = admin(&server);
    proxy.set(Behaviour::Refuse);
    let files: Vec<String> = (0..8).map(|number| document(&client, &format!("No. {number}"))).collect();
    wait_until("the circuit opens", || circuit(&server)["state"] == "OPEN");
    for id in &files {
        assert_kept_back(&client, id, &json!({"state": "pending"}));
    }
    let waiting = deliveries(&client, "service=virus_scan&state=waiting");
    assert!(waiting.iter().any(|delivery| delivery["attemptsMade"] == 0), "{waiting:?}");
    proxy.set(Behaviour::Pass);
    for (number, id) in files.iter().enumerate() {
        scanned(&client, id, "clean");
        assert_given_out(&client, id, &format!("No. {number}"));
    }
}

#[test]
fn a_file_that_is_too_large_for_the_scanner_is_never_given_out_and_the_scanner_is_not_to_blame() {
    let scanner = Clamd::start();
    let server = Server::with(scanned_by(scanner.address()));
    let client = admin(&server);
    let id = document(&client, &"x".repeat(Clamd::STREAM_BYTES_MAX + 1));
    let file = scanned(&client, &id, "failed");
    let why = file["scan"]["why"].as_str().unwrap();
    assert!(why.contains("larger than the scanner takes"), "{why}");
    assert_kept_back(&client, &id, &file["scan"]);
    let dead = in_state(&client, &id_of(&scan(&client)), "dead");
    assert_eq!((outcomes(&dead), &dead["attempts"][0]["class"]), (vec!["refused"], &json!("too_large")));
    assert_eq!(metric(&server, "circuit_breaker_failures_total{service=\"virus_scan\"}"), "0");
}

#[test]
fn a_scanner_that_takes_files_and_never_answers_is_waited_for_no_longer_than_the_limit() {
    let scanner = Clamd::start();
    let proxy = ChaosProxy::before(scanner.address());
    let server = Server::with(scanned_by(proxy.address()));
    let client = admin(&server);
    proxy.set(Behaviour::BlackHole);
    let id = document(&client, "Come early.");
    let mut attempt = Value::Null;
    wait_until("the attempt has ended", || {
        attempt =
            client.get(&format!("/deliveries/{}", id_of(&scan(&client)))).expect(200)["attempts"][0].clone();
        attempt["outcome"].is_string()
    });
    assert_eq!((&attempt["outcome"], &attempt["class"]), (&json!("failed"), &json!("timeout")), "{attempt}");
    assert_kept_back(&client, &id, &json!({"state": "pending"}));
    proxy.set(Behaviour::Pass);
    scanned(&client, &id, "clean");
}

#[test]
fn what_is_no_scanner_makes_no_file_clean() {
    let scanner = Clamd::start();
    let proxy = ChaosProxy::before(scanner.address());
    let server = Server::with(scanned_by(proxy.address()));
    let client = admin(&server);
    for behaviour in [Behaviour::Garbage, Behaviour::CutAfter(5), Behaviour::CutRequestAfter(12)] {
        proxy.set(behaviour);
        let id = document(&client, &format!("{behaviour:?}"));
        wait_until("an attempt has failed", || scan(&client)["attempts"][0]["outcome"] == "failed");
        assert_kept_back(&client, &id, &json!({"state": "pending"}));
    }
}

#[test]
fn an_answer_over_http_that_says_nothing_or_contradicts_itself_makes_no_file_clean() {
    let scanner = Receiver::start();
    let server = Server::with(options().set("virus_scan.url", &scanner.url("/scan")));
    let client = admin(&server);
    let answers = ["", "<html>clean</html>", "{\"infected\": \"no\"}", "[false]", "{\"clean\": true}"];
    // Clean, with the name of a virus.
    let contradictory = "{\"infected\": false, \"signature\": \"Evil\"}";
    for answer in answers.into_iter().chain([contradictory]) {
        scanner.answer_with(Reply::status(200).body(answer));
        let id = document(&client, "Come early.");
        wait_until("an attempt has failed", || scan(&client)["attempts"][0]["outcome"] == "failed");
        assert_eq!(scan(&client)["attempts"][0]["class"], "malformed", "{answer}");
        assert_kept_back(&client, &id, &json!({"state": "pending"}));
        let reset = json!({"service": "virus_scan", "key": scanner.address().to_string()});
        server.super_admin().post("/breakers/reset", &reset).expect(200);
    }
    assert!(
        metric(&server, "circuit_breaker_failures_total{service=\"virus_scan\"}").parse::<u64>().unwrap()
            >= 6
    );
}

#[test]
fn a_server_that_is_killed_while_files_are_scanned_scans_them_after_its_restart() {
    let scanner = Clamd::start();
    let proxy = ChaosProxy::before(scanner.address());
    let mut server = Server::with(scanned_by(proxy.address()));
    let client = admin(&server);
    proxy.set(Behaviour::BlackHole);
    let files = ["Come early.".to_owned(), INFECTED.to_owned()].map(|text| document(&client, &text));
    wait_until("both are under way", || {
        deliveries(&client, "service=virus_scan").iter().all(|delivery| delivery["attemptsMade"] != 0)
    });
    server.kill();
    proxy.set(Behaviour::Pass);
    server.start_again();
    let client = admin(&server);
    scanned(&client, &files[0], "clean");
    scanned(&client, &files[1], "infected");
    assert_given_out(&client, &files[0], "Come early.");
}

#[test]
fn a_file_that_must_be_scanned_where_there_is_no_scanner_waits_for_one() {
    let mut server = Server::with(options());
    let client = admin(&server);
    let before = id_of(&upload(&client, DOCUMENT, "text/plain", b"before").expect(201));
    client.patch("/settings", &json!({"fileScan": "required"})).expect(200);
    let id = document(&client, "Come early.");
    let waiting = scan(&client);
    assert_eq!((&waiting["state"], &waiting["attemptsMade"]), (&json!("waiting"), &json!(0)));
    assert_kept_back(&client, &id, &json!({"state": "pending"}));
    server.stop();
    let scanner = Clamd::start();
    server.configure("virus_scan.address", &scanner.address().to_string());
    server.start_again();
    let client = admin(&server);
    scanned(&client, &id, "clean");
    assert_given_out(&client, &id, "Come early.");
    assert_kept_back(&client, &before, &json!({"state": "notScanned"}));
}

#[test]
fn a_scan_that_was_given_up_is_made_once_more_by_hand() {
    let scanner = Receiver::start();
    let options = options()
        .set("virus_scan.url", &scanner.url("/scan"))
        .set("virus_scan.token", "a-token-that-nobody-reads");
    let server = Server::with(options);
    let client = admin(&server);
    scanner.answer_with(Reply::status(403).body(b"a-token-that-nobody-reads is not known".to_vec()));
    let id = document(&client, "Come early.");
    let file = scanned(&client, &id, "failed");
    assert_kept_back(&client, &id, &file["scan"]);
    scanner.answer_with(Reply::status(200).body(br#"{"infected": false}"#.to_vec()));
    let again = client.call(&format!("/deliveries/{}/replay", id_of(&scan(&client)))).expect(202);
    in_state(&client, &id_of(&again), "done");
    scanned(&client, &id, "clean");
    assert_given_out(&client, &id, "Come early.");
    let request = scanner.requests().remove(0);
    assert_eq!(request.header("authorization"), Some("Bearer a-token-that-nobody-reads"));
    assert_eq!(request.body, b"Come early.");
    let told = [deliveries(&client, "").iter().map(ToString::to_string).collect(), file.to_string()];
    assert!(!told.iter().any(|text: &String| text.contains("nobody-reads")), "{told:?}");
}
