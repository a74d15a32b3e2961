//! What a contest lacks before the show.

use actix_web::{HttpRequest, http::Method, web::Data};

use crate::{
    domain::permission::permissions,
    http::{
        answer::Answer,
        extract::{Can, Item},
        problem::Failure,
        renders::{Cached, Renders, Stamp},
        route::Endpoint,
    },
    service::{Readiness, Services},
};

async fn readiness(
    can: Can<permissions::ReadAssignments>,
    services: Data<Services>,
    renders: Data<Renders>,
    request: HttpRequest,
    Item(id): Item,
) -> Result<Cached<Answer<Readiness>>, Failure> {
    let read = async { Ok(Answer(services.readiness(&can, id).await?)) };
    renders.answer(&can, &services, &request, Stamp::Settled, read).await
}

/// The endpoint that tells what is lacking.
pub fn endpoints() -> Vec<Endpoint> {
    let about = ("contests", "getReadiness", "What a contest lacks before the show.");
    vec![Endpoint::new(Method::GET, "/contests/{id}/readiness", about, readiness)]
}
