//! TLS and signing in: nothing is sent in clear that must not be, and no secret is told.

use std::{io::Write, net::TcpListener, time::Duration};

use super::{
    certificates::Authority,
    ids, mail,
    peer::{Act, Peer, Script},
    settings,
};
use crate::integrations::{
    attempt::{Blame, Failure, Next},
    email::{Login, Relay, RelaySettings, Security},
};

const PASSWORD: &str = "open-sesame";
/// Base 64 of `\0mailer\0open-sesame`, of `mailer` and of `open-sesame`.
const BOTH: &str = "AG1haWxlcgBvcGVuLXNlc2FtZQ==";
const USER: &str = "bWFpbGVy";
const SECRET: &str = "b3Blbi1zZXNhbWU=";

fn secure(peer: &Peer, authority: &Authority, security: Security) -> RelaySettings {
    RelaySettings {
        host: "localhost".to_owned(),
        security,
        extra_authorities_pem: Some(authority.pem()),
        login: Some(Login { user: "mailer".to_owned(), password: PASSWORD.to_owned() }),
        ..settings(peer.port)
    }
}

fn failure(settings: RelaySettings) -> Failure {
    Relay::new(settings).unwrap().send(&mail(), &ids()).unwrap_err()
}

fn assert_tells_no_secret(failure: &Failure) {
    let told = format!("{failure} {failure:?}");
    for secret in [PASSWORD, BOTH, SECRET, "b3Blbi1z", "AG1haWxl"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn a_mail_goes_under_tls_and_after_the_sign_in() {
    let authority = Authority::new();
    let tls = authority.relay("localhost", 2040);
    for (mechanisms, lines) in [
        ("AUTH PLAIN LOGIN", vec!["tls AUTH PLAIN".to_owned(), format!("tls {BOTH}")]),
        ("AUTH LOGIN", vec!["tls AUTH LOGIN".to_owned(), format!("tls {USER}"), format!("tls {SECRET}")]),
        ("AUTH=LOGIN", vec!["tls AUTH LOGIN".to_owned(), format!("tls {USER}"), format!("tls {SECRET}")]),
    ] {
        let script = Script::good().offering(&["STARTTLS", "AUTH PLAIN LOGIN"], &[mechanisms]);
        let peer = Peer::start(script.with_tls(&tls, false));
        Relay::new(secure(&peer, &authority, Security::StartTls)).unwrap().send(&mail(), &ids()).unwrap();
        let commands = peer.seen().commands;
        assert_eq!(commands[..3], ["EHLO localhost", "STARTTLS", "tls EHLO localhost"], "{mechanisms}");
        assert_eq!(commands[3..3 + lines.len()], lines, "{mechanisms}");
        assert!(commands[3 + lines.len()..].iter().all(|line| line.starts_with("tls ")), "{commands:?}");
        assert_eq!(peer.mails(), 1);
    }
}

#[test]
fn tls_from_the_first_byte_works_as_well_and_over_kept_connections() {
    let authority = Authority::new();
    let script = Script::good().offering(&[], &["AUTH PLAIN", "SIZE 1000000"]);
    let peer = Peer::start(script.with_tls(&authority.relay("localhost", 2040), true));
    let relay = Relay::new(secure(&peer, &authority, Security::Tls)).unwrap();
    for _ in 0..3 {
        relay.send(&mail(), &ids()).unwrap();
    }
    assert_eq!((peer.seen().connections, peer.mails()), (1, 3));
    assert!(peer.seen().commands.iter().all(|line| line.starts_with("tls ")));
}

#[test]
fn a_certificate_that_is_expired_of_another_name_or_of_a_stranger_ends_the_call() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let certificates = [
        authority.relay("localhost", 2021),
        authority.relay("other.test", 2040),
        stranger.relay("localhost", 2040),
    ];
    for tls in certificates {
        for (security, at_once) in [(Security::StartTls, false), (Security::Tls, true)] {
            let script = Script::good().offering(&["STARTTLS"], &["AUTH PLAIN"]).with_tls(&tls, at_once);
            let peer = Peer::start(script);
            let failure = failure(secure(&peer, &authority, security));
            assert_eq!((failure.blame, failure.next), (Blame::Service, Next::Retry));
            assert_eq!(failure.class, "tls", "{failure}");
            assert!(failure.detail.contains("certificate"), "{failure}");
            assert!(!peer.seen().commands.iter().any(|line| line.starts_with("tls ")));
            assert_eq!(peer.mails(), 0);
        }
    }
}

#[test]
fn a_relay_that_does_not_offer_starttls_gets_nothing_in_clear() {
    let authority = Authority::new();
    let peer = Peer::start(Script::good().offering(&["AUTH PLAIN LOGIN", "SIZE 1000000"], &[]));
    let failure = failure(secure(&peer, &authority, Security::StartTls));
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Service, Next::Retry, "tls"));
    assert_eq!(peer.seen().commands, ["EHLO localhost"], "neither the password nor the mail");
}

#[test]
fn a_relay_that_refuses_starttls_gets_nothing_in_clear() {
    let authority = Authority::new();
    for (text, class) in [("454 4.7.0 TLS not available", "status"), ("501 5.5.4 no", "status")] {
        let script = Script::good().offering(&["STARTTLS", "AUTH PLAIN"], &[]);
        let peer = Peer::start(script.at("STARTTLS", Act::SayAndClose(text)));
        let failure = failure(secure(&peer, &authority, Security::StartTls));
        assert_eq!((failure.blame, failure.class), (Blame::Service, class), "{text}");
        assert_eq!(peer.seen().commands, ["EHLO localhost", "STARTTLS"]);
    }
}

#[test]
fn what_is_slipped_in_before_tls_is_not_taken_for_the_relays_word() {
    let authority = Authority::new();
    let slipped = Act::Say("220 go on\r\n250-evil\r\n250 AUTH PLAIN");
    let script = Script::good().offering(&["STARTTLS"], &[]).at("STARTTLS", slipped);
    let peer = Peer::start(script.with_tls(&authority.relay("localhost", 2040), false));
    let failure = failure(secure(&peer, &authority, Security::StartTls));
    assert_eq!(failure.class, "tls");
    assert_eq!(peer.seen().commands, ["EHLO localhost", "STARTTLS"]);
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the peer is no part of the product")]
fn a_handshake_that_drips_or_is_no_tls_ends_within_the_limits() {
    for (bytes, class) in [(b"\x16".as_slice(), "timeout"), (b"220 relay.test ESMTP\r\n", "tls")] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let peer = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            socket.write_all(bytes).unwrap();
            // Until the client goes.
            drop(std::io::copy(&mut socket, &mut std::io::sink()));
        });
        let hasty = RelaySettings {
            security: Security::Tls,
            connect_limit: Duration::from_secs(1),
            ..settings(port)
        };
        assert_eq!(failure(hasty).class, class);
        peer.join().unwrap();
    }
}

#[test]
fn a_password_that_is_not_taken_is_told_and_tried_again_slowly() {
    let authority = Authority::new();
    let tls = authority.relay("localhost", 2040);
    let slowly = (Blame::Service, Next::RetryAfter(Duration::from_secs(900)), "credentials");
    for text in ["535 5.7.8 no", "530 5.7.0 no", "534 5.7.9 application password needed", "504 5.5.4 no"] {
        for (mechanism, step) in [("AUTH PLAIN", "SECRET"), ("AUTH LOGIN", "AUTH")] {
            let script = Script::good().offering(&["STARTTLS"], &[mechanism]).at(step, Act::Say(text));
            let peer = Peer::start(script.with_tls(&tls, false));
            let failure = failure(secure(&peer, &authority, Security::StartTls));
            assert_eq!((failure.blame, failure.next, failure.class), slowly, "{text}");
            assert!(text.starts_with(&failure.status.unwrap().to_string()), "{failure}");
            assert_tells_no_secret(&failure);
            assert_eq!(peer.mails(), 0);
        }
    }
    let script = Script::good().offering(&["STARTTLS"], &["AUTH CRAM-MD5 XOAUTH2"]);
    let peer = Peer::start(script.with_tls(&tls, false));
    let failure = failure(secure(&peer, &authority, Security::StartTls));
    assert_eq!((failure.blame, failure.next, failure.class), slowly);
    assert!(!peer.seen().commands.iter().any(|line| line.contains(BOTH)));
}

#[test]
fn a_relay_that_repeats_the_password_does_not_get_it_into_errors() {
    let authority = Authority::new();
    let tls = authority.relay("localhost", 2040);
    let repeats = [
        ("535 5.7.8", "wrong password open-sesame"),
        ("500 5.5.1", "unknown: AG1haWxlcgBvcGVuLXNlc2FtZQ=="),
        ("500 5.5.1", "unknown: AG1haWxlcgBvcG..."),
        ("501 5.5.2", "'b3Blbi1zZXNhbWU=' is wrong"),
    ];
    for (code, text) in repeats {
        let text: &str = Box::leak(format!("{code} {text}").into_boxed_str());
        for (mechanism, step) in [("AUTH PLAIN", "SECRET"), ("AUTH LOGIN", "AUTH")] {
            let script = Script::good().offering(&["STARTTLS"], &[mechanism]).at(step, Act::Say(text));
            let peer = Peer::start(script.with_tls(&tls, false));
            let failure = failure(secure(&peer, &authority, Security::StartTls));
            assert!(failure.detail.ends_with(code), "{failure}");
            assert_tells_no_secret(&failure);
        }
    }
}

#[test]
fn the_relay_itself_prints_no_secret() {
    let authority = Authority::new();
    let peer = Peer::start(Script::good());
    let relay = Relay::new(secure(&peer, &authority, Security::StartTls)).unwrap();
    let printed = format!("{relay:?}");
    assert!(printed.contains("mailer") && !printed.contains(PASSWORD), "{printed}");
}

#[test]
fn a_check_tells_what_the_relay_says_of_itself_and_sends_no_mail() {
    let authority = Authority::new();
    let script = Script::good().offering(&["STARTTLS"], &["AUTH PLAIN", "SIZE 1000000"]);
    let peer = Peer::start(script.with_tls(&authority.relay("localhost", 2040), false));
    let relay = Relay::new(secure(&peer, &authority, Security::StartTls)).unwrap();
    assert_eq!(
        relay.check().as_deref(),
        Ok("220 relay.test ESMTP; TLS, signed in; AUTH PLAIN, SIZE 1000000, HELP")
    );
    // It takes leave without waiting, so that the relay may not have heard of that yet.
    let commands = peer.seen().commands;
    assert!(commands.iter().any(|line| line == "tls NOOP"), "{commands:?}");
    assert!(!commands.iter().any(|line| line.contains("MAIL")), "{commands:?}");
    assert_eq!(peer.mails(), 0);
}

#[test]
fn a_check_fails_at_the_step_at_which_a_mail_would() {
    let authority = Authority::new();
    let peer = Peer::start(Script::good());
    let settings = secure(&peer, &authority, Security::StartTls);
    assert_eq!(Relay::new(settings).unwrap().check().unwrap_err().class, "tls");
    let peer = Peer::start(Script::good().at("greeting", Act::Say("554 5.7.1 go away")));
    let failure = Relay::new(super::settings(peer.port)).unwrap().check().unwrap_err();
    assert_eq!((failure.class, failure.status), ("status", Some(554)));
}
