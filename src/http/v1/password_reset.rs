//! Ways back for whoever has lost a password.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    deliveries::{AcceptedDelivery, DeliveryOnce},
    delivery_views::out,
};
use crate::{
    domain::{Email, Timestamp, UserId, permission::permissions},
    http::{
        Transport,
        answer::{Answer, Done},
        extract::{Body, Caller, Can, Item, Once},
        openapi::{DescribeAnswer, Operation, Schemas},
        problem::Failure,
        route::Endpoint,
    },
    service::{Creation, Services},
};

/// A link with which a password can be set once; it is answered once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ResetLinkOut {
    /// The link. Its secret stands behind the number sign, which browsers send to no server.
    url: String,
    /// Until when it holds.
    expires_at: Timestamp,
}

/// A new password, and the secret of the link that allows it.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ResetIn {
    /// What stands behind `token=` in the link.
    #[garde(length(chars, max = 200))]
    token: String,
    /// The new password.
    password: String,
}

/// Whose password is lost.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ResetRequestIn {
    /// The account's address.
    email: Email,
    /// The tenant's short name, if the address may have accounts in several.
    #[serde(default)]
    #[garde(inner(length(chars, max = 63)))]
    tenant: Option<String>,
}

/// 202: it will be done, or there is nothing to do; that is not told.
struct Accepted;

impl Responder for Accepted {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Accepted().finish()
    }
}

impl DescribeAnswer for Accepted {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let description = "If there is such an account, it is noted for those who run its tenant.";
        operation.answers.insert(202, json!({"description": description}));
    }
}

/// 204 to somebody who was not signed in.
struct PasswordSet;

impl Responder for PasswordSet {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        Done.respond_to(request)
    }
}

impl DescribeAnswer for PasswordSet {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.insert(401);
        Done::describe(operation, schemas);
    }
}

async fn make_link(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    request: HttpRequest,
    Item(id): Item,
) -> Result<Answer<ResetLinkOut>, Failure> {
    let link = services.make_reset_link(&can, UserId::new(id)).await?;
    let url = Transport::link(&request, &format!("/#/reset?token={}", link.token));
    Ok(Answer(ResetLinkOut { url, expires_at: link.expires_at }))
}

async fn invite(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    request: HttpRequest,
    Item(id): Item,
    Once(key): Once,
) -> Result<DeliveryOnce, Failure> {
    let link = |token: &str| Transport::link(&request, &format!("/#/reset?token={token}"));
    let Creation { made, replayed } = services.invite(&can, UserId::new(id), link, key.as_ref()).await?;
    Ok(DeliveryOnce { delivery: AcceptedDelivery(out(&services, made)), replayed })
}

async fn reset(
    Caller(context): Caller,
    services: Data<Services>,
    Body(body): Body<ResetIn>,
) -> Result<PasswordSet, Failure> {
    services.reset_password(&context, &body.token, body.password).await?;
    Ok(PasswordSet)
}

async fn request(
    Caller(context): Caller,
    services: Data<Services>,
    Body(body): Body<ResetRequestIn>,
) -> Result<Accepted, Failure> {
    services.into_inner().request_reset(&context, body.email, body.tenant);
    Ok(Accepted)
}

/// The endpoints of lost passwords.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            Method::POST,
            "/users/{id}/reset-link",
            (
                "users",
                "makeResetLink",
                "Makes a link with which a user sets a new password once, within a day.",
            ),
            make_link,
        ),
        Endpoint::new(
            Method::POST,
            "/users/{id}/invitation",
            (
                "users",
                "inviteUser",
                "Mails a user a link with which they set a password, once, within a day.",
            ),
            invite,
        ),
        Endpoint::new(
            Method::POST,
            "/auth/reset",
            ("session", "resetPassword", "Sets a password with a link, and ends all sessions of its user."),
            reset,
        ),
        Endpoint::new(
            Method::POST,
            "/auth/reset-request",
            (
                "session",
                "requestReset",
                "Asks for a new password; the answer does not tell whether there is such an account.",
            ),
            request,
        ),
    ]
}
