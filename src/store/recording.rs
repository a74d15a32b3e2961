//! What an operation writes into the audit log: each change with its number, and in the same operation what it takes to
//! find it by its correlation ID.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    StoreError,
    audit::{self, ChainedRecord, Tip},
    keys::{self, Table},
    transaction::{Stamp, Transaction},
};
use crate::domain::{AuditDetail, AuditRecord, Facts, Kind, Span, TenantId, Verb};

/// The request that a change belongs to, if another one writes it down.
#[derive(Clone, Copy, Debug)]
pub struct InRequest<'a> {
    /// The request.
    pub request_id: &'a str,
    /// What it belongs to.
    pub correlation_id: &'a str,
    /// Its place in its trace.
    pub traceparent: &'a str,
}

/// Changes of an operation that follow one another in a tenant's chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenSpan {
    tenant: TenantId,
    changes: Span,
}

impl Transaction<'_> {
    /// Appends to a tenant's audit chain and returns the number of the change.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn record(
        &mut self,
        tenant: TenantId,
        verb: Verb,
        what: (Kind, Uuid),
        facts: Facts,
        personal: Option<(Option<String>, Option<String>)>,
    ) -> Result<u64, StoreError> {
        let stamp = self.stamp();
        let request = InRequest {
            request_id: &stamp.request_id,
            correlation_id: &stamp.correlation_id,
            traceparent: &stamp.traceparent,
        };
        let record = record(stamp, verb, what, facts, request);
        let sequence = self.append(tenant, record, personal)?;
        let open = self.span.filter(|open| open.tenant == tenant && open.changes.last + 1 == sequence);
        let first = open.map_or(sequence, |open| open.changes.first);
        let changes = Span { first, last: sequence };
        self.span = Some(OpenSpan { tenant, changes });
        let correlation_id = self.stamp().correlation_id.clone();
        self.correlate_changes(tenant, &correlation_id, changes)?;
        Ok(sequence)
    }

    /// As [`Self::record`], for what belongs to another request than the one that writes it down.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn record_of(
        &mut self,
        tenant: TenantId,
        verb: Verb,
        what: (Kind, Uuid),
        facts: Facts,
        request: InRequest<'_>,
    ) -> Result<u64, StoreError> {
        let record = record(self.stamp(), verb, what, facts, request);
        let sequence = self.append(tenant, record, None)?;
        self.correlate_changes(tenant, request.correlation_id, Span { first: sequence, last: sequence })?;
        Ok(sequence)
    }

    fn append(
        &mut self,
        tenant: TenantId,
        record: AuditRecord,
        personal: Option<(Option<String>, Option<String>)>,
    ) -> Result<u64, StoreError> {
        let tip = self.tip(tenant)?;
        let sequence = tip.head.sequence + 1;
        let detail =
            personal.map(|(before, after)| AuditDetail { salt: self.salt(tenant, sequence), before, after });
        let detail_hash = detail.as_ref().map(audit::detail_hash).transpose()?;
        let record = AuditRecord { detail_hash, ..record };
        let (head, value) = audit::append(tenant, tip.head, &record)?;
        self.overlay().put(keys::numbered(Table::Audit, tenant, sequence), value);
        if let Some(detail) = detail {
            self.put(keys::numbered(Table::AuditDetail, tenant, sequence), &detail)?;
        }
        if let Facts::Sheet { category, .. } = &record.facts {
            self.sheets.insert((tenant, *category), sequence);
        }
        let settled = if matches!(record.kind, Kind::Sheet | Kind::Mark) { tip.settled } else { sequence };
        self.heads.insert(tenant, Tip { head, settled });
        Ok(sequence)
    }

    /// An audit record, with the personal values beside it that are still kept.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audit_record(
        &self,
        tenant: TenantId,
        sequence: u64,
    ) -> Result<Option<(ChainedRecord, Option<AuditDetail>)>, StoreError> {
        let found = audit::oldest(self.reader(), tenant, sequence.saturating_sub(1), 1)?;
        let Some(chained) = found.into_iter().find(|chained| chained.sequence == sequence) else {
            return Ok(None);
        };
        let detail = audit::detail(self.reader(), tenant, sequence)?;
        Ok(Some((chained, detail)))
    }

    /// A tenant's newest change that was not of a sheet, those of this operation included.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn settled(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(self.tip(tenant)?.settled)
    }

    pub(super) fn tip(&self, tenant: TenantId) -> Result<Tip, StoreError> {
        if let Some(tip) = self.heads.get(&tenant).or_else(|| self.shared_heads.get(&tenant)) {
            return Ok(*tip);
        }
        let head = audit::head(self.reader(), tenant)?;
        Ok(Tip { head, settled: head.sequence })
    }

    fn salt(&self, tenant: TenantId, sequence: u64) -> [u8; 16] {
        let hash = Sha256::new()
            .chain_update(self.stamp().seed)
            .chain_update(tenant.uuid().as_bytes())
            .chain_update(sequence.to_be_bytes())
            .finalize();
        std::array::from_fn(|index| hash.get(index).copied().unwrap_or_default())
    }
}

fn record(
    stamp: &Stamp,
    verb: Verb,
    (kind, id): (Kind, Uuid),
    facts: Facts,
    request: InRequest<'_>,
) -> AuditRecord {
    AuditRecord {
        at: stamp.at,
        actor: stamp.actor.clone(),
        verb,
        kind,
        id,
        request_id: request.request_id.to_owned(),
        correlation_id: request.correlation_id.to_owned(),
        facts,
        detail_hash: None,
        traceparent: Some(request.traceparent.to_owned()),
    }
}
