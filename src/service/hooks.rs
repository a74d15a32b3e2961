//! Webhooks and actions beside what people set of them: secrets and signatures, how they fare, and trying them.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use uuid::Uuid;

use super::{
    Permit, ServiceError, Services,
    causing::{Cause, new_delivery},
    resources::find_live,
};
use crate::{
    domain::{
        ActionHook, ActionHookId, Delivery, Facts, Kind, Noun, Outgoing, TenantId, Timestamp, Urgency, Verb,
        WEBHOOK_TEST, Webhook, WebhookHealth, WebhookId, host_key,
    },
    security::{SealingKey, webhook_signature},
    telemetry::clock::Clock,
};

/// How long the secret before a new one goes on, unless somebody says otherwise: a day.
pub const SECRET_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a webhook is told, and where.
pub struct SignedWebhook {
    /// Where.
    pub url: String,
    /// The headers of the Standard Webhooks specification: id, timestamp and signatures.
    pub headers: Vec<(&'static str, String)>,
}

/// What an action calls.
pub struct ActionCall {
    /// What people set of it.
    pub action: ActionHook,
    /// The value of the `Authorization` header.
    pub authorization: Option<String>,
}

/// Why nothing is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unaddressed {
    /// There is no such webhook or action any more.
    Deleted,
    /// It is switched off.
    Disabled,
    /// It is not told any more, because nothing has arrived for long.
    Stopped,
    /// Its authorization was sealed under another key.
    Sealed,
}

impl Services {
    /// A new secret for a webhook, which is told once. The one before signs, too, until a time.
    ///
    /// # Errors
    /// There is no such webhook.
    pub async fn renew_webhook_secret(
        &self,
        permit: &Permit,
        id: WebhookId,
        previous_until: Option<Timestamp>,
    ) -> Result<(String, WebhookHealth), ServiceError> {
        let holder = permit.clone();
        let health = self
            .write(permit, move |transaction| {
                find_live::<Webhook>(&transaction.live(), &holder, id.uuid())?;
                let mut health = transaction.live().webhook_health(id)?;
                // Nobody was ever told the first one.
                health.renew_secret(previous_until.filter(|_| health.secret > 0));
                transaction.put_webhook_health(id, &health)?;
                let what = (Kind::Webhook, id.uuid());
                transaction.record(holder.tenant(), Verb::SecretRenewed, what, Facts::None, None)?;
                Ok(health)
            })
            .await?;
        let secret = secret(&self.sealing, id, health.secret);
        Ok((format!("whsec_{}", BASE64_STANDARD.encode(secret)), health))
    }

    /// How webhooks fare.
    ///
    /// # Errors
    /// There is no such webhook.
    pub async fn webhook_health(
        &self,
        permit: &Permit,
        id: WebhookId,
    ) -> Result<WebhookHealth, ServiceError> {
        let read = |view: &crate::store::Live<'_>| {
            find_live::<Webhook>(view, permit, id.uuid())?;
            Ok(view.webhook_health(id)?)
        };
        self.store.read(read).await
    }

    /// Sets the authorization of an action, or removes it. It is never shown again.
    ///
    /// # Errors
    /// There is no such action.
    pub async fn set_action_authorization(
        &self,
        permit: &Permit,
        id: ActionHookId,
        authorization: Option<&str>,
    ) -> Result<(), ServiceError> {
        let sealed = authorization.map(|value| self.sealing.seal(&action_purpose(id), value.as_bytes()));
        let (holder, sealed) = (permit.clone(), sealed.transpose()?);
        self.write(permit, move |transaction| {
            find_live::<ActionHook>(&transaction.live(), &holder, id.uuid())?;
            transaction.put_action_secret(id, sealed.as_deref())?;
            let what = (Kind::Action, id.uuid());
            transaction.record(holder.tenant(), Verb::AuthorizationSet, what, Facts::None, None)?;
            Ok(())
        })
        .await
    }

    /// Whether an action has an authorization.
    ///
    /// # Errors
    /// There is no such action.
    pub async fn has_action_authorization(
        &self,
        permit: &Permit,
        id: ActionHookId,
    ) -> Result<bool, ServiceError> {
        let read = |view: &crate::store::Live<'_>| {
            find_live::<ActionHook>(view, permit, id.uuid())?;
            Ok(view.action_secret(id)?.is_some())
        };
        self.store.read(read).await
    }

    /// Tells a webhook of an event that tries it. One that was stopped is told again of everything once it arrives.
    ///
    /// # Errors
    /// There is no such webhook.
    pub async fn try_webhook(&self, permit: &Permit, id: WebhookId) -> Result<Delivery, ServiceError> {
        self.try_hook::<Webhook>(
            permit,
            id.uuid(),
            |hook| &hook.url,
            move |body| Outgoing::Webhook { webhook: id, event: WEBHOOK_TEST.to_owned(), body },
        )
        .await
    }

    /// Calls an action on an event that tries it.
    ///
    /// # Errors
    /// There is no such action.
    pub async fn try_action(&self, permit: &Permit, id: ActionHookId) -> Result<Delivery, ServiceError> {
        self.try_hook::<ActionHook>(
            permit,
            id.uuid(),
            |hook| &hook.url,
            move |body| Outgoing::Action { action: id, event: WEBHOOK_TEST.to_owned(), body },
        )
        .await
    }

    async fn try_hook<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
        url: fn(&N) -> &String,
        what: impl Fn(String) -> Outgoing,
    ) -> Result<Delivery, ServiceError> {
        let hook = self.store.read(|view| find_live::<N>(view, permit, id)).await?;
        let queue = host_key(url(hook.body())).unwrap_or_default();
        let context = permit.context();
        let body = json!({
            "type": WEBHOOK_TEST, "timestamp": context.clock().now(), "tenantId": permit.tenant(),
            "version": hook.row().version, "actor": permit.principal().actor,
            "requestId": context.request_id().as_str(), "correlationId": context.correlation_id().as_str(),
            "data": {"type": N::KIND, "id": id, "name": hook.body().label()},
        });
        let cause = Cause { by: permit.principal().actor.clone(), ..Cause::of(context) };
        let delivery = new_delivery(context.clock(), what(body.to_string()), queue, Urgency::Now, cause);
        self.deliver(permit, delivery).await
    }

    /// Where a webhook is told, and the signatures of what it is told.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn signed_webhook(
        &self,
        clock: &Clock,
        tenant: TenantId,
        id: WebhookId,
        delivery: &Delivery,
        body: &str,
    ) -> Result<Result<SignedWebhook, Unaddressed>, ServiceError> {
        let (found, health) = self
            .store
            .read(|view| {
                Ok::<_, ServiceError>((view.find::<Webhook>(tenant, id.uuid())?, view.webhook_health(id)?))
            })
            .await?;
        let Some(found) = found else { return Ok(Err(Unaddressed::Deleted)) };
        let is_a_test = delivery.what.title() == WEBHOOK_TEST;
        if !found.body().enabled && !is_a_test {
            return Ok(Err(Unaddressed::Disabled));
        }
        if health.stopped.is_some() && !is_a_test {
            return Ok(Err(Unaddressed::Stopped));
        }
        let (now, name) = (clock.now(), delivery.message_id());
        let seconds = now.millis().div_euclid(1_000);
        let sign = |number| webhook_signature(&secret(&self.sealing, id, number), &name, seconds, body);
        let signatures: Vec<String> = health.secrets(now).into_iter().map(sign).collect();
        let headers = vec![
            ("webhook-id", name.clone()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ];
        Ok(Ok(SignedWebhook { url: found.body().url.clone(), headers }))
    }

    /// What an action calls.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn action_call(
        &self,
        tenant: TenantId,
        id: ActionHookId,
        is_a_test: bool,
    ) -> Result<Result<ActionCall, Unaddressed>, ServiceError> {
        let (found, sealed) = self
            .store
            .read(|view| {
                Ok::<_, ServiceError>((view.find::<ActionHook>(tenant, id.uuid())?, view.action_secret(id)?))
            })
            .await?;
        let Some(found) = found else { return Ok(Err(Unaddressed::Deleted)) };
        if !found.body().enabled && !is_a_test {
            return Ok(Err(Unaddressed::Disabled));
        }
        let opened = sealed.map(|sealed| self.sealing.open(&action_purpose(id), &sealed)).transpose();
        let Ok(opened) = opened else { return Ok(Err(Unaddressed::Sealed)) };
        let authorization = opened.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(Ok(ActionCall { action: found.body().clone(), authorization }))
    }
}

fn secret(sealing: &SealingKey, id: WebhookId, number: u32) -> [u8; 32] {
    sealing.derive(format!("webhook/{id}/{number}").as_bytes())
}

fn action_purpose(id: ActionHookId) -> Vec<u8> {
    format!("action/{id}").into_bytes()
}
