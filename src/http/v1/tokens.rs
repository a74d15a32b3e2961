//! API tokens.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::representation::PageOut;
use crate::{
    domain::{ApiToken, Grant, Timestamp, TokenId, UserId, permission::permissions, readable_name},
    http::{
        answer::{Created, Digested, Done},
        extract::{Body, Can, CursorText, Item, Once, PageQuery, Query},
        problem::Failure,
        route::Endpoint,
    },
    service::{Creation, Services, TokenRequest},
};

/// A token to make.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct TokenIn {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
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
    query: Query<PageQuery>,
) -> Result<Digested<PageOut<TokenOut>>, Failure> {
    let page = services.tokens(&can, query.0.paging()?).await?;
    let items = page.items.into_iter().map(|token| TokenOut::new(token, None)).collect();
    Ok(Digested(PageOut { items, next_cursor: page.next.as_ref().map(CursorText::to_text) }))
}

async fn create(
    can: Can<permissions::ManageTokens>,
    services: Data<Services>,
    Once(key): Once,
    Body(body): Body<TokenIn>,
) -> Result<Created<TokenOut>, Failure> {
    let request =
        TokenRequest { name: body.name, grants: body.grants, expires_in_days: body.expires_in_days };
    let Creation { made, replayed } = services.create_token(&can, request, key.as_ref()).await?;
    let location = format!("/api/v1/tokens/{}", made.token.id);
    Ok(Created { value: TokenOut::new(made.token, made.secret), version: 1, location, replayed })
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
