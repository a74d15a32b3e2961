//! What each role may do: the permission table, role by role.

use actix_web::http::Method;
use schemars::JsonSchema;
use serde::Serialize;

use super::representation::PageOut;
use crate::{
    domain::{
        Action, Role,
        permission::{Relation, permissions},
    },
    http::{answer::Digested, extract::Can, problem::Failure, route::Endpoint},
};

/// A role.
#[derive(Serialize, JsonSchema)]
struct RoleOut {
    role: Role,
    /// All it may do.
    may: Vec<MayOut>,
}

/// Something that a role may do.
#[derive(Serialize, JsonSchema)]
struct MayOut {
    /// Such as `events.manage`.
    action: &'static str,
    /// In a sentence.
    summary: &'static str,
    /// How a grant of the role must stand to the thing.
    relation: Relation,
}

impl RoleOut {
    fn of(role: Role) -> Self {
        let may = Action::ALL.iter().filter_map(|action| {
            let (_, relation) = action.rule().iter().find(|(allowed, _)| *allowed == role)?;
            Some(MayOut { action: action.word(), summary: action.summary(), relation: *relation })
        });
        Self { role, may: may.collect() }
    }
}

async fn list(_can: Can<permissions::ReadUsers>) -> Result<Digested<PageOut<RoleOut>>, Failure> {
    Ok(Digested(PageOut { items: Role::ALL.into_iter().map(RoleOut::of).collect(), next_cursor: None }))
}

/// The endpoint of roles.
pub fn endpoints() -> Vec<Endpoint> {
    let about = ("users", "listRoles", "What each role may do, and how far a grant of it reaches.");
    vec![Endpoint::new(Method::GET, "/roles", about, list)]
}
