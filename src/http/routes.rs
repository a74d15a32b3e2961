//! The one list of all endpoints of the API. The server registers it, the OpenAPI document is made from it, and the
//! tests walk it.

use super::{
    route::Endpoint,
    v1::{
        accounts, audit, judge_links, judging,
        resources::{endpoints as noun, state_endpoints as states},
        results, sessions, sheets, tokens, trash,
    },
};
use crate::domain::{
    Assignment, Category, Contest, Contestant, Criterion, Deduction, Entrant, Entry, Event, Judge, Kind,
    Tenant, User,
};

/// Every endpoint beneath `/api/v1`.
pub fn endpoints() -> Vec<Endpoint> {
    [
        sessions::endpoints(),
        noun::<Tenant>(None),
        noun::<User>(None),
        accounts::endpoints(),
        tokens::endpoints(),
        noun::<Event>(None),
        states::<Event>(),
        noun::<Contest>(Some(Kind::Event)),
        states::<Contest>(),
        noun::<Category>(Some(Kind::Contest)),
        states::<Category>(),
        noun::<Criterion>(Some(Kind::Category)),
        noun::<Contestant>(None),
        noun::<Judge>(None),
        noun::<Entry>(Some(Kind::Contest)),
        noun::<Entrant>(Some(Kind::Category)),
        noun::<Assignment>(Some(Kind::Category)),
        noun::<Deduction>(Some(Kind::Category)),
        judge_links::endpoints(),
        judging::endpoints(),
        sheets::endpoints(),
        results::endpoints(),
        trash::endpoints(),
        audit::endpoints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
