//! Second factors: an authenticator app (TOTP) and recovery codes, set up by their user, asked for at each sign-in, and
//! removed by their user or an ADMIN.

use std::path::Path;

use super::{Permit, ServiceError, Services, resources::find_live};
use crate::{
    domain::{Action, Actor, Facts, Kind, Tenant, TenantId, Timestamp, User, UserId, Verb},
    security::{self, KeyError, KeyFile, SealingKey, TotpSecret},
    store::{SecondFactor, SecretHash, Session, SessionHolder, Transaction},
    telemetry::context::RequestContext,
};

/// The file in the data directory with the key under which secrets are sealed.
pub const SEALING_KEY_FILE: &str = "sealing.key";

/// How many recovery codes there are at first.
const RECOVERY_CODES: usize = 10;

/// What somebody proves that they are themselves with, beyond a session that may have been left open.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Their password.
    pub password: String,
    /// A code of their authenticator app, or a recovery code.
    pub code: String,
}

/// A secret for an authenticator app, which is told once.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The secret, to be typed.
    pub secret: String,
    /// The same as an address, to be read from a QR code.
    pub uri: String,
}

/// The key in the data directory under which secrets are sealed, which is made at the first start.
///
/// # Errors
/// When its file cannot be read, or a new key cannot be written.
pub fn open_sealing_key(data_directory: &Path) -> Result<SealingKey, KeyError> {
    let (key, found) = SealingKey::open_file(&data_directory.join(SEALING_KEY_FILE))?;
    match found {
        KeyFile::Whole => {}
        KeyFile::Missing => tracing::info!("made the key that seals the secrets of second factors"),
        KeyFile::Damaged { aside } => tracing::warn!(
            keptAs = %aside.display(),
            "the key that seals the secrets of second factors was damaged, and a new one was made: until the old one \
             is back, only recovery codes work"
        ),
    }
    Ok(key)
}

impl Services {
    /// Begins to set up an authenticator app for the account that is signed in. Nothing changes until a code shows that
    /// the app has the secret.
    ///
    /// # Errors
    /// The password is wrong, or there is a second factor already.
    pub async fn begin_second_factor(
        &self,
        permit: &Permit,
        password: String,
    ) -> Result<Enrolment, ServiceError> {
        let (tenant, user) = own(permit)?;
        self.ensure_password(user, password).await?;
        let secret = TotpSecret::generate()?;
        let sealed = self.sealing.seal(&purpose(user), secret.as_bytes())?;
        let (issuer, account) = self
            .write(permit, move |transaction| {
                let view = transaction.live();
                if let Some(SecondFactor::Active { .. }) = view.second_factor(user)? {
                    return Err(ServiceError::fault(
                        "invalid",
                        "",
                        "there is a second factor already; remove it first",
                    ));
                }
                let house = view.find::<Tenant>(tenant, tenant.uuid())?;
                let house = house.ok_or(ServiceError::NotFound(Kind::Tenant))?.body().name.clone();
                let row =
                    view.find::<User>(tenant, user.uuid())?.ok_or(ServiceError::NotFound(Kind::User))?;
                transaction.set_second_factor(user, Some(&SecondFactor::Begun { sealed: sealed.clone() }))?;
                Ok((house, row.body().email.to_string()))
            })
            .await?;
        Ok(Enrolment { secret: secret.to_base32(), uri: secret.uri(&issuer, &account) })
    }

    /// Ends setting up an authenticator app, with a code of it, and gives out recovery codes, which are told once.
    ///
    /// # Errors
    /// The code is wrong, or nothing was begun.
    pub async fn confirm_second_factor(
        &self,
        permit: &Permit,
        code: &str,
    ) -> Result<Vec<String>, ServiceError> {
        let (tenant, user) = own(permit)?;
        let found = self.store.read(|view| view.second_factor(user)).await?;
        let Some(SecondFactor::Begun { sealed }) = found else {
            return Err(ServiceError::fault("invalid", "/code", "there is nothing to confirm; begin again"));
        };
        let since = permit.context().clock().now();
        let last_step = self.secret(user, &sealed).and_then(|secret| secret.step_of(code, since, None));
        let last_step = last_step.ok_or_else(wrong_code)?;
        let (codes, recovery) = recovery_codes(user)?;
        let begun = SecondFactor::Begun { sealed: sealed.clone() };
        let active = SecondFactor::Active { sealed, since, last_step, recovery };
        self.write(permit, move |transaction| {
            if transaction.live().second_factor(user)?.as_ref() != Some(&begun) {
                return Err(wrong_code());
            }
            transaction.set_second_factor(user, Some(&active))?;
            record(transaction, tenant, user, Verb::SecondFactorAdded)
        })
        .await?;
        Ok(codes)
    }

    /// Removes the second factor of the account that is signed in.
    ///
    /// # Errors
    /// The password or the code is wrong.
    pub async fn remove_own_second_factor(&self, permit: &Permit, proof: Proof) -> Result<(), ServiceError> {
        let (tenant, user) = own(permit)?;
        self.ensure_proof(permit.context(), tenant, user, proof).await?;
        self.write(permit, move |transaction| {
            transaction.set_second_factor(user, None)?;
            record(transaction, tenant, user, Verb::SecondFactorRemoved)
        })
        .await
    }

    /// Gives out new recovery codes; the old ones are void.
    ///
    /// # Errors
    /// The password or the code is wrong.
    pub async fn renew_recovery_codes(
        &self,
        permit: &Permit,
        proof: Proof,
    ) -> Result<Vec<String>, ServiceError> {
        let (tenant, user) = own(permit)?;
        self.ensure_proof(permit.context(), tenant, user, proof).await?;
        let (codes, hashes) = recovery_codes(user)?;
        self.write(permit, move |transaction| {
            let Some(SecondFactor::Active { sealed, since, last_step, .. }) =
                transaction.live().second_factor(user)?
            else {
                return Err(wrong_code());
            };
            let renewed = SecondFactor::Active { sealed, since, last_step, recovery: hashes.clone() };
            transaction.set_second_factor(user, Some(&renewed))?;
            record(transaction, tenant, user, Verb::RecoveryCodesMade)
        })
        .await?;
        Ok(codes)
    }

    /// Removes the second factor of a user who has lost it. Sessions go on.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn remove_second_factor(&self, permit: &Permit, user: UserId) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            find_live::<User>(&transaction.live(), &holder, user.uuid())?;
            if transaction.live().second_factor(user)?.is_some() {
                transaction.set_second_factor(user, None)?;
                record(transaction, holder.tenant(), user, Verb::SecondFactorRemoved)?;
            }
            Ok(())
        })
        .await
    }

    /// Takes what a user gives as second factor, if the user has one. What was taken is used up.
    ///
    /// # Errors
    /// Nothing was given, or it is wrong.
    pub(super) async fn ensure_second_factor(
        &self,
        context: &RequestContext,
        tenant: TenantId,
        user: UserId,
        given: Option<&str>,
    ) -> Result<(), ServiceError> {
        let Some(active @ SecondFactor::Active { .. }) =
            self.store.read(|view| view.second_factor(user)).await?
        else {
            return Ok(());
        };
        let given = given.ok_or(ServiceError::SecondFactorRequired)?;
        // A first look, so that wrong codes do not take the writer's time.
        self.used(user, &active, given, context.clock().now()).ok_or(ServiceError::SecondFactorWrong)?;
        let (now, given) = (context.clock().now(), given.to_owned());
        let sealing = std::sync::Arc::clone(&self.sealing);
        self.write_as(context, Actor::User { id: user }, move |transaction| {
            let found = transaction.live().second_factor(user)?;
            let used = found.as_ref().and_then(|active| used(&sealing, user, active, &given, now));
            let (after, verb) = used.ok_or(ServiceError::SecondFactorWrong)?;
            transaction.set_second_factor(user, Some(&after))?;
            verb.map_or(Ok(()), |verb| record(transaction, tenant, user, verb))
        })
        .await
    }

    async fn ensure_proof(
        &self,
        context: &RequestContext,
        tenant: TenantId,
        user: UserId,
        proof: Proof,
    ) -> Result<(), ServiceError> {
        self.ensure_password(user, proof.password).await?;
        if !matches!(
            self.store.read(|view| view.second_factor(user)).await?,
            Some(SecondFactor::Active { .. })
        ) {
            return Err(ServiceError::fault("invalid", "", "there is no second factor; set one up first"));
        }
        let taken = self.ensure_second_factor(context, tenant, user, Some(&proof.code)).await;
        taken.map_err(|error| match error {
            ServiceError::SecondFactorWrong => wrong_code(),
            other => other,
        })
    }

    fn used(
        &self,
        user: UserId,
        active: &SecondFactor,
        given: &str,
        now: Timestamp,
    ) -> Option<(SecondFactor, Option<Verb>)> {
        used(&self.sealing, user, active, given, now)
    }

    fn secret(&self, user: UserId, sealed: &[u8]) -> Option<TotpSecret> {
        secret(&self.sealing, user, sealed)
    }
}

fn secret(sealing: &SealingKey, user: UserId, sealed: &[u8]) -> Option<TotpSecret> {
    match sealing.open(&purpose(user), sealed) {
        Ok(bytes) => TotpSecret::from_bytes(&bytes),
        Err(error) => {
            tracing::warn!(%error, file = SEALING_KEY_FILE, "a second factor cannot be checked");
            None
        }
    }
}

/// A second factor after something was used of it, and what is to be told of that; none if it is not right.
fn used(
    sealing: &SealingKey,
    user: UserId,
    active: &SecondFactor,
    given: &str,
    now: Timestamp,
) -> Option<(SecondFactor, Option<Verb>)> {
    let SecondFactor::Active { sealed, since, last_step, recovery } = active else { return None };
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let after = |last_step, recovery| SecondFactor::Active {
        sealed: sealed.clone(),
        since: *since,
        last_step,
        recovery,
    };
    if given.len() == 6 && given.bytes().all(|byte| byte.is_ascii_digit()) {
        let step = secret(sealing, user, sealed)?.step_of(&given, now, Some(*last_step))?;
        return Some((after(step, recovery.clone()), None));
    }
    let hash = hash_of_recovery_code(user, &given);
    let place = recovery.iter().position(|stored| security::same_secret(stored, &hash))?;
    let mut left = recovery.clone();
    left.remove(place);
    Some((after(*last_step, left), Some(Verb::RecoveryCodeUsed)))
}

/// New recovery codes, and the hashes under which they are stored.
fn recovery_codes(user: UserId) -> Result<(Vec<String>, Vec<SecretHash>), ServiceError> {
    let codes: Result<Vec<String>, _> = (0..RECOVERY_CODES).map(|_| security::new_short_code()).collect();
    let codes = codes?;
    let hashes = codes.iter().map(|code| hash_of_recovery_code(user, code)).collect();
    Ok((codes, hashes))
}

/// The user is part of it, so that the codes of all users have to be guessed one by one.
fn hash_of_recovery_code(user: UserId, code: &str) -> SecretHash {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    security::hash_of_secret(&format!("{user} {}", plain.to_ascii_uppercase()))
}

/// What a secret is sealed for: one user's row cannot be given to another.
fn purpose(user: UserId) -> Vec<u8> {
    format!("second factor of {user}").into_bytes()
}

fn wrong_code() -> ServiceError {
    ServiceError::fault("wrong_code", "/code", "is wrong, used already, or too old; try the next one")
}

fn record(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    user: UserId,
    verb: Verb,
) -> Result<(), ServiceError> {
    transaction.record(tenant, verb, (Kind::User, user.uuid()), Facts::None, None)?;
    Ok(())
}

/// The account of the session: no program, no operator of the machine and no judge who came by a link has a second
/// factor.
fn own(permit: &Permit) -> Result<(TenantId, UserId), ServiceError> {
    match permit.principal().session.as_ref().map(|used| &used.session) {
        Some(Session { tenant, holder: SessionHolder::User(user), .. }) => Ok((*tenant, *user)),
        _ => Err(ServiceError::Forbidden(Action::ManageSecondFactor)),
    }
}
