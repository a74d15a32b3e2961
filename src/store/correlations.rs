//! What belongs to a correlation ID: changes, jobs and deliveries, each oldest first and behind a place, found by an index
//! that is written with them. The index holds only where they are; whether they are still kept is for whoever looks.

use std::ops::ControlFlow;

use super::{
    StoreError, audit, codec,
    engine::Direction,
    keys::{
        self,
        correlations::{Correlated, correlated, correlated_changes, correlated_delivery, correlated_job},
    },
    live::Live,
    rows,
    transaction::Transaction,
};
use crate::domain::{AuditRecord, Delivery, DeliveryId, Job, JobId, Span, TenantId};

/// Changes of one operation that belong to a correlation ID.
#[derive(Clone, PartialEq, Debug)]
pub struct CorrelatedChanges {
    /// Their numbers.
    pub changes: Span,
    /// The first of them.
    pub first: AuditRecord,
}

impl Live<'_> {
    /// Changes behind a number, 0 for all of them; those of one operation together.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn correlated_changes(
        &self,
        tenant: TenantId,
        correlation: &str,
        behind: u64,
        limit: usize,
    ) -> Result<Vec<CorrelatedChanges>, StoreError> {
        let behind = correlated_changes(tenant, correlation, behind);
        self.correlated(
            &correlated(tenant, correlation, Correlated::Changes),
            &behind,
            limit,
            |key, value| {
                let first =
                    keys::number_of(key).ok_or_else(|| codec::CodecError::new("a row of an index"))?;
                let last = codec::decode(value)?;
                let found = audit::oldest(self.reader(), tenant, first.saturating_sub(1), 1)?.pop();
                let found = found.filter(|found| found.record.correlation_id == correlation);
                Ok(found
                    .map(|found| CorrelatedChanges { changes: Span { first, last }, first: found.record }))
            },
        )
    }

    /// Jobs behind an id, nil for all of them; of those that are forgotten nothing but their ids is left.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn correlated_jobs(
        &self,
        tenant: TenantId,
        correlation: &str,
        behind: JobId,
        limit: usize,
    ) -> Result<Vec<(JobId, Option<Job>)>, StoreError> {
        let behind = correlated_job(tenant, correlation, behind);
        self.correlated(&correlated(tenant, correlation, Correlated::Job), &behind, limit, |key, _| {
            let Some(id) = keys::id_of(key).map(JobId::new) else { return Ok(None) };
            let job = self.job(tenant, id)?;
            let is_of_another = job.as_ref().is_some_and(|job| job.correlation_id != correlation);
            Ok((!is_of_another).then_some((id, job)))
        })
    }

    /// Deliveries behind an id, nil for all of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn correlated_deliveries(
        &self,
        tenant: TenantId,
        correlation: &str,
        behind: DeliveryId,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let behind = correlated_delivery(tenant, correlation, behind);
        self.correlated(&correlated(tenant, correlation, Correlated::Delivery), &behind, limit, |key, _| {
            let Some(id) = keys::id_of(key).map(DeliveryId::new) else { return Ok(None) };
            let delivery = self.delivery(tenant, id)?;
            Ok(delivery.filter(|delivery| delivery.correlation_id == correlation))
        })
    }

    /// Follows the index. Two IDs may share a place in it, so `take` leaves out what is of another one.
    fn correlated<T>(
        &self,
        all: &[u8],
        behind: &[u8],
        limit: usize,
        take: impl Fn(&[u8], &[u8]) -> Result<Option<T>, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let (between, mut taken) = ((&*keys::behind(behind), &*keys::end_of(all)), Vec::new());
        rows::walk(self.reader(), between, Direction::Forward, &mut |key, value| {
            if taken.len() == limit {
                return Ok(ControlFlow::Break(()));
            }
            taken.extend(take(key, value)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(taken)
    }
}

impl Transaction<'_> {
    /// Notes which changes belong to a correlation ID. More of them take the place of the same that were fewer.
    pub(super) fn correlate_changes(
        &mut self,
        tenant: TenantId,
        correlation: &str,
        changes: Span,
    ) -> Result<(), StoreError> {
        self.put(correlated_changes(tenant, correlation, changes.first), &changes.last)
    }
}
