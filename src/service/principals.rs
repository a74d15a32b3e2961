//! Principals that were looked up before: whoever comes again with the same secret is known without reading the store,
//! as long as nothing but sheets has changed in the tenant. Revoking, signing out, deleting a user and changing grants all are
//! such changes, so a principal is never known for longer than it holds.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use super::{Principal, ServiceError, Services};
use crate::{
    domain::{Actor, Timestamp},
    store::SecretHash,
    telemetry::context::RequestContext,
};

/// Most principals that are kept.
const KEPT_MAX: usize = 10_000;

/// Principals by the hash of the secret they came with.
#[derive(Default)]
pub struct KnownPrincipals(RwLock<HashMap<SecretHash, Known>>);

struct Known {
    /// The tenant's newest change beside sheets when the principal was looked up, or one before.
    as_of: u64,
    /// From when on it has to be looked up again whatever happens.
    until: Timestamp,
    principal: Principal,
}

impl KnownPrincipals {
    /// The principal behind a secret, if it still holds; `newest_change` tells the newest change beside sheets.
    pub(super) fn find<E>(
        &self,
        secret: &SecretHash,
        now: Timestamp,
        newest_change: impl FnOnce(&Principal) -> Result<u64, E>,
    ) -> Result<Option<Principal>, E> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = kept.get(secret).filter(|known| now < known.until) else { return Ok(None) };
        Ok((newest_change(&known.principal)? == known.as_of).then(|| known.principal.clone()))
    }

    /// Keeps a principal that was looked up in a state not older than the change `as_of`.
    pub(super) fn keep(&self, secret: SecretHash, as_of: u64, until: Timestamp, principal: &Principal) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(secret, Known { as_of, until, principal: principal.clone() });
    }
}

impl Services {
    /// Who somebody is now that was looked up before: the same, with what it may do now. Nobody if the session has ended or
    /// acts in another tenant, the token is void, or the tenant is gone.
    pub(super) async fn principal_again(
        &self,
        context: &RequestContext,
        before: &Principal,
    ) -> Result<Option<Principal>, ServiceError> {
        if let Some(session) = &before.session {
            let now = self.principal_behind(context, session.token).await?;
            return Ok(now.filter(|now| now.tenant == before.tenant));
        }
        self.store
            .read(|view| {
                if view.tenant(before.tenant)?.is_none() {
                    return Ok(None);
                }
                let Actor::ApiToken { id, .. } = &before.actor else { return Ok(Some(before.clone())) };
                let token = view.token(before.tenant, *id)?;
                let valid = token.is_some_and(|token| token.is_valid(context.clock().now()));
                // What a token may do never changes.
                Ok(valid.then(|| before.clone()))
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::{KnownPrincipals, Principal, Timestamp};
    use crate::{
        domain::{Actor, SYSTEM_TENANT},
        service::Authority,
    };

    fn found(known: &KnownPrincipals, now: i64, newest: u64) -> bool {
        let newest = |_: &Principal| Ok::<_, ()>(newest);
        known.find(&[1; 32], Timestamp::from_millis(now), newest).unwrap().is_some()
    }

    #[test]
    fn a_principal_is_known_until_something_changes_or_its_time_is_over() {
        let known = KnownPrincipals::default();
        assert!(!found(&known, 0, 7));
        let principal = Principal {
            actor: Actor::Setup,
            tenant: SYSTEM_TENANT,
            authority: Authority::Grants(Vec::new()),
            session: None,
            restriction: None,
        };
        known.keep([1; 32], 7, Timestamp::from_millis(100), &principal);
        assert!(found(&known, 99, 7));
        assert!(!found(&known, 99, 8), "something has changed");
        assert!(!found(&known, 100, 7), "its time is over");
    }
}
