//! Many changes in one request. A few are made in one operation, all or none; many become a job that makes them piece by
//! piece. Either way a job remembers what changed, so that it can be taken back.

use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::{
    Conflict, Deletion, Permit, ServiceError, Services, Versions,
    bulk_operation::{BulkOperation, Planned, plan},
    changes,
    idempotency::{IdempotencyKey, Made, Once},
    jobs::{new_job, piece_of},
};
use crate::{
    domain::{Fault, Job, JobId, JobState, Kind, Noun, Task, Timestamp, merge_patch, permission, with_noun},
    store::{StoreError, Transaction},
};

/// Most changes that are made at once, all or none; as many make a piece of a job.
pub const AT_ONCE_MAX: usize = 256;

/// What to do with many things.
#[derive(Clone, Debug)]
pub struct Bulk {
    /// What people call it.
    pub name: String,
    /// The changes, in order.
    pub operations: Vec<BulkOperation>,
    /// That marks may go out of sight.
    pub confirmed: bool,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Make what can be made and leave out the rest, as a job, however few they are.
    pub skip_faulty: bool,
}

impl Bulk {
    /// The name of restoring many things from the trash.
    pub(super) const RESTORE: &'static str = "restore from the trash";
}

/// How planned changes are made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    /// That marks may go out of sight.
    pub confirmed: bool,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Make what can be made and leave out the rest, as a job.
    pub skip_faulty: bool,
    /// That the first change creates what all others are beneath.
    pub is_one_thing: bool,
}

/// What became of one operation.
pub type Applied = Result<Changed, ServiceError>;

/// What an operation has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Changed {
    /// The kind of thing.
    pub kind: Kind,
    /// Which one.
    pub id: Uuid,
}

/// What became of a request to change many things.
#[derive(Debug)]
pub enum BulkOutcome {
    /// All was done, and the job remembers it.
    Done(Vec<Changed>, Box<Job>),
    /// Nothing was done: these would have been the outcomes.
    Rehearsed(Vec<Applied>),
    /// Nothing was done: some cannot be done.
    Refused(Vec<Applied>),
    /// A job does it.
    Accepted(Box<Job>),
    /// Nothing: it was asked for before under the same key, and this job did it or does it.
    Before(Box<Job>),
}

impl Services {
    /// Changes many things, once under a key.
    ///
    /// # Errors
    /// There are too many, or an operation has no meaning whatever there is.
    pub async fn bulk(
        &self,
        permit: &Permit,
        bulk: Bulk,
        key: Option<&IdempotencyKey>,
    ) -> Result<BulkOutcome, ServiceError> {
        let asked = ("bulk", &bulk.name, &bulk.operations, bulk.confirmed, bulk.skip_faulty);
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        let planned = plan(permit, bulk.operations)?;
        let how = How {
            confirmed: bulk.confirmed,
            dry_run: bulk.dry_run,
            skip_faulty: bulk.skip_faulty,
            ..How::default()
        };
        self.make(permit, (bulk.name, once), planned, how, Vec::new()).await
    }

    /// Makes planned changes, once if that is asked for; a job that makes them tells these faults, too.
    pub(super) async fn make(
        &self,
        permit: &Permit,
        (name, once): (String, Option<Once>),
        planned: Vec<Planned>,
        how: How,
        faults: Vec<Fault>,
    ) -> Result<BulkOutcome, ServiceError> {
        let confirmed = how.confirmed;
        let makes =
            planned.first().filter(|_| how.is_one_thing).map(|first| (first.operation.kind(), first.id));
        let mut job = new_job(permit, Task::Bulk { name, confirmed, makes });
        job.total = u64::try_from(planned.len()).ok();
        job.add_faults(faults);
        if !how.dry_run && (how.skip_faulty || planned.len() > AT_ONCE_MAX) {
            let made = self.enqueue(permit, job, pieces(&planned)?, once).await?;
            return Ok(match made {
                Made::Now(job) => BulkOutcome::Accepted(Box::new(job)),
                Made::Before(id) => self.made_before(permit, id).await?,
            });
        }
        let (holder, planned) = (permit.clone(), Arc::new(planned));
        let apply =
            move |transaction: &mut Transaction<'_>| apply_all(transaction, &holder, &planned, confirmed);
        if how.dry_run {
            let applied =
                self.store.rehearse(permit.stamp(), |part| Ok::<_, StoreError>(apply(part))).await?;
            return Ok(BulkOutcome::Rehearsed(applied));
        }
        self.all_or_none(permit, job, once, apply).await
    }

    /// What was asked for before under the same key, if it was.
    pub(super) async fn made_under(
        &self,
        permit: &Permit,
        once: Option<Once>,
    ) -> Result<Option<BulkOutcome>, ServiceError> {
        if once.is_none() {
            return Ok(None);
        }
        match self.write(permit, move |transaction| Once::before(once.as_ref(), transaction)).await? {
            Some(id) => self.made_before(permit, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// The job that was asked for before under the same key, as it is now.
    async fn made_before(&self, permit: &Permit, id: Uuid) -> Result<BulkOutcome, ServiceError> {
        let found = self.store.read(|view| view.job(permit.tenant(), JobId::new(id))).await?;
        found.map(Box::new).map(BulkOutcome::Before).ok_or(ServiceError::NotFound(Kind::Job))
    }

    /// Makes changes that belong together in one operation: all, and a job remembers them, or none.
    pub(super) async fn all_or_none(
        &self,
        permit: &Permit,
        job: Job,
        once: Option<Once>,
        apply: impl Fn(&mut Transaction<'_>) -> Vec<Applied> + Send + 'static,
    ) -> Result<BulkOutcome, ServiceError> {
        let tenant = permit.tenant();
        let written = self
            .store
            .write(permit.stamp(), move |transaction| {
                if let Some(id) = Once::before(once.as_ref(), transaction)? {
                    return Ok(Made::Before(id));
                }
                let before = transaction.newest_change(tenant)?;
                let applied = apply(transaction);
                if applied.iter().any(Result::is_err) {
                    return Err(Undone::Refused(applied));
                }
                let mut job = job.clone();
                job.add_changes(transaction.changes_since(tenant, before)?);
                finish(&mut job, applied.len(), transaction.stamp().at);
                transaction.add_job(tenant, &job)?;
                Once::keep(once.as_ref(), transaction, job.id.uuid())?;
                Ok(Made::Now((applied.into_iter().flatten().collect::<Vec<_>>(), job)))
            })
            .await;
        match written {
            Ok((Made::Now((changed, job)), receipt)) => {
                super::record(receipt);
                Ok(BulkOutcome::Done(changed, Box::new(job)))
            }
            Ok((Made::Before(id), _)) => self.made_before(permit, id).await,
            Err(Undone::Refused(applied)) => Ok(BulkOutcome::Refused(applied)),
            Err(Undone::Failed(error)) => Err(error),
        }
    }

    /// Makes the next piece of a job's changes, leaving out what cannot be made.
    pub(super) async fn bulk_piece(
        &self,
        permit: &Permit,
        id: JobId,
        confirmed: bool,
    ) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let tenant = holder.tenant();
            let Some(mut job) = piece_of(transaction, tenant, id)? else { return Ok(()) };
            let before = transaction.newest_change(tenant)?;
            let Some(bytes) = transaction.live().job_input(tenant, id, job.next)? else {
                finish(&mut job, 0, transaction.stamp().at);
                return Ok(transaction.put_job(tenant, &job)?);
            };
            let planned: Vec<Planned> = serde_json::from_slice(&bytes)
                .map_err(|error| ServiceError::Internal(format!("a job's input: {error}")))?;
            let first = usize::try_from(job.done).unwrap_or(usize::MAX);
            let applied = apply_all(transaction, &holder, &planned, confirmed);
            for (index, (planned, applied)) in planned.iter().zip(applied).enumerate() {
                if let Err(error) = applied {
                    let place = |fault| planned.place(fault, first + index);
                    job.add_faults(faults_of(&error).into_iter().map(place));
                }
            }
            job.add_changes(transaction.changes_since(tenant, before)?);
            job.done += u64::try_from(planned.len()).unwrap_or(u64::MAX);
            job.next += 1;
            if job.total.is_some_and(|total| job.done >= total) {
                finish(&mut job, 0, transaction.stamp().at);
            }
            Ok(transaction.put_job(tenant, &job)?)
        })
        .await
    }
}

/// Why nothing of an operation on the store is kept.
enum Undone {
    Refused(Vec<Applied>),
    Failed(ServiceError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ServiceError> for Undone {
    fn from(error: ServiceError) -> Self {
        Self::Failed(error)
    }
}

/// A job's end, with what its last piece has done.
pub(super) fn finish(job: &mut Job, done: usize, at: Timestamp) {
    job.done += u64::try_from(done).unwrap_or(u64::MAX);
    job.state = JobState::Done;
    job.finished_at = Some(at);
}

fn pieces(planned: &[Planned]) -> Result<Vec<Vec<u8>>, ServiceError> {
    let piece = |piece: &[Planned]| {
        serde_json::to_vec(piece).map_err(|error| ServiceError::Internal(error.to_string()))
    };
    planned.chunks(AT_ONCE_MAX).map(piece).collect()
}

/// Tries each operation by itself: one that fails leaves nothing.
fn apply_all(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    planned: &[Planned],
    confirmed: bool,
) -> Vec<Applied> {
    let apply = |planned| transaction.attempt(|transaction| apply(transaction, permit, planned, confirmed));
    planned.iter().map(apply).collect()
}

fn apply(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    planned: &Planned,
    confirmed: bool,
) -> Result<Changed, ServiceError> {
    let kind = planned.operation.kind();
    let not_in_bulk =
        || ServiceError::fault("invalid", "/type", format!("a {kind} cannot be changed in bulk"));
    // Tenants change in chains of their own.
    let action = permission::managing(kind).filter(|_| kind != Kind::Tenant).ok_or_else(not_in_bulk)?;
    let permit = permit.for_action(action)?;
    with_noun!(kind, N => apply_to::<N>(transaction, &permit, planned, confirmed), otherwise Err(not_in_bulk()))?;
    Ok(Changed { kind, id: planned.id })
}

fn apply_to<N: Noun>(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    planned: &Planned,
    confirmed: bool,
) -> Result<(), ServiceError> {
    let id = planned.id;
    match &planned.operation {
        // A file comes with its bytes.
        BulkOperation::Create { .. } if N::KIND == Kind::File => {
            Err(ServiceError::fault("invalid", "/type", "a file is uploaded: POST /files"))
        }
        BulkOperation::Create { parent, body, .. } => {
            let parent = match (N::KIND.parent(), parent) {
                (Some(Kind::Tenant), None) => permit.tenant().uuid(),
                (_, Some(parent)) => parent.parse().map_err(|_| not_an_id())?,
                _ => return Err(not_an_id()),
            };
            let body = read::<N>(body.clone()).map_err(in_body)?;
            changes::create(transaction, permit, parent, id, body, confirmed).map(drop).map_err(in_body)
        }
        BulkOperation::Update { version, body, .. } => {
            let change = |old: &N| {
                let mut patched =
                    serde_json::to_value(old).map_err(|error| ServiceError::Internal(error.to_string()))?;
                merge_patch(&mut patched, body);
                read(patched)
            };
            let expected = version.map(|version| Versions::from_iter([version]));
            changes::update(transaction, permit, id, expected.as_ref(), confirmed, &change)
                .map(drop)
                .map_err(in_body)
        }
        BulkOperation::Delete { reason, .. } => {
            let deletion = Deletion { reason: reason.clone(), confirmed, expected: None };
            changes::delete::<N>(transaction, permit, id, &deletion)
        }
        BulkOperation::Restore { .. } => changes::restore::<N>(transaction, permit, id, confirmed).map(drop),
    }
}

fn not_an_id() -> ServiceError {
    ServiceError::fault("invalid", "/parent", "must be the id of what this hangs beneath")
}

fn read<N: Noun>(body: Value) -> Result<N, ServiceError> {
    serde_path_to_error::deserialize(body).map_err(|error| {
        let path = error.path().to_string();
        let pointer = if path == "." {
            String::new()
        } else {
            format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
        };
        ServiceError::invalid(vec![Fault::new(pointer, error.inner().to_string())])
    })
}

/// Faults of a body, with their places in its operation.
fn in_body(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Invalid { code, detail, faults } => {
            let faults = faults.into_iter().map(|fault| fault.under("/body")).collect();
            ServiceError::Invalid { code, detail, faults }
        }
        other => other,
    }
}

/// What a job remembers of an operation that could not be made, with places in the operation.
pub(super) fn faults_of(error: &ServiceError) -> Vec<Fault> {
    match error {
        ServiceError::Invalid { faults, .. } if !faults.is_empty() => faults.clone(),
        ServiceError::Conflict(conflict @ Conflict::Taken { .. }) => {
            conflict.taken().into_iter().map(|fault| fault.under("/body")).collect()
        }
        other => vec![Fault::new("", other.to_string())],
    }
}
