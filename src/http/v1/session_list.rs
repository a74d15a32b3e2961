//! The sessions of an account: seeing them, and ending them.

use actix_web::{http::Method, web::Data};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    domain::{Timestamp, UserId, permission::permissions},
    http::{
        answer::{Digested, Done},
        extract::{Can, Item, SessionPath},
        problem::Failure,
        route::Endpoint,
    },
    service::{Services, SessionLine, Which},
};

/// The sessions of an account, oldest first.
#[derive(Serialize, JsonSchema)]
struct SessionsOut {
    items: Vec<SessionLineOut>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SessionLineOut {
    id: Uuid,
    created_at: Timestamp,
    /// When it was last used, give or take five minutes.
    last_used_at: Timestamp,
    /// When it ends whatever happens.
    expires_at: Timestamp,
    /// The address it began from.
    client_address: Option<String>,
    /// What the browser it began in calls itself.
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionsOut {
    fn new(lines: Vec<SessionLine>) -> Self {
        let line = |line: SessionLine| SessionLineOut {
            id: line.id,
            created_at: line.created_at,
            last_used_at: line.last_used_at,
            expires_at: line.expires_at,
            client_address: line.origin.client,
            user_agent: line.origin.user_agent,
            current: line.current,
        };
        Self { items: lines.into_iter().map(line).collect() }
    }
}

async fn own(
    can: Can<permissions::ManageSessions>,
    services: Data<Services>,
) -> Result<Digested<SessionsOut>, Failure> {
    Ok(Digested(SessionsOut::new(services.own_sessions(&can).await?)))
}

async fn of_user(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Digested<SessionsOut>, Failure> {
    Ok(Digested(SessionsOut::new(services.sessions_of(&can, UserId::new(id)).await?)))
}

async fn end_own(
    can: Can<permissions::ManageSessions>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Done, Failure> {
    services.end_own_sessions(&can, Which::One(id)).await?;
    Ok(Done)
}

async fn end_own_others(
    can: Can<permissions::ManageSessions>,
    services: Data<Services>,
) -> Result<Done, Failure> {
    services.end_own_sessions(&can, Which::Others).await?;
    Ok(Done)
}

async fn end_of_user(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    path: SessionPath,
) -> Result<Done, Failure> {
    services.end_sessions_of(&can, path.user, Which::One(path.session)).await?;
    Ok(Done)
}

async fn end_all_of_user(
    can: Can<permissions::ManageUsers>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Done, Failure> {
    services.end_sessions_of(&can, UserId::new(id), Which::All).await?;
    Ok(Done)
}

/// The endpoints of sessions.
pub fn endpoints() -> Vec<Endpoint> {
    let mine = |name: &'static str, summary: &'static str| ("session", name, summary);
    let theirs = |name: &'static str, summary: &'static str| ("users", name, summary);
    vec![
        Endpoint::new(Method::GET, "/me/sessions", mine("listOwnSessions", "One's own sessions."), own),
        Endpoint::new(
            Method::DELETE,
            "/me/sessions",
            mine("endOtherSessions", "Ends all of one's own sessions but the one that asks."),
            end_own_others,
        ),
        Endpoint::new(
            Method::DELETE,
            "/me/sessions/{id}",
            mine("endOwnSession", "Ends one of one's own sessions."),
            end_own,
        ),
        Endpoint::new(
            Method::GET,
            "/users/{id}/sessions",
            theirs("listSessions", "The sessions of a user."),
            of_user,
        ),
        Endpoint::new(
            Method::DELETE,
            "/users/{id}/sessions",
            theirs("endSessions", "Ends all sessions of a user."),
            end_all_of_user,
        ),
        Endpoint::new(
            Method::DELETE,
            "/users/{id}/sessions/{sessionId}",
            theirs("endSession", "Ends one session of a user."),
            end_of_user,
        ),
    ]
}
