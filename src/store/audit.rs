//! The audit log: append-only, one hash chain a tenant. Each record's hash is
//! `SHA-256(hash before || tenant || number || record)`, so no byte of the past can change unseen.

use std::{collections::HashMap, fmt, ops::ControlFlow, str::FromStr};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Store, StoreError, codec,
    engine::{Direction, Reader},
    keys::{self, Table},
    with_deleted::WithDeleted,
};
use crate::domain::{AuditDetail, AuditRecord, TenantId, from_hex, to_hex};

/// A hash of the chain.
pub type Hash = [u8; 32];

/// The end of a tenant's chain; as text `sequence:hash`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Head {
    /// Number of the last record; 0 before the first.
    pub sequence: u64,
    /// Its hash; zeros before the first.
    pub hash: Hash,
}

/// A text that is no head of a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the number of a record, a colon, and the 64 hexadecimal digits of its hash")]
pub struct InvalidHead;

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, to_hex(&self.hash))
    }
}

impl FromStr for Head {
    type Err = InvalidHead;

    fn from_str(text: &str) -> Result<Self, InvalidHead> {
        let (sequence, hash) = text.split_once(':').ok_or(InvalidHead)?;
        // Numbers are parsed with a sign, too.
        let digits = Some(sequence).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let sequence = digits.and_then(|digits| digits.parse().ok()).ok_or(InvalidHead)?;
        Ok(Self { sequence, hash: from_hex(hash).map_err(|_| InvalidHead)? })
    }
}

/// The end of a chain in the writer's memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tip {
    pub head: Head,
    /// The newest change that was not of a sheet: what does not depend on marks holds since then. After a start it is
    /// the newest change of all, until another one says more.
    pub settled: u64,
}

/// The ends of the chains, as far as they have been looked at.
pub(super) type Heads = HashMap<TenantId, Tip>;

/// Which records, in which order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditPart {
    /// Newest first, older than a number if one is given.
    NewestBefore(Option<u64>),
    /// Oldest first, newer than a number.
    OldestAfter(u64),
}

/// A record as it lies in the chain.
#[derive(Clone, PartialEq, Debug)]
pub struct ChainedRecord {
    /// Its number.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
    /// What was done.
    pub record: AuditRecord,
}

/// What a walk along a chain found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChainReport {
    /// Records that stand as they were written.
    pub records: u64,
    /// The end of the intact part.
    pub head: Head,
    /// The first record that does not, and what is wrong with it.
    pub fault: Option<ChainFault>,
}

/// Where a chain is broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChainFault {
    /// Number of the record that was expected.
    pub sequence: u64,
    /// What is wrong.
    pub what: &'static str,
}

/// The value of a record: version, hash, encoded record.
pub(super) fn append(
    tenant: TenantId,
    head: Head,
    record: &AuditRecord,
) -> Result<(Head, Vec<u8>), StoreError> {
    let body = codec::encode(record)?;
    let sequence = head.sequence + 1;
    let hash = link(head.hash, tenant, sequence, &body);
    let mut value = Vec::with_capacity(32 + body.len());
    value.extend_from_slice(&hash);
    value.extend_from_slice(&body);
    Ok((Head { sequence, hash }, value))
}

fn link(before: Hash, tenant: TenantId, sequence: u64, body: &[u8]) -> Hash {
    Sha256::new()
        .chain_update(before)
        .chain_update(tenant.uuid().as_bytes())
        .chain_update(sequence.to_be_bytes())
        .chain_update(body)
        .finalize()
        .into()
}

/// The hash under which personal values stand in their record.
pub(super) fn detail_hash(detail: &AuditDetail) -> Result<Hash, StoreError> {
    Ok(Sha256::digest(codec::encode(detail)?).into())
}

fn split(value: &[u8]) -> Option<(Hash, &[u8])> {
    let (hash, body) = value.split_at_checked(32)?;
    Some((hash.try_into().ok()?, body))
}

/// The end of a tenant's chain in a state.
pub(super) fn head(reader: &dyn Reader, tenant: TenantId) -> Result<Head, StoreError> {
    let prefix = keys::of_tenant(Table::Audit, tenant);
    let mut head = Some(Head::default());
    reader.range(&prefix, &keys::end_of(&prefix), Direction::Backward, &mut |key, value| {
        let parts = keys::number_of(key).zip(split(value));
        head = parts.map(|(sequence, (hash, _))| Head { sequence, hash });
        ControlFlow::Break(())
    })?;
    head.ok_or_else(|| codec::CodecError::new("the newest audit record").into())
}

/// Records of a tenant, newest first, older than `before`.
pub(super) fn newest(
    reader: &dyn Reader,
    tenant: TenantId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<ChainedRecord>, StoreError> {
    let prefix = keys::of_tenant(Table::Audit, tenant);
    let to =
        before.map_or_else(|| keys::end_of(&prefix), |number| keys::numbered(Table::Audit, tenant, number));
    let mut raw = Vec::new();
    reader.range(&prefix, &to, Direction::Backward, &mut |key, value| {
        raw.push((key.to_vec(), value.to_vec()));
        if raw.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    raw.iter().map(|(key, value)| parse(key, value)).collect()
}

/// Records of a tenant, oldest first, newer than `after`.
pub(super) fn oldest(
    reader: &dyn Reader,
    tenant: TenantId,
    after: u64,
    limit: usize,
) -> Result<Vec<ChainedRecord>, StoreError> {
    let from = keys::numbered(Table::Audit, tenant, after.saturating_add(1));
    let to = keys::end_of(&keys::of_tenant(Table::Audit, tenant));
    let mut raw = Vec::new();
    reader.range(&from, &to, Direction::Forward, &mut |key, value| {
        raw.push((key.to_vec(), value.to_vec()));
        if raw.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    raw.iter().map(|(key, value)| parse(key, value)).collect()
}

pub(super) fn parse(key: &[u8], value: &[u8]) -> Result<ChainedRecord, StoreError> {
    let fault = || codec::CodecError::new("an audit record");
    let sequence = keys::number_of(key).ok_or_else(fault)?;
    let (hash, body) = split(value).ok_or_else(fault)?;
    Ok(ChainedRecord { sequence, hash, record: codec::decode(body)? })
}

/// The personal values beside a record, unless they were erased.
pub(super) fn detail(
    reader: &dyn Reader,
    tenant: TenantId,
    sequence: u64,
) -> Result<Option<AuditDetail>, StoreError> {
    match reader.get(&keys::numbered(Table::AuditDetail, tenant, sequence))? {
        Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
        None => Ok(None),
    }
}

/// Walks a tenant's whole chain and compares every hash, also those of personal values that are still there.
pub(super) fn verify(
    reader: &dyn Reader,
    tenant: TenantId,
    visit: &mut dyn FnMut(&ChainedRecord),
) -> Result<ChainReport, StoreError> {
    let prefix = keys::of_tenant(Table::Audit, tenant);
    let mut report = ChainReport { records: 0, head: Head::default(), fault: None };
    let mut failed = None;
    reader.range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |key, value| match check(
        reader,
        tenant,
        report.head,
        key,
        value,
    ) {
        Ok(Ok(record)) => {
            report.records += 1;
            report.head = Head { sequence: record.sequence, hash: record.hash };
            visit(&record);
            ControlFlow::Continue(())
        }
        Ok(Err(what)) => {
            report.fault = Some(ChainFault { sequence: report.head.sequence + 1, what });
            ControlFlow::Break(())
        }
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    })?;
    failed.map_or(Ok(report), Err)
}

fn check(
    reader: &dyn Reader,
    tenant: TenantId,
    head: Head,
    key: &[u8],
    value: &[u8],
) -> Result<Result<ChainedRecord, &'static str>, StoreError> {
    if keys::number_of(key) != Some(head.sequence + 1) {
        return Ok(Err("a record is missing"));
    }
    let Some((hash, body)) = split(value) else { return Ok(Err("the record is cut short")) };
    if link(head.hash, tenant, head.sequence + 1, body) != hash {
        return Ok(Err("the record was changed, or one before it"));
    }
    let Ok(record) = parse(key, value) else { return Ok(Err("the record cannot be read")) };
    let detail = match reader.get(&keys::numbered(Table::AuditDetail, tenant, record.sequence))? {
        Some(bytes) => codec::decode::<AuditDetail>(&bytes).map(Some),
        None => Ok(None),
    };
    match detail {
        Ok(Some(detail)) if Some(detail_hash(&detail)?) != record.record.detail_hash => {
            Ok(Err("the values beside the record were changed"))
        }
        Err(_) => Ok(Err("the values beside the record cannot be read")),
        Ok(_) => Ok(Ok(record)),
    }
}

/// All tenants that have a chain.
pub(super) fn tenants(reader: &dyn Reader) -> Result<Vec<TenantId>, StoreError> {
    let mut tenants = Vec::new();
    let mut from = keys::table(Table::Audit);
    let end = keys::end_of(&from);
    loop {
        let mut next = None;
        reader.range(&from, &end, Direction::Forward, &mut |key, _| {
            next = key.get(1..17).and_then(|id| Uuid::from_slice(id).ok()).map(TenantId::new);
            ControlFlow::Break(())
        })?;
        let Some(tenant) = next else { return Ok(tenants) };
        tenants.push(tenant);
        from = keys::end_of(&keys::of_tenant(Table::Audit, tenant));
    }
}

impl WithDeleted<'_> {
    /// A tenant's audit records behind a number, oldest first, as the state that is read holds them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn records_after(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ChainedRecord>, StoreError> {
        oldest(self.reader(), tenant, after, limit)
    }
}

impl Store {
    /// The end of a tenant's audit chain: its newest change.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn head(&self, tenant: TenantId) -> Result<Head, StoreError> {
        Ok(self.snapshot().tip(tenant)?.head)
    }

    /// A tenant's newest change that was not of a sheet. What does not depend on marks and was read after it still
    /// holds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn settled(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(self.snapshot().tip(tenant)?.settled)
    }

    /// A part of a tenant's audit records, with the personal values beside them that are still kept.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audit_records(
        &self,
        tenant: TenantId,
        part: AuditPart,
        limit: usize,
    ) -> Result<Vec<(ChainedRecord, Option<AuditDetail>)>, StoreError> {
        let snapshot = self.snapshot();
        let records = match part {
            AuditPart::NewestBefore(before) => newest(&snapshot, tenant, before, limit)?,
            AuditPart::OldestAfter(after) => oldest(&snapshot, tenant, after, limit)?,
        };
        let with_detail = |record: ChainedRecord| {
            let detail = detail(&snapshot, tenant, record.sequence)?;
            Ok((record, detail))
        };
        records.into_iter().map(with_detail).collect()
    }

    /// Walks a tenant's whole audit chain, hands out each intact record, and says where it is broken.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn verify_audit(
        &self,
        tenant: TenantId,
        visit: &mut dyn FnMut(&ChainedRecord),
    ) -> Result<ChainReport, StoreError> {
        verify(&self.snapshot(), tenant, visit)
    }

    /// All tenants that have an audit chain, deleted ones too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audited_tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        tenants(&self.snapshot())
    }

    /// The ends of all audit chains in one state, those of deleted tenants too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn heads(&self) -> Result<Vec<(TenantId, Head)>, StoreError> {
        let snapshot = self.snapshot();
        let with_head = |tenant| Ok((tenant, head(&snapshot, tenant)?));
        tenants(&snapshot)?.into_iter().map(with_head).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Head;

    #[test]
    fn a_head_reads_back_from_its_text() {
        let head = Head { sequence: 42, hash: [0xa7; 32] };
        assert_eq!(head.to_string(), format!("42:{}", "a7".repeat(32)));
        assert_eq!(head.to_string().parse(), Ok(head));
        for text in
            ["", "42", ":", "42:a7", &format!("+1:{}", "a7".repeat(32)), &format!("42:{}", "x".repeat(64))]
        {
            assert!(text.parse::<Head>().is_err(), "{text}");
        }
    }
}
