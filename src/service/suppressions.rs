//! Addresses that get no more mail: because there is no such address, or because somebody asked for no more of it.

use super::{Permit, ServiceError, Services};
use crate::{
    domain::{Actor, SuppressedWhy, Suppression, TenantId, Timestamp},
    security,
    store::Transaction,
    telemetry::context::RequestContext,
};

const UNSUBSCRIBE: &[u8] = b"unsubscribe";

impl Services {
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
