//! Messages to people: what is sent is sealed until it is worded, goes to nobody who gets no more mail, and is a delivery
//! like every other. Nothing is sent by what is not set up.

use super::{
    Permit, ServiceError, Services,
    causing::{Cause, new_delivery},
    idempotency::{Creation, IdempotencyKey, Made, Once},
    resources::find_live,
    wordings::wordings_of,
};
use crate::{
    domain::{
        Actor, Delivery, DeliveryId, Facts, Kind, Language, MessageContent, OutboundService, Outgoing,
        OutgoingMessage, Recipient, Suppression, Tenant, TenantId, Urgency, User, UserId, Verb, Wording,
    },
    security::{self, CannotOpen},
    store::{Live, ResetLink},
    telemetry::context::RequestContext,
};

/// The queue of all mail: its relays take the place of one another.
pub const MAIL_QUEUE: &str = "mail";

const SEALED_FOR: &[u8] = b"message";

/// Who sends a message, and what that says of how it is worded.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The tenant, unless it was deleted meanwhile.
    pub tenant: Option<Tenant>,
    /// The languages in which the message is tried, best first.
    pub languages: Vec<Language>,
    /// The tenant's own wording of such messages in these languages.
    pub wordings: Vec<Wording>,
    /// Why the recipient gets no more mail, if so.
    pub suppression: Option<Suppression>,
}

/// What is sent to whom.
pub(super) struct Letter {
    pub to: Recipient,
    pub content: MessageContent,
    pub language: Option<Language>,
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
        let Letter { to, content, language, bulk } = letter;
        let (kind, sealed) = (content.kind(), self.sealed(&content)?);
        Ok(OutgoingMessage { to, kind, language, sealed, bulk, or_mail: None })
    }

    pub(super) fn sealed(&self, content: &MessageContent) -> Result<Vec<u8>, ServiceError> {
        let bytes = serde_json::to_vec(content)
            .map_err(|error| ServiceError::Internal(format!("a message has no JSON form: {error}")))?;
        Ok(self.sealing.seal(SEALED_FOR, &bytes)?)
    }

    /// What a message is made of.
    ///
    /// # Errors
    /// It was sealed under another key, or forgotten once it had arrived.
    pub fn message_content(&self, message: &OutgoingMessage) -> Result<MessageContent, CannotOpen> {
        let bytes = self.sealing.open(SEALED_FOR, &message.sealed)?;
        serde_json::from_slice(&bytes).map_err(|_| CannotOpen)
    }

    /// Who sends a message, and what that says of how it is worded.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sender_of(
        &self,
        tenant: TenantId,
        message: &OutgoingMessage,
    ) -> Result<Sender, ServiceError> {
        self.store
            .read(|view| {
                let sender = view.tenant(tenant)?.map(|row| row.body().clone());
                let own = sender.as_ref().and_then(|tenant| tenant.settings.language.as_ref());
                let languages = Language::fallback(message.language.as_ref(), own);
                let wordings = wordings_of(view, tenant, message.kind, &languages)?;
                let suppression = view.suppression(tenant, &message.to.address)?;
                Ok(Sender { tenant: sender, languages, wordings, suppression })
            })
            .await
    }

    /// Mails a user a link with which a password is set, once under a key: an invitation, or a way back for whoever has
    /// lost theirs. `link` makes the address of a token.
    ///
    /// # Errors
    /// There is no such user, or no mail goes out.
    pub async fn invite(
        &self,
        permit: &Permit,
        user: UserId,
        link: impl Fn(&str) -> String,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation<Delivery>, ServiceError> {
        self.ensure_set_up(OutboundService::Email)?;
        let once = key.map(|key| Once::new(permit, key, &("invitation", user))).transpose()?;
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
        let delivery =
            self.mail(permit.context(), by, Letter { to, content, language: None, bulk: false })?;
        let holder = permit.clone();
        let made = self
            .write(permit, move |transaction| {
                find_live::<User>(&transaction.live(), &holder, user.uuid())?;
                Once::make(once.as_ref(), transaction, delivery.id.uuid(), |transaction| {
                    transaction.open_reset_link(hash, &reset)?;
                    let subject = (Kind::User, user.uuid());
                    transaction.record(holder.tenant(), Verb::ResetLinkMade, subject, Facts::None, None)?;
                    transaction.add_delivery(holder.tenant(), &delivery)?;
                    Ok(delivery.clone())
                })
            })
            .await?;
        self.delivery_queued.notify_one();
        match made {
            Made::Now(made) => Ok(Creation { made, replayed: false }),
            Made::Before(id) => {
                let id = DeliveryId::new(id);
                let found = self.store.read(|view| view.delivery(permit.tenant(), id)).await?;
                Ok(Creation { made: found.ok_or(ServiceError::NotFound(Kind::Delivery))?, replayed: true })
            }
        }
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
        let delivery =
            self.mail(permit.context(), by, Letter { to, content, language: None, bulk: false })?;
        self.deliver(permit, delivery).await
    }
}

pub(super) fn recipient(name: &str, address: Option<String>) -> Option<Recipient> {
    let address = address.filter(|address| !address.is_empty())?;
    Some(Recipient { name: name.to_owned(), address })
}

pub(super) fn name_of(
    view: &Live<'_>,
    tenant: TenantId,
    actor: &Actor,
) -> Result<Option<String>, ServiceError> {
    let Some(user) = actor.user_id() else { return Ok(None) };
    Ok(view.find::<User>(tenant, user.uuid())?.map(|row| row.body().name.clone()))
}
