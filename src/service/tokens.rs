//! API tokens: made with scoped grants and an end, shown once, revoked.

use super::{
    Authority, Cursor, Page, Paging, Permit, Principal, ServiceError, Services,
    accounts::ensure_may_give,
    guards,
    idempotency::{Creation, IdempotencyKey, Made, Once},
    paging::cut,
};
use crate::{
    domain::{Actor, ApiToken, Facts, Fault, Grant, Kind, TokenId, Verb},
    security,
    store::{StoreError, TokenHolder},
    telemetry::context::RequestContext,
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
    /// Its secret, which nobody sees again; none if an earlier request made the token.
    pub secret: Option<String>,
}

impl Services {
    /// Makes an API token, once under a key.
    ///
    /// # Errors
    /// The grants exceed what the permit's holder may give.
    pub async fn create_token(
        &self,
        permit: &Permit,
        request: TokenRequest,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation<NewToken>, ServiceError> {
        let repeated: Vec<Fault> = Grant::repeated(&request.grants).collect();
        if !repeated.is_empty() {
            return Err(ServiceError::invalid(repeated));
        }
        ensure_may_give(permit, permit.tenant(), &request.grants)?;
        let asked = (Kind::Token, &request.name, &request.grants, request.expires_in_days);
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
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
        let tenant = permit.tenant();
        let made = self
            .write(permit, move |transaction| {
                Once::make(once.as_ref(), transaction, token.id.uuid(), |transaction| {
                    guards::ensure_scopes(transaction, tenant, &token.grants)?;
                    transaction.put_token(tenant, &token, Some(&hash))?;
                    let subject = (Kind::Token, token.id.uuid());
                    transaction.record(tenant, Verb::Created, subject, Facts::None, None)?;
                    Ok(token.clone())
                })
            })
            .await?;
        match made {
            Made::Now(token) => {
                Ok(Creation { made: NewToken { token, secret: Some(secret) }, replayed: false })
            }
            Made::Before(id) => {
                let token = self.store.read(|view| view.token(tenant, TokenId::new(id))).await?;
                let token = token.ok_or(ServiceError::NotFound(Kind::Token))?;
                Ok(Creation { made: NewToken { token, secret: None }, replayed: true })
            }
        }
    }

    /// A page of the API tokens of the tenant, oldest first, revoked ones too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tokens(&self, permit: &Permit, paging: Paging) -> Result<Page<ApiToken>, ServiceError> {
        let tokens = self.store.read(|view| view.tokens(permit.tenant())).await?;
        Ok(cut(tokens, paging, |token| Cursor { order: (0, 0), id: token.id.uuid() }))
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

    /// Who an API token's secret belongs to; nobody if it is void.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn principal_of_token(
        &self,
        context: &RequestContext,
        secret: &str,
    ) -> Result<Option<Principal>, ServiceError> {
        let (hash, now) = (security::hash_of_secret(secret), context.clock().now());
        if let Some(principal) = self.known(&hash, now)? {
            return Ok(Some(principal));
        }
        let found = self
            .store
            .read_stamped(|view, stamps| {
                let Some(TokenHolder { tenant, id }) = view.token_holder(&hash)? else { return Ok(None) };
                let token = view.tenant(tenant)?.map(|_| view.token(tenant, id)).transpose()?.flatten();
                let token = token.filter(|token| token.is_valid(now));
                token.map(|token| Ok::<_, StoreError>((stamps.settled(tenant)?, tenant, token))).transpose()
            })
            .await?;
        Ok(found.map(|(as_of, tenant, token)| {
            let principal = Principal {
                actor: Actor::ApiToken { id: token.id, owner: token.owner },
                tenant,
                authority: Authority::Grants(token.grants),
                session: None,
                restriction: None,
            };
            self.principals.keep(hash, as_of, token.expires_at, &principal);
            principal
        }))
    }
}
