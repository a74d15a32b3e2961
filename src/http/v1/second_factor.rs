//! One's own second factor, and removing that of somebody who has lost it.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{UserId, permission::permissions},
    http::{
        answer::{Answer, Done},
        extract::{Body, Can, Door, Item},
        problem::Failure,
        route::Endpoint,
    },
    reports::qr_svg,
    service::{Enrolment, Proof, Services},
};

/// One's own password.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct CurrentPasswordIn {
    /// The password.
    #[garde(length(chars, max = 1_024))]
    current_password: String,
}

/// A code of an authenticator app.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct CodeIn {
    /// The six digits that the app shows now.
    #[garde(length(chars, max = 100))]
    code: String,
}

/// One's own password and second factor.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ProofIn {
    /// The password.
    #[garde(length(chars, max = 1_024))]
    current_password: String,
    /// A code of the authenticator app, or a recovery code.
    #[garde(length(chars, max = 100))]
    code: String,
}

impl From<ProofIn> for Proof {
    fn from(proof: ProofIn) -> Self {
        Self { password: proof.current_password, code: proof.code }
    }
}

/// A secret for an authenticator app; it is answered once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EnrolmentOut {
    /// The secret in base 32, to be typed into the app.
    secret: String,
    /// The same as an otpauth address.
    otpauth_uri: String,
    /// That address as a QR code: an SVG document.
    qr_svg: String,
}

/// Codes that stand in for the authenticator app, each once; they are answered once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RecoveryOut {
    recovery_codes: Vec<String>,
}

async fn begin(
    can: Can<permissions::ManageSecondFactor>,
    door: Door,
    services: Data<Services>,
    Body(body): Body<CurrentPasswordIn>,
) -> Result<Answer<EnrolmentOut>, Failure> {
    let begin = services.begin_second_factor(&can, body.current_password);
    let Enrolment { secret, uri } = door.prove(&can, &services, begin).await?;
    let qr_svg = qr_svg(&uri).map_err(|error| {
        tracing::error!(%error, "a second factor has no QR code");
        Failure::internal()
    })?;
    Ok(Answer(EnrolmentOut { secret, otpauth_uri: uri, qr_svg }))
}

async fn confirm(
    can: Can<permissions::ManageSecondFactor>,
    door: Door,
    services: Data<Services>,
    Body(body): Body<CodeIn>,
) -> Result<Answer<RecoveryOut>, Failure> {
    let confirm = services.confirm_second_factor(&can, &body.code);
    let recovery_codes = door.prove(&can, &services, confirm).await?;
    Ok(Answer(RecoveryOut { recovery_codes }))
}

async fn renew(
    can: Can<permissions::ManageSecondFactor>,
    door: Door,
    services: Data<Services>,
    Body(body): Body<ProofIn>,
) -> Result<Answer<RecoveryOut>, Failure> {
    let renew = services.renew_recovery_codes(&can, body.into());
    let recovery_codes = door.prove(&can, &services, renew).await?;
    Ok(Answer(RecoveryOut { recovery_codes }))
}

async fn remove_own(
    can: Can<permissions::ManageSecondFactor>,
    door: Door,
    services: Data<Services>,
    Body(body): Body<ProofIn>,
) -> Result<Done, Failure> {
    door.prove(&can, &services, services.remove_own_second_factor(&can, body.into())).await?;
    Ok(Done)
}

async fn remove(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Done, Failure> {
    services.remove_second_factor(&can, UserId::new(id)).await?;
    Ok(Done)
}

/// The endpoints of second factors.
pub fn endpoints() -> Vec<Endpoint> {
    let own = |name: &'static str, summary: &'static str| ("session", name, summary);
    vec![
        Endpoint::new(
            Method::POST,
            "/me/totp",
            own("beginSecondFactor", "Begins to set up an authenticator app; its secret is answered once."),
            begin,
        ),
        Endpoint::new(
            Method::POST,
            "/me/totp/confirm",
            own(
                "confirmSecondFactor",
                "Ends setting up an authenticator app; recovery codes are answered once.",
            ),
            confirm,
        ),
        Endpoint::new(
            Method::POST,
            "/me/totp/recovery-codes",
            own("renewRecoveryCodes", "Makes new recovery codes; the old ones are void."),
            renew,
        ),
        Endpoint::new(
            Method::DELETE,
            "/me/totp",
            own("removeOwnSecondFactor", "Removes one's own second factor."),
            remove_own,
        ),
        Endpoint::new(
            Method::DELETE,
            "/users/{id}/totp",
            ("users", "removeSecondFactor", "Removes the second factor of a user who has lost it."),
            remove,
        ),
    ]
}
