//! Rows of password resets: links by the hash of their token, at most one a user, and that somebody asked for one. They
//! are used up, not soft-deleted.

use serde::{Deserialize, Serialize};

use super::{
    SecretHash, StoreError,
    identity::read,
    keys::{self, Table},
    live::Live,
    transaction::Transaction,
};
use crate::domain::{TenantId, Timestamp, UserId};

/// A link with which a password can be set once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ResetLink {
    /// The user's tenant.
    pub tenant: TenantId,
    /// Whose password.
    pub user: UserId,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What is open for a user.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct UserReset {
    /// The hash of the open link's token.
    pub link: Option<SecretHash>,
    /// When a new password was asked for, if that was not followed by one yet.
    pub requested_at: Option<Timestamp>,
}

impl Live<'_> {
    /// The link of a token.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn reset_link(&self, token: &SecretHash) -> Result<Option<ResetLink>, StoreError> {
        read(self.reader(), &keys::by_hash(Table::ResetLink, token))
    }

    /// What is open for a user.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn user_reset(&self, user: UserId) -> Result<UserReset, StoreError> {
        Ok(read(self.reader(), &keys::by_id(Table::UserReset, user.uuid()))?.unwrap_or_default())
    }
}

impl Transaction<'_> {
    /// Opens a link; the one that was open for the user is void.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open_reset_link(&mut self, token: SecretHash, link: &ResetLink) -> Result<(), StoreError> {
        let before = self.live().user_reset(link.user)?;
        self.void_reset_link(&before);
        self.put(keys::by_hash(Table::ResetLink, &token), link)?;
        self.put(keys::by_id(Table::UserReset, link.user.uuid()), &UserReset { link: Some(token), ..before })
    }

    /// Notes that a new password was asked for.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_reset_request(&mut self, user: UserId, at: Timestamp) -> Result<(), StoreError> {
        let before = self.live().user_reset(user)?;
        let after = UserReset { requested_at: Some(at), ..before };
        self.put(keys::by_id(Table::UserReset, user.uuid()), &after)
    }

    /// Closes what is open for a user, because there is a new password.
    ///
    /// # Errors
    /// When the store fails.
    pub fn close_reset(&mut self, user: UserId) -> Result<(), StoreError> {
        let before = self.live().user_reset(user)?;
        if before != UserReset::default() {
            self.void_reset_link(&before);
            self.overlay().delete(keys::by_id(Table::UserReset, user.uuid()));
        }
        Ok(())
    }

    fn void_reset_link(&mut self, reset: &UserReset) {
        if let Some(token) = reset.link {
            self.overlay().delete(keys::by_hash(Table::ResetLink, &token));
        }
    }
}
