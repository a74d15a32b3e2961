//! Signing in and out, and telling who a request comes from.

use super::{
    Authority, Permit, Principal, Restriction, ServiceError, Services, SessionInUse,
    scorer::Scorer,
    session_in_use,
    session_use::{LAST_USED_MILLIS, is_to_be_noted},
};
use crate::{
    domain::{
        Action, Email, Facts, Grant, JudgeId, Kind, SYSTEM_TENANT, Tenant, TenantId, Timestamp, User, UserId,
        Verb,
        noun::{Row, UniqueField},
    },
    security,
    store::{Acting, Credential, Live, Origin, SecondFactor, SecretHash, Session, SessionHolder, StoreError},
    telemetry::context::RequestContext,
};

/// What somebody signs in with.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The account.
    pub email: Email,
    /// Its password.
    pub password: String,
    /// The tenant's short name; needed only if the address has accounts in several.
    pub tenant: Option<String>,
    /// A code of an authenticator app, or a recovery code.
    pub second_factor: Option<String>,
    /// From where.
    pub origin: Origin,
}

/// Who somebody is, as a browser needs to know it.
#[derive(Clone, Debug)]
pub struct Who {
    /// The tenant.
    pub tenant: Row<Tenant>,
    /// The account, if a user is signed in.
    pub user: Option<Row<User>>,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// The judge as whom it scores.
    pub judge: Option<(JudgeId, String)>,
    /// Words of all permitted actions.
    pub actions: Vec<Action>,
    /// What unsafe requests must send along.
    pub csrf: Option<String>,
    /// When the session ends whatever happens.
    pub expires_at: Option<Timestamp>,
    /// That the tenant is not the account's own, and why.
    pub acting: Option<Acting>,
    /// What has to be done before anything else.
    pub restriction: Option<Restriction>,
    /// How many recovery codes are left beside the second factor, if there is one.
    pub recovery_codes: Option<usize>,
}

/// A new session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The secret of the session, for the cookie.
    pub token: String,
    /// Who signed in.
    pub who: Who,
}

/// A session that has not been written yet, with the secret for its cookie.
pub(super) struct NewSession {
    pub secret: String,
    pub in_use: SessionInUse,
}

/// Most accounts of one address whose passwords are tried.
const CANDIDATES_MAX: usize = 5;

const WRONG: &str = "the e-mail address or the password is wrong";

impl Services {
    /// Signs in with an account's address and password.
    ///
    /// # Errors
    /// They are wrong, or the address has accounts in several tenants and none was named.
    pub async fn sign_in(&self, context: &RequestContext, sign_in: SignIn) -> Result<SignedIn, ServiceError> {
        let result = self.try_sign_in(context, sign_in).await;
        let outcome = if result.is_ok() { "success" } else { "failure" };
        ::metrics::counter!(crate::telemetry::metrics::AUTH_ATTEMPTS, "method" => "password", "outcome" => outcome)
            .increment(1);
        result
    }

    async fn try_sign_in(&self, context: &RequestContext, sign_in: SignIn) -> Result<SignedIn, ServiceError> {
        let SignIn { email, password, tenant, second_factor, origin } = sign_in;
        let candidates = self.store.read(|view| candidates(view, &email, tenant.as_deref())).await?;
        let matching = self
            .aside(move |passwords| {
                if candidates.is_empty() {
                    passwords.verify(&password, None);
                }
                let matches = |(_, _, credential): &Candidate| {
                    passwords.verify(&password, credential.as_ref().map(|c| c.hash.as_str()))
                };
                candidates.into_iter().filter(matches).collect::<Vec<_>>()
            })
            .await?;
        match matching.as_slice() {
            [] => Err(ServiceError::Unauthenticated(WRONG)),
            [(tenant, user, _)] => {
                self.ensure_second_factor(context, *tenant, *user, second_factor.as_deref()).await?;
                self.begin_session(context, *tenant, *user, origin).await
            }
            _ => Err(ServiceError::fault(
                "tenant_required",
                "/tenant",
                "this address has accounts in several tenants; name one",
            )),
        }
    }

    pub(super) async fn begin_session(
        &self,
        context: &RequestContext,
        tenant: TenantId,
        user: UserId,
        origin: Origin,
    ) -> Result<SignedIn, ServiceError> {
        let new = self.new_session(context, tenant, SessionHolder::User(user), origin)?;
        let SessionInUse { token, session } = new.in_use.clone();
        let written = self.write_as(context, session.holder.actor(), move |transaction| {
            transaction.put_session(&token, &session)?;
            transaction.record(tenant, Verb::SignedIn, session.holder.subject(), Facts::None, None)?;
            Ok(())
        });
        if let Err(error) = written.await {
            self.begin_in_memory(token, &new.in_use.session, error).await?;
        }
        self.signed_in(new).await
    }

    /// A session that is still to be written.
    pub(super) fn new_session(
        &self,
        context: &RequestContext,
        tenant: TenantId,
        holder: SessionHolder,
        origin: Origin,
    ) -> Result<NewSession, ServiceError> {
        let (secret, csrf) = (security::new_secret()?, security::new_secret()?);
        let now = context.clock().now();
        let session = Session {
            tenant,
            holder,
            csrf,
            created_at: now,
            last_used_at: now,
            expires_at: now.plus(self.rules.session_lifetime),
            acting: None,
            origin,
        };
        let token = security::hash_of_secret(&secret);
        Ok(NewSession { secret, in_use: SessionInUse { token, session } })
    }

    /// A session that was written, as whoever signed in needs to know it.
    pub(super) async fn signed_in(&self, new: NewSession) -> Result<SignedIn, ServiceError> {
        let principal = self.store.read(|view| new.in_use.principal(view, &self.rules)).await?;
        let principal = principal.ok_or(ServiceError::Unauthenticated(WRONG))?;
        Ok(SignedIn { token: new.secret, who: self.who(&principal).await? })
    }

    /// Who a session's token belongs to; nobody if it has ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn principal_of_session(
        &self,
        context: &RequestContext,
        token: &str,
    ) -> Result<Option<Principal>, ServiceError> {
        self.principal_behind(context, security::hash_of_secret(token)).await
    }

    /// Who a session belongs to, by the hash of its token; nobody if it has ended.
    pub(super) async fn principal_behind(
        &self,
        context: &RequestContext,
        hash: SecretHash,
    ) -> Result<Option<Principal>, ServiceError> {
        let (now, rules) = (context.clock().now(), self.rules);
        if let Some(principal) = self.known(&hash, now)? {
            return Ok(Some(principal));
        }
        let found = self
            .store
            .read_stamped(|view, stamps| {
                let found = view
                    .session(&hash)?
                    .map_or_else(|| self.memory_sessions.find(view, &hash), |found| Ok(Some(found)))?;
                let Some(session) = found.filter(|session| self.is_alive(session, now)) else {
                    return Ok::<_, StoreError>(None);
                };
                let in_use = SessionInUse { token: hash, session: session.clone() };
                let principal = in_use.principal(view, &rules)?;
                principal
                    .map(|principal| Ok((stamps.settled(session.tenant)?, session, principal)))
                    .transpose()
            })
            .await?;
        let Some((as_of, session, principal)) = found else { return Ok(None) };
        let used_at = if is_to_be_noted(&session, now) {
            self.note_use(context, &principal, hash, now);
            now
        } else {
            session.last_used_at
        };
        // Whether somebody may act in another tenant does not depend on the changes of one tenant alone.
        if session.acting.is_none() {
            let until = session.expires_at.min(used_at.plus_millis(LAST_USED_MILLIS));
            self.principals.keep(hash, as_of, until, &principal);
        }
        Ok(Some(principal))
    }

    pub(super) fn known(&self, secret: &SecretHash, now: Timestamp) -> Result<Option<Principal>, StoreError> {
        self.principals.find(secret, now, |principal| self.store.settled(principal.tenant))
    }

    /// Ends the session a request came with.
    ///
    /// # Errors
    /// When the change cannot be written.
    pub async fn sign_out(&self, permit: &Permit) -> Result<(), ServiceError> {
        let Some(SessionInUse { token, session }) = permit.principal().session.clone() else { return Ok(()) };
        if self.memory_sessions.end(&token) {
            self.principals.forget(&token);
            return Ok(());
        }
        self.write(permit, move |transaction| Ok(session_in_use::end(transaction, &token, &session)?)).await
    }

    /// Who somebody is, as a browser needs to know it.
    ///
    /// # Errors
    /// When the tenant is gone or the store cannot be read.
    pub async fn who(&self, principal: &Principal) -> Result<Who, ServiceError> {
        self.store
            .read(|view| {
                let tenant = view.tenant(principal.tenant)?.ok_or(ServiceError::NotFound(Kind::Tenant))?;
                let home = principal.session.as_ref().map_or(principal.tenant, |used| used.session.tenant);
                let user = principal.user().map(|user| view.find::<User>(home, user.uuid()));
                let user = user.transpose()?.flatten();
                let scorer = Scorer::of(principal);
                let judge = scorer.map(|scorer| scorer.judge(view, principal.tenant)).transpose()?.flatten();
                let grants = match &principal.authority {
                    Authority::Grants(grants) => grants.clone(),
                    Authority::Everything => Vec::new(),
                };
                Ok(Who {
                    tenant: tenant.into_parts().0,
                    user: user.map(|user| user.into_parts().0),
                    grants,
                    judge: judge.map(|row| (JudgeId::new(row.id()), row.body().name.clone())),
                    actions: principal.actions().collect(),
                    csrf: principal.session.as_ref().map(|session| session.session.csrf.clone()),
                    expires_at: principal.session.as_ref().map(|session| session.session.expires_at),
                    acting: principal.acting().cloned(),
                    restriction: principal.restriction,
                    recovery_codes: principal.user().map_or(Ok(None), |user| recovery_codes(view, user))?,
                })
            })
            .await
    }
}

pub(super) type Candidate = (TenantId, UserId, Option<Credential>);

/// The live accounts with an address: in the named tenant, or in all but the operators'.
pub(super) fn candidates(
    view: &Live<'_>,
    email: &Email,
    tenant: Option<&str>,
) -> Result<Vec<Candidate>, StoreError> {
    let tenants = match tenant {
        Some(slug) => tenant_by_slug(view, slug)?.into_iter().collect(),
        None => {
            let all = view.tenants()?.into_iter().map(|row| TenantId::new(row.id()));
            all.filter(|tenant| *tenant != SYSTEM_TENANT).collect::<Vec<_>>()
        }
    };
    let mut found = Vec::new();
    for tenant in tenants {
        let holder = view.holder(tenant, tenant.uuid(), UniqueField::Email, &email.comparable())?;
        let user = holder.map(|id| view.find::<User>(tenant, id)).transpose()?.flatten();
        if let Some(user) = user.map(|row| UserId::new(row.id())) {
            found.push((tenant, user, view.credential(user)?));
        }
    }
    found.truncate(CANDIDATES_MAX);
    Ok(found)
}

pub(super) fn tenant_by_slug(view: &Live<'_>, slug: &str) -> Result<Option<TenantId>, StoreError> {
    let found = view.tenants()?.into_iter().find(|tenant| tenant.body().slug == slug);
    Ok(found.map(|tenant| TenantId::new(tenant.id())))
}

fn recovery_codes(view: &Live<'_>, user: UserId) -> Result<Option<usize>, StoreError> {
    Ok(match view.second_factor(user)? {
        Some(SecondFactor::Active { recovery, .. }) => Some(recovery.len()),
        _ => None,
    })
}
