//! Actors: who does something. Ids only, so that what stores an actor holds nothing personal; the
//! operating-system user of a local command is the one exception, for there is no id behind it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{JudgeId, TokenId, UserId};

/// Who does something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Actor {
    /// Somebody who signed in.
    User {
        /// The account.
        id: UserId,
    },
    /// A judge who came by a link and has no account.
    JudgeLink {
        /// The judge the link was made for.
        judge: JudgeId,
    },
    /// A program.
    ApiToken {
        /// Its credential.
        id: TokenId,
        /// Who made the credential, if a user did.
        owner: Option<UserId>,
    },
    /// Whoever holds the one-time setup code of a new installation.
    Setup,
    /// The installation itself, or its operator through the local socket.
    System {
        /// The operating-system user of the operator; none for the installation's own work.
        os_user: Option<String>,
    },
    /// Nobody who is known.
    Anonymous,
}

impl Actor {
    /// The user who answers for what is done: the one who signed in, or the one who made the token.
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User { id } => Some(*id),
            Self::ApiToken { owner, .. } => *owner,
            Self::JudgeLink { .. } | Self::Setup | Self::System { .. } | Self::Anonymous => None,
        }
    }
}

impl fmt::Display for Actor {
    /// The kind of actor and, after a colon, its id: `user:0190163d-8694-739b-aea5-966c26f8ad91`, `setup`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id } => write!(f, "user:{id}"),
            Self::JudgeLink { judge } => write!(f, "judgeLink:{judge}"),
            Self::ApiToken { id, .. } => write!(f, "apiToken:{id}"),
            Self::Setup => f.write_str("setup"),
            Self::System { os_user: Some(name) } => write!(f, "system:{name}"),
            Self::System { os_user: None } => f.write_str("system"),
            Self::Anonymous => f.write_str("anonymous"),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Actor, JudgeId, TokenId, UserId};

    fn every_actor() -> Vec<Actor> {
        let uuid = Uuid::from_u128(7);
        vec![
            Actor::User { id: UserId::new(uuid) },
            Actor::JudgeLink { judge: JudgeId::new(uuid) },
            Actor::ApiToken { id: TokenId::new(uuid), owner: Some(UserId::new(uuid)) },
            Actor::ApiToken { id: TokenId::new(uuid), owner: None },
            Actor::Setup,
            Actor::System { os_user: Some("root".to_owned()) },
            Actor::System { os_user: None },
            Actor::Anonymous,
        ]
    }

    #[test]
    fn every_actor_survives_the_stored_form_and_json() {
        for actor in every_actor() {
            let stored = rmp_serde::to_vec_named(&actor).unwrap();
            assert_eq!(rmp_serde::from_slice::<Actor>(&stored).unwrap(), actor);
            let json = serde_json::to_string(&actor).unwrap();
            assert_eq!(serde_json::from_str::<Actor>(&json).unwrap(), actor);
        }
    }

    #[test]
    fn json_is_tagged_in_camel_case() {
        let json = serde_json::to_value(Actor::System { os_user: Some("root".to_owned()) }).unwrap();
        assert_eq!(json, serde_json::json!({"type": "system", "osUser": "root"}));
    }

    #[test]
    fn a_token_answers_to_the_user_who_made_it() {
        let owner = UserId::new(Uuid::from_u128(1));
        let actor = Actor::ApiToken { id: TokenId::new(Uuid::from_u128(2)), owner: Some(owner) };
        assert_eq!(actor.user_id(), Some(owner));
        assert_eq!(actor.to_string(), "apiToken:00000000-0000-0000-0000-000000000002");
    }
}
