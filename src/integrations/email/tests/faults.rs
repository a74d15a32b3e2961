//! What is said of every failure: whom it is held against, what becomes of the mail, and what the relay took.

use std::{net::TcpListener, thread};

use super::{
    hasty_relay, ids, mail,
    peer::{Act, Peer, Script},
    relay, settings,
};
use crate::integrations::{
    attempt::{Blame, Failure, Next},
    email::{Mail, Relay, RelaySettings},
};

type Verdict = (Blame, Next, &'static str);

const STEPS_BEFORE_THE_END: [&str; 5] = ["greeting", "EHLO", "MAIL", "RCPT", "DATA"];

fn verdict(failure: &Failure) -> Verdict {
    (failure.blame, failure.next, failure.class)
}

/// The verdict on a mail that a scripted relay fails, and how many contents the relay took.
fn failed(script: Script) -> (Verdict, usize, Failure) {
    sent(&Peer::start(script), relay)
}

fn failed_hastily(script: Script) -> (Verdict, usize) {
    let (verdict, mails, _) = sent(&Peer::start(script), hasty_relay);
    (verdict, mails)
}

fn sent(peer: &Peer, relay: impl FnOnce(u16) -> Relay) -> (Verdict, usize, Failure) {
    let failure = relay(peer.port).send(&mail(), &ids()).unwrap_err();
    (verdict(&failure), peer.mails(), failure)
}

fn after(seconds: u64) -> Next {
    Next::RetryAfter(std::time::Duration::from_secs(seconds))
}

#[test]
fn a_mail_that_is_taken_arrives_once_and_whole() {
    let peer = Peer::start(Script::good());
    let accepted = relay(peer.port).send(&mail(), &ids()).unwrap();
    assert_eq!(accepted.response, "250 2.0.0 Ok: queued as 4B1D2");
    let seen = peer.seen();
    assert_eq!(
        seen.commands,
        ["EHLO localhost", "MAIL FROM:<cup@example.org>", "RCPT TO:<ada@example.net>", "DATA"]
    );
    let [content] = seen.contents.as_slice() else { panic!("{seen:?}") };
    assert!(content.ends_with("\r\n\r\nHello Ada,\r\n.\r\nyou came first.\r\n\r\n"), "{content}");
    assert!(content.contains("\r\nMessage-ID: <job-1@example.org>\r\n"), "{content}");
}

#[test]
fn a_relay_that_refuses_connections_or_has_no_address_is_tried_again() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let failure = relay(port).send(&mail(), &ids()).unwrap_err();
    assert_eq!(verdict(&failure), (Blame::Service, Next::Retry, "connect"));
    let nowhere = RelaySettings { host: "relay.invalid".to_owned(), ..settings(25) };
    let failure = Relay::new(nowhere).unwrap().send(&mail(), &ids()).unwrap_err();
    assert_eq!(verdict(&failure), (Blame::Service, Next::Retry, "dns"));
}

#[test]
#[allow(clippy::disallowed_methods, reason = "clients of a test have no request to belong to")]
fn a_relay_that_is_silent_or_drips_ends_within_the_limits() {
    let timeout = (Blame::Service, Next::Retry, "timeout");
    let unknown = (Blame::Service, Next::Unknown, "unknown_end");
    thread::scope(|scope| {
        for act in [Act::Silence, Act::Drip] {
            for step in STEPS_BEFORE_THE_END {
                scope.spawn(move || {
                    let script = Script::good().at(step, act);
                    assert_eq!(failed_hastily(script), (timeout, 0), "{step} {act:?}");
                });
            }
            scope.spawn(move || {
                assert_eq!(failed_hastily(Script::good().at("end", act)), (unknown, 1), "{act:?}");
            });
        }
    });
}

#[test]
fn a_relay_that_does_not_read_the_content_ends_within_the_limits_and_is_tried_again() {
    let peer = Peer::start(Script::good().at("DATA", Act::SayAndIgnore("354 go on")));
    let large = Mail { text: "A line of text.\n".repeat(1_000_000), ..mail() };
    let failure = hasty_relay(peer.port).send(&large, &ids()).unwrap_err();
    assert_eq!(verdict(&failure), (Blame::Service, Next::Retry, "timeout"));
    assert_eq!(failure.detail, "the content took too long");
}

#[test]
fn a_peer_that_takes_connections_and_never_reads_ends_within_the_limits() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let failure = hasty_relay(listener.local_addr().unwrap().port()).send(&mail(), &ids()).unwrap_err();
    assert_eq!(verdict(&failure), (Blame::Service, Next::Retry, "timeout"));
}

#[test]
fn answers_without_an_end_are_not_read_to_their_end() {
    for act in [Act::EndlessLine, Act::EndlessLines] {
        for step in STEPS_BEFORE_THE_END {
            let (verdict, mails, _) = failed(Script::good().at(step, act));
            assert_eq!((verdict, mails), ((Blame::Service, Next::Retry, "malformed"), 0), "{step} {act:?}");
        }
        let (verdict, mails, _) = failed(Script::good().at("end", act));
        assert_eq!((verdict, mails), ((Blame::Service, Next::Unknown, "unknown_end"), 1), "{act:?}");
    }
}

#[test]
fn what_is_no_smtp_is_malformed() {
    let garbage = ["HTTP/1.1 400 Bad Request", "", "\0\0\0", "250-a\r\n251 b", "999 what", "25"];
    for text in garbage {
        for step in STEPS_BEFORE_THE_END {
            let (verdict, mails, _) = failed(Script::good().at(step, Act::Say(text)));
            assert_eq!((verdict, mails), ((Blame::Service, Next::Retry, "malformed"), 0), "{step} {text:?}");
        }
        let (verdict, mails, _) = failed(Script::good().at("end", Act::Say(text)));
        assert_eq!((verdict, mails), ((Blame::Service, Next::Unknown, "unknown_end"), 1), "{text:?}");
    }
}

#[test]
fn an_answer_that_was_given_in_advance_is_not_taken_for_the_relays_word() {
    let early = Act::Say("354 go on\r\n250 2.0.0 queued already");
    let (verdict, mails, _) = failed(Script::good().at("DATA", early));
    assert_eq!(verdict, (Blame::Service, Next::Retry, "malformed"));
    assert_eq!(mails, 0, "the content was not ended");
    let wrong = Script::good().at("DATA", Act::Say("250 ok"));
    assert_eq!(failed(wrong).0, (Blame::Service, Next::Retry, "malformed"));
}

#[test]
fn a_connection_that_is_lost_is_tried_again_unless_the_mail_had_been_sent_whole() {
    for step in STEPS_BEFORE_THE_END {
        let (verdict, mails, _) = failed(Script::good().at(step, Act::Close));
        assert_eq!((verdict, mails), ((Blame::Service, Next::Retry, "reset"), 0), "{step}");
    }
    let (verdict, mails, failure) = failed(Script::good().at("end", Act::Close));
    assert_eq!((verdict, mails), ((Blame::Service, Next::Unknown, "unknown_end"), 1));
    assert_eq!(failure.status, None);
}

#[test]
fn a_relay_that_is_closing_or_overloaded_is_held_against_the_relay() {
    let service = (Blame::Service, Next::Retry, "status");
    for step in STEPS_BEFORE_THE_END {
        for text in ["421 4.3.2 closing", "451 4.4.1 no answer from host", "454 4.7.0 not now"] {
            let (verdict, mails, failure) = failed(Script::good().at(step, Act::SayAndClose(text)));
            assert_eq!((verdict, mails), (service, 0), "{step} {text}");
            assert!(text.starts_with(&failure.status.unwrap().to_string()));
        }
    }
    for step in ["greeting", "EHLO", "MAIL", "DATA"] {
        assert_eq!(failed(Script::good().at(step, Act::Say("450 4.7.1 later"))).0, service, "{step}");
    }
    for step in ["greeting", "EHLO"] {
        assert_eq!(failed(Script::good().at(step, Act::Say("554 5.7.1 go away"))).0, service, "{step}");
    }
    for text in ["421 4.3.2 closing", "452 4.3.1 disk full", "451 4.3.0 queue"] {
        assert_eq!(failed(Script::good().at("end", Act::Say(text))).0, service, "{text}");
    }
}

#[test]
fn a_recipient_that_does_not_exist_is_given_up_and_not_held_against_the_relay() {
    let (verdict, mails, failure) = failed(Script::good().at("RCPT", Act::Say("550 5.1.1 no such user")));
    assert_eq!((verdict, mails), ((Blame::Call, Next::GiveUp, "recipient"), 0));
    assert_eq!(failure.status, Some(550));
    assert_eq!(failure.detail, "the relay answered RCPT with 550 5.1.1 no such user");
}

#[test]
fn a_recipient_that_is_put_off_is_asked_again_after_five_minutes() {
    for text in ["450 4.2.0 greylisted", "451 4.7.1 greylisted", "452 4.2.2 mailbox full"] {
        let (verdict, mails, _) = failed(Script::good().at("RCPT", Act::Say(text)));
        assert_eq!((verdict, mails), ((Blame::Call, after(300), "recipient"), 0), "{text}");
    }
    let (verdict, mails, _) = failed(Script::good().at("end", Act::Say("451 4.7.1 greylisted")));
    assert_eq!((verdict, mails), ((Blame::Call, after(300), "deferred"), 1));
}

#[test]
fn a_mail_that_is_refused_is_given_up() {
    for (step, mails) in [("MAIL", 0), ("DATA", 0), ("end", 1)] {
        let (verdict, taken, _) = failed(Script::good().at(step, Act::Say("554 5.7.1 spam")));
        assert_eq!((verdict, taken), ((Blame::Call, Next::GiveUp, "refused"), mails), "{step}");
    }
}

#[test]
fn a_relay_that_wants_a_sign_in_is_tried_again_slowly() {
    for step in ["MAIL", "RCPT"] {
        let (verdict, mails, _) = failed(Script::good().at(step, Act::Say("530 5.7.0 sign in first")));
        assert_eq!((verdict, mails), ((Blame::Service, after(900), "credentials"), 0), "{step}");
    }
}

#[test]
fn a_mail_larger_than_the_relay_takes_is_not_sent() {
    let peer = Peer::start(Script::good().offering(&["SIZE 100"], &[]));
    let (verdict, mails, _) = sent(&peer, relay);
    assert_eq!((verdict, mails), ((Blame::Call, Next::GiveUp, "too_large"), 0));
    assert_eq!(peer.seen().commands, ["EHLO localhost"]);
    let peer = Peer::start(Script::good().offering(&["SIZE 0"], &[]));
    relay(peer.port).send(&mail(), &ids()).unwrap();
    let size = format!("MAIL FROM:<cup@example.org> SIZE={}", peer.seen().contents[0].len());
    assert_eq!(peer.seen().commands[1], size);
}

#[test]
fn what_a_relay_says_is_told_in_one_line_of_bounded_length() {
    let (_, _, failure) = failed(Script::good().at("RCPT", Act::Say("550-5.1.1 no\u{1b}[31m\r\n550 user")));
    assert_eq!(failure.detail, "the relay answered RCPT with 550 5.1.1 no [31m user");
    let long = Box::leak(format!("250 {}", "ä".repeat(1_500)).into_boxed_str());
    let peer = Peer::start(Script::good().at("end", Act::Say(long)));
    let accepted = relay(peer.port).send(&mail(), &ids()).unwrap();
    assert!((1_000..=1_024).contains(&accepted.response.len()), "{}", accepted.response.len());
}
