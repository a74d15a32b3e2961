use super::{
    super::{SmtpPeer, Stage},
    client::{Dialogue, LIMIT},
    smtp::greeted,
};

#[test]
fn each_stage_fails_once_when_told_to() {
    let peer = SmtpPeer::start();
    let mut client = greeted(&peer);
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Dot] {
        peer.fail_next(stage, "451 4.3.0 later");
        assert_eq!(client.send_mail("a@x.test", "b@y.test", "hello"), "451 4.3.0 later", "{stage:?}");
        client.ask("RSET");
        assert!(client.send_mail("a@x.test", "b@y.test", "hello").starts_with("250 "), "{stage:?}");
    }
    peer.fail_next(Stage::Ehlo, "502 5.5.1 only HELO");
    assert_eq!(client.ask("EHLO client.test"), "502 5.5.1 only HELO");
    assert_eq!(peer.mails().len(), 4, "what was refused is not kept");
}

#[test]
fn faults_of_a_stage_come_in_their_order_and_a_lasting_one_after_them() {
    let peer = SmtpPeer::start();
    let mut client = greeted(&peer);
    peer.fail(Stage::Mail, "452 4.3.1 full");
    peer.fail_next(Stage::Mail, "451 4.3.0 later");
    peer.fail_next(Stage::Mail, "550 5.7.1 no");
    let heard = [(); 4].map(|()| client.ask("MAIL FROM:<a@x.test>"));
    assert_eq!(heard, ["451 4.3.0 later", "550 5.7.1 no", "452 4.3.1 full", "452 4.3.1 full"]);
    peer.heal();
    assert!(client.ask("MAIL FROM:<a@x.test>").starts_with("250 "));
}

#[test]
fn one_recipient_is_refused_and_the_others_get_the_mail() {
    let peer = SmtpPeer::start();
    peer.refuse_recipient("nobody@y.test", "550 5.1.1 unknown");
    let mut client = greeted(&peer);
    client.ask("MAIL FROM:<a@x.test>");
    assert_eq!(client.ask("RCPT TO:<nobody@y.test>"), "550 5.1.1 unknown");
    assert!(client.ask("RCPT TO:<b@y.test>").starts_with("250 "));
    client.ask("DATA");
    client.ask("Subject: hello\r\n\r\nhello\r\n.");
    assert_eq!(peer.wait_for(1, LIMIT)[0].to, ["b@y.test"]);
}

#[test]
fn a_greeting_may_turn_everybody_away() {
    let peer = SmtpPeer::start();
    peer.greeting("554 5.3.2 closed");
    assert_eq!(Dialogue::with(peer.address()).hear(), "554 5.3.2 closed");
    peer.heal();
    greeted(&peer);
}

#[test]
fn with_421_the_session_ends() {
    let peer = SmtpPeer::start();
    peer.fail_next(Stage::Greeting, "421 4.3.2 too busy");
    let mut client = Dialogue::with(peer.address());
    assert_eq!(client.hear(), "421 4.3.2 too busy");
    assert_eq!(client.hear(), "");
}

#[test]
fn a_mail_may_be_taken_without_a_word() {
    let peer = SmtpPeer::start();
    peer.close_after_dot();
    assert_eq!(greeted(&peer).send_mail("a@x.test", "b@y.test", "hello"), "");
    let mail = peer.wait_for(1, LIMIT).remove(0);
    assert!(!mail.is_answered);
    assert!(greeted(&peer).send_mail("a@x.test", "b@y.test", "again").starts_with("250 "));
}

#[test]
fn a_connection_may_end_at_any_stage() {
    let peer = SmtpPeer::start();
    peer.close_next(Stage::Rcpt);
    assert_eq!(greeted(&peer).send_mail("a@x.test", "b@y.test", "hello"), "");
    assert_eq!(peer.mails().len(), 0);
}

#[test]
fn an_answer_may_stall_until_it_is_wanted() {
    let peer = SmtpPeer::start();
    let mut client = greeted(&peer);
    peer.stall_next(Stage::Dot);
    client.ask("MAIL FROM:<a@x.test>");
    client.ask("RCPT TO:<b@y.test>");
    client.ask("DATA");
    client.say("Subject: hello\r\n\r\nhello\r\n.");
    assert!(!peer.wait_for(1, LIMIT)[0].is_answered);
    peer.resume();
    assert!(client.hear().starts_with("250 "));
}

#[test]
fn dropping_it_ends_sessions_that_stall() {
    let peer = SmtpPeer::start();
    peer.stall_next(Stage::Greeting);
    let mut client = Dialogue::with(peer.address());
    drop(peer);
    assert!(!client.hear().starts_with('4'));
}
