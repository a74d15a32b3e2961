mod hostile;
mod own_wording;

use super::{
    Catalogue, Encoding, Problem, Segments, Variables, samples,
    variables::{
        Alert, Invitation, JudgeLink, Link, Message, PasswordReset, PinGiven, Results, Tenant, Test,
    },
};
use crate::domain::{AlertSeverity, CategoryPlaces, Language, MessageKind, PlaceTold, Wording};

const CATALOGUE: Catalogue = Catalogue::builtin();

fn sample(kind: MessageKind, language: &Language) -> Variables {
    CATALOGUE.sample(kind, language, samples::choir())
}

fn own(kind: MessageKind, text: &str) -> Wording {
    Wording { kind, language: Language::ENGLISH, subject: None, text: Some(text.to_owned()), sms: None }
}

/// Variables in which every text is the same.
fn everywhere(kind: MessageKind, text: &str) -> Variables {
    let text = text.to_owned();
    let tenant = Tenant { name: text.clone(), accent: "#b3261e".parse().ok() };
    let url = Link::parse(&format!("https://events.example.org/x?y={text}#{text}")).unwrap();
    let some = Some(text.clone());
    match kind {
        MessageKind::Invitation => Variables::Invitation(Invitation {
            tenant,
            name: text.clone(),
            inviter: some,
            url,
            valid_until: text,
        }),
        MessageKind::JudgeLink => Variables::JudgeLink(JudgeLink {
            tenant,
            name: text.clone(),
            event: text,
            url,
            valid_until: some,
            pin: PinGiven::InPerson,
        }),
        MessageKind::Results => Variables::Results(Results {
            tenant,
            name: some.clone(),
            event: text.clone(),
            contest: text.clone(),
            category: some.clone(),
            categories: (1..=2).map(|_| category(&text)).collect(),
        }),
        MessageKind::Alert => Variables::Alert(Alert {
            tenant,
            severity: AlertSeverity::Warning,
            title: text.clone(),
            what: text.clone(),
            since: text.clone(),
            place: text,
            what_to_do: some.clone(),
            url: Some(url),
            correlation_id: some,
        }),
        MessageKind::PasswordReset => Variables::PasswordReset(PasswordReset {
            tenant,
            name: text.clone(),
            url,
            valid_until: text,
            asked_by: some,
        }),
        MessageKind::Message => Variables::Message(Message {
            tenant,
            name: some.clone(),
            sender: text.clone(),
            event: some,
            subject: text.clone(),
            body: text,
        }),
        MessageKind::Test => Variables::Test(Test { tenant, asked_by: text.clone(), sent_at: text }),
    }
}

fn category(text: &str) -> CategoryPlaces {
    let place =
        |rank| PlaceTold { rank, name: text.to_owned(), number: Some(rank), score: Some(text.to_owned()) };
    CategoryPlaces {
        name: text.to_owned(),
        provisional: true,
        count: 3,
        places: (1..=2).map(place).collect(),
    }
}

/// What a message is good for: the texts without which it would not have to be sent.
fn essentials(variables: &Variables) -> Vec<String> {
    let mut needed: Vec<String> = variables.link().map(str::to_owned).into_iter().collect();
    match variables {
        Variables::Invitation(of) => needed.extend([of.name.clone(), of.valid_until.clone()]),
        Variables::JudgeLink(of) => needed.extend([of.name.clone(), of.event.clone(), "PIN".to_owned()]),
        Variables::Results(of) => {
            needed.extend([of.event.clone(), of.contest.clone()]);
            for category in &of.categories {
                let places = category.places.iter();
                needed.extend(places.map(|place| format!("{}. {} | ", place.rank, place.name)));
                needed.extend(of.category.is_none().then(|| format!("{}:", category.name)));
            }
        }
        Variables::Alert(of) => {
            needed.extend(
                of.what
                    .lines()
                    .chain(of.what_to_do.iter().flat_map(|to_do| to_do.lines()))
                    .map(str::to_owned),
            );
            needed.extend([of.since.clone(), of.place.clone()]);
            needed.extend(of.correlation_id.clone());
        }
        Variables::PasswordReset(of) => {
            needed.extend([of.name.clone(), of.valid_until.clone()]);
            needed.extend(of.asked_by.clone());
        }
        Variables::Message(of) => {
            needed.extend(of.body.lines().map(str::to_owned));
            needed.push(of.sender.clone());
        }
        Variables::Test(of) => needed.extend([of.asked_by.clone(), of.sent_at.clone()]),
    }
    needed
}

#[test]
fn every_kind_says_what_matters_in_every_language() {
    for language in Catalogue::LANGUAGES {
        for kind in MessageKind::ALL {
            for variables in samples::all(kind, &language) {
                let rendered = CATALOGUE.render(&language, None, &variables).unwrap();
                for needed in essentials(&variables) {
                    assert!(
                        rendered.text.contains(&needed),
                        "{language} {kind}: {needed:?} in {}",
                        rendered.text
                    );
                }
                assert!(rendered.text.contains(&variables.tenant().name), "{language} {kind}");
                assert_eq!(rendered.language, language);
                assert!(
                    !rendered.subject.is_empty() && !rendered.subject.contains('\n'),
                    "{language} {kind}"
                );
                assert_eq!(rendered.sms.is_some(), kind.goes_by_sms(), "{language} {kind}");
                let sms = rendered.sms.unwrap_or_default();
                let body = rendered.html.split_once("</style>").unwrap().1;
                for part in [&rendered.subject, &rendered.text, &sms, body] {
                    for left in ["{{", "}}", "{%", "%}", "\n\n\n", "None", "null", "  "] {
                        assert!(!part.contains(left), "{language} {kind}: {left:?} in {part}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_link_of_a_message_is_a_button_and_can_be_copied() {
    for kind in MessageKind::ALL {
        let variables = sample(kind, &Language::GERMAN);
        let rendered = CATALOGUE.render(&Language::GERMAN, None, &variables).unwrap();
        let Some(link) = variables.link() else { continue };
        assert_eq!(rendered.html.matches(&format!("href=\"{link}\"")).count(), 2, "{kind}");
        assert!(rendered.html.contains(&format!(">{link}</a>")), "{kind}");
        assert!(rendered.html.contains("<html lang=\"de\">"), "{kind}");
    }
}

#[test]
fn the_builtin_wording_passes_the_check_that_tenants_wording_must_pass() {
    for language in Catalogue::LANGUAGES {
        for kind in MessageKind::ALL {
            let wording = CATALOGUE.wording(kind, &language).unwrap();
            let rendered = CATALOGUE.check(&wording).unwrap();
            let plain = CATALOGUE.render(&language, None, &sample(kind, &language)).unwrap();
            assert_eq!((rendered.text, rendered.sms), (plain.text, plain.sms), "{language} {kind}");
        }
    }
}

#[test]
fn german_is_german() {
    let text = |kind| {
        let rendered = CATALOGUE.render(&Language::GERMAN, None, &sample(kind, &Language::GERMAN)).unwrap();
        format!("{}\n{}", rendered.subject, rendered.text)
    };
    for kind in MessageKind::ALL.into_iter().filter(|kind| *kind != MessageKind::Message) {
        let english = CATALOGUE.wording(kind, &Language::ENGLISH).unwrap();
        assert_ne!(english.text, CATALOGUE.wording(kind, &Language::GERMAN).unwrap().text, "{kind}");
        for transcribed in ["fuer ", "koennen", "Stoerung", "loesch", "ß ß"] {
            assert!(!text(kind).contains(transcribed), "{kind}");
        }
    }
    assert!(
        text(MessageKind::Invitation)
            .contains("Der Link gilt einmal, bis Samstag, 9. Mai 2026, 19:00 Uhr (MESZ).")
    );
    assert!(text(MessageKind::JudgeLink).contains("persönlicher Link öffnet Ihre Wertungsbögen"));
}

#[test]
fn a_text_message_with_ordinary_names_is_two_segments_at_most() {
    for language in Catalogue::LANGUAGES {
        for kind in MessageKind::ALL.into_iter().filter(|kind| kind.goes_by_sms()) {
            for variables in samples::all(kind, &language) {
                let sms = CATALOGUE.render(&language, None, &variables).unwrap().sms.unwrap();
                let segments = Segments::of(&sms);
                assert!(segments.count <= 2, "{language} {kind}: {segments:?} {sms}");
                assert_eq!(segments.encoding, Encoding::Gsm7, "{language} {kind}: {sms}");
            }
        }
    }
}

#[test]
fn the_variables_of_a_kind_can_be_listed() {
    assert_eq!(CATALOGUE.variables(MessageKind::Test), ["asked_by", "sent_at", "tenant"]);
    assert_eq!(
        CATALOGUE.variables(MessageKind::Results).join("; "),
        "categories (a list, each with count, name, places, provisional); category; contest; event; name; tenant"
    );
}

#[test]
fn a_language_without_wording_falls_back_and_the_message_tells_in_which_it_is() {
    let swiss: Language = "de-CH".parse().unwrap();
    let french: Language = "fr".parse().unwrap();
    let variables = sample(MessageKind::Test, &Language::GERMAN);
    let chain = Language::fallback(Some(&french), Some(&swiss));
    let (language, own) = CATALOGUE.choose(MessageKind::Test, &chain, &[]);
    assert_eq!((language.as_str(), own), ("de", None));
    assert_eq!(CATALOGUE.render(&french, None, &variables).unwrap().language, Language::ENGLISH);
    assert!(CATALOGUE.render(&swiss, None, &variables).unwrap().text.contains("Testnachricht"));
}

#[test]
fn only_addresses_of_the_web_are_links() {
    for refused in
        ["javascript:alert(1)", "data:text/html,x", "ftp://x", "//x", "x", "mailto:a@example.org", ""]
    {
        assert!(Link::parse(refused).is_err(), "{refused}");
    }
    for language in Catalogue::LANGUAGES {
        for kind in MessageKind::ALL {
            let sample = sample(kind, &language);
            assert!(
                sample
                    .link()
                    .is_none_or(|link| Link::parse(link).is_ok_and(|parsed| parsed.as_str() == link))
            );
        }
    }
}
