//! As whom somebody scores: the judge linked to an account, or the judge a link was made for.

use super::Principal;
use crate::{
    domain::{Actor, Judge, JudgeId, TenantId, UserId, noun::UniqueField},
    store::{Live, LiveRow, StoreError},
};

/// What leads to the judge as whom somebody scores.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Scorer {
    /// An account: the judge is the one it is linked to.
    Account(UserId),
    /// A judge link: the judge is the one it was made for.
    Link(JudgeId),
}

impl Scorer {
    /// As whom a principal would score.
    pub(super) fn of(principal: &Principal) -> Option<Self> {
        match &principal.actor {
            Actor::JudgeLink { judge } => Some(Self::Link(*judge)),
            _ => principal.user().map(Self::Account),
        }
    }

    /// The judge, if there is one.
    pub(super) fn judge(
        self,
        view: &Live<'_>,
        tenant: TenantId,
    ) -> Result<Option<LiveRow<Judge>>, StoreError> {
        let judge = match self {
            Self::Link(judge) => Some(judge.uuid()),
            Self::Account(user) => {
                view.holder(tenant, tenant.uuid(), UniqueField::User, &user.to_string())?
            }
        };
        judge.map_or(Ok(None), |id| view.find::<Judge>(tenant, id))
    }
}
