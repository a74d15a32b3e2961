//! Users and what they may do: roles, and grants of a role within a scope.

use std::{fmt, str::FromStr};

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    ContestId, EventId, Kind,
    noun::{Fault, Noun, Unique, UniqueField},
    readable_name,
};

/// An account that signs in.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct User {
    /// The address it signs in with.
    pub email: Email,
    /// What people call them.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// What they may do.
    #[serde(default)]
    #[garde(length(max = 100))]
    pub grants: Vec<Grant>,
}

impl Noun for User {
    const KIND: Kind = Kind::User;

    fn label(&self) -> String {
        self.name.clone()
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Unique { field: UniqueField::Email, value: self.email.comparable() }]
    }

    fn faults(&self) -> Vec<Fault> {
        let narrow_admin = |(index, grant): (usize, &Grant)| {
            let wide_only = matches!(grant.role, Role::SuperAdmin | Role::Admin);
            (wide_only && grant.scope != Scope::Tenant {}).then(|| {
                Fault::new(
                    format!("/grants/{index}/scope"),
                    format!("{} holds for a whole tenant", grant.role),
                )
            })
        };
        let mut faults: Vec<Fault> = self.grants.iter().enumerate().filter_map(narrow_admin).collect();
        faults.extend(Grant::repeated(&self.grants));
        faults
    }
}

/// A role, given within a scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant {
    /// What may be done.
    pub role: Role,
    /// Where.
    #[serde(default)]
    pub scope: Scope,
}

impl Grant {
    /// A fault for each grant that is there already.
    pub fn repeated(grants: &[Self]) -> impl Iterator<Item = Fault> {
        let repeats =
            |(index, grant): &(usize, &Self)| grants.iter().take(*index).any(|earlier| earlier == *grant);
        let fault = |(index, _)| Fault::new(format!("/grants/{index}"), "is given twice");
        grants.iter().enumerate().filter(repeats).map(fault)
    }
}

/// Where a grant holds.
// Empty braces, because serde ignores unknown fields beside a bare variant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Scope {
    /// In the whole tenant.
    Tenant {},
    /// In one event and all it holds.
    Event {
        /// The event.
        id: EventId,
    },
    /// In one contest and all it holds.
    Contest {
        /// The contest.
        id: ContestId,
    },
}

impl Default for Scope {
    fn default() -> Self {
        Self::Tenant {}
    }
}

/// What somebody may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Operates the box; lives in the system tenant.
    SuperAdmin,
    /// Runs a tenant.
    Admin,
    /// Sets up and runs events.
    Organizer,
    /// Watches over sheets and totals.
    TallyMaster,
    /// Verifies.
    Auditor,
    /// Approves.
    Board,
    /// Judges.
    Judge,
    /// Announces.
    Emcee,
    /// Takes part.
    Contestant,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::SuperAdmin,
        Self::Admin,
        Self::Organizer,
        Self::TallyMaster,
        Self::Auditor,
        Self::Board,
        Self::Judge,
        Self::Emcee,
        Self::Contestant,
    ];

    /// Its word in the API and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SuperAdmin => "SUPER_ADMIN",
            Self::Admin => "ADMIN",
            Self::Organizer => "ORGANIZER",
            Self::TallyMaster => "TALLY_MASTER",
            Self::Auditor => "AUDITOR",
            Self::Board => "BOARD",
            Self::Judge => "JUDGE",
            Self::Emcee => "EMCEE",
            Self::Contestant => "CONTESTANT",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(word: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.word() == word).ok_or(UnknownRole)
    }
}

/// A word that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a role; roles are SUPER_ADMIN, ADMIN, ORGANIZER, TALLY_MASTER, AUDITOR, BOARD, JUDGE, EMCEE, CONTESTANT"
)]
pub struct UnknownRole;

/// An e-mail address that mail can be sent to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text that is not an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// The form in which addresses are compared: people do not tell `Ann@` from `ann@`.
    pub fn comparable(&self) -> String {
        self.0.to_lowercase()
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        if text.len() > 254 {
            return Err(InvalidEmail);
        }
        text.parse::<lettre::Address>().map(|_| Self(text.to_owned())).map_err(|_| InvalidEmail)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Email {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Email".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "email", "maxLength": 254})
    }
}

#[cfg(test)]
mod tests {
    use super::{Email, Grant, Noun, Role, Scope, User};
    use crate::domain::EventId;

    #[test]
    fn addresses_are_compared_without_case() {
        let ann: Email = "Ann@Example.org".parse().unwrap();
        assert_eq!(ann.comparable(), "ann@example.org");
        assert_eq!(ann.as_str(), "Ann@Example.org");
        assert!("ann".parse::<Email>().is_err());
        assert!("ann@example.org\r\nBcc: x@y.z".parse::<Email>().is_err());
    }

    #[test]
    fn an_admin_holds_for_the_whole_tenant() {
        let scope = Scope::Event { id: EventId::new(uuid::Uuid::nil()) };
        let grants = vec![Grant { role: Role::Judge, scope }, Grant { role: Role::Admin, scope }];
        let user = User { email: "a@b.org".parse().unwrap(), name: "A".to_owned(), grants };
        assert_eq!(user.faults()[0].pointer, "/grants/1/scope");
    }

    #[test]
    fn a_grant_is_given_once() {
        let judge = |id| {
            let scope = Scope::Event { id: EventId::new(uuid::Uuid::from_u128(id)) };
            Grant { role: Role::Judge, scope }
        };
        let pointers: Vec<_> =
            Grant::repeated(&[judge(1), judge(2), judge(1)]).map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/grants/2"]);
    }

    #[test]
    fn every_role_is_found_by_its_word() {
        for role in Role::ALL {
            assert_eq!(role.word().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.word());
        }
    }
}
