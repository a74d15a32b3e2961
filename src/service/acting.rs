//! Acting in a tenant: a SUPER_ADMIN, who lives in the operators' tenant, does an ADMIN's work in another one, for a
//! reason. The session carries it, and the audit logs of both tenants tell when it began and ended.

use super::{
    Authority, Permit, Principal, ServiceError, Services, SessionInUse, Who, sessions::tenant_by_slug,
};
use crate::{
    domain::{
        Action, Actor, Facts, Grant, Kind, Role, SYSTEM_TENANT, Scope, TenantId, Timestamp, User, UserId,
        Verb, permission,
    },
    store::{Acting, Live, Session, SessionHolder, StoreError, Transaction},
};

/// What acting in a tenant allows there.
pub(super) const GRANT: Grant = Grant { role: Role::Admin, scope: Scope::Tenant {} };

/// In which tenant somebody wants to act.
#[derive(Clone, Debug)]
pub struct ActAs {
    /// The tenant's short name.
    pub tenant: String,
    /// Why, for everybody who reads the audit logs.
    pub reason: String,
}

impl Services {
    /// From now on, the session that the permit's holder came with acts in a tenant, or in its own again.
    ///
    /// # Errors
    /// The holder came without a session, there is no such tenant, or no reason.
    pub async fn act_as(&self, permit: &Permit, wanted: Option<ActAs>) -> Result<Who, ServiceError> {
        let in_use = permit.principal().session.clone().ok_or(ServiceError::Forbidden(Action::ActAs))?;
        let (token, now) = (in_use.token, permit.context().clock().now());
        let session = self
            .write(permit, move |transaction| {
                let session = transaction.live().session(&token)?.ok_or_else(ended)?;
                let wanted = wanted.as_ref().map(|wanted| found(&transaction.live(), wanted, now));
                let acting = wanted.transpose()?;
                end(transaction, &session)?;
                if let Some(acting) = &acting {
                    let reason = Facts::Reason(acting.reason.clone());
                    record(transaction, acting.tenant, Verb::ActingBegun, &reason)?;
                }
                let session = Session { acting, ..session };
                transaction.put_session(&token, &session)?;
                Ok(session)
            })
            .await?;
        let in_use = SessionInUse { token, session };
        let principal = self.store.read(|view| in_use.principal(view, &self.rules)).await?;
        self.who(&principal.ok_or_else(ended)?).await
    }
}

fn ended() -> ServiceError {
    ServiceError::Unauthenticated("the session has ended; sign in again")
}

fn found(view: &Live<'_>, wanted: &ActAs, since: Timestamp) -> Result<Acting, ServiceError> {
    let fault = |pointer: &str, message: &str| ServiceError::fault("invalid", pointer, message);
    if wanted.reason.trim().is_empty() {
        return Err(fault("/reason", "say why you act in another tenant"));
    }
    match tenant_by_slug(view, &wanted.tenant)? {
        None => Err(fault("/tenant", "there is no tenant with this short name")),
        Some(SYSTEM_TENANT) => Err(fault("/tenant", "is your own: give null to act in it again")),
        Some(tenant) => Ok(Acting { tenant, reason: wanted.reason.clone(), since }),
    }
}

/// Notes that a session acts in another tenant no more, if it does.
pub(super) fn end(transaction: &mut Transaction<'_>, session: &Session) -> Result<(), StoreError> {
    match &session.acting {
        Some(acting) => record(transaction, acting.tenant, Verb::ActingEnded, &Facts::None),
        None => Ok(()),
    }
}

fn record(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    verb: Verb,
    facts: &Facts,
) -> Result<(), StoreError> {
    for chain in [SYSTEM_TENANT, tenant] {
        transaction.record(chain, verb, (Kind::Tenant, tenant.uuid()), facts.clone(), None)?;
    }
    Ok(())
}

/// Who acts in a tenant by a session; nobody if the tenant is deleted, or the user may not act any more.
pub(super) fn principal(
    view: &Live<'_>,
    acting: &Acting,
    session: &SessionInUse,
) -> Result<Option<Principal>, StoreError> {
    let Session { tenant: home, holder: SessionHolder::User(user), .. } = session.session else {
        return Ok(None);
    };
    let operator = may_act(view, home, user)?;
    let there = view.tenant(acting.tenant)?.is_some();
    Ok((operator && there).then(|| Principal {
        actor: Actor::User { id: user },
        tenant: acting.tenant,
        authority: Authority::Grants(vec![GRANT]),
        session: Some(session.clone()),
        restriction: None,
    }))
}

/// Whether a user may act in other tenants than its own.
pub(super) fn may_act(view: &Live<'_>, home: TenantId, user: UserId) -> Result<bool, StoreError> {
    let may = |grant: &Grant| permission::allows_somewhere(*grant, Action::ActAs);
    Ok(view.find::<User>(home, user.uuid())?.is_some_and(|row| row.body().grants.iter().any(may)))
}
