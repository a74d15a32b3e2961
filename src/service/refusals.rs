//! What was refused, told in the audit log: not each time, which would let anybody fill it, but as one record a subject
//! and minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tracing::Instrument;
use uuid::Uuid;

use super::{Permit, ServiceError, Services, resources::find_live, sessions::candidates};
use crate::{
    domain::{Actor, Email, Facts, Kind, Refusals, SYSTEM_TENANT, TenantId, User, UserId, Verb},
    telemetry::{clock::Clock, context::RequestContext},
};

/// Most subjects between two records; what is refused beyond is told without its subject.
const SUBJECTS_MAX: usize = 500;

/// Whom a refusal is told of: an account, a token, a judge who came by a link, or the installation if it was nobody who is known.
type RefusedSubject = (TenantId, Kind, Uuid);

const NOBODY: RefusedSubject = (SYSTEM_TENANT, Kind::Tenant, SYSTEM_TENANT.uuid());

/// An account that somebody tries to sign in to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its tenant.
    pub tenant: TenantId,
    /// The account.
    pub user: UserId,
}

/// Why something was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// A password or code was wrong.
    Wrong,
    /// A sign-in had to wait.
    Delayed,
    /// There were too many requests.
    Limited,
}

/// The refusals that no record tells of yet.
#[derive(Default)]
pub(super) struct RefusalCounts(Mutex<HashMap<RefusedSubject, Refusals>>);

impl RefusalCounts {
    fn count(&self, subject: RefusedSubject, refusal: Refusal) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = counts.len() < SUBJECTS_MAX || counts.contains_key(&subject);
        let counts = counts.entry(if room { subject } else { NOBODY }).or_default();
        let count = match refusal {
            Refusal::Wrong => &mut counts.wrong,
            Refusal::Delayed => &mut counts.delayed,
            Refusal::Limited => &mut counts.limited,
        };
        *count = count.saturating_add(1);
    }

    fn take(&self) -> HashMap<RefusedSubject, Refusals> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Services {
    /// The accounts that somebody who signs in with these words may mean.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn accounts_of(
        &self,
        email: &Email,
        tenant: Option<&str>,
    ) -> Result<Vec<Account>, ServiceError> {
        let found = self.store.read(|view| candidates(view, email, tenant)).await?;
        Ok(found.into_iter().map(|(tenant, user, _)| Account { tenant, user }).collect())
    }

    /// Counts that something was refused to whoever tried to sign in to these accounts; none if there is no such
    /// account.
    pub fn count_refused_sign_in(&self, accounts: &[Account], refusal: Refusal) {
        if accounts.is_empty() {
            self.refusals.count(NOBODY, refusal);
        }
        for Account { tenant, user } in accounts {
            self.refusals.count((*tenant, Kind::User, user.uuid()), refusal);
        }
    }

    /// Counts that a request of somebody was beyond the limit.
    pub fn count_limited(&self, tenant: TenantId, actor: &Actor) {
        let subject = match actor {
            Actor::User { id } => (tenant, Kind::User, id.uuid()),
            Actor::ApiToken { id, .. } => (tenant, Kind::Token, id.uuid()),
            Actor::JudgeLink { judge } => (tenant, Kind::Judge, judge.uuid()),
            _ => NOBODY,
        };
        self.refusals.count(subject, Refusal::Limited);
    }

    /// Counts that a request of nobody who is known was beyond the limit.
    pub fn count_limited_stranger(&self) {
        self.refusals.count(NOBODY, Refusal::Limited);
    }

    /// Notes that failed sign-ins to a user are forgiven.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn note_forgiveness(&self, permit: &Permit, user: UserId) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            find_live::<User>(&transaction.live(), &holder, user.uuid())?;
            let subject = (Kind::User, user.uuid());
            transaction.record(holder.tenant(), Verb::Forgiven, subject, Facts::None, None)?;
            Ok(())
        })
        .await
    }

    /// Writes what was refused since the last time into the audit log. To be called every minute, and at the end.
    pub async fn tell_refusals(&self, clock: &Clock) {
        let context = RequestContext::system(clock.clone(), "refusals");
        if let Err(error) = self.record_refusals(&context).instrument(context.span("refusals")).await {
            tracing::warn!(%error, "the audit log does not tell what was refused");
        }
    }

    async fn record_refusals(&self, context: &RequestContext) -> Result<(), ServiceError> {
        let counts = self.refusals.take();
        if counts.is_empty() {
            return Ok(());
        }
        self.write_as(context, Actor::System { os_user: None }, move |transaction| {
            for ((tenant, kind, id), refusals) in &counts {
                let facts = Facts::Refusals(*refusals);
                transaction.record(*tenant, Verb::Refused, (*kind, *id), facts, None)?;
            }
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, NOBODY, Refusal, RefusalCounts, SUBJECTS_MAX, SYSTEM_TENANT, Uuid};

    #[test]
    fn subjects_beyond_the_most_are_counted_without_their_name() {
        let counts = RefusalCounts::default();
        for number in 0..2 * SUBJECTS_MAX {
            let id = Uuid::from_u128(number as u128);
            counts.count((SYSTEM_TENANT, Kind::User, id), Refusal::Wrong);
        }
        let counts = counts.take();
        assert_eq!(counts.len(), SUBJECTS_MAX + 1);
        assert_eq!(counts[&NOBODY].wrong as usize, SUBJECTS_MAX);
    }
}
