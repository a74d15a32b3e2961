//! Accounts: creating users with a password, and setting passwords.

use super::{
    Permit, ServiceError, Services,
    changes::insert,
    checks::check,
    idempotency::{Creation, IdempotencyKey, Once},
    resources::find_live,
};
use crate::{
    domain::{
        Action, Facts, Fault, Grant, Kind, Role, SYSTEM_TENANT, TenantId, User, UserId, Verb, Visibility,
    },
    store::{Credential, Found, Transaction},
};

/// Longest password that is hashed: longer ones only cost time.
const PASSWORD_LENGTH_MAX: usize = 1_024;

/// A user to create.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The user.
    pub user: User,
    /// Its password; without one it cannot sign in with a password.
    pub password: Option<String>,
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
        let credential = self.credential(permit, account.password.as_deref()).await?;
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

    /// Sets a user's password and ends all the user's sessions.
    ///
    /// # Errors
    /// There is no such user, or the password breaks rules.
    pub async fn set_password(
        &self,
        permit: &Permit,
        user: UserId,
        password: String,
    ) -> Result<(), ServiceError> {
        let credential = self.credential(permit, Some(&password)).await?;
        self.replace_credential(permit, user, credential).await
    }

    async fn replace_credential(
        &self,
        permit: &Permit,
        user: UserId,
        credential: Option<Credential>,
    ) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            find_live::<User>(&transaction.live(), &holder, user.uuid())?;
            let keep = holder.principal().session.as_ref().map(|session| session.token);
            transaction.end_sessions(user, keep.as_ref())?;
            set_credential(transaction, holder.tenant(), user, credential.as_ref())
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
        let stored = self.store.read(|view| view.credential(user)).await?;
        let right = self
            .aside(move |passwords| passwords.verify(&current, stored.as_ref().map(|c| c.hash.as_str())))
            .await?;
        if !right {
            return Err(ServiceError::fault(
                "wrong_password",
                "/currentPassword",
                "is not the current password",
            ));
        }
        let credential =
            self.credential_at(permit.context().clock().now(), "/newPassword", Some(&new)).await?;
        self.replace_credential(permit, user, credential).await
    }

    pub(super) async fn credential(
        &self,
        permit: &Permit,
        password: Option<&str>,
    ) -> Result<Option<Credential>, ServiceError> {
        self.credential_at(permit.context().clock().now(), "/password", password).await
    }

    pub(super) async fn credential_at(
        &self,
        set_at: crate::domain::Timestamp,
        pointer: &str,
        password: Option<&str>,
    ) -> Result<Option<Credential>, ServiceError> {
        let Some(password) = password else { return Ok(None) };
        let (length, least) = (password.chars().count(), self.rules.password_length_min);
        if length < least || length > PASSWORD_LENGTH_MAX {
            let message = format!("must have {least} to {PASSWORD_LENGTH_MAX} characters");
            return Err(ServiceError::invalid(vec![Fault::new(pointer, message)]));
        }
        let password = password.to_owned();
        let hash = self.aside(move |passwords| passwords.hash(&password)).await??;
        Ok(Some(Credential { hash, set_at }))
    }
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
