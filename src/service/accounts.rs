//! Accounts: creating users with a password, and setting passwords.

use super::{
    Permit, ServiceError, Services,
    changes::insert,
    checks::check,
    idempotency::{Creation, IdempotencyKey, Once},
    password_policy::{NewPassword, known_of, known_of_id},
    resources::find_live,
};
use crate::{
    domain::{
        Action, Facts, Fault, Grant, Kind, Role, SYSTEM_TENANT, TenantId, User, UserId, Verb, Visibility,
    },
    store::{Credential, Found, Live, SecretHash, Transaction},
};

/// A user to create.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The user.
    pub user: User,
    /// Its password; without one it cannot sign in with a password.
    pub password: Option<String>,
    /// Whether the user has to change the password at the first sign-in.
    pub must_change: bool,
}

impl Services {
    /// Creates a user, once under a key.
    ///
    /// # Errors
    /// The user or password breaks rules, the address is taken, or the grants exceed what the permit's holder may
    /// give.
    pub async fn create_user(
        &self,
        permit: &Permit,
        account: NewAccount,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation<Found<User>>, ServiceError> {
        check(&account.user)?;
        ensure_may_give(permit, permit.tenant(), &account.user.grants)?;
        let credential = match account.password {
            None => None,
            Some(text) => {
                let known = self.store.read(|view| known_of(view, permit.tenant(), &account.user)).await?;
                let password =
                    NewPassword { text, pointer: "/password", must_change: account.must_change, known };
                Some(self.credential(permit.context().clock().now(), password).await?)
            }
        };
        let id = UserId::new(permit.context().clock().new_uuid());
        let (tenant, user) = (permit.tenant(), account.user);
        // The password is no part of what is remembered, not even as a hash of a hash.
        let once = key.map(|key| Once::new(permit, key, &(Kind::User, &user))).transpose()?;
        let made = self
            .write(permit, move |transaction| {
                Once::make(once.as_ref(), transaction, id.uuid(), |transaction| {
                    add_user(transaction, tenant, id, user.clone(), credential.as_ref())
                })
            })
            .await?;
        self.creation(permit, made).await
    }

    /// Sets a user's password and ends all the user's sessions. Unless it is said otherwise, whoever sets another's
    /// password knows it, and so its user has to change it.
    ///
    /// # Errors
    /// There is no such user, or the password breaks rules.
    pub async fn set_password(
        &self,
        permit: &Permit,
        user: UserId,
        password: String,
        must_change: Option<bool>,
    ) -> Result<(), ServiceError> {
        let find = |view: &Live<'_>| {
            let row = find_live::<User>(view, permit, user.uuid())?;
            known_of(view, permit.tenant(), row.body())
        };
        let known = self.store.read(find).await?;
        let must_change = must_change.unwrap_or(permit.principal().user() != Some(user));
        let password = NewPassword { text: password, pointer: "/password", must_change, known };
        let credential = self.credential(permit.context().clock().now(), password).await?;
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            find_live::<User>(&transaction.live(), &holder, user.uuid())?;
            let keep = holder.principal().session.as_ref().map(|session| session.token);
            replace_credential(transaction, (holder.tenant(), user), &credential, keep.as_ref())
        })
        .await
    }

    /// Changes the password of the account that is signed in.
    ///
    /// # Errors
    /// The current password is wrong, or the new one breaks rules.
    pub async fn change_own_password(
        &self,
        permit: &Permit,
        current: String,
        new: String,
    ) -> Result<(), ServiceError> {
        let user = permit.principal().user().ok_or(ServiceError::Forbidden(Action::UseAccount))?;
        let session = permit.principal().session.clone();
        let tenant = session.as_ref().map_or(permit.tenant(), |used| used.session.tenant);
        let same = current == new;
        let stored = self.ensure_password(user, current).await?;
        if same && stored.must_change {
            let message = "must be another one than whoever set it knows";
            return Err(ServiceError::invalid(vec![Fault::new("/newPassword", message)]));
        }
        let known = self.store.read(|view| known_of_id(view, tenant, user)).await?;
        let password = NewPassword { text: new, pointer: "/newPassword", must_change: false, known };
        let credential = self.credential(permit.context().clock().now(), password).await?;
        self.write(permit, move |transaction| {
            let keep = session.as_ref().map(|session| session.token);
            replace_credential(transaction, (tenant, user), &credential, keep.as_ref())
        })
        .await
    }

    /// What is stored of a user's password, if this is it.
    pub(super) async fn ensure_password(
        &self,
        user: UserId,
        password: String,
    ) -> Result<Credential, ServiceError> {
        let stored = self.store.read(|view| view.credential(user)).await?;
        let hash = stored.as_ref().map(|credential| credential.hash.clone());
        let right = self.aside(move |passwords| passwords.verify(&password, hash.as_deref())).await?;
        stored.filter(|_| right).ok_or_else(|| {
            ServiceError::fault("wrong_password", "/currentPassword", "is not the current password")
        })
    }
}

/// Sets a new password, ends the user's sessions but one, and closes what was open to set one.
pub(super) fn replace_credential(
    transaction: &mut Transaction<'_>,
    (tenant, user): (TenantId, UserId),
    credential: &Credential,
    keep: Option<&SecretHash>,
) -> Result<(), ServiceError> {
    transaction.end_sessions(user, keep)?;
    transaction.close_reset(user)?;
    set_credential(transaction, tenant, user, Some(credential))
}

/// Writes a new user of a tenant, with or without a password.
pub(super) fn add_user(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    id: UserId,
    user: User,
    credential: Option<&Credential>,
) -> Result<Found<User>, ServiceError> {
    let place = transaction.live().tenant(tenant)?.ok_or(ServiceError::NotFound(Kind::Tenant))?.place();
    let row = insert(transaction, &place, id.uuid(), user)?;
    set_credential(transaction, tenant, id, credential)?;
    let (row, lineage) = row.into_parts();
    Ok(Found { row, lineage, visibility: Visibility::Live })
}

fn set_credential(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    user: UserId,
    credential: Option<&Credential>,
) -> Result<(), ServiceError> {
    if let Some(credential) = credential {
        transaction.record(tenant, Verb::PasswordSet, (Kind::User, user.uuid()), Facts::None, None)?;
        transaction.set_credential(user, credential)?;
    }
    Ok(())
}

/// SUPER_ADMIN can be given in the operators' tenant only, and no other role there.
pub(super) fn ensure_may_give(
    permit: &Permit,
    tenant: TenantId,
    grants: &[Grant],
) -> Result<(), ServiceError> {
    let wrong = |role: Role| match (role == Role::SuperAdmin, tenant == SYSTEM_TENANT) {
        (true, false) => Some(format!("{role} can be given in the operators' tenant, system, only")),
        (false, true) => Some(format!(
            "{role} cannot be given in the operators' tenant, system, where SUPER_ADMIN is the one role; name \
             another tenant"
        )),
        (true, true) if !permit.has_role(role) => Some(format!("only a {role} can give {role}")),
        _ => None,
    };
    let fault = |(index, grant): (usize, &Grant)| {
        Some(Fault::new(format!("/grants/{index}/role"), wrong(grant.role)?))
    };
    let faults: Vec<Fault> = grants.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(ServiceError::invalid(faults)) }
}
