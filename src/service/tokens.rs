//! API tokens: made with scoped grants and an end, shown once, revoked.

use super::{Permit, ServiceError, Services, accounts::ensure_may_give};
use crate::{
    domain::{ApiToken, Facts, Grant, Kind, TokenId, Verb},
    security,
};

/// A token to make.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// Days until it stops working.
    pub expires_in_days: u32,
}

/// A token that was just made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What is stored of it.
    pub token: ApiToken,
    /// Its secret, which nobody sees again.
    pub secret: String,
}

impl Services {
    /// Makes an API token.
    ///
    /// # Errors
    /// The grants exceed what the permit's holder may give.
    pub async fn create_token(
        &self,
        permit: &Permit,
        request: TokenRequest,
    ) -> Result<NewToken, ServiceError> {
        ensure_may_give(permit, permit.tenant(), &request.grants)?;
        let secret = security::new_api_token()?;
        let hash = security::hash_of_secret(&secret);
        let clock = permit.context().clock();
        let token = ApiToken {
            id: TokenId::new(clock.new_uuid()),
            name: request.name,
            grants: request.grants,
            owner: permit.principal().user(),
            created_at: clock.now(),
            expires_at: clock.now().plus_millis(i64::from(request.expires_in_days) * 86_400_000),
            revoked_at: None,
        };
        let (stored, tenant) = (token.clone(), permit.tenant());
        self.write(permit, move |transaction| {
            transaction.put_token(tenant, &stored, Some(&hash))?;
            transaction.record(tenant, Verb::Created, (Kind::Token, stored.id.uuid()), Facts::None, None)?;
            Ok(())
        })
        .await?;
        Ok(NewToken { token, secret })
    }

    /// All API tokens of the tenant, oldest first, revoked ones too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tokens(&self, permit: &Permit) -> Result<Vec<ApiToken>, ServiceError> {
        Ok(self.store.read(|view| view.tokens(permit.tenant())).await?)
    }

    /// Makes an API token void, for good.
    ///
    /// # Errors
    /// There is none, or it is void already.
    pub async fn revoke_token(&self, permit: &Permit, id: TokenId) -> Result<(), ServiceError> {
        let tenant = permit.tenant();
        self.write(permit, move |transaction| {
            let token = transaction.live().token(tenant, id)?.filter(|token| token.revoked_at.is_none());
            let token = token.ok_or(ServiceError::NotFound(Kind::Token))?;
            let revoked = ApiToken { revoked_at: Some(transaction.stamp().at), ..token };
            transaction.put_token(tenant, &revoked, None)?;
            transaction.record(tenant, Verb::Revoked, (Kind::Token, id.uuid()), Facts::None, None)?;
            Ok(())
        })
        .await
    }
}
