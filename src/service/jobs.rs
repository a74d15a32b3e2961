//! Jobs as their owners see them (list, look at, cancel, take back) and as the runner does them, piece by piece. Each
//! piece is one operation that also notes how far the job is, so that a crash repeats nothing and skips nothing.

use super::{
    Authority, Permit, Principal, ServiceError, Services, Versions, acting,
    idempotency::{Made, Once},
    undo::count,
    versions::ensure_expected,
};
use crate::{
    domain::{
        Action, Actor, Facts, Job, JobId, JobState, Kind, SYSTEM_TENANT, Task, TenantId, Timestamp, User,
        UserId, Verb,
    },
    store::{AuditPart, BlobUse, Cursor, Lineage, Live, Page, QueuedJob, StoreError, Transaction},
    telemetry::context::RequestContext,
};

/// Which jobs are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct JobFilter {
    /// Only those in this state.
    pub state: Option<JobState>,
}

impl Services {
    /// A page of jobs, newest first: the tenant's, or one's own without a grant for the whole tenant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn jobs(
        &self,
        permit: &Permit,
        filter: JobFilter,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Job>, ServiceError> {
        let wanted =
            |job: &Job| is_in_reach(permit, job) && filter.state.is_none_or(|state| state == job.state);
        Ok(self.store.read(|view| view.jobs(permit.tenant(), after, limit, wanted)).await?)
    }

    /// One job.
    ///
    /// # Errors
    /// There is none in reach.
    pub async fn job(&self, permit: &Permit, id: JobId) -> Result<Job, ServiceError> {
        self.store.read(|view| find(view, permit, id)).await
    }

    /// Stops a job; what it has done stays. One that is over stays as it is.
    ///
    /// # Errors
    /// There is none in reach, or it is of another version.
    pub async fn cancel_job(
        &self,
        permit: &Permit,
        id: JobId,
        expected: Option<Versions>,
    ) -> Result<Job, ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let mut job = find(&transaction.live(), &holder, id)?;
            ensure_expected(expected.as_ref(), job.version)?;
            if job.state.is_over() {
                return Ok(job);
            }
            job.state = JobState::Cancelled;
            job.finished_at = Some(transaction.stamp().at);
            job.version += 1;
            transaction.record(
                holder.tenant(),
                Verb::Cancelled,
                (Kind::Job, id.uuid()),
                Facts::None,
                None,
            )?;
            transaction.put_job(holder.tenant(), &job)?;
            Ok(job)
        })
        .await
    }

    /// Begins a job that takes back what another one did; `confirmed` if marks may go out of sight.
    ///
    /// # Errors
    /// There is none in reach, it is not over, it has changed nothing, or it was taken back already.
    pub async fn undo_job(&self, permit: &Permit, id: JobId, confirmed: bool) -> Result<Job, ServiceError> {
        let (holder, undo) = (permit.clone(), new_job(permit, Task::Undo { job: id, confirmed }));
        let job = self
            .write(permit, move |transaction| {
                let mut done = find(&transaction.live(), &holder, id)?;
                if !done.can_be_undone() {
                    return Err(super::Conflict::NotUndoable(why_not(&done)).into());
                }
                let mut undo = undo.clone();
                undo.total = Some(count(&done.changes));
                done.undone_by = Some(undo.id);
                done.version += 1;
                transaction.put_job(holder.tenant(), &done)?;
                begin(transaction, holder.tenant(), &undo)?;
                Ok(undo)
            })
            .await?;
        self.job_queued.notify_one();
        Ok(job)
    }

    /// Puts a job into the queue, with what it is to do in pieces; once if that is asked for.
    pub(super) async fn enqueue(
        &self,
        permit: &Permit,
        job: Job,
        pieces: Vec<Vec<u8>>,
        once: Option<Once>,
    ) -> Result<Made<Job>, ServiceError> {
        let tenant = permit.tenant();
        let job = self
            .write(permit, move |transaction| {
                Once::make(once.as_ref(), transaction, job.id.uuid(), |transaction| {
                    for (part, bytes) in (0_u64..).zip(&pieces) {
                        transaction.put_job_input(tenant, job.id, part, bytes.clone());
                    }
                    begin(transaction, tenant, &job)?;
                    Ok(job.clone())
                })
            })
            .await?;
        self.job_queued.notify_one();
        Ok(job)
    }

    /// Returns when a job was put into the queue since the last time.
    pub async fn job_queued(&self) {
        self.job_queued.notified().await;
    }

    /// The first jobs of the queue, of all tenants.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn queued_jobs(&self, limit: usize) -> Result<Vec<QueuedJob>, ServiceError> {
        Ok(self.store.read(|view| view.queued_jobs(limit)).await?)
    }

    /// A job of the queue.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn queued_job(&self, queued: QueuedJob) -> Result<Option<Job>, ServiceError> {
        Ok(self.store.read(|view| view.job(queued.tenant, queued.id)).await?)
    }

    /// Does the next piece of a job, with what whoever asked for it may do now. Returns the job after it.
    ///
    /// # Errors
    /// The piece cannot be done.
    pub async fn do_piece(
        &self,
        context: RequestContext,
        tenant: TenantId,
        job: &Job,
    ) -> Result<Job, ServiceError> {
        let principal = self.store.read(|view| principal_of(view, tenant, &job.by)).await?;
        let action = match job.task {
            Task::Bulk { .. } => Action::RunBulk,
            Task::Undo { .. } => Action::ManageJobs,
            Task::Purge { .. } | Task::Retention { .. } => Action::Purge,
            Task::Storage { .. } => Action::ManageFiles,
            Task::Erasure { .. } => Action::EraseLogs,
        };
        let principal = principal.ok_or(ServiceError::Forbidden(action))?;
        let permit = Permit::new(context, principal, action)?;
        match &job.task {
            Task::Bulk { confirmed, .. } => self.bulk_piece(&permit, job.id, *confirmed).await?,
            Task::Undo { job: undone, confirmed } => {
                self.undo_piece(&permit, job.id, *undone, *confirmed).await?;
            }
            Task::Purge { kind, id, version, .. } => {
                self.purge_piece(&permit, job.id, (*kind, *id, *version)).await?;
            }
            Task::Retention { before } => self.retention_piece(&permit, job.id, *before).await?,
            Task::Storage { after } => {
                let behind = after.map(|(tenant, blob, by)| BlobUse { tenant, blob, by });
                self.storage_piece(&permit, job.id, behind).await?;
            }
            Task::Erasure { tenants, after, .. } => {
                self.erasure_piece(&permit, job.id, tenants, after.clone()).await?;
            }
        }
        let after = self.store.read(|view| view.job(tenant, job.id)).await?;
        let after = after.ok_or(ServiceError::NotFound(Kind::Job))?;
        if after.state.is_over() && matches!(after.task, Task::Purge { .. } | Task::Retention { .. }) {
            self.remove_purged(permit.context()).await;
        }
        Ok(after)
    }

    /// When the newest change of all tenants was made; none if there never was one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_change_at(&self) -> Result<Option<Timestamp>, ServiceError> {
        let newest = |tenant| self.store.audit_records(tenant, AuditPart::NewestBefore(None), 1);
        let mut last = None;
        for tenant in self.store.audited_tenants()? {
            let at = newest(tenant)?.first().map(|(chained, _)| chained.record.at);
            last = last.max(at);
        }
        Ok(last)
    }

    /// Ends a job that cannot go on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn fail_job(
        &self,
        context: &RequestContext,
        tenant: TenantId,
        id: JobId,
        detail: String,
    ) -> Result<(), ServiceError> {
        self.write_as(context, context.actor().clone(), move |transaction| {
            let Some(mut job) = piece_of(transaction, tenant, id)? else { return Ok(()) };
            job.state = JobState::Failed;
            job.finished_at = Some(transaction.stamp().at);
            job.detail = Some(detail.clone());
            Ok(transaction.put_job(tenant, &job)?)
        })
        .await
    }
}

/// A job that somebody asks for.
pub(super) fn new_job(permit: &Permit, task: Task) -> Job {
    let context = permit.context();
    Job {
        id: JobId::new(context.clock().new_uuid()),
        task,
        state: JobState::Waiting,
        by: permit.principal().actor.clone(),
        request_id: context.request_id().to_string(),
        correlation_id: context.correlation_id().to_string(),
        traceparent: context.trace().to_string(),
        created_at: context.clock().now(),
        started_at: None,
        finished_at: None,
        version: 1,
        done: 0,
        total: None,
        next: 0,
        faults: Vec::new(),
        faulty: 0,
        changes: Vec::new(),
        detail: None,
        undone_by: None,
    }
}

/// Writes a new job and that it was asked for.
pub(super) fn begin(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    job: &Job,
) -> Result<(), StoreError> {
    transaction.record(tenant, Verb::Created, (Kind::Job, job.id.uuid()), Facts::None, None)?;
    transaction.add_job(tenant, job)
}

/// A job of which a piece is about to be done; nothing if it is over meanwhile.
pub(super) fn piece_of(
    transaction: &Transaction<'_>,
    tenant: TenantId,
    id: JobId,
) -> Result<Option<Job>, StoreError> {
    let job = transaction.live().job(tenant, id)?.filter(|job| !job.state.is_over());
    let at = transaction.stamp().at;
    Ok(job.map(|job| Job {
        state: JobState::Running,
        started_at: job.started_at.or(Some(at)),
        version: job.version + 1,
        ..job
    }))
}

fn find(view: &Live<'_>, permit: &Permit, id: JobId) -> Result<Job, ServiceError> {
    let job = view.job(permit.tenant(), id)?.filter(|job| is_in_reach(permit, job));
    job.ok_or(ServiceError::NotFound(Kind::Job))
}

/// With a grant for the whole tenant all its jobs, otherwise those one has asked for.
fn is_in_reach(permit: &Permit, job: &Job) -> bool {
    permit.covers(&Lineage::of_tenant(permit.tenant())) || job.by == permit.principal().actor
}

fn why_not(job: &Job) -> &'static str {
    match job {
        Job { undone_by: Some(_), .. } => "what this job did was taken back already",
        Job { state, .. } if !state.is_over() => "this job is not over; cancel it first",
        Job { task, .. } if !task.can_be_undone() => "what this job did cannot be taken back",
        _ => "this job has changed nothing",
    }
}

/// Whoever asked for a job, with what they may do now; nobody if they are gone.
fn principal_of(view: &Live<'_>, tenant: TenantId, actor: &Actor) -> Result<Option<Principal>, StoreError> {
    let authority = match actor {
        Actor::System { .. } => Some(Authority::Everything),
        Actor::ApiToken { id, .. } => {
            // That it has expired meanwhile does not matter: it was valid when it asked.
            let token = view.token(tenant, *id)?.filter(|token| token.revoked_at.is_none());
            token.map(|token| Authority::Grants(token.grants))
        }
        Actor::User { id } => user_authority(view, tenant, *id)?,
        Actor::JudgeLink { .. } | Actor::Setup | Actor::Anonymous => None,
    };
    Ok(authority.map(|authority| Principal {
        actor: actor.clone(),
        tenant,
        authority,
        session: None,
        restriction: None,
    }))
}

/// A user's grants; an operator of the box acts in another tenant as its ADMIN would.
fn user_authority(view: &Live<'_>, tenant: TenantId, user: UserId) -> Result<Option<Authority>, StoreError> {
    if let Some(row) = view.find::<User>(tenant, user.uuid())? {
        return Ok(Some(Authority::Grants(row.body().grants.clone())));
    }
    let acts = acting::may_act(view, SYSTEM_TENANT, user)?;
    Ok(acts.then(|| Authority::Grants(vec![acting::GRANT])))
}
