//! Connections that are kept for the next mail, and what happens when the relay has given them up meanwhile.

use std::{sync::Arc, thread, time::Duration};

use super::{
    ids, mail,
    peer::{Act, Peer, Script},
    relay, settings,
};
use crate::integrations::{
    attempt::{Blame, Next},
    email::{Relay, RelaySettings},
};

#[test]
fn mails_in_turn_go_over_one_connection() {
    let peer = Peer::start(Script::good());
    let relay = relay(peer.port);
    for _ in 0..5 {
        relay.send(&mail(), &ids()).unwrap();
    }
    assert_eq!((peer.seen().connections, peer.mails()), (1, 5));
}

#[test]
fn a_connection_stays_when_only_the_mail_was_refused() {
    let peer = Peer::start(Script::good().at("RCPT", Act::Say("550 5.1.1 no such user")));
    let relay = relay(peer.port);
    for _ in 0..3 {
        assert_eq!(relay.send(&mail(), &ids()).unwrap_err().class, "recipient");
    }
    assert_eq!(peer.seen().connections, 1);
    assert_eq!(peer.seen().commands[3], "RSET", "nothing of the mail before is left");
}

#[test]
fn a_kept_connection_that_the_relay_has_closed_is_replaced_and_no_failure() {
    let peer = Peer::start(Script::good().closing_behind_mail());
    let relay = relay(peer.port);
    for _ in 0..3 {
        relay.send(&mail(), &ids()).unwrap();
    }
    assert_eq!(
        (peer.seen().connections, peer.mails()),
        (3, 3),
        "every mail once, each over a new connection"
    );
}

#[test]
fn a_kept_connection_that_the_relay_gives_up_or_forgets_is_replaced() {
    for act in [Act::SayAndClose("421 4.4.2 idle too long"), Act::Close, Act::Silence, Act::Say("noise")] {
        let peer = Peer::start(Script::good().at("RSET", act));
        let relay =
            Relay::new(RelaySettings { connect_limit: Duration::from_secs(1), ..settings(peer.port) });
        let relay = relay.unwrap();
        relay.send(&mail(), &ids()).unwrap();
        relay.send(&mail(), &ids()).unwrap();
        assert_eq!((peer.seen().connections, peer.mails()), (2, 2), "{act:?}");
    }
}

#[test]
fn a_kept_connection_that_ends_at_the_first_step_of_the_mail_is_replaced_once() {
    // EHLO, MAIL, RCPT, DATA, RSET are answered; the second MAIL is not.
    let peer = Peer::start(Script::good().closing_after(5));
    let relay = relay(peer.port);
    relay.send(&mail(), &ids()).unwrap();
    relay.send(&mail(), &ids()).unwrap();
    assert_eq!((peer.seen().connections, peer.mails()), (2, 2));
}

#[test]
fn a_new_connection_that_is_lost_is_not_tried_again_within_the_call() {
    let peer = Peer::start(Script::good().at("MAIL", Act::Close));
    assert_eq!(relay(peer.port).send(&mail(), &ids()).unwrap_err().class, "reset");
    assert_eq!(peer.seen().connections, 1);
}

#[test]
fn kept_connections_are_closed_when_asked() {
    let peer = Peer::start(Script::good());
    let relay = relay(peer.port);
    relay.send(&mail(), &ids()).unwrap();
    relay.close();
    relay.send(&mail(), &ids()).unwrap();
    let seen = peer.seen();
    assert_eq!(seen.connections, 2);
    assert!(!seen.commands.iter().any(|command| command == "RSET"), "{seen:?}");
}

#[test]
#[allow(clippy::disallowed_methods, reason = "several callers at once are what is tested")]
fn there_are_never_more_connections_than_allowed() {
    let peer = Peer::start(Script::good());
    let relay = Arc::new(relay(peer.port));
    let callers: Vec<_> = (0..16)
        .map(|_| {
            let relay = Arc::clone(&relay);
            thread::spawn(move || relay.send(&mail(), &ids()).unwrap())
        })
        .collect();
    for caller in callers {
        caller.join().unwrap();
    }
    assert_eq!(peer.mails(), 16);
    assert!(peer.seen().connections <= 4, "{}", peer.seen().connections);
}

#[test]
#[allow(clippy::disallowed_methods, reason = "several callers at once are what is tested")]
fn a_caller_that_finds_no_connection_free_is_not_held_against_the_relay() {
    let peer = Peer::start(Script::good().at("RCPT", Act::Silence));
    let limit = Duration::from_millis(300);
    let one = RelaySettings {
        connections_max: 1,
        connect_limit: limit,
        send_limit: Duration::from_secs(4),
        ..settings(peer.port)
    };
    let relay = Arc::new(Relay::new(one).unwrap());
    let first = {
        let relay = Arc::clone(&relay);
        thread::spawn(move || relay.send(&mail(), &ids()))
    };
    while !peer.seen().commands.iter().any(|command| command.starts_with("RCPT")) {
        thread::yield_now();
    }
    let failure = relay.send(&mail(), &ids()).unwrap_err();
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::Retry, "busy"));
    assert_eq!(first.join().unwrap().unwrap_err().class, "timeout");
}
