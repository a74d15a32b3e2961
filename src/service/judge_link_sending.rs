//! Judge links on their way to their judges: by mail or to their telephones, written in the operation that makes them. The
//! PIN never goes along: whoever reads the message of somebody else is to be none the wiser.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Permit, ServiceError, Services,
    guards::ensure_in_reach_of,
    judge_link_drafts::Draft,
    messages::{Letter, recipient},
};
use crate::{
    domain::{
        Assignment, AssignmentStatus, Contest, ContestId, Event, Judge, Kind, MessageContent,
        OutboundService, Recipient, TenantId,
    },
    store::{Lineage, Live, StoreError, WithDeleted},
};

/// How a link is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SendBy {
    /// To the contact address.
    Mail,
    /// To the telephone, and by no other way.
    Sms,
    /// To the telephone; by mail if it has certainly not arrived there and there is a contact address.
    SmsOrMail,
}

impl SendBy {
    /// What has to be set up for it.
    const fn services(self) -> &'static [OutboundService] {
        match self {
            Self::Mail => &[OutboundService::Email],
            Self::Sms => &[OutboundService::Sms],
            Self::SmsOrMail => &[OutboundService::Sms, OutboundService::Email],
        }
    }
}

/// That a link is to be sent.
pub struct LinkSending<'a> {
    /// How.
    pub by: SendBy,
    /// Makes the address of a secret.
    pub link: &'a (dyn Fn(&str) -> String + Sync),
}

/// What has to be known of a judge.
struct Contact {
    name: String,
    mail: Option<Recipient>,
    phone: Option<Recipient>,
    /// For what.
    events: String,
}

impl Services {
    /// Drafts with the messages that they are sent by, for a contest if they were made for one.
    pub(super) async fn addressed(
        &self,
        permit: &Permit,
        mut drafts: Vec<Draft>,
        sending: Option<LinkSending<'_>>,
        contest: Option<ContestId>,
    ) -> Result<Vec<Draft>, ServiceError> {
        let Some(LinkSending { by, link }) = sending else { return Ok(drafts) };
        by.services().iter().try_for_each(|service| self.ensure_set_up(*service))?;
        if !link("").starts_with("http") {
            let why = "cannot be done by this way: no address is known that a link could lead to";
            return Err(ServiceError::fault("invalid", "/send", why));
        }
        let contacts = self
            .store
            .read_with_deleted(|all| {
                let contact = |draft: &Draft| contact(all, permit, draft, contest);
                drafts.iter().map(contact).collect::<Result<Vec<_>, ServiceError>>()
            })
            .await?;
        ensure_reachable(&contacts, by)?;
        for (draft, Contact { mail, phone, events, .. }) in drafts.iter_mut().zip(contacts) {
            let (to, or_mail) = match by {
                SendBy::Mail => (mail, None),
                SendBy::Sms => (phone, None),
                SendBy::SmsOrMail => (phone, mail),
            };
            let Some(to) = to else { continue };
            let content = MessageContent::JudgeLink {
                url: link(&draft.secret),
                valid_until: draft.link.expires_at,
                event: events,
            };
            let (letter, actor) =
                (Letter { to, content, language: None, bulk: false }, permit.principal().actor.clone());
            draft.delivery = Some(match by {
                SendBy::Mail => self.mail(permit.context(), actor, letter)?,
                SendBy::Sms | SendBy::SmsOrMail => self.text(permit.context(), actor, letter, or_mail)?,
            });
        }
        Ok(drafts)
    }
}

fn ensure_reachable(contacts: &[Contact], by: SendBy) -> Result<(), ServiceError> {
    let (lacks, field): (fn(&Contact) -> bool, _) = match by {
        SendBy::Mail => (|contact| contact.mail.is_none(), "contactEmail"),
        SendBy::Sms | SendBy::SmsOrMail => (|contact| contact.phone.is_none(), "contactPhone"),
    };
    let names: Vec<&str> =
        contacts.iter().filter(|contact| lacks(contact)).map(|contact| contact.name.as_str()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let who = names.join(", ");
    Err(ServiceError::fault("invalid", "/send", format!("nothing can be sent without a {field}: {who}")))
}

fn contact(
    all: &WithDeleted<'_>,
    permit: &Permit,
    draft: &Draft,
    contest: Option<ContestId>,
) -> Result<Contact, ServiceError> {
    let (view, tenant, judge) = (&all.live(), permit.tenant(), draft.link.judge);
    let row = view.find::<Judge>(tenant, judge.uuid())?.ok_or(ServiceError::NotFound(Kind::Judge))?;
    // Whoever may make no link learns nothing of a judge's contact.
    ensure_in_reach_of(all, permit, row.lineage(), permit.action())?;
    let Judge { name, contact_email, contact_phone, .. } = row.body();
    let events = match contest {
        Some(contest) => {
            let row = view.find::<Contest>(tenant, contest.uuid())?;
            row.map(|row| event_of(view, row.lineage())).transpose()?.flatten().into_iter().collect()
        }
        None => events_of(view, tenant, judge.uuid())?,
    };
    let house = view.tenant(tenant)?.map(|row| row.body().name.clone()).unwrap_or_default();
    Ok(Contact {
        name: name.clone(),
        mail: recipient(name, contact_email.as_ref().map(ToString::to_string)),
        phone: recipient(name, contact_phone.as_ref().map(ToString::to_string)),
        events: if events.is_empty() { house } else { events.into_iter().collect::<Vec<_>>().join(", ") },
    })
}

/// The names of the events at which somebody judges and has not left.
fn events_of(view: &Live<'_>, tenant: TenantId, judge: uuid::Uuid) -> Result<BTreeSet<String>, StoreError> {
    let mut names = BTreeSet::new();
    for seat in view.referrers::<Assignment>(tenant, judge)? {
        if seat.body().status != AssignmentStatus::Ended {
            names.extend(event_of(view, seat.lineage())?);
        }
    }
    Ok(names)
}

fn event_of(view: &Live<'_>, lineage: &Lineage) -> Result<Option<String>, StoreError> {
    let Some(event) = lineage.id_of(Kind::Event) else { return Ok(None) };
    Ok(view.find::<Event>(lineage.tenant(), event)?.map(|row| row.body().name.clone()))
}
