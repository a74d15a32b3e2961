//! Users' accounts beyond what every noun has: creation with a password, grants, passwords.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{representation::Out, resources::created_answer};
use crate::{
    domain::{Email, Grant, User, UserId, permission::permissions, readable_name},
    http::{
        admission::{Admission, subject_of},
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
    /// Whether it has to choose another password at its first sign-in.
    #[serde(default)]
    must_change: bool,
}

/// A password.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewPassword {
    /// The password.
    password: String,
    /// Whether the user has to choose another one at the next sign-in; true if left out, but for one's own.
    #[serde(default)]
    must_change: Option<bool>,
}

async fn create(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    Once(key): Once,
    Body(new): Body<NewUser>,
) -> Result<Created<Out<User>>, Failure> {
    let user = User { email: new.email, name: new.name, grants: new.grants };
    let account = NewAccount { user, password: new.password, must_change: new.must_change };
    let creation = services.create_user(&can, account, key.as_ref()).await?;
    created_answer(&services, &can, creation).await
}

async fn set_password(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    Item(id): Item,
    Body(new): Body<NewPassword>,
) -> Result<Done, Failure> {
    services.set_password(&can, UserId::new(id), new.password, new.must_change).await?;
    Ok(Done)
}

async fn unlock(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    admission: Data<Admission>,
    Item(id): Item,
) -> Result<Done, Failure> {
    services.note_forgiveness(&can, UserId::new(id)).await?;
    admission.sign_ins().forgive(subject_of(UserId::new(id)));
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
        Endpoint::new(
            Method::POST,
            "/users/{id}/unlock",
            about("unlockUser", "Forgives failed sign-ins, so that the user need not wait to sign in."),
            unlock,
        ),
    ]
}
