//! Made-up variables of every kind, with which wording is tried before it is taken. Uses nothing of ours but what the
//! variables are made of.

use super::{
    kind::MessageKind,
    language::Language,
    times::format_time,
    variables::{
        Alert, Invitation, JudgeLink, Link, Message, PasswordReset, PinGiven, Place, Results, Tenant, Test,
        Variables,
    },
};

/// Places in the largest results that wording must cope with.
const PLACES_MANY: u32 = 300;

const PASSWORD_LINK: Link =
    Link::constant("https://events.example.org/set-password#3q2-7wAAAAB5yMzA0bT1kQZ0v9xGf2Lw8sYh6nR4pE");
const JUDGE_LINK: Link =
    Link::constant("https://events.example.org/judge#3q2-7wAAAAB5yMzA0bT1kQZ0v9xGf2Lw8sYh6nR4pE");

/// 2026-05-09, 17:00 UTC.
const SAMPLE_TIME: i64 = 1_778_346_000_000;

/// Variables in which nothing is left out: what a template may name is what these hold.
pub(super) fn full(kind: MessageKind, language: &Language) -> Variables {
    let tenant = Tenant { name: "Stadtchor Linz".to_owned(), accent: None };
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
            places: (1..=3).map(place).collect(),
            url: Some(Link::constant("https://events.example.org/results/0197b1f0")),
        }),
        MessageKind::Alert => Variables::Alert(Alert {
            tenant,
            title: said("Mail cannot be sent", "Mails können nicht gesendet werden"),
            what: said(
                "The relay mail.example.org does not answer.\n42 mails are waiting.",
                "Der Mailserver mail.example.org antwortet nicht.\n42 Mails warten.",
            ),
            since: time(),
            what_to_do: Some(said(
                "- Look whether the server has a way to the internet.\n- Ask whoever runs the relay.",
                "- Prüfen Sie, ob der Server ins Internet kommt.\n- Fragen Sie den Betreiber des Mailservers.",
            )),
            url: Some(Link::constant("https://events.example.org/system/integrations")),
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

/// All with which wording is tried: full, with as little as can be, and with as much.
pub(super) fn all(kind: MessageKind, language: &Language) -> Vec<Variables> {
    let full = full(kind, language);
    let mut samples = vec![full.clone()];
    match full {
        Variables::Invitation(of) => samples.push(Variables::Invitation(Invitation { inviter: None, ..of })),
        Variables::JudgeLink(of) => samples.extend(
            [PinGiven::BySms, PinGiven::ByMail]
                .map(|pin| Variables::JudgeLink(JudgeLink { pin, valid_until: None, ..of.clone() })),
        ),
        Variables::Results(of) => samples.extend([
            Variables::Results(Results { places: (1..=PLACES_MANY).map(place).collect(), ..of.clone() }),
            Variables::Results(Results { name: None, category: None, places: Vec::new(), url: None, ..of }),
        ]),
        Variables::Alert(of) => samples.push(Variables::Alert(Alert { what_to_do: None, url: None, ..of })),
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

fn place(rank: u32) -> Place {
    Place {
        rank,
        name: format!("Chor {rank}"),
        number: Some(format!("{}", 100 + rank)),
        score: Some(format!("{}.25", 400_u32.saturating_sub(rank))),
    }
}
