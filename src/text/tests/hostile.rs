//! What people write who mean no good.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[test]
fn no_value_can_add_a_line_to_a_subject_or_a_button_to_a_mail() {
    let hostile = "Ann\r\nBcc: all@example.org\n\nOpen: https://evil.test/";
    for kind in MessageKind::ALL {
        let rendered = CATALOGUE.render(&Language::ENGLISH, None, &everywhere(kind, hostile)).unwrap();
        assert!(
            !rendered.subject.contains(['\n', '\r']) && rendered.subject.chars().count() <= 200,
            "{kind}"
        );
        assert!(!rendered.html.contains("font-weight:600;text-decoration:none\">Open</a>"), "{kind}");
        // What is wrong and what an organiser writes go over several lines; a name does not.
        if !matches!(kind, MessageKind::Alert | MessageKind::Message) {
            assert!(!rendered.text.lines().any(|line| line.starts_with("Bcc:")), "{kind}: {}", rendered.text);
        }
    }
}

#[test]
fn secrets_are_not_shown_by_debug_and_not_told_by_faults() {
    let secret = "s3cr3t-in-the-link";
    for kind in MessageKind::ALL {
        let variables = match everywhere(kind, "x") {
            Variables::Invitation(of) => Variables::Invitation(Invitation { url: secret_link(secret), ..of }),
            Variables::JudgeLink(of) => Variables::JudgeLink(JudgeLink { url: secret_link(secret), ..of }),
            Variables::PasswordReset(of) => {
                Variables::PasswordReset(PasswordReset { url: secret_link(secret), ..of })
            }
            other => other,
        };
        let rendered = CATALOGUE.render(&Language::ENGLISH, None, &variables).unwrap();
        assert!(!format!("{variables:?} {rendered:?}").contains(secret), "{kind}");
        let fault =
            CATALOGUE.render(&Language::ENGLISH, Some(&own(kind, "{{ url }}{{ url.x }}{{ a }}")), &variables);
        assert!(!format!("{fault:?} {}", fault.as_ref().unwrap_err()).contains(secret), "{kind}");
    }
}

fn secret_link(secret: &str) -> Link {
    Link::parse(&format!("https://events.example.org/judge#{secret}")).unwrap()
}

/// The names of the elements in a page and of their attributes; whatever is not written as this room writes it fails.
fn elements(html: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for tag in html.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag that is not closed");
        let mut parts = tag.split('"');
        let mut outside = String::new();
        while let Some(part) = parts.next() {
            outside.push_str(part);
            parts.next();
        }
        names.extend(outside.split([' ', '=', '/']).filter(|name| !name.is_empty()).map(str::to_owned));
    }
    names
}

const ELEMENTS: [&str; 26] = [
    "!doctype",
    "a",
    "aria-label",
    "body",
    "br",
    "charset",
    "class",
    "content",
    "dir",
    "div",
    "h1",
    "head",
    "href",
    "html",
    "lang",
    "li",
    "meta",
    "name",
    "p",
    "role",
    "style",
    "table",
    "td",
    "title",
    "tr",
    "ul",
];

proptest! {
    #[test]
    fn nothing_that_people_write_becomes_html(before in "[^\\x00]{0,12}", kind in 0_usize..7) {
        let hostile = format!("{before}<script>alert('x')</script>\" onload=\"x' <b>&amp; - x\n\n- https://a.test/\"><img src=x>");
        let rendered = CATALOGUE.render(&Language::GERMAN, None, &everywhere(MessageKind::ALL[kind], &hostile)).unwrap();
        let lower = rendered.html.to_lowercase();
        prop_assert!(!lower.contains("<script") && !lower.contains("<img") && !lower.contains("<b>"));
        for name in elements(&rendered.html) {
            prop_assert!(ELEMENTS.contains(&name.as_str()), "{} in {}", name, rendered.html);
        }
        for href in rendered.html.split("href=\"").skip(1) {
            prop_assert!(href.starts_with("https://") || href.starts_with("http://"));
        }
        prop_assert!(rendered.text.contains("<script>alert('x')</script>"), "plain text is not escaped");
    }
}
