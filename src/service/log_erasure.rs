//! Erasing what the log has of tenants: when one is destroyed for good, or an operator asks for it. A job does it, file by file,
//! and goes on after a crash behind the last file it has noted. Who, when, why and how much stays on record.

use std::{io, sync::Arc};

use tokio::sync::oneshot;

use super::{
    Permit, ServiceError, Services,
    jobs::{begin, new_job, piece_of},
    sessions::tenant_by_slug,
};
use crate::{
    domain::{Facts, Fault, Job, JobId, JobState, Kind, SYSTEM_TENANT, Task, TenantId, Verb},
    store::{Room, StoreError, Transaction, step_back},
    telemetry::{
        context::RequestContext,
        log::Flusher,
        log_store::{Erased, LogStore},
        spawn,
    },
};

/// The log, and what it lies on.
#[derive(Clone, Debug)]
pub struct LogFiles {
    /// Its files.
    pub store: Arc<LogStore>,
    /// What writes them.
    pub writer: Flusher,
    /// How much of the disk stays free when they are rewritten, in bytes.
    pub floor_bytes: u64,
}

impl Services {
    /// Begins to erase the lines of a tenant from the log, all that there are now. It is named by its id, or as long as it is
    /// there by its short name.
    ///
    /// # Errors
    /// There never was such a tenant, or it is that of the operators.
    pub async fn erase_logs(
        &self,
        permit: &Permit,
        named: &str,
        reason: String,
    ) -> Result<Job, ServiceError> {
        let fault = |message| Err(ServiceError::fault("invalid", "/tenant", message));
        let tenant = match named.parse::<TenantId>() {
            Ok(id) => self.store.audited_tenants()?.into_iter().find(|tenant| *tenant == id),
            Err(_) => self.store.read(|view| tenant_by_slug(view, named)).await?,
        };
        let tenant = match tenant {
            None => {
                return fault("there never was a tenant with this id, or there is none with this short name");
            }
            Some(SYSTEM_TENANT) => return fault("is that of the operators: what they do stays in the log"),
            Some(tenant) => tenant,
        };
        let job = new_job(permit, erasure_of(reason));
        let job = self
            .write(permit, move |transaction| Ok(begin_erasure(transaction, &job, vec![tenant])?))
            .await?;
        self.job_queued.notify_one();
        job.ok_or(ServiceError::NotFound(Kind::Tenant))
    }

    /// Deals with the next files of the log, up to one that has such lines.
    pub(super) async fn erasure_piece(
        &self,
        permit: &Permit,
        id: JobId,
        tenants: &[TenantId],
        after: Option<String>,
    ) -> Result<(), ServiceError> {
        let Erased { files, last, left, lines, bytes, faults } =
            self.erase_next(tenants, after).await.map_err(ServiceError::LogNotErased)?;
        if lines > 0 {
            tracing::info!(jobId = %id, file = last.as_deref(), lines, bytes, "lines were erased from the log");
        }
        self.write(permit, move |transaction| {
            let Some(mut job) = piece_of(transaction, SYSTEM_TENANT, id)? else { return Ok(()) };
            let at = transaction.stamp().at;
            if let Task::Erasure { tenants, reason, after, lines: all_lines, bytes: all_bytes } =
                &mut job.task
            {
                *after = last.clone().or(after.take());
                *all_lines += lines;
                *all_bytes += bytes;
                if left == 0 {
                    let facts =
                        Facts::Erased { lines: *all_lines, bytes: *all_bytes, reason: reason.clone() };
                    for tenant in tenants {
                        let subject = (Kind::Tenant, tenant.uuid());
                        transaction.record(SYSTEM_TENANT, Verb::LogErased, subject, facts.clone(), None)?;
                    }
                    (job.state, job.finished_at) = (JobState::Done, Some(at));
                }
            }
            job.done += files;
            job.total = Some(job.done + left);
            job.add_faults(
                faults.iter().map(|fault| Fault::new("", format!("{}: {}", fault.file, fault.what))),
            );
            Ok(transaction.put_job(SYSTEM_TENANT, &job)?)
        })
        .await
    }

    /// Erases beside everything else.
    async fn erase_next(&self, tenants: &[TenantId], after: Option<String>) -> io::Result<Erased> {
        let LogFiles { store: logs, writer, floor_bytes } = self.logs.clone();
        let tenants: Vec<_> = tenants.iter().map(ToString::to_string).collect();
        let (done, outcome) = oneshot::channel();
        let work = move || {
            step_back();
            let erase = || {
                if after.is_none() {
                    if !writer.finish_file() {
                        return Err(io::Error::other("its newest file cannot be finished"));
                    }
                    logs.seal()?;
                }
                let free = Room::new(logs.directory(), 0, 0).free_bytes()?;
                logs.erase(&tenants, after.as_deref(), free.saturating_sub(floor_bytes))
            };
            // Nobody waits any more when the program ends.
            drop(done.send(erase()));
        };
        spawn::spawn_thread("log erasure", work)?;
        outcome.await.map_err(io::Error::other)?
    }
}

fn erasure_of(reason: String) -> Task {
    Task::Erasure { tenants: Vec::new(), reason, after: None, lines: 0, bytes: 0 }
}

/// The job that follows when tenants are destroyed for good. It is the box's own: whoever destroyed them may be gone before
/// it is done.
pub(super) fn erasure_of_destroyed(context: &RequestContext) -> Job {
    let permit = Permit::of_the_box(context.clone(), SYSTEM_TENANT);
    new_job(&permit, erasure_of("destroyed for good".to_owned()))
}

/// Puts an erasure into the queue, if there is a tenant whose lines are to go. Returns the job.
pub(super) fn begin_erasure(
    transaction: &mut Transaction<'_>,
    template: &Job,
    whose: Vec<TenantId>,
) -> Result<Option<Job>, StoreError> {
    let mut job = template.clone();
    let Task::Erasure { tenants, reason, .. } = &mut job.task else { return Ok(None) };
    if whose.is_empty() {
        return Ok(None);
    }
    for tenant in &whose {
        let subject = (Kind::Tenant, tenant.uuid());
        let facts = Facts::Reason(reason.clone());
        transaction.record(SYSTEM_TENANT, Verb::LogErasureBegun, subject, facts, None)?;
    }
    *tenants = whose;
    begin(transaction, SYSTEM_TENANT, &job)?;
    Ok(Some(job))
}
