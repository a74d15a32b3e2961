//! Rows of identity: passwords, sessions, API tokens, the setup code. They are revoked, not soft-deleted; secrets are
//! stored as hashes only.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    StoreError, codec,
    engine::Reader,
    keys::{self, Table},
    live::Live,
    rows,
    transaction::Transaction,
};
use crate::domain::{Actor, ApiToken, JudgeId, JudgeLinkId, Kind, TenantId, Timestamp, TokenId, UserId};

/// SHA-256 of a secret.
pub type SecretHash = [u8; 32];

/// What a user's password is checked against.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Credential {
    /// Hash with its parameters, as a PHC string.
    pub hash: String,
    /// When the password was set.
    pub set_at: Timestamp,
    /// Whether it was set by somebody else, and has to be changed before anything else is done with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_change: bool,
}

/// A signed-in browser.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The tenant of whoever signed in.
    pub tenant: TenantId,
    /// Who signed in.
    #[serde(flatten)]
    pub holder: SessionHolder,
    /// What unsafe requests must send along.
    pub csrf: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, give or take five minutes.
    pub last_used_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// In which other tenant it acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<Acting>,
    /// From where it began.
    #[serde(default, skip_serializing_if = "Origin::is_unknown")]
    pub origin: Origin,
}

/// From where somebody signed in.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// The address of the client.
    pub client: Option<String>,
    /// What its browser calls itself.
    pub user_agent: Option<String>,
}

impl Origin {
    /// Whether nothing is known of it.
    pub const fn is_unknown(&self) -> bool {
        self.client.is_none() && self.user_agent.is_none()
    }
}

/// Who has signed in to a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SessionHolder {
    /// An account.
    User(UserId),
    /// A judge, by a link.
    JudgeLink {
        /// The link.
        id: JudgeLinkId,
        /// The judge it is for.
        judge: JudgeId,
    },
}

impl SessionHolder {
    /// As whom the holder acts.
    pub const fn actor(&self) -> Actor {
        match self {
            Self::User(id) => Actor::User { id: *id },
            Self::JudgeLink { judge, .. } => Actor::JudgeLink { judge: *judge },
        }
    }

    /// What signed in, for the audit log.
    pub const fn subject(&self) -> (Kind, Uuid) {
        match self {
            Self::User(id) => (Kind::User, id.uuid()),
            Self::JudgeLink { id, .. } => (Kind::JudgeLink, id.uuid()),
        }
    }
}

/// That an operator's session acts in another tenant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Acting {
    /// The tenant.
    pub tenant: TenantId,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// Whose an API token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TokenHolder {
    /// The tenant.
    pub tenant: TenantId,
    /// The token.
    pub id: TokenId,
}

/// The one-time code of the first start, as a hash.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SetupCode {
    /// SHA-256 of the code.
    pub hash: SecretHash,
}

pub(super) fn read<T: serde::de::DeserializeOwned>(
    reader: &dyn Reader,
    key: &[u8],
) -> Result<Option<T>, StoreError> {
    match reader.get(key)? {
        Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
        None => Ok(None),
    }
}

fn token_key(tenant: TenantId, id: TokenId) -> Vec<u8> {
    keys::row(Kind::Token, tenant, tenant.uuid(), id.uuid())
}

fn session_tokens(reader: &dyn Reader, user: UserId) -> Result<Vec<SecretHash>, StoreError> {
    let prefix = keys::by_id(Table::UserSession, user.uuid());
    rows::scan(reader, &prefix, |key, _| Ok(key.get(prefix.len()..).and_then(|hash| hash.try_into().ok())))
}

impl Live<'_> {
    /// What a user's password is checked against.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn credential(&self, user: UserId) -> Result<Option<Credential>, StoreError> {
        read(self.reader(), &keys::by_id(Table::Credential, user.uuid()))
    }

    /// The session of a token.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn session(&self, token: &SecretHash) -> Result<Option<Session>, StoreError> {
        read(self.reader(), &keys::by_hash(Table::Session, token))
    }

    /// All sessions of a user, by the hashes of their tokens, ended ones too as long as they are stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sessions_of(&self, user: UserId) -> Result<Vec<(SecretHash, Session)>, StoreError> {
        let mut found = Vec::new();
        for token in session_tokens(self.reader(), user)? {
            found.extend(self.session(&token)?.map(|session| (token, session)));
        }
        Ok(found)
    }

    /// Whose API token a secret is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn token_holder(&self, secret: &SecretHash) -> Result<Option<TokenHolder>, StoreError> {
        read(self.reader(), &keys::by_hash(Table::TokenSecret, secret))
    }

    /// An API token of a tenant, revoked ones too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn token(&self, tenant: TenantId, id: TokenId) -> Result<Option<ApiToken>, StoreError> {
        read(self.reader(), &token_key(tenant, id))
    }

    /// All API tokens of a tenant, oldest first, revoked ones too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tokens(&self, tenant: TenantId) -> Result<Vec<ApiToken>, StoreError> {
        let prefix = keys::children(Kind::Token, tenant, tenant.uuid());
        rows::scan(self.reader(), &prefix, |_, value| Ok(Some(codec::decode(value)?)))
    }

    /// The setup code that is still open.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn setup_code(&self) -> Result<Option<SetupCode>, StoreError> {
        read(self.reader(), &keys::table(Table::Setup))
    }
}

impl Transaction<'_> {
    /// Sets what a user's password is checked against.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn set_credential(&mut self, user: UserId, credential: &Credential) -> Result<(), StoreError> {
        self.put(keys::by_id(Table::Credential, user.uuid()), credential)
    }

    /// Begins or renews a session.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_session(&mut self, token: &SecretHash, session: &Session) -> Result<(), StoreError> {
        self.put(keys::by_hash(Table::Session, token), session)?;
        if let SessionHolder::User(user) = session.holder {
            self.overlay().put(keys::user_session(user.uuid(), token), Vec::new());
        }
        Ok(())
    }

    /// Ends a session.
    pub fn end_session(&mut self, token: &SecretHash, holder: &SessionHolder) {
        self.overlay().delete(keys::by_hash(Table::Session, token));
        if let SessionHolder::User(user) = holder {
            self.overlay().delete(keys::user_session(user.uuid(), token));
        }
    }

    /// Ends all sessions of a user, except one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn end_sessions(&mut self, user: UserId, except: Option<&SecretHash>) -> Result<(), StoreError> {
        let tokens = session_tokens(self.reader(), user)?;
        for token in tokens.iter().filter(|token| Some(*token) != except) {
            self.end_session(token, &SessionHolder::User(user));
        }
        Ok(())
    }

    /// Forgets how a user signs in, for good.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn forget_user(&mut self, user: UserId) -> Result<(), StoreError> {
        self.end_sessions(user, None)?;
        self.overlay().delete(keys::by_id(Table::Credential, user.uuid()));
        self.set_second_factor(user, None)?;
        self.close_reset(user)
    }

    /// Writes an API token; its secret's hash is given once, when it is made.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_token(
        &mut self,
        tenant: TenantId,
        token: &ApiToken,
        secret: Option<&SecretHash>,
    ) -> Result<(), StoreError> {
        if let Some(secret) = secret {
            self.put(keys::by_hash(Table::TokenSecret, secret), &TokenHolder { tenant, id: token.id })?;
        }
        self.put(token_key(tenant, token.id), token)
    }

    /// Opens or closes the box's set-up.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn set_setup_code(&mut self, code: Option<&SetupCode>) -> Result<(), StoreError> {
        match code {
            Some(code) => self.put(keys::table(Table::Setup), code),
            None => {
                self.overlay().delete(keys::table(Table::Setup));
                Ok(())
            }
        }
    }
}
