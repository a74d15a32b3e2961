//! API tokens.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::representation::PageOut;
use crate::{
    domain::{ApiToken, Grant, Timestamp, TokenId, UserId, permission::permissions},
    http::{
        answer::{Answer, Created, Done},
        extract::{Body, Can, Item},
        problem::Failure,
        route::Endpoint,
    },
    service::{Services, TokenRequest},
};

/// A token to make.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct TokenIn {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200))]
    name: String,
    /// What it may do.
    #[garde(length(min = 1, max = 100))]
    grants: Vec<Grant>,
    /// Days until it stops working.
    #[garde(range(min = 1, max = 3_650))]
    expires_in_days: u32,
}

/// A token.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TokenOut {
    id: TokenId,
    name: String,
    grants: Vec<Grant>,
    owner: Option<UserId>,
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    /// The secret; answered once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl TokenOut {
    fn new(token: ApiToken, secret: Option<String>) -> Self {
        Self {
            id: token.id,
            name: token.name,
            grants: token.grants,
            owner: token.owner,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            token: secret,
        }
    }
}

async fn list(
    can: Can<permissions::ManageTokens>,
    services: Data<Services>,
) -> Result<Answer<PageOut<TokenOut>>, Failure> {
    let tokens = services.tokens(&can).await?;
    let items = tokens.into_iter().map(|token| TokenOut::new(token, None)).collect();
    Ok(Answer(PageOut { items, next_cursor: None }))
}

async fn create(
    can: Can<permissions::ManageTokens>,
    services: Data<Services>,
    Body(body): Body<TokenIn>,
) -> Result<Created<TokenOut>, Failure> {
    let request =
        TokenRequest { name: body.name, grants: body.grants, expires_in_days: body.expires_in_days };
    let new = services.create_token(&can, request).await?;
    let location = format!("/api/v1/tokens/{}", new.token.id);
    Ok(Created { value: TokenOut::new(new.token, Some(new.secret)), version: 1, location })
}

async fn revoke(
    can: Can<permissions::ManageTokens>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Done, Failure> {
    services.revoke_token(&can, TokenId::new(id)).await?;
    Ok(Done)
}

/// The endpoints of API tokens.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("tokens", name, summary);
    vec![
        Endpoint::new(Method::GET, "/tokens", about("listTokens", "The API tokens of the tenant."), list),
        Endpoint::new(
            Method::POST,
            "/tokens",
            about("createToken", "Makes an API token; its secret is answered once."),
            create,
        ),
        Endpoint::new(
            Method::DELETE,
            "/tokens/{id}",
            about("revokeToken", "Revokes an API token, for good."),
            revoke,
        ),
    ]
}
