//! The first start: a one-time code opens the set-up of the first tenant and the account that runs it. No account
//! with a known password ever exists.

use uuid::Uuid;

use super::{
    Conflict, ServiceError, Services, SignedIn,
    accounts::add_user,
    check,
    password_policy::{NewPassword, words_about},
};
use crate::{
    domain::{
        Actor, Email, Facts, Fault, Grant, Kind, Role, SYSTEM_TENANT, Scope, Settings, Tenant, TenantId,
        User, UserId, Verb,
    },
    security,
    store::{Credential, Origin, Place, SetupCode, Transaction},
    telemetry::context::RequestContext,
};

/// The first tenant and the account that runs it.
#[derive(Clone, Debug)]
pub struct SetUp {
    /// What the organisation is called.
    pub tenant_name: String,
    /// What the person is called.
    pub name: String,
    /// The address to sign in with.
    pub email: Email,
    /// The password.
    pub password: String,
}

impl Services {
    /// Prepares a new box: the operators' tenant, and a code that opens the set-up, which is given back once. A box
    /// that is set up gives none.
    ///
    /// # Errors
    /// When the store or randomness fails.
    pub async fn prepare_setup(&self, context: &RequestContext) -> Result<Option<String>, ServiceError> {
        if !self.setup_needed().await? {
            return Ok(None);
        }
        let code = security::new_short_code()?;
        let stored = SetupCode { hash: security::hash_of_secret(&code) };
        self.write_as(context, Actor::Setup, move |transaction| {
            ensure_system_tenant(transaction)?;
            Ok(transaction.set_setup_code(Some(&stored))?)
        })
        .await?;
        Ok(Some(code))
    }

    /// Whether nobody has set the box up yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn setup_needed(&self) -> Result<bool, ServiceError> {
        let tenants = self.store.read(|view| view.tenants()).await?;
        Ok(tenants.iter().all(|tenant| tenant.id() == SYSTEM_TENANT.uuid()))
    }

    /// Sets the box up with the one-time code, and signs the new account in.
    ///
    /// # Errors
    /// The code is wrong, the box is set up, or what was sent breaks rules.
    pub async fn set_up(
        &self,
        context: &RequestContext,
        code: &str,
        set_up: SetUp,
        origin: Origin,
    ) -> Result<SignedIn, ServiceError> {
        let stored = self.store.read(|view| view.setup_code()).await?;
        let stored = stored.ok_or(Conflict::AlreadySetUp)?;
        let typed = security::hash_of_secret(&code.trim().to_ascii_uppercase());
        if !security::same_secret(&typed, &stored.hash) {
            return Err(ServiceError::Unauthenticated("the set-up code is wrong"));
        }
        let (tenant, user) = self.create_first(context, set_up).await?;
        self.begin_session(context, tenant, user, origin).await
    }

    /// Creates the first tenant, the account that runs it, and the same account as operator of the box.
    ///
    /// # Errors
    /// The box is set up, or what was given breaks rules.
    pub async fn create_first(
        &self,
        context: &RequestContext,
        set_up: SetUp,
    ) -> Result<(TenantId, UserId), ServiceError> {
        let slug = Tenant::slug_of(&set_up.tenant_name);
        let tenant = Tenant { slug, name: set_up.tenant_name, settings: Settings::default() };
        check(&tenant).map_err(|_| {
            ServiceError::invalid(vec![Fault::new("/tenantName", "must have 1 to 200 characters")])
        })?;
        let user = User { email: set_up.email, name: set_up.name, grants: vec![tenant_wide(Role::Admin)] };
        check(&user)?;
        let now = context.clock().now();
        let known = words_about(&tenant, &user);
        let password = NewPassword { text: set_up.password, pointer: "/password", must_change: false, known };
        let credential = self.credential(now, password).await?;
        let ids = [(); 3].map(|()| context.clock().new_uuid());
        let [tenant_id, user_id, operator_id] = ids;
        self.write_as(context, Actor::Setup, move |transaction| {
            if transaction.live().tenants()?.iter().any(|tenant| tenant.id() != SYSTEM_TENANT.uuid()) {
                return Err(Conflict::AlreadySetUp.into());
            }
            first(transaction, (tenant_id, tenant.clone()), (user_id, operator_id, user.clone()), &credential)
        })
        .await?;
        Ok((TenantId::new(tenant_id), UserId::new(user_id)))
    }
}

fn first(
    transaction: &mut Transaction<'_>,
    (tenant_id, mut tenant): (Uuid, Tenant),
    (user_id, operator_id, user): (Uuid, Uuid, User),
    credential: &Credential,
) -> Result<(), ServiceError> {
    ensure_system_tenant(transaction)?;
    if tenant.slug == "system" {
        "tenant".clone_into(&mut tenant.slug);
    }
    let system = transaction.live().tenant(SYSTEM_TENANT)?.ok_or(ServiceError::NotFound(Kind::Tenant))?;
    transaction.insert(&system.place(), tenant_id, tenant)?;
    let operator = User { grants: vec![tenant_wide(Role::SuperAdmin)], ..user.clone() };
    add_user(transaction, TenantId::new(tenant_id), UserId::new(user_id), user, Some(credential))?;
    add_user(transaction, SYSTEM_TENANT, UserId::new(operator_id), operator, Some(credential))?;
    transaction.set_setup_code(None)?;
    transaction.record(SYSTEM_TENANT, Verb::SetUp, (Kind::Tenant, tenant_id), Facts::None, None)?;
    Ok(())
}

fn ensure_system_tenant(transaction: &mut Transaction<'_>) -> Result<(), ServiceError> {
    if transaction.live().tenant(SYSTEM_TENANT)?.is_none() {
        let tenant =
            Tenant { name: "Operators".to_owned(), slug: "system".to_owned(), settings: Settings::default() };
        transaction.insert(&Place::of_tenant(SYSTEM_TENANT), SYSTEM_TENANT.uuid(), tenant)?;
    }
    Ok(())
}

fn tenant_wide(role: Role) -> Grant {
    Grant { role, scope: Scope::Tenant {} }
}
