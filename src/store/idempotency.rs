//! Creations that clients have named: written by the operation that creates, so that asking again finds what was made.
//! They are forgotten after a day, a few whenever a new one is written.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    StoreError,
    engine::Direction,
    identity::SecretHash,
    keys::{self, Table},
    transaction::Transaction,
};
use crate::domain::Timestamp;

/// How long a creation is remembered.
const REMEMBERED_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Most that are forgotten in one operation.
const FORGOTTEN_AT_ONCE: usize = 4;

/// What is remembered of a creation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedCreation {
    /// SHA-256 of what was asked for.
    pub digest: SecretHash,
    /// What was made.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
}

impl Transaction<'_> {
    /// What was made under a name (its hash) within the last day.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn named_creation(&self, name: &SecretHash) -> Result<Option<NamedCreation>, StoreError> {
        let forgotten = self.stamp().at.plus_millis(-REMEMBERED_MILLIS);
        let found: Option<NamedCreation> = self.get(&keys::by_hash(Table::Creation, name))?;
        Ok(found.filter(|creation| creation.at > forgotten))
    }

    /// Remembers what this operation makes under a name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn name_creation(
        &mut self,
        name: &SecretHash,
        digest: SecretHash,
        id: Uuid,
    ) -> Result<(), StoreError> {
        self.forget_creations()?;
        let at = self.stamp().at;
        self.put(keys::by_hash(Table::Creation, name), &NamedCreation { digest, id, at })?;
        self.overlay().put(keys::creation_age(at, name), Vec::new());
        Ok(())
    }

    fn forget_creations(&mut self) -> Result<(), StoreError> {
        let to = keys::creations_before(self.stamp().at.plus_millis(-REMEMBERED_MILLIS));
        let mut old = Vec::new();
        self.reader().range(&keys::table(Table::CreationAge), &to, Direction::Forward, &mut |key, _| {
            old.push(key.to_vec());
            if old.len() < FORGOTTEN_AT_ONCE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        for age in old {
            if let Some(name) = keys::creation_name(&age) {
                let key = keys::by_hash(Table::Creation, &name);
                // A name that was used again since is of the later creation.
                let again = self
                    .get::<NamedCreation>(&key)?
                    .is_none_or(|made| keys::creation_age(made.at, &name) != age);
                if !again {
                    self.overlay().delete(key);
                }
            }
            self.overlay().delete(age);
        }
        Ok(())
    }
}
