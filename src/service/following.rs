//! Following a tenant's changes as they come: each follower is told what it may read, and nothing more as soon as it may
//! not. It keeps a number, never changes, so that one that reads slowly costs nothing.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use uuid::Uuid;

use super::{Authority, Permit, Principal, ServiceError, Services, feed::Change, scorer::Scorer};
use crate::{
    domain::{
        Action, Assignment, Grant, JudgeId, Kind, Role, SYSTEM_TENANT, TenantId, Timestamp, UserId, Verb,
        permission,
    },
    store::{StoreError, Watch, WithDeleted},
    telemetry::context::RequestContext,
};

/// Most records that are told again to whoever comes back.
pub const REPLAY_MAX: u64 = 10_000;

/// Somebody who follows the changes of a tenant.
pub struct Follower {
    context: RequestContext,
    principal: Principal,
    /// Number of the last record that was told or passed over.
    after: u64,
    tenant: Watch,
    /// The operators' tenant, for whoever acts in another one: the authority to do so lies there.
    operators: Option<Watch>,
    reach: Option<Reach>,
}

/// What a follower is told.
#[derive(Debug)]
pub enum News {
    /// Changes, oldest first; may be none.
    Changes(Vec<Told>),
    /// More has changed than is told one by one, or the number is none of this chain: everything is to be read anew.
    Reset,
}

/// A change in ids, without values.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its number.
    pub version: u64,
    /// What was done.
    pub verb: Verb,
    /// To what kind of thing.
    pub kind: Kind,
    /// To which one; of a sheet the entry, of a mark the criterion.
    pub id: Uuid,
    /// Event, contest and category that it hangs beneath or is. A deletion tells nothing but itself.
    pub place: Place,
    /// When.
    pub at: Timestamp,
    /// Of a circuit's change, what the call belongs to that brought it about.
    pub correlation_id: Option<String>,
}

/// Where a change is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// The event.
    pub event: Option<Uuid>,
    /// The contest.
    pub contest: Option<Uuid>,
    /// The category.
    pub category: Option<Uuid>,
}

impl Follower {
    /// Waits until something may have to be told, or the authority may have ended.
    pub async fn moved(&mut self) {
        match &mut self.operators {
            Some(operators) => tokio::select! {
                () = self.tenant.moved() => {}
                () = operators.moved() => {}
            },
            None => self.tenant.moved().await,
        }
    }

    /// Number of the last record that was told or passed over: from there, another one can go on.
    pub fn after(&self) -> u64 {
        self.after
    }
}

impl Services {
    /// Begins to follow the changes of the tenant, behind a number or from now on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn follow(&self, permit: &Permit, after: Option<u64>) -> Result<Follower, ServiceError> {
        let (tenant, principal) = (permit.tenant(), permit.principal().clone());
        let watch = self.store.watch(tenant);
        let operators = principal.acting().map(|_| self.store.watch(SYSTEM_TENANT));
        // Read after the watch began: nothing falls between them.
        let after = after.map_or_else(|| Ok(self.store.head(tenant)?.sequence), Ok::<_, StoreError>)?;
        let context = permit.context().clone();
        Ok(Follower { context, principal, after, tenant: watch, operators, reach: None })
    }

    /// What is new to a follower; nothing more, ever, once the authority has ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn news(&self, follower: &mut Follower) -> Result<Option<News>, ServiceError> {
        loop {
            let news = self.next_news(follower).await?;
            match news {
                Some((News::Changes(told), true)) if told.is_empty() => {}
                news => return Ok(news.map(|(news, _)| news)),
            }
        }
    }

    /// What the next part of the chain has for a follower, and whether there is more behind it.
    async fn next_news(&self, follower: &mut Follower) -> Result<Option<(News, bool)>, ServiceError> {
        let part = self.feed(follower.principal.tenant, follower.after).await?;
        // After reading, so that nothing is told that was taken away meanwhile.
        let principal = self.principal_again(&follower.context, &follower.principal).await?;
        let Some(principal) = principal.filter(|principal| principal.may_somewhere(Action::UseAccount))
        else {
            return Ok(None);
        };
        follower.principal = principal;
        if part.head < follower.after || part.head - follower.after > REPLAY_MAX {
            follower.after = part.head;
            return Ok(Some((News::Reset, false)));
        }
        follower.after = part.to;
        let more = part.to < part.head;
        if part.changes.is_empty() {
            return Ok(Some((News::Changes(Vec::new()), more)));
        }
        let reach = self.reach(follower).await?;
        let told = part.changes.iter().filter(|change| reach.holds(change)).map(|change| told(change));
        Ok(Some((News::Changes(told.collect()), more)))
    }

    /// What a follower may read, worked out anew when anything but sheets has changed.
    async fn reach<'a>(&self, follower: &'a mut Follower) -> Result<&'a Reach, ServiceError> {
        let as_of = self.store.settled(follower.principal.tenant)?;
        let kept = follower.reach.take().filter(|reach| reach.as_of == as_of);
        let reach = match kept {
            Some(reach) => reach,
            None => self.store.read_with_deleted(|view| Reach::of(view, &follower.principal, as_of)).await?,
        };
        Ok(follower.reach.insert(reach))
    }
}

fn told(change: &Change) -> Told {
    let id_of = |kind| change.lineage.id_of(kind);
    let place = match change.verb {
        Verb::Deleted => Place::default(),
        _ => Place {
            event: id_of(Kind::Event),
            contest: id_of(Kind::Contest),
            category: id_of(Kind::Category),
        },
    };
    Told {
        version: change.version,
        verb: change.verb,
        kind: change.kind,
        id: change.id,
        place,
        at: change.at,
        correlation_id: change.correlation_id.clone(),
    }
}

/// What somebody may read.
struct Reach {
    /// The tenant's newest change beside sheets when it was worked out, or one before.
    as_of: u64,
    authority: Authority,
    user: Option<UserId>,
    own: Option<Own>,
}

/// What concerns a judge: the own seats and all above them.
struct Own {
    judge: JudgeId,
    categories: HashSet<Uuid>,
    contests: HashSet<Uuid>,
    events: HashSet<Uuid>,
}

impl Reach {
    fn of(view: &WithDeleted<'_>, principal: &Principal, as_of: u64) -> Result<Self, StoreError> {
        let own = match (&principal.authority, Scorer::of(principal)) {
            (Authority::Grants(grants), Some(scorer)) => Own::of(view, principal.tenant, scorer, grants)?,
            _ => None,
        };
        Ok(Self { as_of, authority: principal.authority.clone(), user: principal.user(), own })
    }

    fn holds(&self, change: &Change) -> bool {
        let Authority::Grants(grants) = &self.authority else { return true };
        let is_own_account =
            change.kind == Kind::User && self.user.is_some_and(|user| user.uuid() == change.id);
        is_own_account
            || self.own.as_ref().is_some_and(|own| own.is_concerned(change))
            || grants.iter().filter(|grant| grant.role != Role::Judge).any(|grant| {
                permission::allows(*grant, reading(change.kind, change.verb), change.lineage.chain())
            })
    }
}

/// What one has to be allowed to do to be told of a change.
fn reading(kind: Kind, verb: Verb) -> Action {
    match kind {
        Kind::Tenant => Action::ReadTenants,
        // Coming and going changes nothing that could be read elsewhere.
        Kind::User if matches!(verb, Verb::SignedIn | Verb::SignedOut) => Action::ReadAudit,
        Kind::User => Action::ReadUsers,
        Kind::Event | Kind::Contest | Kind::Category | Kind::Criterion | Kind::Entry | Kind::Entrant => {
            Action::ReadEvents
        }
        Kind::Contestant | Kind::Judge => Action::ReadPeople,
        Kind::Field => Action::ReadFields,
        Kind::File => Action::ReadFiles,
        Kind::Conflict => Action::ReadConflicts,
        Kind::Assignment => Action::ReadAssignments,
        Kind::Deduction => Action::ReadDeductions,
        Kind::Sheet | Kind::Mark => Action::ReadSheets,
        Kind::Token => Action::ManageTokens,
        Kind::JudgeLink => Action::ReleaseJudgeLinks,
        Kind::Template => Action::ReadTemplates,
        Kind::Job => Action::ReadJobs,
        Kind::Breaker => Action::ReadBreakers,
        Kind::Delivery => Action::ReadDeliveries,
        Kind::Webhook | Kind::Action => Action::ReadHooks,
        Kind::Wording => Action::ReadWordings,
        Kind::Backup => Action::ReadBackups,
        Kind::Alert => Action::ReadAlerts,
    }
}

impl Own {
    /// Nothing for whoever is no judge.
    fn of(
        view: &WithDeleted<'_>,
        tenant: TenantId,
        scorer: Scorer,
        grants: &[Grant],
    ) -> Result<Option<Self>, StoreError> {
        let Some(judge) = scorer.judge(&view.live(), tenant)? else { return Ok(None) };
        let judge = JudgeId::new(judge.id());
        let judges = |chain: &[(Kind, Uuid)]| {
            grants.iter().any(|grant| permission::allows(*grant, Action::SubmitSheets, chain))
        };
        if !grants.iter().any(|grant| grant.role == Role::Judge) {
            return Ok(None);
        }
        // Those out of sight, too: that an event is deleted concerns who judges in it.
        let seats = view.referrers::<Assignment>(tenant, judge.uuid())?;
        let within: Vec<_> =
            seats.iter().map(|found| &found.lineage).filter(|lineage| judges(lineage.chain())).collect();
        let ids = |kind| within.iter().filter_map(|lineage| lineage.id_of(kind)).collect();
        Ok(Some(Self {
            judge,
            categories: ids(Kind::Category),
            contests: ids(Kind::Contest),
            events: ids(Kind::Event),
        }))
    }

    fn is_concerned(&self, change: &Change) -> bool {
        let among =
            |ids: &HashSet<Uuid>, kind| change.lineage.id_of(kind).is_some_and(|id| ids.contains(&id));
        match change.kind {
            Kind::Event => among(&self.events, Kind::Event),
            Kind::Contest | Kind::Entry => among(&self.contests, Kind::Contest),
            Kind::Category | Kind::Criterion | Kind::Entrant => among(&self.categories, Kind::Category),
            Kind::Contestant => change.contests.iter().any(|contest| self.contests.contains(contest)),
            Kind::Sheet => change.judge == Some(self.judge) && among(&self.categories, Kind::Category),
            // That a seat is taken away leaves none, and concerns whoever had it.
            Kind::Assignment => change.judge == Some(self.judge),
            Kind::Judge => change.id == self.judge.uuid(),
            Kind::Tenant
            | Kind::User
            | Kind::Deduction
            | Kind::Mark
            | Kind::Token
            | Kind::JudgeLink
            | Kind::Template
            | Kind::Field
            | Kind::File
            | Kind::Conflict
            | Kind::Job
            | Kind::Breaker
            | Kind::Delivery
            | Kind::Webhook
            | Kind::Action
            | Kind::Wording
            | Kind::Backup
            | Kind::Alert => false,
        }
    }
}
