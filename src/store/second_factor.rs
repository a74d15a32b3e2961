//! Rows of second factors: an authenticator app's secret, sealed, and the hashes of recovery codes. They are removed, not
//! soft-deleted.

use serde::{Deserialize, Serialize};

use super::{
    SecretHash, StoreError,
    identity::read,
    keys::{self, Table},
    live::Live,
    transaction::Transaction,
};
use crate::domain::{Timestamp, UserId};

/// The second factor of a user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SecondFactor {
    /// A secret was given out, and no code has shown yet that an app has it.
    Begun {
        /// The sealed secret.
        sealed: Vec<u8>,
    },
    /// It is asked for at each sign-in.
    Active {
        /// The sealed secret.
        sealed: Vec<u8>,
        /// Since when.
        since: Timestamp,
        /// The step of the last code that was used: none of it or before is taken any more.
        last_step: u64,
        /// Hashes of the recovery codes that are left.
        recovery: Vec<SecretHash>,
    },
}

impl Live<'_> {
    /// The second factor of a user.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
        read(self.reader(), &keys::by_id(Table::SecondFactor, user.uuid()))
    }
}

impl Transaction<'_> {
    /// Sets the second factor of a user, or removes it.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn set_second_factor(
        &mut self,
        user: UserId,
        factor: Option<&SecondFactor>,
    ) -> Result<(), StoreError> {
        let key = keys::by_id(Table::SecondFactor, user.uuid());
        match factor {
            Some(factor) => self.put(key, factor),
            None => {
                self.overlay().delete(key);
                Ok(())
            }
        }
    }
}
