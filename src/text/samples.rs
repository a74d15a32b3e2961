//! Made-up variables of every kind, with which wording is tried before it is taken. Uses nothing of ours but what the
//! variables are made of.

use super::{
    times::format_time,
    variables::{
        Alert, Invitation, JudgeLink, Link, Message, PasswordReset, PinGiven, Results, Tenant, Test,
        Variables,
    },
};
use crate::domain::{AlertSeverity, CategoryPlaces, Language, MessageKind, PlaceTold};

/// Categories, and places in each, of the largest results that wording must cope with.
const MANY: (u32, u32) = (40, 5);

const PASSWORD_LINK: Link =
    Link::constant("https://events.example.org/set-password#3q2-7wAAAAB5yMzA0bT1kQZ0v9xGf2Lw8sYh6nR4pE");
const JUDGE_LINK: Link =
    Link::constant("https://events.example.org/judge#3q2-7wAAAAB5yMzA0bT1kQZ0v9xGf2Lw8sYh6nR4pE");

/// 2026-05-09, 17:00 UTC.
const SAMPLE_TIME: i64 = 1_778_346_000_000;

/// Variables in which nothing is left out: what a template may name is what these hold.
pub(super) fn full(kind: MessageKind, language: &Language, tenant: Tenant) -> Variables {
    let time = || format_time(SAMPLE_TIME, "Europe/Vienna", language);
    let name = "Zoë Müller-O'Neill".to_owned();
    let event = "Frühlingssingen 2026".to_owned();
    let said = |english: &str, german: &str| {
        if language.primary() == Language::GERMAN { german.to_owned() } else { english.to_owned() }
    };
    match kind {
        MessageKind::Invitation => Variables::Invitation(Invitation {
            tenant,
            name,
            inviter: Some("Jörg Weiß".to_owned()),
            url: PASSWORD_LINK,
            valid_until: time(),
        }),
        MessageKind::JudgeLink => Variables::JudgeLink(JudgeLink {
            tenant,
            name,
            event,
            url: JUDGE_LINK,
            valid_until: Some(time()),
            pin: PinGiven::InPerson,
        }),
        MessageKind::Results => Variables::Results(Results {
            tenant,
            name: Some(name),
            event,
            contest: "Jugendchöre".to_owned(),
            category: Some("Volkslied".to_owned()),
            categories: vec![CategoryPlaces { provisional: true, ..category("Volkslied", 3) }],
        }),
        MessageKind::Alert => Variables::Alert(Alert {
            tenant,
            severity: AlertSeverity::Critical,
            title: said("Mail cannot be sent", "Mails können nicht gesendet werden"),
            what: said(
                "The relay mail.example.org does not answer.\n42 mails are waiting.",
                "Der Mailserver mail.example.org antwortet nicht.\n42 Mails warten.",
            ),
            since: time(),
            place: "scores.example.org".to_owned(),
            what_to_do: Some(said(
                "- Look whether the server has a way to the internet.\n- Ask whoever runs the relay.",
                "- Prüfen Sie, ob der Server ins Internet kommt.\n- Fragen Sie den Betreiber des Mailservers.",
            )),
            url: Some(Link::constant("https://events.example.org/system/integrations")),
            correlation_id: Some("0197b1f0-6a52-7c31-9d20-1f6b7d0c9e11".to_owned()),
        }),
        MessageKind::PasswordReset => Variables::PasswordReset(PasswordReset {
            tenant,
            name,
            url: PASSWORD_LINK,
            valid_until: time(),
            asked_by: Some("Jörg Weiß".to_owned()),
        }),
        MessageKind::Message => Variables::Message(Message {
            tenant,
            name: Some(name),
            sender: "Jörg Weiß".to_owned(),
            event: Some(event),
            subject: said("Rehearsal moved to hall 2", "Probe in Halle 2 verlegt"),
            body: said(
                "The rehearsal begins at 18:30 in hall 2.\n\nPlease come 15 minutes earlier.",
                "Die Probe beginnt um 18:30 Uhr in Halle 2.\n\nBitte kommen Sie 15 Minuten früher.",
            ),
        }),
        MessageKind::Test => {
            Variables::Test(Test { tenant, asked_by: "Jörg Weiß".to_owned(), sent_at: time() })
        }
    }
}

/// A made-up tenant.
pub(super) fn choir() -> Tenant {
    Tenant { name: "Stadtchor Linz".to_owned(), accent: None }
}

/// All with which wording is tried: full, with as little as can be, and with as much.
pub(super) fn all(kind: MessageKind, language: &Language) -> Vec<Variables> {
    let full = full(kind, language, choir());
    let mut samples = vec![full.clone()];
    match full {
        Variables::Invitation(of) => samples.push(Variables::Invitation(Invitation { inviter: None, ..of })),
        Variables::JudgeLink(of) => samples.extend(
            [PinGiven::BySms, PinGiven::ByMail]
                .map(|pin| Variables::JudgeLink(JudgeLink { pin, valid_until: None, ..of.clone() })),
        ),
        Variables::Results(of) => samples.extend([
            Variables::Results(Results {
                category: None,
                categories: (1..=MANY.0).map(|number| category(&format!("Chor {number}"), MANY.1)).collect(),
                ..of.clone()
            }),
            Variables::Results(Results { name: None, category: None, categories: Vec::new(), ..of }),
        ]),
        Variables::Alert(of) => samples.push(Variables::Alert(Alert {
            severity: AlertSeverity::Info,
            what_to_do: None,
            url: None,
            correlation_id: None,
            ..of
        })),
        Variables::PasswordReset(of) => {
            samples.push(Variables::PasswordReset(PasswordReset { asked_by: None, ..of }));
        }
        Variables::Message(of) => {
            samples.push(Variables::Message(Message { name: None, event: None, ..of }));
        }
        Variables::Test(_) => {}
    }
    samples
}

fn category(name: &str, places: u32) -> CategoryPlaces {
    let place = |rank: u32| PlaceTold {
        rank,
        name: format!("Chor {rank}"),
        number: Some(100 + rank),
        score: Some(format!("{}.25", 400_u32.saturating_sub(rank))),
    };
    let places: Vec<PlaceTold> = (1..=places).map(place).collect();
    CategoryPlaces { name: name.to_owned(), provisional: false, count: 2 * places.len(), places }
}
