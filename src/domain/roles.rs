//! Sets of roles.

use super::{Grant, Role};

/// Some of the roles.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Roles(u16);

impl Roles {
    /// Whether a role is among them.
    pub const fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u16) != 0
    }

    /// Whether one of the grants gives one of them.
    pub fn meet(self, grants: &[Grant]) -> bool {
        grants.iter().any(|grant| self.contains(grant.role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |set, role| set | 1 << role as u16))
    }
}

#[cfg(test)]
mod tests {
    use super::{Grant, Role, Roles};
    use crate::domain::Scope;

    #[test]
    fn a_set_holds_the_roles_it_was_made_of() {
        let set: Roles = [Role::Admin, Role::Contestant].into_iter().collect();
        let held: Vec<Role> = Role::ALL.into_iter().filter(|role| set.contains(*role)).collect();
        assert_eq!(held, [Role::Admin, Role::Contestant]);
        let grant = |role| Grant { role, scope: Scope::Tenant {} };
        assert!(set.meet(&[grant(Role::Judge), grant(Role::Admin)]));
        assert!(!set.meet(&[grant(Role::Judge)]));
        assert!(!Roles::default().meet(&[grant(Role::Admin)]));
    }
}
