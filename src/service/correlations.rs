//! The chain of a correlation ID: the changes that were made under it, the jobs they began, and what left the box because of
//! them, in the order in which it began, each with the request it came of. An index finds all of it, however long the audit
//! log is.

use uuid::Uuid;

use super::{
    Permit, ServiceError, Services,
    audit::{actor_name, ensure_covers_tenant},
    purge::JOBS_KEPT,
};
use crate::{
    domain::{
        Actor, AuditRecord, Delivery, DeliveryId, File, Job, JobId, Kind, Span, TenantId, Timestamp, Verb,
    },
    store::{CorrelatedChanges, StoreError, WithDeleted},
};

/// Most changes made at once that are told one by one.
const TOLD_MAX: usize = 20;

/// A part of a chain.
#[derive(Clone, Debug)]
pub struct Chain {
    /// What belongs to it, in the order in which it began.
    pub links: Vec<Link>,
    /// Where the next part begins, if there is one.
    pub next: Option<ChainPlace>,
    /// What is not kept any more.
    pub forgotten: Forgotten,
}

/// A place in a chain: behind a change, a job and a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ChainPlace {
    /// Number of the first change of those made at once; 0 before all.
    pub change: u64,
    /// The job; nil before all.
    pub job: Uuid,
    /// The delivery; nil before all.
    pub delivery: Uuid,
}

/// Something that belongs to a chain.
#[derive(Clone, Debug)]
pub struct Link {
    /// When it began.
    pub at: Timestamp,
    /// The request ID under which it was done.
    pub request_id: String,
    /// The request that caused it; none if that came from outside, or is forgotten.
    pub caused_by: Option<String>,
    /// Its place in a trace, if that is known.
    pub traceparent: Option<String>,
    /// Who did it or asked for it, by name, if that is known.
    pub actor_name: Option<String>,
    /// What it is.
    pub what: Linked,
}

/// What can belong to a chain.
#[derive(Clone, Debug)]
pub enum Linked {
    /// Changes that were made at once.
    Changes(ChangesTogether),
    /// A job.
    Job(Box<Job>),
    /// A job that ended so long ago that nothing but its id is kept.
    ForgottenJob(JobId),
    /// A delivery.
    Delivery(Box<Delivery>),
}

/// Changes that were made at once.
#[derive(Clone, Debug)]
pub struct ChangesTogether {
    /// Who made them.
    pub actor: Actor,
    /// Their numbers.
    pub span: Span,
    /// The first of them.
    pub told: Vec<NamedChange>,
}

/// A change, and what it was made to as that is now.
#[derive(Clone, Debug)]
pub struct NamedChange {
    /// Its number.
    pub version: u64,
    /// What was done.
    pub record: AuditRecord,
    /// What people call the thing, unless it was destroyed or has no name.
    pub name: Option<String>,
    /// The file that was stored, if it was one.
    pub file: Option<File>,
}

/// Up to when things that were over are not kept any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forgotten {
    /// Jobs that ended before.
    pub jobs_before: Timestamp,
    /// Deliveries that arrived or were stopped before.
    pub deliveries_before: Timestamp,
    /// Dead letters that were given up before.
    pub dead_letters_before: Timestamp,
    /// Whether deliveries of this chain may be among them: it is old enough for that.
    pub may_concern: bool,
}

impl Services {
    /// What belongs to a correlation ID in a tenant, at most so many links behind a place. It is empty for an ID that nothing
    /// belongs to.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn chain(
        &self,
        permit: &Permit,
        correlation_id: &str,
        after: Option<ChainPlace>,
        limit: usize,
    ) -> Result<Chain, ServiceError> {
        ensure_covers_tenant(permit)?;
        let (tenant, place) = (permit.tenant(), after.unwrap_or_default());
        let chain = self
            .store
            .read_with_deleted(|view| {
                let begun = begun(view, tenant, correlation_id)?;
                let (found, next) = part(view, tenant, correlation_id, place, limit)?;
                let links: Result<Vec<_>, StoreError> =
                    found.into_iter().map(|found| link(view, tenant, found)).collect();
                Ok::<_, StoreError>((links?, next, begun))
            })
            .await;
        let (mut links, next, begun) = chain?;
        // What began at the same moment is found in the order of its numbers, which may be another one.
        links.sort_by_key(|link| link.at);
        let now = permit.context().clock().now();
        Ok(Chain { links, next, forgotten: self.forgotten(now, begun) })
    }

    fn forgotten(&self, now: Timestamp, begun: Option<Timestamp>) -> Forgotten {
        let kept = self.outside().kept;
        let (deliveries_before, dead_letters_before) = (now.minus(kept.over), now.minus(kept.dead));
        let newest = deliveries_before.max(dead_letters_before);
        Forgotten {
            jobs_before: now.minus(JOBS_KEPT),
            deliveries_before,
            dead_letters_before,
            may_concern: begun.is_none_or(|begun| begun < newest),
        }
    }
}

/// Something of a chain, as the store has it.
enum Found {
    Changes(Box<CorrelatedChanges>),
    Job(JobId, Option<Box<Job>>),
    Delivery(Box<Delivery>),
}

/// When the first thing of a chain that is still kept began.
fn begun(view: &WithDeleted<'_>, tenant: TenantId, id: &str) -> Result<Option<Timestamp>, StoreError> {
    Ok(found(view, tenant, id, ChainPlace::default(), 1)?.into_iter().map(|(at, _)| at).min())
}

/// Everything behind a place, at most so many of each sort, with when it began.
fn found(
    view: &WithDeleted<'_>,
    tenant: TenantId,
    id: &str,
    place: ChainPlace,
    limit: usize,
) -> Result<Vec<(Timestamp, Found)>, StoreError> {
    let live = view.live();
    let changes = live.correlated_changes(tenant, id, place.change, limit)?.into_iter();
    let jobs = live.correlated_jobs(tenant, id, JobId::new(place.job), limit)?.into_iter();
    let deliveries =
        live.correlated_deliveries(tenant, id, DeliveryId::new(place.delivery), limit)?.into_iter();
    let mut found = Vec::new();
    found.extend(ascending(changes.map(|changes| (changes.first.at, Found::Changes(Box::new(changes))))));
    found.extend(ascending(jobs.map(|(id, job)| {
        let at = job.as_ref().map_or_else(|| drawn_at(id), |job| job.created_at);
        (at, Found::Job(id, job.map(Box::new)))
    })));
    found.extend(ascending(
        deliveries.map(|delivery| (delivery.created_at, Found::Delivery(Box::new(delivery)))),
    ));
    Ok(found)
}

/// Each with the latest time so far, so that sorting by it leaves the order that they are in.
fn ascending<T>(timed: impl Iterator<Item = (Timestamp, T)>) -> impl Iterator<Item = (Timestamp, T)> {
    timed.scan(Timestamp::from_millis(0), |latest, (at, what)| {
        *latest = at.max(*latest);
        Some((*latest, what))
    })
}

/// When an id was drawn.
fn drawn_at(id: JobId) -> Timestamp {
    let drawn = id.uuid().get_timestamp().map_or(0, |at| {
        let (seconds, nanos) = at.to_unix();
        seconds.saturating_mul(1_000).saturating_add(u64::from(nanos / 1_000_000))
    });
    Timestamp::from_millis(i64::try_from(drawn).unwrap_or(i64::MAX))
}

/// What lies behind a place, at most so much, and the place where it ends if there is more.
fn part(
    view: &WithDeleted<'_>,
    tenant: TenantId,
    id: &str,
    mut place: ChainPlace,
    limit: usize,
) -> Result<(Vec<Found>, Option<ChainPlace>), StoreError> {
    let mut found = found(view, tenant, id, place, limit + 1)?;
    found.sort_by_key(|(at, _)| *at);
    let more = found.len() > limit;
    found.truncate(limit);
    for (_, found) in &found {
        match found {
            Found::Changes(changes) => place.change = changes.changes.first,
            Found::Job(id, _) => place.job = id.uuid(),
            Found::Delivery(delivery) => place.delivery = delivery.id.uuid(),
        }
    }
    Ok((found.into_iter().map(|(_, found)| found).collect(), more.then_some(place)))
}

fn link(view: &WithDeleted<'_>, tenant: TenantId, found: Found) -> Result<Link, StoreError> {
    let named = |actor: &Actor| actor_name(view, tenant, actor).map(Some);
    Ok(match found {
        Found::Changes(found) => {
            let CorrelatedChanges { changes, first } = *found;
            Link {
                at: first.at,
                actor_name: named(&first.actor)?,
                request_id: first.request_id,
                caused_by: None,
                traceparent: first.traceparent,
                what: Linked::Changes(ChangesTogether {
                    actor: first.actor,
                    span: changes,
                    told: told(view, tenant, changes)?,
                }),
            }
        }
        Found::Job(_, Some(job)) => Link {
            at: job.created_at,
            actor_name: named(&job.by)?,
            request_id: job.own_request_id(),
            caused_by: Some(job.request_id.clone()),
            traceparent: Some(job.traceparent.clone()),
            what: Linked::Job(job),
        },
        Found::Job(id, None) => Link {
            at: drawn_at(id),
            actor_name: None,
            request_id: Job::request_id_of(id),
            caused_by: None,
            traceparent: None,
            what: Linked::ForgottenJob(id),
        },
        Found::Delivery(delivery) => Link {
            at: delivery.created_at,
            actor_name: named(&delivery.by)?,
            request_id: delivery.own_request_id(),
            caused_by: Some(delivery.request_id.clone()),
            traceparent: Some(delivery.traceparent.clone()),
            what: Linked::Delivery(delivery),
        },
    })
}

/// The first of changes that were made at once.
fn told(view: &WithDeleted<'_>, tenant: TenantId, changes: Span) -> Result<Vec<NamedChange>, StoreError> {
    let count = usize::try_from(changes.last - changes.first).unwrap_or(usize::MAX).saturating_add(1);
    let records = view.records_after(tenant, changes.first.saturating_sub(1), count.min(TOLD_MAX))?;
    let named = records.into_iter().map(|chained| {
        let record = chained.record;
        let name = view.label(tenant, record.kind, record.id)?;
        let file = match (record.kind, record.verb) {
            (Kind::File, Verb::Created) => view.find::<File>(tenant, record.id)?.map(|found| found.row.body),
            _ => None,
        };
        Ok(NamedChange { version: chained.sequence, record, name, file })
    });
    named.collect()
}

#[cfg(test)]
mod tests;
