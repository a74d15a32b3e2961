//! Rows of jobs: the job itself, its place in the queue as long as it is not over, and what it is to do in pieces.
//! They are no nouns: they are cancelled, not deleted.

use std::ops::ControlFlow;

use uuid::Uuid;

use super::{
    StoreError, codec,
    engine::Direction,
    job_counts::JobStep,
    keys::{self, Table, correlations::correlated_job},
    live::{Cursor, Live, Page},
    newest::Newest,
    rows,
    transaction::Transaction,
};
use crate::domain::{Job, JobId, Kind, Span, TenantId, Timestamp};

/// A job that is not over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueuedJob {
    /// Since when it is due.
    pub due: Timestamp,
    /// Whose it is.
    pub tenant: TenantId,
    /// Which one.
    pub id: JobId,
}

fn key(tenant: TenantId, id: JobId) -> Vec<u8> {
    keys::row(Kind::Job, tenant, tenant.uuid(), id.uuid())
}

impl Live<'_> {
    /// A job of a tenant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn job(&self, tenant: TenantId, id: JobId) -> Result<Option<Job>, StoreError> {
        match self.reader().get(&key(tenant, id))? {
            Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
            None => Ok(None),
        }
    }

    /// A page of a tenant's jobs that pass a filter, newest first, behind a cursor.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn jobs(
        &self,
        tenant: TenantId,
        after: Option<Cursor>,
        limit: usize,
        wanted: impl Fn(&Job) -> bool,
    ) -> Result<Page<Job>, StoreError> {
        let prefix = keys::children(Kind::Job, tenant, tenant.uuid());
        let to = after.map_or_else(|| keys::end_of(&prefix), |cursor| key(tenant, JobId::new(cursor.id)));
        Newest::up_to(limit, |job: &Job| job.id.uuid(), wanted).between(self.reader(), &prefix, &to)
    }

    /// The first jobs of the queue, those longest due first, of all tenants.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn queued_jobs(&self, limit: usize) -> Result<Vec<QueuedJob>, StoreError> {
        let prefix = keys::table(Table::JobQueue);
        let mut raw = Vec::new();
        self.reader().range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |key, value| {
            raw.push((key.to_vec(), value.to_vec()));
            if raw.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        raw.iter().map(|(key, value)| queued(key, value)).collect()
    }

    /// A piece of what a job is to do, as it was written.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn job_input(&self, tenant: TenantId, id: JobId, part: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.reader().get(&keys::job_input(tenant, id.uuid(), part))?)
    }

    /// When scheduled work was last begun.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_scheduled(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        match self.reader().get(&keys::named(Table::Schedule, name))? {
            Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
            None => Ok(None),
        }
    }
}

fn queued(key: &[u8], value: &[u8]) -> Result<QueuedJob, StoreError> {
    let parts = || {
        let due = u64::from_be_bytes(key.get(1..9)?.try_into().ok()?);
        let id = keys::id_of(key)?;
        let tenant = Uuid::from_slice(value).ok()?;
        let due = Timestamp::from_millis(i64::try_from(due).ok()?);
        Some(QueuedJob { due, tenant: TenantId::new(tenant), id: JobId::new(id) })
    };
    parts().ok_or_else(|| codec::CodecError::new("a queued job").into())
}

impl Transaction<'_> {
    /// Writes a job that is new.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add_job(&mut self, tenant: TenantId, job: &Job) -> Result<(), StoreError> {
        self.overlay().put(correlated_job(tenant, &job.correlation_id, job.id), Vec::new());
        self.jobs.push(JobStep::of_job(job));
        self.put_job(tenant, job)
    }

    /// Writes a job; as long as it is not over it stays in the queue, due since its creation.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn put_job(&mut self, tenant: TenantId, job: &Job) -> Result<(), StoreError> {
        let queued = keys::queued_job(job.created_at, job.id.uuid());
        if job.state.is_over() {
            if self.reader().get(&queued)?.is_some() {
                self.jobs.push(JobStep::of_job(job));
            }
            self.overlay().delete(queued);
            self.forget_job_input(tenant, job.id)?;
        } else {
            self.overlay().put(queued, tenant.uuid().as_bytes().to_vec());
        }
        self.put(key(tenant, job.id), job)
    }

    /// Writes a piece of what a job is to do.
    pub fn put_job_input(&mut self, tenant: TenantId, id: JobId, part: u64, bytes: Vec<u8>) {
        self.overlay().put(keys::job_input(tenant, id.uuid(), part), bytes);
    }

    fn forget_job_input(&mut self, tenant: TenantId, id: JobId) -> Result<(), StoreError> {
        let prefix = keys::job_inputs(tenant, id.uuid());
        let parts = rows::scan(self.reader(), &prefix, |key, _| Ok(Some(key.to_vec())))?;
        for part in parts {
            self.overlay().delete(part);
        }
        Ok(())
    }

    /// Forgets jobs of a tenant that ended before a time, the oldest first. Returns how many. That there were such, and which
    /// correlation ID they belonged to, stays.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn forget_jobs(
        &mut self,
        tenant: TenantId,
        before: Timestamp,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let prefix = keys::children(Kind::Job, tenant, tenant.uuid());
        let mut old = Vec::new();
        self.reader().range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |key, value| {
            let ended = codec::decode::<Job>(value).ok().and_then(|job| job.finished_at);
            if ended.is_some_and(|at| at < before) {
                old.push(key.to_vec());
            }
            if old.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let forgotten = old.len();
        for key in old {
            self.overlay().delete(key);
        }
        Ok(forgotten)
    }

    /// Notes that scheduled work begins now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn put_last_scheduled(&mut self, name: &str) -> Result<(), StoreError> {
        let at = self.stamp().at;
        self.put(keys::named(Table::Schedule, name), &at)
    }

    /// Number of a tenant's newest change, those of this operation included.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn newest_change(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(self.tip(tenant)?.head.sequence)
    }

    /// The changes since a number, if there were any.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn changes_since(&self, tenant: TenantId, before: u64) -> Result<Option<Span>, StoreError> {
        let last = self.newest_change(tenant)?;
        Ok((last > before).then_some(Span { first: before + 1, last }))
    }
}
