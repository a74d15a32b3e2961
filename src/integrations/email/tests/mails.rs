//! The text of mails: everything in its place, whatever is written into the fields.

use proptest::prelude::{any, proptest};

use super::mail;
use crate::integrations::email::{Attachment, Mail, MailFault, Person};

const NASTY: &str =
    "Ada\r\nBcc: eve@example.com\r\n\r\nHello\n.\r\n\rMAIL FROM:<eve@example.com>\0\u{2028}Bcc: x\u{85}y";

fn text(mail: &Mail) -> String {
    let rendered = mail.rendered("corr-1", &[]).unwrap();
    String::from_utf8(rendered.bytes).unwrap()
}

/// The unfolded headers of a mail's outermost level.
fn headers(text: &str) -> Vec<(String, String)> {
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded
        .split("\r\n")
        .map(|line| line.split_once(": ").unwrap_or_else(|| panic!("no header: {line:?}")))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

fn names(headers: &[(String, String)]) -> Vec<&str> {
    let mut names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

fn person(name: &str, address: &str) -> Person {
    Person { name: name.to_owned(), address: address.to_owned() }
}

#[test]
fn a_plain_mail_has_the_headers_that_it_must_have() {
    let text = text(&mail());
    let headers = headers(&text);
    let expected = [
        ("From", "\"Summer Cup\" <cup@example.org>"),
        ("To", "Ada <ada@example.net>"),
        ("Subject", "Your results"),
        ("Date", "Fri, 01 May 2026 19:00:00 +0000"),
        ("Message-ID", "<job-1@example.org>"),
        ("Content-Language", "en"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Correlation-ID", "corr-1"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "7bit"),
    ];
    for (name, value) in expected {
        assert_eq!(header(&headers, name), Some(value), "{name}");
    }
    assert_eq!(headers.len(), expected.len(), "{headers:?}");
    assert!(text.ends_with("\r\n\r\nHello Ada,\r\n.\r\nyou came first.\r\n\r\n"));
}

#[test]
fn the_same_mail_is_the_same_text() {
    let full = full();
    assert_eq!(text(&full), text(&full));
    assert_ne!(text(&full), text(&Mail { text: "Other".to_owned(), ..full.clone() }));
}

fn full() -> Mail {
    Mail {
        reply_to: Some(person("The desk", "desk@example.org")),
        html: Some("<p>Hello Ada, größte Freude</p>".to_owned()),
        unsubscribe: Some("https://cup.example.org/u/abc?x=1".to_owned()),
        attachments: vec![Attachment {
            name: "Ergebnis für Ada.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: b"%PDF-1.7\n\xff\x00\r".to_vec(),
        }],
        ..mail()
    }
}

#[test]
fn html_and_files_go_along_with_the_text() {
    let text = text(&full());
    let headers = headers(&text);
    assert!(header(&headers, "Content-Type").unwrap().starts_with("multipart/mixed; boundary="));
    assert_eq!(header(&headers, "Reply-To"), Some("\"The desk\" <desk@example.org>"));
    assert!(text.contains("Content-Type: multipart/alternative;"), "{text}");
    let (plain, html) = (text.find("text/plain").unwrap(), text.find("text/html").unwrap());
    assert!(plain < html && text.contains("gr=C3=B6=C3=9Fte Freude"), "{text}");
    assert!(text.contains("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64"), "{text}");
    assert!(text.contains("filename*0*=utf-8''Ergebnis%20f%C3%BCr%20Ada.pdf"), "{text}");
    assert!(text.contains("JVBERi0xLjcK/wAN"), "{text}");
    assert!(text.is_ascii());
}

#[test]
fn a_file_of_text_keeps_its_line_ends() {
    let attachments = vec![Attachment {
        name: "a/b\\..\\results.csv".to_owned(),
        media_type: "text/csv; charset=utf-8".to_owned(),
        bytes: b"a,b\n1,2\n".to_vec(),
    }];
    let text = text(&Mail { attachments, ..mail() });
    assert!(text.contains("YSxiCjEsMgo=") && text.contains("filename=\"a_b_.._results.csv\""), "{text}");
}

#[test]
fn a_mail_to_many_can_be_ended_with_one_request() {
    let headers = headers(&text(&full()));
    assert_eq!(header(&headers, "List-Unsubscribe"), Some("<https://cup.example.org/u/abc?x=1>"));
    assert_eq!(header(&headers, "List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    assert_eq!(header(&headers, "Precedence"), None);
    for refused in
        ["http://cup.example.org/u", "mailto:x@example.org", "cup", "", "https://", "https://h/a,b"]
    {
        let mail = Mail { unsubscribe: Some(refused.to_owned()), ..mail() };
        assert_eq!(mail.rendered("corr-1", &[]), Err(MailFault::Unsubscribe), "{refused}");
    }
    let closed = text(&Mail { unsubscribe: Some("https://h/><x".to_owned()), ..mail() });
    assert!(closed.contains("\r\nList-Unsubscribe: <https://h/%3E"), "{closed}");
}

#[test]
fn what_is_not_ascii_is_encoded() {
    let mail = Mail {
        from: person("Sommerfest Köln", "info@köln.example"),
        to: person("例え テスト", "ada@bücher.example"),
        subject: "Größe 😀 und noch sehr viel mehr Wörter, damit die Zeile gefaltet werden muss, ja"
            .to_owned(),
        text: "Grüße".to_owned(),
        ..mail()
    };
    let rendered = mail.rendered("corr-1", &[]).unwrap();
    assert_eq!(rendered.sender.to_string(), "info@xn--kln-sna.example");
    assert_eq!(rendered.recipient.to_string(), "ada@xn--bcher-kva.example");
    let text = String::from_utf8(rendered.bytes).unwrap();
    assert!(text.is_ascii());
    let headers = headers(&text);
    assert_eq!(
        header(&headers, "From"),
        Some("=?utf-8?b?U29tbWVyZmVzdCBLw7Zsbg==?= <info@xn--kln-sna.example>")
    );
    assert!(header(&headers, "To").unwrap().starts_with("=?utf-8?b?"), "{text}");
    assert!(header(&headers, "Subject").unwrap().starts_with("=?utf-8?b?"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 78), "{text}");
}

#[test]
fn no_field_can_leave_its_header() {
    let expected = headers(&text(&full()));
    let nasty = || NASTY.to_owned();
    let mut file = full().attachments;
    file[0].name = nasty();
    let mails = [
        Mail { from: Person { name: nasty(), ..full().from }, ..full() },
        Mail { to: Person { name: nasty(), ..full().to }, ..full() },
        Mail { reply_to: Some(person(NASTY, "desk@example.org")), ..full() },
        Mail { subject: nasty(), ..full() },
        Mail { attachments: file, ..full() },
        Mail { text: nasty(), ..full() },
        Mail { html: Some(nasty()), ..full() },
    ];
    for mail in mails {
        let rendered = mail.rendered(NASTY, &[]).unwrap();
        let text = String::from_utf8(rendered.bytes).unwrap();
        assert_eq!(names(&headers(&text)), names(&expected), "{text}");
        let is_body = mail.text == NASTY || mail.html.as_deref() == Some(NASTY);
        assert!(is_body || !text.contains("\nBcc"), "{text}");
        assert_eq!(text.replace("\r\n", "").find(['\r', '\n', '\0']), None, "{text:?}");
    }
    let refused = [
        (Mail { from: person("", NASTY), ..full() }, MailFault::Sender),
        (Mail { to: person("", "ada@example.net\r\nBcc: eve@example.com"), ..full() }, MailFault::Recipient),
        (Mail { reply_to: Some(person("", NASTY)), ..full() }, MailFault::ReplyTo),
        (Mail { message_id: "<a@b>\r\nBcc: eve@example.com".to_owned(), ..full() }, MailFault::MessageId),
        (Mail { message_id: "<a\r\nBcc: eve@example.com>".to_owned(), ..full() }, MailFault::MessageId),
        (Mail { language: "en\r\nBcc: eve".to_owned(), ..full() }, MailFault::Language),
        (Mail { date_ms: u64::MAX, ..full() }, MailFault::Date),
    ];
    for (mail, fault) in refused {
        assert_eq!(mail.rendered("corr-1", &[]), Err(fault), "{mail:?}");
    }
    for media_type in ["a/b\r\nBcc: eve", "message/rfc822", " Multipart/mixed; boundary=x", "nothing", ""] {
        let mut mail = full();
        mail.attachments[0].media_type = media_type.to_owned();
        assert_eq!(mail.rendered("corr-1", &[]), Err(MailFault::MediaType), "{media_type:?}");
    }
    let mail = Mail { unsubscribe: Some("https://h/\r\nBcc: eve@example.com".to_owned()), ..full() };
    assert_eq!(names(&headers(&text(&mail))), names(&expected));
}

#[test]
fn a_text_cannot_end_its_part() {
    let sent = text(&full());
    let boundary = sent.split("boundary=\"").nth(2).unwrap().split('"').next().unwrap().to_owned();
    let nasty = Mail { text: format!("--{boundary}\r\nContent-Type: text/html\r\n\r\nhi"), ..full() };
    let sent = text(&nasty);
    assert_eq!(sent.matches(&format!("--{boundary}")).count(), 1, "only where it was written: {sent}");
}

proptest! {
    #[test]
    fn every_name_subject_and_text_can_be_written(name in any::<String>(), line in any::<String>()) {
        let mail = Mail {
            from: person(&name, "cup@example.org"),
            to: person(&line, "ada@example.net"),
            subject: format!("{name} {line}"),
            text: line.repeat(20),
            html: Some(name.clone()),
            ..full()
        };
        let (written, expected) = (text(&mail), text(&full()));
        assert_eq!(names(&headers(&written)), names(&headers(&expected)), "{written}");
        assert!(written.is_ascii() && written.split("\r\n").all(|line| line.len() <= 998), "{written}");
        assert_eq!(written.replace("\r\n", "").find(['\r', '\n', '\0']), None, "{written:?}");
    }
}
