//! Taking back what a job did: its audit records, walked from the last to the first, each turned round. Nothing else is
//! kept for it. What was changed again since by somebody else stays, and is told.

use uuid::Uuid;

use super::{
    Deletion, Permit, ServiceError, Services, bulk::faults_of, changes, jobs::piece_of, renumbering,
};
use crate::domain::Visibility;
use crate::{
    domain::{Job, JobId, JobState, Kind, Noun, Span, Verb, permission, with_noun},
    store::{ChainedRecord, Found, Transaction},
};

/// Records that are turned round at once.
const AT_ONCE_MAX: u64 = 256;

impl Services {
    /// Takes back the next piece of what another job did.
    pub(super) async fn undo_piece(
        &self,
        permit: &Permit,
        id: JobId,
        undone: JobId,
        confirmed: bool,
    ) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let tenant = holder.tenant();
            let Some(mut job) = piece_of(transaction, tenant, id)? else { return Ok(()) };
            let mut done =
                transaction.live().job(tenant, undone)?.ok_or(ServiceError::NotFound(Kind::Job))?;
            let before = transaction.newest_change(tenant)?;
            for sequence in backwards(&done.changes, job.next).take(usize::try_from(AT_ONCE_MAX).unwrap_or(1))
            {
                if let Some((chained, detail)) = transaction.audit_record(tenant, sequence)? {
                    let old = detail.and_then(|detail| detail.before);
                    let turned = transaction.attempt(|transaction| {
                        turn_round(transaction, &holder, &job, confirmed, &chained, old.as_deref())
                    });
                    if let Err(error) = turned {
                        let pointer = format!("/changes/{sequence}");
                        job.add_faults(faults_of(&error).into_iter().map(|fault| fault.under(&pointer)));
                    }
                }
                job.next += 1;
                job.done += 1;
            }
            job.add_changes(transaction.changes_since(tenant, before)?);
            if job.total.is_none_or(|total| job.done >= total) {
                job.state = JobState::Done;
                job.finished_at = Some(transaction.stamp().at);
                if job.changes.is_empty() {
                    // Nothing was taken back, so it can be tried again.
                    done.undone_by = None;
                    done.version += 1;
                    transaction.put_job(tenant, &done)?;
                }
            }
            Ok(transaction.put_job(tenant, &job)?)
        })
        .await
    }
}

/// The numbers of changes from the last to the first, without the first few.
fn backwards(spans: &[Span], skipped: u64) -> impl Iterator<Item = u64> + '_ {
    let numbers = spans.iter().rev().flat_map(|span| (span.first..=span.last).rev());
    numbers.skip(usize::try_from(skipped).unwrap_or(usize::MAX))
}

/// How many changes spans hold.
pub(super) fn count(spans: &[Span]) -> u64 {
    spans.iter().map(|span| span.last + 1 - span.first).sum()
}

fn turn_round(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    job: &Job,
    confirmed: bool,
    chained: &ChainedRecord,
    old: Option<&str>,
) -> Result<(), ServiceError> {
    let kind = chained.record.kind;
    let Some(action) = permission::managing(kind) else { return Ok(()) };
    let permit = permit.for_action(action)?;
    with_noun!(
        kind,
        N => turn_round_of::<N>(transaction, &permit, job, confirmed, chained, old),
        otherwise Ok(())
    )
}

fn turn_round_of<N: Noun>(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    job: &Job,
    confirmed: bool,
    chained: &ChainedRecord,
    old: Option<&str>,
) -> Result<(), ServiceError> {
    let (id, verb) = (chained.record.id, chained.record.verb);
    let found = transaction.with_deleted().find::<N>(permit.tenant(), id)?;
    let found = found.ok_or(ServiceError::NotFound(N::KIND))?;
    match verb {
        Verb::Created | Verb::Restored => {
            if matches!(found.visibility, Visibility::Deleted(_)) {
                return Ok(());
            }
            ensure_untouched(transaction, permit, job, &found, chained.sequence)?;
            let deletion = Deletion { reason: Some("undo".to_owned()), confirmed, expected: None };
            changes::delete::<N>(transaction, permit, id, &deletion)
        }
        Verb::Updated => {
            ensure_untouched(transaction, permit, job, &found, chained.sequence)?;
            let old = old.ok_or_else(|| touched(N::KIND, id, "what it was before is not kept any more"))?;
            let body: N =
                serde_json::from_str(old).map_err(|error| ServiceError::Internal(error.to_string()))?;
            changes::update::<N>(transaction, permit, id, None, confirmed, &|_| Ok(body.clone())).map(drop)
        }
        Verb::Deleted => changes::restore::<N>(transaction, permit, id, confirmed).map(drop),
        Verb::Renumbered => {
            let old =
                old.ok_or_else(|| touched(N::KIND, id, "its numbers of before are not kept any more"))?;
            renumbering::turn_back(transaction, permit, id, chained.sequence, old)
        }
        _ => Ok(()),
    }
}

/// Nobody has changed it since, but this job itself.
fn ensure_untouched<N: Noun>(
    transaction: &Transaction<'_>,
    permit: &Permit,
    job: &Job,
    found: &Found<N>,
    sequence: u64,
) -> Result<(), ServiceError> {
    let version = found.row.version;
    if version == sequence {
        return Ok(());
    }
    let newest = transaction.audit_record(permit.tenant(), version)?;
    let own = newest.is_some_and(|(chained, _)| chained.record.request_id == job.own_request_id());
    if own {
        Ok(())
    } else {
        Err(touched(N::KIND, found.row.id, "it was changed since, so it stays as it is"))
    }
}

fn touched(kind: Kind, id: Uuid, why: &str) -> ServiceError {
    ServiceError::fault("invalid", "", format!("{kind} {id}: {why}"))
}
