//! Destroying what is in the trash, for good: on demand by somebody who types its name, and after its time by the box
//! itself. A job does it, a bounded number of rows at a time.

#[cfg(test)]
mod tests;

use std::time::Duration;

use uuid::Uuid;

use super::{
    Permit, ServiceError, Services,
    jobs::{begin, new_job, piece_of},
    log_erasure::{begin_erasure, erasure_of_destroyed},
};
use crate::{
    domain::{Facts, Job, JobId, JobState, Kind, SYSTEM_TENANT, Task, TenantId, Timestamp, Verb},
    store::{Destroyed, Lineage, Purged, StoreError, Transaction},
    telemetry::context::RequestContext,
};

/// Jobs that are forgotten in one operation.
const FORGOTTEN_AT_ONCE: usize = 100;
/// How long jobs that are over are kept.
pub(super) const JOBS_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

impl Services {
    /// Begins to destroy the thing that a change deleted, with all beneath it. It cannot be restored from now on.
    ///
    /// # Errors
    /// It is not in the trash or out of reach, or `name` is not its name.
    pub async fn purge(&self, permit: &Permit, version: u64, name: String) -> Result<Job, ServiceError> {
        let context = permit.context();
        let (holder, template) =
            (permit.clone(), new_job(permit, Task::Retention { before: context.clock().now() }));
        let job = self
            .write(permit, move |transaction| {
                let tenant = holder.tenant();
                let item = transaction.with_deleted().trash_item(tenant, version)?;
                let item = item.filter(|item| holder.covers(&item.lineage));
                let item = item.ok_or(ServiceError::NotInTrash)?;
                if item.label != name {
                    let message = format!("must be the name of what is destroyed: {}", item.label);
                    return Err(ServiceError::fault("name_mismatch", "/name", message));
                }
                let task = Task::Purge { kind: item.kind, id: item.id, version, name: name.clone() };
                let job = Job { task, ..template.clone() };
                transaction.begin_purge(tenant, version)?;
                transaction.record(tenant, Verb::PurgeBegun, (item.kind, item.id), Facts::None, None)?;
                begin(transaction, tenant, &job)?;
                Ok(job)
            })
            .await?;
        self.job_queued.notify_one();
        Ok(job)
    }

    /// Destroys the next rows of something that is being destroyed; then erases the personal values beside the audit
    /// records about it, if it is a person.
    pub(super) async fn purge_piece(
        &self,
        permit: &Permit,
        id: JobId,
        (kind, what, version): (Kind, Uuid, u64),
    ) -> Result<(), ServiceError> {
        let tenant = permit.tenant();
        let erasure = erasure_of_destroyed(permit.context());
        self.write(permit, move |transaction| {
            let Some(mut job) = piece_of(transaction, tenant, id)? else { return Ok(()) };
            let more = match job.next.checked_sub(1) {
                None => {
                    let more = destroy(transaction, tenant, &mut job, (kind, what, version))?;
                    if kind == Kind::Tenant && !more {
                        begin_erasure(transaction, &erasure, vec![TenantId::new(what)])?;
                    }
                    more
                }
                Some(after) => {
                    let next = transaction.erase_details(tenant, what, after)?;
                    job.next = next.map_or(0, |after| after + 1);
                    next.is_some()
                }
            };
            Ok(advance(transaction, tenant, job, more)?)
        })
        .await
    }

    /// Destroys the next rows of what was deleted too long ago, and forgets jobs that ended long ago.
    pub(super) async fn retention_piece(
        &self,
        permit: &Permit,
        id: JobId,
        before: Timestamp,
    ) -> Result<(), ServiceError> {
        let home = permit.tenant();
        let erasure = erasure_of_destroyed(permit.context());
        self.write(permit, move |transaction| {
            let Some(mut job) = piece_of(transaction, home, id)? else { return Ok(()) };
            let tenants = transaction.live().tenants()?;
            let mut more = false;
            for tenant in tenants.iter().map(|row| TenantId::new(row.id())) {
                let Destroyed { rows, tenants } = transaction.purge_deleted_before(tenant, before)?;
                job.done += u64::try_from(rows).unwrap_or(u64::MAX);
                begin_erasure(transaction, &erasure, tenants)?;
                if rows > 0 {
                    more = true;
                    break;
                }
            }
            Ok(advance(transaction, home, job, more)?)
        })
        .await
    }

    /// Begins the box's own work on the trash, unless it was begun since a time. Things deleted before `before` are
    /// destroyed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn begin_retention(
        &self,
        context: &RequestContext,
        since: Timestamp,
        before: Timestamp,
    ) -> Result<bool, ServiceError> {
        let permit = Permit::of_the_box(context.clone(), SYSTEM_TENANT);
        let job = new_job(&permit, Task::Retention { before });
        let begun = self
            .write(&permit, move |transaction| {
                if transaction.live().last_scheduled(RETENTION)?.is_some_and(|last| last > since) {
                    return Ok(false);
                }
                transaction.put_last_scheduled(RETENTION)?;
                begin(transaction, SYSTEM_TENANT, &job)?;
                Ok(true)
            })
            .await?;
        if begun {
            self.job_queued.notify_one();
        }
        Ok(begun)
    }

    /// Forgets jobs that ended long ago, a few of each tenant.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn forget_old_jobs(&self, context: &RequestContext) -> Result<usize, ServiceError> {
        let permit = Permit::of_the_box(context.clone(), SYSTEM_TENANT);
        let before = context.clock().now().minus(JOBS_KEPT);
        self.write(&permit, move |transaction| {
            let tenants = transaction.live().tenants()?;
            let mut forgotten = 0;
            for tenant in tenants.iter().map(|row| TenantId::new(row.id())) {
                forgotten += transaction.forget_jobs(tenant, before, FORGOTTEN_AT_ONCE)?;
            }
            Ok(forgotten)
        })
        .await
    }

    /// Forgets some deliveries of each tenant that are over for longer than they are kept. Returns how many: if any, there
    /// may be more.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn forget_old_deliveries(&self, context: &RequestContext) -> Result<usize, ServiceError> {
        let permit = Permit::of_the_box(context.clone(), SYSTEM_TENANT);
        let (now, kept) = (context.clock().now(), self.outside().kept);
        let (over, dead) = (now.minus(kept.over), now.minus(kept.dead));
        let mut forgotten = 0;
        for tenant in self.store.audited_tenants()? {
            forgotten += self
                .write(&permit, move |transaction| {
                    Ok(transaction.forget_deliveries(tenant, over, dead, FORGOTTEN_AT_ONCE)?)
                })
                .await?;
        }
        Ok(forgotten)
    }
}

/// The schedule of the box's own work on the trash.
const RETENTION: &str = "retention";

/// Destroys the next rows; false when nothing is left to do, not even erasing.
fn destroy(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    job: &mut Job,
    (kind, what, version): (Kind, Uuid, u64),
) -> Result<bool, StoreError> {
    let (gone, all) = if matches!(kind, Kind::Sheet | Kind::Mark) {
        (usize::from(transaction.purge_row_deleted_by(tenant, version)?), true)
    } else {
        match transaction.with_deleted().lineage(tenant, kind, what)? {
            Some(lineage) => purge_some(transaction, &lineage)?,
            None => (0, true),
        }
    };
    job.done += u64::try_from(gone).unwrap_or(u64::MAX);
    if !all {
        return Ok(true);
    }
    transaction.record(tenant, Verb::Purged, (kind, what), Facts::None, None)?;
    let is_person = matches!(kind, Kind::User | Kind::Contestant | Kind::Judge);
    job.next = u64::from(is_person);
    Ok(is_person)
}

fn purge_some(transaction: &mut Transaction<'_>, lineage: &Lineage) -> Result<(usize, bool), StoreError> {
    Ok(match transaction.purge_some(lineage)? {
        Purged::Some(gone) => (gone, false),
        Purged::All(gone) => (gone, true),
    })
}

fn advance(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    mut job: Job,
    more: bool,
) -> Result<(), StoreError> {
    if !more {
        job.state = JobState::Done;
        job.finished_at = Some(transaction.stamp().at);
    }
    transaction.put_job(tenant, &job)
}
