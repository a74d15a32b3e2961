//! A session as requests come with it: who uses it, and its end.

use super::{AccountRules, Authority, Principal, Restriction, SessionInUse, acting};
use crate::{
    domain::{Facts, Grant, Judge, Role, Scope, User, Verb},
    security,
    store::{JudgeLinkAddress, Live, SecretHash, Session, SessionHolder, StoreError, Transaction},
};

/// Signs whoever holds a session out of it; a judge link is free then.
pub(super) fn end(
    transaction: &mut Transaction<'_>,
    token: &SecretHash,
    session: &Session,
) -> Result<(), StoreError> {
    acting::end(transaction, session)?;
    if let SessionHolder::JudgeLink { judge, .. } = session.holder {
        transaction.end_hold_of(session.tenant, judge, token)?;
    }
    transaction.end_session(token, &session.holder);
    transaction.record(session.tenant, Verb::SignedOut, session.holder.subject(), Facts::None, None)?;
    Ok(())
}

impl SessionInUse {
    /// Who uses the session: nobody if the account or the judge is deleted, or the link serves another device.
    pub(super) fn principal(
        &self,
        view: &Live<'_>,
        rules: &AccountRules,
    ) -> Result<Option<Principal>, StoreError> {
        let principal = match &self.session.acting {
            Some(acting) => acting::principal(view, acting, self)?,
            None => self.at_home(view)?,
        };
        let Some(principal) = principal else { return Ok(None) };
        Ok(Some(Principal { restriction: Restriction::of(view, self, rules)?, ..principal }))
    }

    fn at_home(&self, view: &Live<'_>) -> Result<Option<Principal>, StoreError> {
        let Session { tenant, holder, .. } = self.session;
        let grants = match holder {
            SessionHolder::User(user) => {
                view.find::<User>(tenant, user.uuid())?.map(|row| row.body().grants.clone())
            }
            SessionHolder::JudgeLink { id, judge } => {
                let link = view.judge_link(&JudgeLinkAddress { tenant, judge, id })?;
                let held = link.is_some_and(|link| link.is_held_by(&self.token));
                let there = view.find::<Judge>(tenant, judge.uuid())?.is_some();
                (held && there).then(|| vec![Grant { role: Role::Judge, scope: Scope::Tenant {} }])
            }
        };
        Ok(grants.map(|grants| Principal {
            actor: holder.actor(),
            tenant,
            authority: Authority::Grants(grants),
            session: Some(self.clone()),
            restriction: None,
        }))
    }
}

/// Whether a request's CSRF proof fits its session.
pub fn csrf_matches(session: &SessionInUse, proof: Option<&str>) -> bool {
    proof.is_some_and(|proof| security::same_secret(proof.as_bytes(), session.session.csrf.as_bytes()))
}
