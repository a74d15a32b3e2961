//! Conflicts of interest that judges declare themselves. What every noun has is in `resources`.

use actix_web::{http::Method, web::Data};

use super::{representation::Out, resources::created_answer, sheets::ReasonIn};
use crate::{
    domain::{ConflictOfInterest, permission::permissions},
    http::{
        answer::Created,
        extract::{Body, Can, Ids},
        problem::Failure,
        route::Endpoint,
    },
    service::{Creation, Services},
};

async fn declare(
    can: Can<permissions::SubmitSheets>,
    services: Data<Services>,
    ids: Ids,
    Body(body): Body<ReasonIn>,
) -> Result<Created<Out<ConflictOfInterest>>, Failure> {
    let made = services.declare_conflict(&can, ids.category, ids.entry, body.reason).await?;
    created_answer(&services, &can, Creation { made, replayed: false }).await
}

/// The endpoint at which a judge declares a conflict.
pub fn endpoints() -> Vec<Endpoint> {
    let about = (
        "conflicts",
        "declareConflict",
        "Declares a conflict of interest of the signed-in judge with an entrant.",
    );
    vec![Endpoint::new(Method::POST, "/categories/{id}/entries/{entryId}/conflict", about, declare)]
}
