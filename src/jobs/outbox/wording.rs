//! From what a message is made of to its words: in the language that is wanted, with times as people of the place read them.

use crate::{
    domain::{MessageContent, OutgoingMessage, Tenant, Timestamp},
    text::{
        Catalogue, Language, Rendered, TemplateFault, Variables, fallback, format_time,
        variables::{self, Link, PinGiven},
    },
};

/// Why a message cannot be worded.
#[derive(Debug, thiserror::Error)]
pub enum Unworded {
    /// A link in it is none.
    #[error("a link in it cannot be used: {0}")]
    Link(#[from] variables::NoLink),
    /// The wording has a fault.
    #[error("{0}")]
    Template(#[from] TemplateFault),
}

/// The words of a message, and the name that the tenant shows.
pub fn worded(
    sender: Option<Tenant>,
    message: &OutgoingMessage,
    content: MessageContent,
    zone: &str,
) -> Result<(Option<String>, Rendered), Unworded> {
    let shown = sender
        .as_ref()
        .map(|tenant| tenant.settings.display_name.clone().unwrap_or_else(|| tenant.name.clone()));
    let tenant = variables::Tenant {
        name: shown.clone().unwrap_or_else(|| "event-manager".to_owned()),
        accent: sender.and_then(|tenant| tenant.settings.accent_colour),
    };
    let wanted = message.language.as_deref().and_then(|tag| tag.parse::<Language>().ok());
    let catalogue = Catalogue::builtin();
    let kind = kind_of(&content);
    let (language, _) = catalogue.choose(kind, &fallback(wanted.as_ref(), None), &[]);
    let time = |at: Timestamp| format_time(at.millis(), zone, &language);
    let name = message.to.name.clone();
    let variables = match content {
        MessageContent::Invitation { url, valid_until, inviter } => {
            Variables::Invitation(variables::Invitation {
                tenant,
                name,
                inviter,
                url: Link::parse(&url)?,
                valid_until: time(valid_until),
            })
        }
        MessageContent::PasswordReset { url, valid_until, asked_by } => {
            Variables::PasswordReset(variables::PasswordReset {
                tenant,
                name,
                url: Link::parse(&url)?,
                valid_until: time(valid_until),
                asked_by,
            })
        }
        MessageContent::JudgeLink { url, valid_until, event } => Variables::JudgeLink(variables::JudgeLink {
            tenant,
            name,
            event,
            url: Link::parse(&url)?,
            valid_until: Some(time(valid_until)),
            pin: PinGiven::InPerson,
        }),
        MessageContent::Note { sender, subject, body } => Variables::Message(variables::Message {
            tenant,
            name: Some(name).filter(|name| !name.is_empty()),
            sender,
            event: None,
            subject,
            body,
        }),
        MessageContent::Test { asked_by, at } => {
            Variables::Test(variables::Test { tenant, asked_by, sent_at: time(at) })
        }
    };
    Ok((shown, catalogue.render(&language, None, &variables)?))
}

const fn kind_of(content: &MessageContent) -> crate::text::MessageKind {
    use crate::text::MessageKind;
    match content {
        MessageContent::Invitation { .. } => MessageKind::Invitation,
        MessageContent::PasswordReset { .. } => MessageKind::PasswordReset,
        MessageContent::JudgeLink { .. } => MessageKind::JudgeLink,
        MessageContent::Note { .. } => MessageKind::Message,
        MessageContent::Test { .. } => MessageKind::Test,
    }
}
