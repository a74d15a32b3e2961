//! How long sessions last: noting their use, and what holds while the store is read-only. Then nobody's session ends for
//! want of use, and whoever can set things right can still sign in, with a session that is kept in memory only. May use
//! `store` and `telemetry`.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use super::{AccountRules, Principal, ServiceError, Services, permit};
use crate::{
    domain::{Role, Timestamp, User},
    store::{Live, SecretHash, Session, SessionHolder, StoreError},
    telemetry::{context::RequestContext, spawn},
};

/// A session is written at most this often only because it is used.
pub(super) const LAST_USED_MILLIS: i64 = 5 * 60 * 1000;

/// Most sessions in memory. Nobody needs more while a disk is full, and whoever could make more must not use memory up.
const IN_MEMORY_MAX: usize = 1_000;

/// Sessions that began while the store was read-only. They end with the process.
#[derive(Default)]
pub struct MemorySessions(RwLock<HashMap<SecretHash, Session>>);

impl MemorySessions {
    fn begin(&self, token: SecretHash, session: &Session) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, kept| kept.expires_at > session.created_at);
        if kept.len() < IN_MEMORY_MAX {
            kept.insert(token, session.clone());
        }
    }

    /// The session of a token, unless the account's password was set since: that ends all other sessions.
    pub(super) fn find(&self, view: &Live<'_>, token: &SecretHash) -> Result<Option<Session>, StoreError> {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned();
        let Some(session) = found else { return Ok(None) };
        let SessionHolder::User(user) = session.holder else { return Ok(None) };
        let credential = view.credential(user)?;
        Ok(credential.is_some_and(|credential| credential.set_at <= session.created_at).then_some(session))
    }

    /// Ends a session; false if it is none of these.
    pub(super) fn end(&self, token: &SecretHash) -> bool {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(token).is_some()
    }
}

impl Services {
    /// Begins a session in memory, after it could not be written: of an ADMIN or SUPER_ADMIN, while the store is
    /// read-only.
    ///
    /// # Errors
    /// The error with which the session was not written, for everybody else.
    pub(super) async fn begin_in_memory(
        &self,
        token: SecretHash,
        session: &Session,
        error: ServiceError,
    ) -> Result<(), ServiceError> {
        let ServiceError::Store(StoreError::ReadOnly(trouble)) = &error else { return Err(error) };
        let Session { tenant, holder: SessionHolder::User(user), .. } = *session else { return Err(error) };
        let account = self.store.read(|view| view.find::<User>(tenant, user.uuid())).await?;
        let may = account.is_some_and(|account| {
            account.body().grants.iter().any(|grant| matches!(grant.role, Role::Admin | Role::SuperAdmin))
        });
        if !may {
            return Err(error);
        }
        tracing::warn!(
            userId = %user, tenantId = %tenant, reason = trouble.word(),
            "signed in while the store is read-only: the session is in memory only, and not in the audit log"
        );
        self.memory_sessions.begin(token, session);
        Ok(())
    }

    /// Notes that a session is in use, while the request goes on. A failure costs nothing but a session that ends early.
    pub(super) fn note_use(
        &self,
        context: &RequestContext,
        principal: &Principal,
        token: SecretHash,
        now: Timestamp,
    ) {
        if self.store.trouble().is_some() {
            return;
        }
        let (store, stamp) = (Arc::clone(&self.store), permit::stamp(context, principal.actor.clone()));
        spawn::spawn(async move {
            let noted = store.write(stamp, move |transaction| {
                // Meanwhile it may have ended, or another request may have noted it.
                match transaction.live().session(&token)?.filter(|session| is_to_be_noted(session, now)) {
                    Some(session) => {
                        transaction.put_session(&token, &Session { last_used_at: now, ..session })
                    }
                    None => Ok(()),
                }
            });
            if let Err::<_, StoreError>(error) = noted.await {
                tracing::warn!(%error, "the use of a session was not noted");
            }
        });
    }

    /// Whether a session has not ended. Its use is not noted while the store is read-only, so that counts only after.
    pub(super) fn is_alive(&self, session: &Session, now: Timestamp) -> bool {
        is_in_time(session, now, &self.rules) || (now < session.expires_at && self.store.trouble().is_some())
    }
}

/// Whether a session has not ended, as far as its own times tell.
pub(super) fn is_in_time(session: &Session, now: Timestamp, rules: &AccountRules) -> bool {
    let idle_until = session.last_used_at.plus(rules.session_idle).plus_millis(LAST_USED_MILLIS);
    now < session.expires_at && now < idle_until
}

/// Whether its use was last noted so long ago that it is to be noted again.
pub(super) fn is_to_be_noted(session: &Session, now: Timestamp) -> bool {
    now >= session.last_used_at.plus_millis(LAST_USED_MILLIS)
}
