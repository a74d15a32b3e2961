//! Unlocking by two people: requests, and what others decide about them.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    representation::{Out, PageOut},
    resources::{Resource, tagged},
};
use crate::{
    domain::{Actor, Timestamp, permission::permissions},
    http::{
        answer::{Created, Digested, Done, Tagged},
        extract::{Body, Can, Expected, Item},
        problem::Failure,
        route::Endpoint,
    },
    service::{OpenRequest, Services},
};

/// Why something is to be unlocked.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequestIn {
    /// Why.
    #[garde(length(chars, min = 1, max = 1_000))]
    reason: String,
}

/// Why something is not unlocked.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RefusalIn {
    /// Why, if it is said.
    #[serde(default)]
    #[garde(inner(length(chars, min = 1, max = 1_000)))]
    reason: Option<String>,
}

/// That somebody wants something unlocked, and another one has to approve.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UnlockRequestOut {
    /// Its ETag, for approving or refusing what was seen.
    version: u64,
    /// Who asks.
    requested_by: Actor,
    requested_by_name: String,
    reason: String,
    requested_at: Timestamp,
    /// Until when it can be approved.
    expires_at: Timestamp,
}

impl From<OpenRequest> for UnlockRequestOut {
    fn from(OpenRequest { request, name }: OpenRequest) -> Self {
        Self {
            version: request.version,
            requested_by: request.by,
            requested_by_name: name,
            reason: request.reason,
            requested_at: request.at,
            expires_at: request.expires_at,
        }
    }
}

async fn request<N: Resource>(
    can: Can<permissions::ManageLocks>,
    services: Data<Services>,
    Item(id): Item,
    Body(body): Body<RequestIn>,
) -> Result<Created<UnlockRequestOut>, Failure> {
    let request = services.request_unlock::<N>(&can, id, body.reason).await?;
    let version = request.request.version;
    let location = format!("/api/v1/{}/{id}/unlock-requests", N::KIND.plural());
    Ok(Created { value: request.into(), version, location, replayed: false })
}

async fn list<N: Resource>(
    can: Can<permissions::ApproveUnlock>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Digested<PageOut<UnlockRequestOut>>, Failure> {
    let open = services.unlock_request::<N>(&can, id).await?;
    let items = open.map(UnlockRequestOut::from).into_iter().collect();
    Ok(Digested(PageOut { items, next_cursor: None }))
}

async fn approve<N: Resource>(
    can: Can<permissions::ApproveUnlock>,
    services: Data<Services>,
    Item(id): Item,
    expected: Expected,
) -> Result<Tagged<Out<N>>, Failure> {
    let found = services.approve_unlock::<N>(&can, id, expected.0).await?;
    tagged(&services, &can, found).await
}

async fn refuse<N: Resource>(
    can: Can<permissions::ApproveUnlock>,
    services: Data<Services>,
    Item(id): Item,
    expected: Expected,
    Body(body): Body<RefusalIn>,
) -> Result<Done, Failure> {
    services.refuse_unlock::<N>(&can, id, expected.0, body.reason).await?;
    Ok(Done)
}

/// Requests to unlock a noun.
pub fn endpoints<N: Resource>() -> Vec<Endpoint> {
    let (one, many, name) = (N::KIND.word(), N::KIND.plural(), N::schema_name());
    let requests = format!("/{many}/{{id}}/unlock-requests");
    vec![
        Endpoint::new(
            Method::POST,
            requests.clone(),
            (many, format!("request{name}Unlock"), format!("Asks somebody else to unlock one {one}.")),
            request::<N>,
        ),
        Endpoint::new(
            Method::GET,
            requests.clone(),
            (many, format!("list{name}UnlockRequests"), format!("The open request to unlock one {one}.")),
            list::<N>,
        ),
        Endpoint::new(
            Method::POST,
            format!("{requests}/approve"),
            (many, format!("approve{name}Unlock"), format!("Unlocks one {one} as somebody else has asked.")),
            approve::<N>,
        ),
        Endpoint::new(
            Method::POST,
            format!("{requests}/refuse"),
            (many, format!("refuse{name}Unlock"), format!("Refuses the request to unlock one {one}.")),
            refuse::<N>,
        ),
    ]
}
