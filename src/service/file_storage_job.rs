//! Bringing object storage in line with the files there are: those that came before it was set up are stored, and what is
//! missing on this machine is fetched back. A job does it piece by piece, and goes on where it was. Uses the store.

use std::sync::Arc;

use super::{
    Permit, ServiceError, Services,
    file_fetching::fetch_of,
    file_storage::{Drawn, begin, is_lacking},
    jobs::{begin as begin_job, new_job, piece_of},
    uploads::on_disk,
};
use crate::{
    domain::{BlobAct, File, JobId, JobState, SYSTEM_TENANT, Task, Timestamp},
    store::{BlobUse, StoreError, WithDeleted},
    telemetry::context::RequestContext,
};

/// Contents that are looked at in one piece.
const AT_ONCE: usize = 256;
/// Jobs of the queue among which one is looked for.
const QUEUED_MAX: usize = 1_000;

impl Services {
    /// Begins the job, if there is anything for it to do and it is not under way. Says whether it began.
    ///
    /// # Errors
    /// When the store cannot be read or written, or the disk fails.
    pub async fn begin_storing_files(&self, context: &RequestContext) -> Result<bool, ServiceError> {
        if !self.outside().files_stored || !self.is_storage_behind(context).await? {
            return Ok(false);
        }
        let permit = Permit::of_the_box(context.clone(), SYSTEM_TENANT);
        let job = new_job(&permit, Task::Storage { after: None });
        let begun = self
            .write(&permit, move |transaction| {
                let live = transaction.live();
                for queued in live.queued_jobs(QUEUED_MAX)? {
                    let job = live.job(queued.tenant, queued.id)?;
                    if job.is_some_and(|job| matches!(job.task, Task::Storage { .. })) {
                        return Ok(false);
                    }
                }
                begin_job(transaction, SYSTEM_TENANT, &job)?;
                Ok(true)
            })
            .await?;
        self.job_queued.notify_one();
        Ok(begun)
    }

    /// Whether anything is to be stored or fetched back.
    async fn is_storage_behind(&self, context: &RequestContext) -> Result<bool, ServiceError> {
        let (mut behind, now) = (None, context.clock().now());
        loop {
            let part = self.contents_behind(behind).await?;
            let lacks = self
                .store
                .read_with_deleted(|all| {
                    for (kept, is_missing) in &part {
                        if act_on(all, *kept, *is_missing, now)?.is_some() {
                            return Ok(true);
                        }
                    }
                    Ok::<_, StoreError>(false)
                })
                .await?;
            behind = part.last().map(|(kept, _)| *kept);
            if lacks || part.len() < AT_ONCE {
                return Ok(lacks);
            }
        }
    }

    /// The next contents behind one of them, and whether each is missing on this machine.
    async fn contents_behind(&self, behind: Option<BlobUse>) -> Result<Vec<(BlobUse, bool)>, ServiceError> {
        let part = self.store.read(|view| view.blob_uses(behind, AT_ONCE)).await?;
        let blobs = Arc::clone(&self.files.blobs);
        on_disk(move || {
            let looked =
                part.into_iter().map(|kept| Ok((kept, blobs.find(kept.tenant, kept.blob)?.is_none())));
            looked.collect()
        })
        .await
    }

    /// Deals with the next contents.
    pub(super) async fn storage_piece(
        &self,
        permit: &Permit,
        id: JobId,
        behind: Option<BlobUse>,
    ) -> Result<(), ServiceError> {
        let part = self.contents_behind(behind).await?;
        let drawn = Drawn::some(permit.context(), part.len());
        self.write(permit, move |transaction| {
            let Some(mut job) = piece_of(transaction, SYSTEM_TENANT, id)? else { return Ok(()) };
            let at = transaction.stamp().at;
            for ((kept, is_missing), (id, cause)) in part.iter().zip(drawn.each()) {
                let Some(act) = act_on(&transaction.with_deleted(), *kept, *is_missing, at)? else {
                    continue;
                };
                let of = (kept.tenant, kept.blob);
                let known = transaction.live().stored_blob(of.0, of.1)?.unwrap_or_default();
                begin(transaction, known, (id, act), of, cause)?;
                job.done += 1;
            }
            match part.last().filter(|_| part.len() == AT_ONCE) {
                Some((last, _)) => {
                    job.task = Task::Storage { after: Some((last.tenant, last.blob, last.by)) }
                }
                None => {
                    job.state = JobState::Done;
                    job.finished_at = Some(at);
                }
            }
            Ok(transaction.put_job(SYSTEM_TENANT, &job)?)
        })
        .await?;
        self.delivery_queued.notify_one();
        Ok(())
    }
}

/// What is to be done with a content, if anything is. What was never stored cannot be fetched back.
fn act_on(
    all: &WithDeleted<'_>,
    BlobUse { tenant, blob, by }: BlobUse,
    is_missing: bool,
    now: Timestamp,
) -> Result<Option<BlobAct>, StoreError> {
    let live = all.live();
    let known = live.stored_blob(tenant, blob)?;
    if is_missing {
        let Some(known) = known else { return Ok(None) };
        return Ok(fetch_of(&live, &known, tenant, now)?.is_none().then_some(BlobAct::Fetch));
    }
    let Some(settings) = live.tenant(tenant)?.map(|row| row.body().settings.clone()) else { return Ok(None) };
    let Some(file) = all.find::<File>(tenant, by)? else { return Ok(None) };
    let is_open = file.row.body.scan.is_open(settings.file_scan);
    Ok((is_open && is_lacking(&live, &known.unwrap_or_default(), tenant)?).then_some(BlobAct::Store))
}

#[cfg(test)]
mod tests;
