//! What a new password must be: long enough, and hard to guess for whoever knows the person. No rules about signs and
//! digits: they make passwords hard to keep in mind, and no harder to guess.

use super::{ServiceError, Services};
use crate::{
    domain::{Fault, Kind, Tenant, TenantId, Timestamp, User, UserId},
    security::{self, Guessable},
    store::{Credential, Live},
};

/// Longest password that is hashed: longer ones only cost time.
const LENGTH_MAX: usize = 1_024;

/// A password that shall be somebody's.
#[derive(Clone, Debug)]
pub(super) struct NewPassword {
    /// The password.
    pub text: String,
    /// Where it stands in the request.
    pub pointer: &'static str,
    /// Whether its user has to choose another one at the next sign-in.
    pub must_change: bool,
    /// What is known of the user, so that it is no good password for them.
    pub known: Vec<String>,
}

impl Services {
    /// What is stored of a new password.
    ///
    /// # Errors
    /// It is too short, too long, or too easy to guess.
    pub(super) async fn credential(
        &self,
        set_at: Timestamp,
        password: NewPassword,
    ) -> Result<Credential, ServiceError> {
        let NewPassword { text, pointer, must_change, known } = password;
        let (length, least) = (text.chars().count(), self.rules.password_length_min);
        if length < least || length > LENGTH_MAX {
            let message = format!("must have {least} to {LENGTH_MAX} characters");
            return Err(ServiceError::invalid(vec![Fault::new(pointer, message)]));
        }
        let score_min = self.rules.password_score_min;
        let hash = self
            .aside(move |passwords| {
                security::ensure_hard_to_guess(&text, &known, score_min)
                    .map_err(|Guessable(message)| ServiceError::fault("weak_password", pointer, message))?;
                Ok::<_, ServiceError>(passwords.hash(&text)?)
            })
            .await??;
        Ok(Credential { hash, set_at, must_change })
    }
}

/// What is known of a user who is there, or is about to be.
///
/// # Errors
/// The tenant is not there.
pub(super) fn known_of(view: &Live<'_>, tenant: TenantId, user: &User) -> Result<Vec<String>, ServiceError> {
    let tenant = view.tenant(tenant)?.ok_or(ServiceError::NotFound(Kind::Tenant))?;
    Ok(words_about(tenant.body(), user))
}

/// What is known of a user by its id.
///
/// # Errors
/// It is not there.
pub(super) fn known_of_id(
    view: &Live<'_>,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<String>, ServiceError> {
    let row = view.find::<User>(tenant, user.uuid())?.ok_or(ServiceError::NotFound(Kind::User))?;
    known_of(view, tenant, row.body())
}

/// The words that whoever guesses a password begins with.
pub(super) fn words_about(tenant: &Tenant, user: &User) -> Vec<String> {
    let email = user.email.as_str();
    let whole = [email, &user.name, &tenant.name, &tenant.slug, "event-manager"];
    let parts = whole.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    whole
        .iter()
        .copied()
        .chain(parts)
        .filter(|word| word.chars().count() > 2)
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Tenant, User, words_about};
    use crate::domain::Settings;

    #[test]
    fn names_and_addresses_are_known_whole_and_in_parts() {
        let (name, slug) = ("Harbour Arts".to_owned(), "harbour".to_owned());
        let tenant = Tenant { name, slug, settings: Settings::default() };
        let user = User {
            email: "ann@example.org".parse().unwrap(),
            name: "Ann Li Berg".to_owned(),
            grants: Vec::new(),
        };
        let words = words_about(&tenant, &user);
        for word in
            ["ann@example.org", "ann", "example", "Ann Li Berg", "Berg", "Harbour Arts", "Arts", "harbour"]
        {
            assert!(words.iter().any(|known| known == word), "{word}: {words:?}");
        }
        assert!(!words.iter().any(|word| word == "Li"), "two letters are in every other word");
    }
}
