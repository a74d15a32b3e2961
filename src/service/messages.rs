//! Messages to people: what is sent is sealed until it is worded, goes to nobody who gets no more mail, and is a delivery
//! like every other. Nothing is sent by what is not set up.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    Permit, ServiceError, Services,
    causing::{Cause, new_delivery},
    resources::find_live,
};
use crate::{
    domain::{
        Actor, Contestant, Delivery, Facts, Judge, Kind, MessageContent, OutboundService, Outgoing,
        OutgoingMessage, Recipient, Role, SuppressedWhy, Suppression, Tenant, TenantId, Timestamp, Urgency,
        User, UserId, Verb,
    },
    security::{self, CannotOpen},
    store::{Live, ResetLink, Transaction},
    telemetry::context::RequestContext,
};

/// Most people that one message goes to at a time.
pub const RECIPIENTS_MAX: usize = 256;

/// The queue of all mail: its relays take the place of one another.
pub const MAIL_QUEUE: &str = "mail";

const SEALED_FOR: &[u8] = b"message";
const UNSUBSCRIBE: &[u8] = b"unsubscribe";

/// Who gets a message.
#[derive(Clone, Debug, Default)]
pub struct Audience {
    /// Everybody with a role in the tenant.
    pub role: Option<Role>,
    /// These users.
    pub users: Vec<Uuid>,
    /// These judges.
    pub judges: Vec<Uuid>,
    /// These contestants.
    pub contestants: Vec<Uuid>,
}

/// What became of a message to many.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// Those without an address.
    pub unreachable: Vec<String>,
    /// Those who get no more mail.
    pub suppressed: Vec<String>,
}

/// What is sent to whom.
pub(super) struct Letter {
    pub to: Recipient,
    pub content: MessageContent,
    pub bulk: bool,
}

impl Services {
    /// A delivery of a mail, still to be written.
    pub(super) fn mail(
        &self,
        context: &RequestContext,
        by: Actor,
        letter: Letter,
    ) -> Result<Delivery, ServiceError> {
        let urgency = if letter.bulk { Urgency::Bulk } else { Urgency::Now };
        let cause = Cause { by, ..Cause::of(context) };
        let what = Outgoing::Mail(Box::new(self.sealed_message(letter)?));
        Ok(new_delivery(context.clock(), what, MAIL_QUEUE.to_owned(), urgency, cause))
    }

    /// A message whose content nobody reads until it is worded.
    pub(super) fn sealed_message(&self, letter: Letter) -> Result<OutgoingMessage, ServiceError> {
        let Letter { to, content, bulk } = letter;
        let bytes = serde_json::to_vec(&content)
            .map_err(|error| ServiceError::Internal(format!("a message has no JSON form: {error}")))?;
        let (kind, sealed) = (content.word().to_owned(), self.sealing.seal(SEALED_FOR, &bytes)?);
        Ok(OutgoingMessage { to, kind, language: None, sealed, bulk, or_mail: None })
    }

    /// What a message is made of.
    ///
    /// # Errors
    /// It was sealed under another key, or forgotten once it had arrived.
    pub fn message_content(&self, message: &OutgoingMessage) -> Result<MessageContent, CannotOpen> {
        let bytes = self.sealing.open(SEALED_FOR, &message.sealed)?;
        serde_json::from_slice(&bytes).map_err(|_| CannotOpen)
    }

    /// The tenant that sends, and whether an address gets no more mail.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sender_of(
        &self,
        tenant: TenantId,
        address: &str,
    ) -> Result<(Option<Tenant>, Option<Suppression>), ServiceError> {
        self.store
            .read(|view| {
                let sender = view.tenant(tenant)?.map(|row| row.body().clone());
                Ok((sender, view.suppression(tenant, address)?))
            })
            .await
    }

    /// Mails a user a link with which a password is set: an invitation, or a way back for whoever has lost theirs. `link`
    /// makes the address of a token.
    ///
    /// # Errors
    /// There is no such user, or no mail goes out.
    pub async fn invite(
        &self,
        permit: &Permit,
        user: UserId,
        link: impl Fn(&str) -> String,
    ) -> Result<Delivery, ServiceError> {
        self.ensure_set_up(OutboundService::Email)?;
        let token = security::new_secret()?;
        let (hash, url) = (security::hash_of_secret(&token), link(&token));
        let valid_until = permit.context().clock().now().plus(super::password_reset::LINK_LIFETIME);
        let reset = ResetLink { tenant: permit.tenant(), user, expires_at: valid_until };
        let by = permit.principal().actor.clone();
        let (to, inviter, has_password) = self
            .store
            .read(|view| {
                let row = find_live::<User>(view, permit, user.uuid())?;
                let asked_by = name_of(view, permit.tenant(), &by)?;
                let to = recipient(&row.body().name, Some(row.body().email.to_string()));
                Ok::<_, ServiceError>((to, asked_by, view.credential(user)?.is_some()))
            })
            .await?;
        let content = if has_password {
            MessageContent::PasswordReset { url, valid_until, asked_by: inviter }
        } else {
            MessageContent::Invitation { url, valid_until, inviter }
        };
        let to = to.ok_or(ServiceError::NotFound(Kind::User))?;
        let delivery = self.mail(permit.context(), by, Letter { to, content, bulk: false })?;
        let holder = permit.clone();
        let delivery = self
            .write(permit, move |transaction| {
                find_live::<User>(&transaction.live(), &holder, user.uuid())?;
                transaction.open_reset_link(hash, &reset)?;
                let subject = (Kind::User, user.uuid());
                transaction.record(holder.tenant(), Verb::ResetLinkMade, subject, Facts::None, None)?;
                transaction.add_delivery(holder.tenant(), &delivery)?;
                Ok(delivery.clone())
            })
            .await?;
        self.delivery_queued.notify_one();
        Ok(delivery)
    }

    /// Mails a test to whoever asks for it.
    ///
    /// # Errors
    /// No mail goes out, or whoever asks has no address.
    pub async fn mail_test(&self, permit: &Permit, to: Option<String>) -> Result<Delivery, ServiceError> {
        self.ensure_set_up(OutboundService::Email)?;
        let by = permit.principal().actor.clone();
        let own = self
            .store
            .read(|view| match by.user_id() {
                Some(user) => {
                    Ok(view.find::<User>(permit.tenant(), user.uuid())?.map(|row| row.body().clone()))
                }
                None => Ok::<_, ServiceError>(None),
            })
            .await?;
        let name = own.as_ref().map(|user| user.name.clone()).unwrap_or_default();
        let address = to.or_else(|| own.map(|user| user.email.to_string()));
        let to = recipient(&name, address)
            .ok_or_else(|| ServiceError::fault("invalid", "/to", "say to which address"))?;
        let content = MessageContent::Test { asked_by: name, at: permit.context().clock().now() };
        let delivery = self.mail(permit.context(), by, Letter { to, content, bulk: false })?;
        self.deliver(permit, delivery).await
    }

    /// Mails a message to many, each by itself. Who gets no more mail, or has no address, is left out and told.
    ///
    /// # Errors
    /// No mail goes out, somebody is not there, or it would go to more than [`RECIPIENTS_MAX`].
    pub async fn write_to(
        &self,
        permit: &Permit,
        audience: &Audience,
        (subject, body): (String, String),
    ) -> Result<Sent, ServiceError> {
        self.ensure_set_up(OutboundService::Email)?;
        let by = permit.principal().actor.clone();
        let (people, sender) = self
            .store
            .read(|view| {
                let sender = name_of(view, permit.tenant(), &by)?.unwrap_or_default();
                Ok::<_, ServiceError>((people(view, permit, audience)?, sender))
            })
            .await?;
        if people.len() > RECIPIENTS_MAX {
            let most = format!("goes to {} people; at most {RECIPIENTS_MAX} at a time", people.len());
            return Err(ServiceError::fault("invalid", "/to", most));
        }
        let (mut letters, mut unreachable) = (Vec::new(), Vec::new());
        for (name, address) in people {
            match recipient(&name, address) {
                Some(to) => letters.push(to),
                None => unreachable.push(name),
            }
        }
        let mut deliveries = Vec::with_capacity(letters.len());
        for to in letters {
            let content =
                MessageContent::Note { sender: sender.clone(), subject: subject.clone(), body: body.clone() };
            deliveries.push(self.mail(permit.context(), by.clone(), Letter { to, content, bulk: true })?);
        }
        let tenant = permit.tenant();
        let (deliveries, suppressed) = self
            .write(permit, move |transaction| {
                let (mut sent, mut suppressed) = (Vec::new(), Vec::new());
                for delivery in &deliveries {
                    let Some(message) = delivery.what.message() else { continue };
                    if transaction.live().suppression(tenant, &message.to.address)?.is_some() {
                        suppressed.push(message.to.name.clone());
                    } else {
                        transaction.add_delivery(tenant, delivery)?;
                        sent.push(delivery.clone());
                    }
                }
                Ok((sent, suppressed))
            })
            .await?;
        self.delivery_queued.notify_one();
        Ok(Sent { deliveries, unreachable, suppressed })
    }

    /// Addresses that get no more mail.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn suppressions(&self, permit: &Permit) -> Result<Vec<Suppression>, ServiceError> {
        Ok(self.store.read(|view| view.suppressions(permit.tenant())).await?)
    }

    /// Lets an address get mail again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn lift_suppression(&self, permit: &Permit, address: String) -> Result<(), ServiceError> {
        let tenant = permit.tenant();
        self.write(permit, move |transaction| {
            transaction.lift_suppression(tenant, &address);
            Ok(())
        })
        .await
    }

    /// What whoever gets a message to many ends such mail with: opaque, and good for this address alone.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn unsubscribe_token(&self, tenant: TenantId, address: &str) -> Result<String, ServiceError> {
        let sealed = self.sealing.seal(UNSUBSCRIBE, format!("{tenant} {address}").as_bytes())?;
        Ok(security::to_url_text(&sealed))
    }

    /// Ends mail to many for an address.
    ///
    /// # Errors
    /// The token is none of ours.
    pub async fn unsubscribe(&self, context: &RequestContext, token: &str) -> Result<(), ServiceError> {
        let void = ServiceError::Unauthenticated("this link is not one of ours");
        let opened =
            security::from_url_text(token).and_then(|sealed| self.sealing.open(UNSUBSCRIBE, &sealed).ok());
        let text = opened.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(void)?;
        let found = text
            .split_once(' ')
            .and_then(|(tenant, address)| Some((tenant.parse().ok()?, address.to_owned())));
        let Some((tenant, address)) = found else {
            return Err(ServiceError::Unauthenticated("this link is not one of ours"));
        };
        self.write_as(context, Actor::Anonymous, move |transaction| {
            let at = transaction.stamp().at;
            suppress(transaction, tenant, (&address, SuppressedWhy::Unsubscribed), at, "")
        })
        .await
    }
}

/// Keeps an address from getting more mail. That it bounced counts more than that it was unsubscribed.
pub(super) fn suppress(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    (address, why): (&str, SuppressedWhy),
    at: Timestamp,
    detail: &str,
) -> Result<(), ServiceError> {
    let known = transaction.live().suppression(tenant, address)?;
    if known.is_some_and(|known| known.why == SuppressedWhy::Bounced) {
        return Ok(());
    }
    let (address, detail) = (address.to_owned(), detail.to_owned());
    Ok(transaction.suppress(tenant, &Suppression { address, why, at, detail })?)
}

pub(super) fn recipient(name: &str, address: Option<String>) -> Option<Recipient> {
    let address = address.filter(|address| !address.is_empty())?;
    Some(Recipient { name: name.to_owned(), address })
}

fn name_of(view: &Live<'_>, tenant: TenantId, actor: &Actor) -> Result<Option<String>, ServiceError> {
    let Some(user) = actor.user_id() else { return Ok(None) };
    Ok(view.find::<User>(tenant, user.uuid())?.map(|row| row.body().name.clone()))
}

/// Names and addresses of an audience, each address once.
fn people(
    view: &Live<'_>,
    permit: &Permit,
    audience: &Audience,
) -> Result<Vec<(String, Option<String>)>, ServiceError> {
    let mut people = Vec::new();
    if let Some(role) = audience.role {
        let place = view.tenant(permit.tenant())?.map(|row| row.place());
        let place = place.ok_or(ServiceError::NotFound(Kind::Tenant))?;
        for row in view.children::<User>(&place)? {
            if row.body().grants.iter().any(|grant| grant.role == role) {
                people.push((row.body().name.clone(), Some(row.body().email.to_string())));
            }
        }
    }
    for id in &audience.users {
        let row = find_live::<User>(view, permit, *id)?;
        people.push((row.body().name.clone(), Some(row.body().email.to_string())));
    }
    for id in &audience.judges {
        let row = find_live::<Judge>(view, permit, *id)?;
        let address = row.body().contact_email.as_ref().map(ToString::to_string);
        people.push((row.body().name.clone(), address));
    }
    for id in &audience.contestants {
        let row = find_live::<Contestant>(view, permit, *id)?;
        let address = row.body().contact_email.as_ref().map(ToString::to_string);
        people.push((row.body().name.clone(), address));
    }
    let mut seen = BTreeSet::new();
    people.retain(|(_, address)| address.as_ref().is_none_or(|address| seen.insert(address.to_lowercase())));
    Ok(people)
}
