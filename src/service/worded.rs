//! From what a message is made of to its words: in the language that is wanted, by the tenant's own wording where there is
//! some, with times as people of the place read them.

use super::Sender;
use crate::{
    domain::{AlertNotice, MessageContent, OutgoingMessage, Tenant, Timestamp},
    text::{
        Catalogue, Rendered, TemplateFault, Variables, format_time,
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

/// A message in words.
pub struct Worded {
    /// The name that the tenant shows.
    pub shown: Option<String>,
    /// The words.
    pub rendered: Rendered,
    /// Why the tenant's own wording did not do, so that the built-in text took its place.
    pub fault: Option<TemplateFault>,
}

/// The words of a message. A fault in the tenant's own wording does not hold it up, and is logged.
pub fn worded(
    sender: Sender,
    message: &OutgoingMessage,
    content: MessageContent,
    zone: &str,
) -> Result<Worded, Unworded> {
    let Sender { tenant, languages, wordings, .. } = sender;
    let shown = tenant.as_ref().map(shown_name);
    let who = variables::Tenant {
        name: shown.clone().unwrap_or_else(|| "event-manager".to_owned()),
        accent: tenant.and_then(|tenant| tenant.settings.accent_colour),
    };
    let catalogue = Catalogue::builtin();
    let (language, own) = catalogue.choose(message.kind, &languages, &wordings);
    let time = |at: Timestamp| format_time(at.millis(), zone, &language);
    let variables = variables(who, message.to.name.clone(), content, time)?;
    let (rendered, fault) = catalogue.render_or_builtin(&language, own, &variables)?;
    if let Some(fault) = &fault {
        tracing::warn!(kind = %message.kind, %language, %fault, "a wording did not do, and the built-in text took its place");
    }
    Ok(Worded { shown, rendered, fault })
}

fn shown_name(tenant: &Tenant) -> String {
    tenant.settings.display_name.clone().unwrap_or_else(|| tenant.name.clone())
}

fn variables(
    tenant: variables::Tenant,
    name: String,
    content: MessageContent,
    time: impl Fn(Timestamp) -> String,
) -> Result<Variables, variables::NoLink> {
    Ok(match content {
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
        MessageContent::Results { event, contest, category, categories } => {
            let name = Some(name).filter(|name| !name.is_empty());
            Variables::Results(variables::Results { tenant, name, event, contest, category, categories })
        }
        MessageContent::Alert(AlertNotice {
            severity,
            title,
            what,
            since,
            place,
            what_to_do,
            url,
            correlation_id,
        }) => Variables::Alert(variables::Alert {
            tenant,
            severity,
            title,
            what,
            since: time(since),
            place,
            what_to_do,
            url: url.as_deref().map(Link::parse).transpose()?,
            correlation_id,
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
    })
}
