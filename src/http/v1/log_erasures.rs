//! Erasing what the log has of a tenant.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::jobs::AcceptedJob;
use crate::{
    domain::permission::permissions,
    http::{
        extract::{Body, Can},
        problem::Failure,
        route::Endpoint,
    },
    service::Services,
};

/// Whose lines are to go.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ErasureIn {
    /// The tenant: its short name, or its id, which finds one that was destroyed, too.
    #[garde(length(chars, min = 1, max = 100))]
    tenant: String,
    /// Why.
    #[garde(length(chars, min = 1, max = 1_000))]
    reason: String,
}

async fn erase(
    can: Can<permissions::EraseLogs>,
    services: Data<Services>,
    Body(body): Body<ErasureIn>,
) -> Result<AcceptedJob, Failure> {
    Ok(AcceptedJob(services.erase_logs(&can, &body.tenant, body.reason).await?))
}

/// The endpoint of erasures.
pub(super) fn endpoint() -> Endpoint {
    let summary = "Erases all that the log has of a tenant up to now, for good, in a job. Nothing else in the log changes. When \
        a tenant is destroyed, the box does it by itself.";
    Endpoint::new(Method::POST, "/logs/erasures", ("logs", "eraseLogs", summary), erase)
}
