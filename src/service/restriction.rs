//! What keeps a session from anything but making itself safe: a password that somebody else has set, or a second factor
//! that its roles need and it does not have.

use super::{AccountRules, SessionInUse};
use crate::{
    domain::{Action, User},
    store::{Live, SecondFactor, Session, SessionHolder, StoreError},
};

/// What has to be done before a session may do anything else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restriction {
    /// Change the password.
    PasswordChange,
    /// Set up a second factor.
    SecondFactor,
}

impl Restriction {
    /// Whether something may be done nevertheless.
    pub(super) const fn allows(self, action: Action) -> bool {
        match self {
            Self::PasswordChange => matches!(action, Action::UseAccount),
            Self::SecondFactor => matches!(action, Action::UseAccount | Action::ManageSecondFactor),
        }
    }

    /// What a session is restricted to; one by a judge link has neither password nor second factor.
    pub(super) fn of(
        view: &Live<'_>,
        used: &SessionInUse,
        rules: &AccountRules,
    ) -> Result<Option<Self>, StoreError> {
        let Session { tenant, holder: SessionHolder::User(user), .. } = used.session else { return Ok(None) };
        if view.credential(user)?.is_some_and(|credential| credential.must_change) {
            return Ok(Some(Self::PasswordChange));
        }
        let row = view.find::<User>(tenant, user.uuid())?;
        if !row.is_some_and(|row| rules.second_factor_for.meet(&row.body().grants)) {
            return Ok(None);
        }
        let active = matches!(view.second_factor(user)?, Some(SecondFactor::Active { .. }));
        Ok((!active).then_some(Self::SecondFactor))
    }
}
