//! Users' accounts beyond what every noun has: creation with a password, grants, passwords.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{representation::Out, resources::created_answer};
use crate::{
    domain::{Email, Grant, User, UserId, permission::permissions, readable_name},
    http::{
        answer::{Created, Done},
        extract::{Body, Can, Item, Once},
        problem::Failure,
        route::Endpoint,
    },
    service::{NewAccount, Services},
};

/// A user to create.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewUser {
    /// The address it signs in with.
    email: Email,
    /// What people call them.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    name: String,
    /// What it may do.
    #[serde(default)]
    #[garde(length(max = 100))]
    grants: Vec<Grant>,
    /// Its password; without one it cannot sign in yet.
    #[serde(default)]
    password: Option<String>,
}

/// A password.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewPassword {
    /// The password.
    password: String,
}

async fn create(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    Once(key): Once,
    Body(new): Body<NewUser>,
) -> Result<Created<Out<User>>, Failure> {
    let user = User { email: new.email, name: new.name, grants: new.grants };
    let account = NewAccount { user, password: new.password };
    let creation = services.create_user(&can, account, key.as_ref()).await?;
    created_answer(&services, &can, creation).await
}

async fn set_password(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    Item(id): Item,
    Body(new): Body<NewPassword>,
) -> Result<Done, Failure> {
    services.set_password(&can, UserId::new(id), new.password).await?;
    Ok(Done)
}

/// The endpoints of users' accounts.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("users", name, summary);
    vec![
        Endpoint::new(Method::POST, "/users", about("createUser", "Creates one user."), create),
        Endpoint::new(
            Method::POST,
            "/users/{id}/password",
            about("setPassword", "Sets a user's password and ends the user's sessions."),
            set_password,
        ),
    ]
}
