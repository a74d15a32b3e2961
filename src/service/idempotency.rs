//! Creating once however often it is asked: a client names a creation, and asking again under the same name within a
//! day finds what was made then.

use std::str::FromStr;

use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Permit, ServiceError, Services};
use crate::{
    domain::Noun,
    store::{Found, SecretHash, StoreError, Transaction},
};

/// Most characters of a key.
pub const KEY_LENGTH_MAX: usize = 255;

/// How a client names a creation: 1 to 255 visible ASCII characters, best a random UUID.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdempotencyKey(String);

/// A text that is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an idempotency key is 1 to 255 visible ASCII characters")]
pub struct InvalidKey;

impl FromStr for IdempotencyKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = !text.is_empty() && text.len() <= KEY_LENGTH_MAX;
        (visible && fits).then(|| Self(text.to_owned())).ok_or(InvalidKey)
    }
}

/// Something that was asked to be created.
#[derive(Clone, Debug)]
pub struct Creation<T> {
    /// It, as it is now.
    pub made: T,
    /// Whether an earlier request made it.
    pub replayed: bool,
}

/// A named creation on its way into an operation: hashes of the name and of what is asked for.
#[derive(Clone)]
pub(super) struct Once {
    name: SecretHash,
    digest: SecretHash,
}

impl Once {
    /// Names are the actor's own: two clients never meet in one.
    ///
    /// # Errors
    /// When what is asked for has no JSON form.
    pub(super) fn new(
        permit: &Permit,
        key: &IdempotencyKey,
        asked: &impl Serialize,
    ) -> Result<Self, ServiceError> {
        let name = (permit.tenant(), &permit.principal().actor, &key.0);
        Ok(Self { name: hash(&name)?, digest: hash(asked)? })
    }

    /// Makes something under its name, or tells what was made under it before.
    ///
    /// # Errors
    /// The name stands for something else, or whatever `make` fails with.
    pub(super) fn make<T>(
        once: Option<&Self>,
        transaction: &mut Transaction<'_>,
        id: Uuid,
        make: impl FnOnce(&mut Transaction<'_>) -> Result<T, ServiceError>,
    ) -> Result<Made<T>, ServiceError> {
        if let Some(before) = Self::before(once, transaction)? {
            return Ok(Made::Before(before));
        }
        let made = make(transaction)?;
        Self::keep(once, transaction, id)?;
        Ok(Made::Now(made))
    }

    /// What was made before under the name, if something was.
    ///
    /// # Errors
    /// The name stands for something else.
    pub(super) fn before(
        once: Option<&Self>,
        transaction: &Transaction<'_>,
    ) -> Result<Option<Uuid>, ServiceError> {
        let Some(Self { name, digest }) = once else { return Ok(None) };
        match transaction.named_creation(name)? {
            Some(before) if before.digest == *digest => Ok(Some(before.id)),
            Some(_) => Err(ServiceError::fault(
                "idempotency_key_reused",
                "",
                "this Idempotency-Key was used for another request; send a new one",
            )),
            None => Ok(None),
        }
    }

    /// Notes what was made under the name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn keep(
        once: Option<&Self>,
        transaction: &mut Transaction<'_>,
        id: Uuid,
    ) -> Result<(), StoreError> {
        once.map_or(Ok(()), |Self { name, digest }| transaction.name_creation(name, *digest, id))
    }

    /// The same, for one of many things that are made under one name.
    ///
    /// # Errors
    /// When the part has no JSON form.
    pub(super) fn of_part(&self, part: Uuid) -> Result<Self, ServiceError> {
        Ok(Self { name: hash(&(self.name, part))?, digest: self.digest })
    }
}

/// What an operation with a name did.
#[derive(Clone, Debug)]
pub(super) enum Made<T, B = Uuid> {
    /// It made this.
    Now(T),
    /// Nothing: an earlier one made what has this id.
    Before(B),
}

impl Services {
    /// What was made now, or what was made before as it is now, deleted or not.
    pub(super) async fn creation<N: Noun>(
        &self,
        permit: &Permit,
        made: Made<Found<N>>,
    ) -> Result<Creation<Found<N>>, ServiceError> {
        match made {
            Made::Now(made) => Ok(Creation { made, replayed: false }),
            Made::Before(id) => {
                let found = self.store.read_with_deleted(|view| view.find::<N>(permit.tenant(), id)).await?;
                let made = found.ok_or(ServiceError::NotFound(N::KIND))?;
                Ok(Creation { made, replayed: true })
            }
        }
    }
}

/// SHA-256 of a value's JSON.
fn hash(value: &impl Serialize) -> Result<SecretHash, ServiceError> {
    digest(serde_json::to_vec(value))
}

fn digest(json: serde_json::Result<Vec<u8>>) -> Result<SecretHash, ServiceError> {
    let json = json.map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(Sha256::digest(json).into())
}

#[cfg(test)]
mod tests {
    use super::{IdempotencyKey, KEY_LENGTH_MAX};

    #[test]
    fn a_key_is_visible_ascii_of_at_most_255_characters() {
        let valid = |text: &str| text.parse::<IdempotencyKey>().is_ok();
        assert!(valid("0197-a b".replace(' ', "_").as_str()) && valid(&"k".repeat(KEY_LENGTH_MAX)));
        for text in ["", "two words", "ä", "line\n", &"k".repeat(KEY_LENGTH_MAX + 1)] {
            assert!(!valid(text), "{text:?}");
        }
    }
}
