//! API tokens: credentials of programs, with scoped grants and an end.

use serde::{Deserialize, Serialize};

use super::{Grant, Timestamp, TokenId, UserId};

/// A credential of a program. Its secret is known only to whoever was shown it once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    /// Its id.
    pub id: TokenId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// Who made it, if a user did.
    pub owner: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was made void.
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// Whether it works at a time.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}
