//! Permits: the proof that somebody may do something, and the context of the request in which it is done. Every use
//! case takes one; only [`Services`](super::Services) gives them out.

use crate::{
    domain::{Action, Actor, Grant, Role, TenantId, UserId, permission},
    store::{Acting, Lineage, SecretHash, Session, Stamp},
    telemetry::context::RequestContext,
};

use super::{Restriction, ServiceError};

/// Somebody whose credentials were checked.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Who it is.
    pub actor: Actor,
    /// In which tenant.
    pub tenant: TenantId,
    /// What it may do.
    pub authority: Authority,
    /// The browser session, if it is one.
    pub session: Option<SessionInUse>,
    /// What has to be done before anything else, if something has.
    pub restriction: Option<Restriction>,
}

/// What somebody may do.
#[derive(Clone, Debug)]
pub enum Authority {
    /// What these grants allow.
    Grants(Vec<Grant>),
    /// Everything: the operator of the machine, through the local socket.
    Everything,
}

/// The session a request came with.
#[derive(Clone, Debug)]
pub struct SessionInUse {
    /// Hash of its token.
    pub token: SecretHash,
    /// What is known of it.
    pub session: Session,
}

impl Principal {
    /// The user behind the actor, if there is one.
    pub fn user(&self) -> Option<UserId> {
        self.actor.user_id()
    }

    /// Whether it may do something somewhere in its tenant. Whoever acts in a tenant may end that, which no grant in
    /// the tenant allows.
    pub fn may_somewhere(&self, action: Action) -> bool {
        self.restriction.is_none_or(|restriction| restriction.allows(action))
            && self.is_granted_somewhere(action)
    }

    fn is_granted_somewhere(&self, action: Action) -> bool {
        match &self.authority {
            Authority::Everything => true,
            Authority::Grants(grants) => {
                grants.iter().any(|grant| permission::allows_somewhere(*grant, action))
                    || action == Action::ActAs && self.acting().is_some()
            }
        }
    }

    /// Why it acts in a tenant that is not its own, if it does.
    pub fn acting(&self) -> Option<&Acting> {
        self.session.as_ref()?.session.acting.as_ref()
    }

    /// All it may do somewhere in its tenant.
    pub fn actions(&self) -> impl Iterator<Item = Action> + '_ {
        Action::ALL.iter().copied().filter(|action| self.may_somewhere(*action))
    }
}

/// That somebody may do one thing, in one request.
#[derive(Clone)]
pub struct Permit {
    context: RequestContext,
    principal: Principal,
    action: Action,
}

impl Permit {
    pub(super) fn new(
        context: RequestContext,
        principal: Principal,
        action: Action,
    ) -> Result<Self, ServiceError> {
        match principal.restriction {
            _ if !principal.is_granted_somewhere(action) => Err(ServiceError::Forbidden(action)),
            Some(restriction) if !restriction.allows(action) => Err(ServiceError::Restricted(restriction)),
            _ => Ok(Self { context, principal, action }),
        }
    }

    /// What the box itself does in a tenant, unasked.
    pub(super) fn of_the_box(context: RequestContext, tenant: TenantId) -> Self {
        let actor = Actor::System { os_user: None };
        let authority = Authority::Everything;
        let principal = Principal { actor, tenant, authority, session: None, restriction: None };
        Self { context, principal, action: Action::Purge }
    }

    /// The holder's permit for another action.
    pub(super) fn for_action(&self, action: Action) -> Result<Self, ServiceError> {
        Self::new(self.context.clone(), self.principal.clone(), action)
    }

    /// The request.
    pub fn context(&self) -> &RequestContext {
        &self.context
    }

    /// Who holds it.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What may be done.
    pub(super) const fn action(&self) -> Action {
        self.action
    }

    /// The tenant it holds in.
    pub fn tenant(&self) -> TenantId {
        self.principal.tenant
    }

    /// Whether it reaches a thing.
    pub fn covers(&self, lineage: &Lineage) -> bool {
        self.allows(self.action, lineage)
    }

    /// Whether its holder may do another thing to a thing.
    pub fn allows(&self, action: Action, lineage: &Lineage) -> bool {
        match &self.principal.authority {
            Authority::Everything => true,
            Authority::Grants(grants) => {
                grants.iter().any(|grant| permission::allows(*grant, action, lineage.chain()))
            }
        }
    }

    /// Whether its holder sees how to reach people.
    pub fn sees_contacts(&self) -> bool {
        self.principal.may_somewhere(Action::ReadContacts)
    }

    /// Whether a role is among the holder's grants.
    pub fn has_role(&self, role: Role) -> bool {
        match &self.principal.authority {
            Authority::Everything => true,
            Authority::Grants(grants) => grants.iter().any(|grant| grant.role == role),
        }
    }

    /// What the store notes with each change: who, when, in which request.
    pub(super) fn stamp(&self) -> Stamp {
        stamp(&self.context, self.principal.actor.clone())
    }
}

/// What the store notes with a change made outside any permit, such as signing in.
pub(super) fn stamp(context: &RequestContext, actor: Actor) -> Stamp {
    Stamp {
        at: context.clock().now(),
        actor,
        request_id: context.request_id().to_string(),
        correlation_id: context.correlation_id().to_string(),
        traceparent: context.trace().to_string(),
        seed: *context.clock().new_uuid().as_bytes(),
    }
}
