use std::net::TcpStream;

use super::{
    super::{Authority, SmtpOptions, SmtpPeer},
    client::{Dialogue, LIMIT, connect, encrypted},
};

/// A client that has been greeted and has said EHLO.
pub(super) fn greeted(peer: &SmtpPeer) -> Dialogue<TcpStream> {
    let mut client = Dialogue::with(peer.address());
    assert!(client.hear().starts_with("220 "));
    assert!(client.ask("EHLO client.test").contains("250-8BITMIME"));
    client
}

#[test]
fn a_mail_is_kept_with_its_envelope_and_as_it_came() {
    let peer = SmtpPeer::start();
    let mut client = greeted(&peer);
    client.ask("MAIL FROM:<a@x.test> BODY=8BITMIME");
    client.ask("RCPT TO:<b@y.test>");
    client.ask("RCPT TO:<c@y.test>");
    client.ask("DATA");
    let data = "Subject: A long\r\n line\r\nTo: b@y.test\r\n\r\nHello\r\n..hidden\r\n.";
    assert!(client.ask(data).starts_with("250 "));
    let mails = peer.wait_for(1, LIMIT);
    let mail = &mails[0];
    assert_eq!((mail.from.as_str(), mail.parameters.as_str()), ("a@x.test", "BODY=8BITMIME"));
    assert_eq!(mail.to, ["b@y.test", "c@y.test"]);
    assert_eq!(mail.header("subject").as_deref(), Some("A long line"));
    assert_eq!(mail.header("cc"), None);
    assert_eq!(mail.body(), "Hello\r\n.hidden\r\n");
    assert_eq!((mail.is_encrypted, mail.user.as_deref(), mail.session), (false, None, 1));
}

#[test]
fn mails_are_kept_in_their_order_over_sessions() {
    let peer = SmtpPeer::start();
    let mut first = greeted(&peer);
    let mut second = greeted(&peer);
    first.send_mail("a@x.test", "1@y.test", "one");
    second.send_mail("a@x.test", "2@y.test", "two");
    first.send_mail("a@x.test", "3@y.test", "three");
    assert!(first.ask("QUIT").starts_with("221 "));
    let mails = peer.wait_for(3, LIMIT);
    let order: Vec<_> = mails.iter().map(|mail| (mail.session, mail.to[0].as_str())).collect();
    assert_eq!(order, [(1, "1@y.test"), (2, "2@y.test"), (1, "3@y.test")]);
    assert_eq!((peer.sessions(), peer.mails().len()), (2, 3));
}

#[test]
fn commands_out_of_order_are_refused() {
    let peer = SmtpPeer::start();
    let mut client = Dialogue::with(peer.address());
    client.hear();
    assert!(client.ask("HELO client.test").starts_with("250 "));
    assert!(client.ask("RCPT TO:<b@y.test>").starts_with("503 "));
    assert!(client.ask("DATA").starts_with("503 "));
    assert!(client.ask("MAIL FROM:a@x.test").starts_with("501 "));
    assert!(client.ask("MAIL FROM:<a@x.test>").starts_with("250 "));
    assert!(client.ask("MAIL FROM:<a@x.test>").starts_with("503 "));
    assert!(client.ask("RSET").starts_with("250 "));
    assert!(client.ask("MAIL FROM:<a@x.test>").starts_with("250 "));
    assert!(client.ask("STARTTLS").starts_with("502 "));
    assert!(client.ask("AUTH PLAIN AGEAYg==").starts_with("502 "));
    assert!(client.ask("NOOP").starts_with("250 "));
    assert!(client.ask("VRFY b").starts_with("502 "));
    assert_eq!(peer.mails().len(), 0);
}

#[test]
fn starttls_encrypts_and_only_then_is_sign_in_offered() {
    let authority = Authority::new();
    let peer = SmtpPeer::with(SmtpOptions::default().starttls(&authority).login("mailer", "secret"));
    let mut client = Dialogue::with(peer.address());
    client.hear();
    let offered = client.ask("EHLO client.test");
    assert!(offered.contains("STARTTLS") && !offered.contains("AUTH"), "{offered}");
    assert!(client.ask("AUTH PLAIN AG1haWxlcgBzZWNyZXQ=").starts_with("538 "));
    assert!(client.ask("STARTTLS").starts_with("220 "));
    let stream = encrypted(client.into_stream(), authority.pem(), "localhost").unwrap();
    let mut client = Dialogue::over(stream);
    let offered = client.ask("EHLO client.test");
    assert!(!offered.contains("STARTTLS") && offered.contains("AUTH PLAIN"), "{offered}");
    assert!(client.ask("MAIL FROM:<a@x.test>").starts_with("530 "));
    assert!(client.ask("AUTH PLAIN AG1haWxlcgBzZWNyZXQ=").starts_with("235 "));
    assert!(client.send_mail("a@x.test", "b@y.test", "hello").starts_with("250 "));
    let mail = peer.wait_for(1, LIMIT).remove(0);
    assert_eq!((mail.is_encrypted, mail.user.as_deref()), (true, Some("mailer")));
}

#[test]
fn it_encrypts_from_the_first_byte_if_told_to() {
    let authority = Authority::new();
    let peer = SmtpPeer::with(SmtpOptions::default().tls(&authority));
    let mut client =
        Dialogue::over(encrypted(connect(peer.address()), authority.pem(), "localhost").unwrap());
    assert!(client.hear().starts_with("220 "));
    assert!(!client.ask("EHLO client.test").contains("STARTTLS"));
    assert!(client.send_mail("a@x.test", "b@y.test", "hello").starts_with("250 "));
    assert!(peer.wait_for(1, LIMIT)[0].is_encrypted);
}

#[test]
fn a_password_is_taken_in_one_step_or_two_and_a_wrong_one_is_not() {
    let peer = SmtpPeer::with(SmtpOptions::default().login("mailer", "secret"));
    let mut client = Dialogue::with(peer.address());
    client.hear();
    assert!(client.ask("EHLO client.test").contains("AUTH PLAIN"));
    assert!(client.ask("AUTH LOGIN").starts_with("504 "));
    assert!(client.ask("AUTH PLAIN AG1haWxlcgB3cm9uZw==").starts_with("535 "));
    assert!(client.ask("AUTH PLAIN").starts_with("334"));
    assert!(client.ask("AG1haWxlcgBzZWNyZXQ=").starts_with("235 "));
    assert!(client.send_mail("a@x.test", "b@y.test", "hello").starts_with("250 "));
}
