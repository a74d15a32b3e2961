//! Ways back for whoever has lost a password: asking for a new one, and links with which one can be set once.

use std::{sync::Arc, time::Duration};

use super::{
    Permit, ServiceError, Services,
    accounts::replace_credential,
    messages::Letter,
    password_policy::{NewPassword, known_of_id},
    resources::find_live,
    sessions::candidates,
};
use crate::{
    domain::{
        Actor, Delivery, Email, Facts, Kind, MessageContent, OutboundService, Recipient, TenantId, Timestamp,
        User, UserId, Verb,
    },
    security,
    store::{Live, ResetLink, SecretHash, StoreError},
    telemetry::{context::RequestContext, spawn},
};

/// How long a link holds.
pub(super) const LINK_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How often at most it is noted that somebody asked for a new password of an account.
const NOTED_MILLIS: i64 = 60 * 60 * 1_000;

const VOID: &str =
    "this link is void: it was used, replaced by a newer one, or is older than a day; ask for another one";

/// A link, which is told once.
#[derive(Clone, Debug)]
pub struct NewResetLink {
    /// The secret of it.
    pub token: String,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

/// What those who run a tenant see of how an account signs in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignInState {
    /// Whether it has a password.
    pub has_password: bool,
    /// Whether the password has to be changed at the next sign-in.
    pub must_change_password: bool,
    /// Whether it signs in with a second factor, too.
    pub second_factor: bool,
    /// When a new password was asked for, if none was set since.
    pub reset_requested_at: Option<Timestamp>,
}

impl Services {
    /// Makes a link with which a user can set a new password once. An earlier one is void; the password there is still
    /// holds.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn make_reset_link(&self, permit: &Permit, user: UserId) -> Result<NewResetLink, ServiceError> {
        let token = security::new_secret()?;
        let hash = security::hash_of_secret(&token);
        let expires_at = permit.context().clock().now().plus(LINK_LIFETIME);
        let link = ResetLink { tenant: permit.tenant(), user, expires_at };
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            find_live::<User>(&transaction.live(), &holder, user.uuid())?;
            transaction.open_reset_link(hash, &link)?;
            let subject = (Kind::User, user.uuid());
            transaction.record(link.tenant, Verb::ResetLinkMade, subject, Facts::None, None)?;
            Ok(())
        })
        .await?;
        Ok(NewResetLink { token, expires_at })
    }

    /// Sets a password with a link, and ends all sessions of its user. A second factor stays.
    ///
    /// # Errors
    /// The link is void, or the password breaks rules; the link then still holds.
    pub async fn reset_password(
        &self,
        context: &RequestContext,
        token: &str,
        password: String,
    ) -> Result<(), ServiceError> {
        let (hash, now) = (security::hash_of_secret(token), context.clock().now());
        let find = move |view: &Live<'_>| {
            let link = view.reset_link(&hash)?.filter(|link| now < link.expires_at);
            let link = link.ok_or(ServiceError::Unauthenticated(VOID))?;
            match known_of_id(view, link.tenant, link.user) {
                Ok(known) => Ok((link, known)),
                Err(ServiceError::NotFound(_)) => Err(ServiceError::Unauthenticated(VOID)),
                Err(error) => Err(error),
            }
        };
        let (link, known) = self.store.read(find).await?;
        let password = NewPassword { text: password, pointer: "/password", must_change: false, known };
        let credential = self.credential(now, password).await?;
        self.write_as(context, Actor::User { id: link.user }, move |transaction| {
            let (link, _) = find(&transaction.live())?;
            replace_credential(transaction, (link.tenant, link.user), &credential, None)
        })
        .await
    }

    /// Notes on the accounts of an address that a new password was asked for, if there are any, and mails each a link if
    /// mail goes out. It is done after this has returned, so that nobody learns from the time taken which accounts exist.
    pub fn request_reset(self: &Arc<Self>, context: &RequestContext, email: Email, tenant: Option<String>) {
        let (services, context) = (Arc::clone(self), context.clone());
        spawn::spawn(async move {
            if let Err(error) = services.note_reset_request(&context, &email, tenant.as_deref()).await {
                tracing::warn!(%error, "that a new password was asked for was not noted");
            }
        });
    }

    async fn note_reset_request(
        &self,
        context: &RequestContext,
        email: &Email,
        tenant: Option<&str>,
    ) -> Result<(), ServiceError> {
        let now = context.clock().now();
        let due = |view: &Live<'_>| {
            let mut due = Vec::new();
            for (tenant, user, _) in candidates(view, email, tenant)? {
                let noted = view.user_reset(user)?.requested_at;
                if noted.is_none_or(|noted| now >= noted.plus_millis(NOTED_MILLIS)) {
                    let name = view.find::<User>(tenant, user.uuid())?.map(|row| row.body().name.clone());
                    due.push((tenant, user, name.unwrap_or_default()));
                }
            }
            Ok::<_, StoreError>(due)
        };
        let mut found = Vec::new();
        for (tenant, user, name) in self.store.read(due).await? {
            let to = Recipient { name, address: email.to_string() };
            found.push((tenant, user, self.reset_mail(context, (tenant, user), to)?));
        }
        if found.is_empty() {
            return Ok(());
        }
        self.write_as(context, Actor::Anonymous, move |transaction| {
            for (tenant, user, mail) in &found {
                transaction.note_reset_request(*user, now)?;
                let subject = (Kind::User, user.uuid());
                transaction.record(*tenant, Verb::ResetRequested, subject, Facts::None, None)?;
                if let Some((hash, link, delivery)) = mail {
                    transaction.open_reset_link(*hash, link)?;
                    transaction.add_delivery(*tenant, delivery)?;
                }
            }
            Ok(())
        })
        .await?;
        self.delivery_queued.notify_one();
        Ok(())
    }

    /// The mail with a link for whoever has asked by themselves; nothing if none goes out. The link leads to the address that
    /// the operator has set, never to one that whoever asks has named.
    fn reset_mail(
        &self,
        context: &RequestContext,
        (tenant, user): (TenantId, UserId),
        to: Recipient,
    ) -> Result<Option<(SecretHash, ResetLink, Delivery)>, ServiceError> {
        let outside = self.outside();
        let Some(base) = outside.public_url.as_ref().filter(|_| outside.has(OutboundService::Email)) else {
            return Ok(None);
        };
        let token = security::new_secret()?;
        let valid_until = context.clock().now().plus(LINK_LIFETIME);
        let url = format!("{base}/#/reset?token={token}");
        let content = MessageContent::PasswordReset { url, valid_until, asked_by: None };
        let letter = Letter { to, content, language: None, bulk: false };
        let delivery = self.mail(context, Actor::Anonymous, letter)?;
        let link = ResetLink { tenant, user, expires_at: valid_until };
        Ok(Some((security::hash_of_secret(&token), link, delivery)))
    }

    /// How an account signs in.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sign_in_state(&self, user: UserId) -> Result<SignInState, ServiceError> {
        self.store
            .read(|view| {
                let credential = view.credential(user)?;
                let factor = view.second_factor(user)?;
                Ok(SignInState {
                    has_password: credential.is_some(),
                    must_change_password: credential.is_some_and(|credential| credential.must_change),
                    second_factor: matches!(factor, Some(crate::store::SecondFactor::Active { .. })),
                    reset_requested_at: view.user_reset(user)?.requested_at,
                })
            })
            .await
    }
}
