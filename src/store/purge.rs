//! Destroying what lies in the trash, for good: it and everything that hangs on it, deepest first and the thing itself
//! last, a bounded number of rows an operation. Nothing is remembered in between: each operation looks again from the
//! top and finds what is left.

use std::ops::ControlFlow;

use uuid::Uuid;

use super::{
    StoreError, TokenHolder, audit, codec,
    engine::{Direction, Reader},
    keys::{self, Table},
    lineage::Lineage,
    remains::{children_of_any_state, first_keys, lineage_of_trash, row_of_any_state},
    rows::{self, Buried},
    transaction::Transaction,
    trash::{self, trash_holder},
};
use crate::domain::{
    Assignment, CategoryId, EntryId, Facts, JudgeId, Kind, Noun, TenantId, Timestamp, UserId, Verb, with_noun,
};

/// Most rows of things that one operation destroys; each takes a few keys with it.
const AT_ONCE_MAX: usize = 100;
/// Most audit records that one operation looks at.
const AUDIT_AT_ONCE: usize = 2_000;

/// Whether anything is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purged {
    /// There is more to destroy; this many rows are gone.
    Some(usize),
    /// The thing itself is gone, too; with this many rows in the last step.
    All(usize),
}

/// What was destroyed at once.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Destroyed {
    /// Rows.
    pub rows: usize,
    /// Tenants with all that was theirs.
    pub tenants: Vec<TenantId>,
}

impl Transaction<'_> {
    /// Marks what a change deleted as being destroyed: it cannot be restored from now on. False if it is not in the
    /// trash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn begin_purge(&mut self, tenant: TenantId, change: u64) -> Result<bool, StoreError> {
        let Some(key) = self.trash_key(tenant, change)? else { return Ok(false) };
        let Some(bytes) = self.reader().get(&key)? else { return Ok(false) };
        self.mark_as_purging(key, codec::decode(&bytes)?)?;
        Ok(true)
    }

    fn mark_as_purging(&mut self, key: Vec<u8>, buried: Buried) -> Result<(), StoreError> {
        let at = self.stamp().at;
        self.put(key, &Buried { purging: Some(at), ..buried })
    }

    /// Where in the trash lies what a change deleted.
    fn trash_key(&self, tenant: TenantId, change: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.reader().get(&keys::numbered(Table::TrashIndex, tenant, change))? {
            Some(entry) => Ok(Some(trash::indexed_key(&entry)?)),
            None => Ok(None),
        }
    }

    /// Destroys the next rows of a thing that is being destroyed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn purge_some(&mut self, lineage: &Lineage) -> Result<Purged, StoreError> {
        let mut left = AT_ONCE_MAX;
        let done = purge(self, lineage, &mut left)?;
        let gone = AT_ONCE_MAX - left;
        Ok(if done { Purged::All(gone) } else { Purged::Some(gone) })
    }

    /// Destroys the next rows of what was deleted before a time, what was deleted first coming first: none if there is
    /// nothing more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn purge_deleted_before(
        &mut self,
        tenant: TenantId,
        before: Timestamp,
    ) -> Result<Destroyed, StoreError> {
        let (mut left, mut tenants) = (AT_ONCE_MAX, Vec::new());
        while left > 0 {
            let Some((key, buried)) = self.oldest_in_trash(tenant)? else { break };
            if buried.tombstone.deleted_at >= before {
                break;
            }
            match lineage_of_trash(self.reader(), tenant, &key)? {
                Some(lineage) => {
                    if buried.purging.is_none() {
                        self.mark_as_purging(key, buried)?;
                    }
                    if purge(self, &lineage, &mut left)? {
                        let what = (lineage.kind(), lineage.id());
                        self.record(tenant, Verb::Purged, what, Facts::None, None)?;
                        tenants.extend((what.0 == Kind::Tenant).then_some(lineage.tenant()));
                    }
                }
                // A sheet or a mark: there is nothing but its own row.
                None => {
                    let live = keys::live_of_trash(&key);
                    self.exhume(tenant, key);
                    left -= 1;
                    let what = live.and_then(|live| Some((keys::kind_of(&live)?, keys::id_of(&live)?)));
                    if let Some(what) = what {
                        self.record(tenant, Verb::Purged, what, Facts::None, None)?;
                    }
                }
            }
        }
        Ok(Destroyed { rows: AT_ONCE_MAX - left, tenants })
    }

    /// Destroys a sheet or a mark in the trash, which is one row, by the change that deleted it. False if it is not
    /// there.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn purge_row_deleted_by(&mut self, tenant: TenantId, change: u64) -> Result<bool, StoreError> {
        let Some(key) = self.trash_key(tenant, change)? else { return Ok(false) };
        self.exhume(tenant, key);
        Ok(true)
    }

    /// Erases the personal values beside audit records about somebody, in a bounded part of the chain after a number.
    /// Returns where the next part starts; none at the end. The chain verifies as before.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn erase_details(
        &mut self,
        tenant: TenantId,
        about: Uuid,
        after: u64,
    ) -> Result<Option<u64>, StoreError> {
        let part = audit::oldest(self.reader(), tenant, after, AUDIT_AT_ONCE)?;
        for chained in part.iter().filter(|chained| chained.record.id == about) {
            self.overlay().delete(keys::numbered(Table::AuditDetail, tenant, chained.sequence));
        }
        Ok(part.last().map(|chained| chained.sequence))
    }

    fn oldest_in_trash(&self, tenant: TenantId) -> Result<Option<(Vec<u8>, Buried)>, StoreError> {
        let prefix = keys::of_tenant(Table::TrashIndex, tenant);
        let mut oldest = None;
        self.reader().range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |_, value| {
            oldest = Some(value.to_vec());
            ControlFlow::Break(())
        })?;
        let Some(entry) = oldest else { return Ok(None) };
        let key = trash::indexed_key(&entry)?;
        match self.reader().get(&key)? {
            Some(bytes) => Ok(Some((key, codec::decode(&bytes)?))),
            None => Err(codec::CodecError::new("a place in the trash without a row").into()),
        }
    }
}

/// Destroys a thing with all that hangs on it, as far as the budget goes. True once the thing itself is gone.
fn purge(transaction: &mut Transaction<'_>, lineage: &Lineage, left: &mut usize) -> Result<bool, StoreError> {
    let (kind, tenant, id) = (lineage.kind(), lineage.tenant(), lineage.id());
    // Sheets first: with those of a whole category gone, nobody has to look for those of one judge or entry.
    if !purge_sheets(transaction, lineage, left)? {
        return Ok(false);
    }
    for child in Kind::ALL.into_iter().filter(|child| child.parent() == Some(kind)) {
        if !purge_children(transaction, lineage, child, left)? {
            return Ok(false);
        }
    }
    // Whatever points at it would point at nothing.
    for referring in Kind::ALL {
        for id in rows::referrers(transaction.reader(), tenant, id, referring)? {
            let found = Lineage::locate(transaction.reader(), id)?;
            if !found.map_or(Ok(true), |found| purge(transaction, &found, left))? {
                return Ok(false);
            }
        }
    }
    if kind == Kind::Tenant && !purge_tables(transaction, tenant, left)? || *left == 0 {
        return Ok(false);
    }
    *left -= 1;
    with_noun!(kind, N => purge_row::<N>(transaction, lineage)?, otherwise ());
    Ok(true)
}

/// Destroys what is kept of a tenant beside its things. Its audit records stay: they hold no personal values.
fn purge_tables(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    left: &mut usize,
) -> Result<bool, StoreError> {
    let tables = [
        Table::AuditDetail,
        Table::JobInput,
        Table::Slot,
        Table::Referrer,
        Table::Counter,
        Table::UnlockRequest,
        Table::Logo,
        Table::BlobUse,
        Table::Correlated,
        Table::DeadDelivery,
        Table::Published,
        Table::Suppression,
    ];
    for table in tables {
        if !delete_keys(transaction, &keys::of_tenant(table, tenant), |_| true, left)? {
            return Ok(false);
        }
    }
    let reader = transaction.reader();
    let mut elsewhere = rows::scan(reader, &keys::table(Table::TokenSecret), |key, value| {
        let holder: TokenHolder = codec::decode(value)?;
        Ok((holder.tenant == tenant).then(|| key.to_vec()))
    })?;
    for queue in [Table::JobQueue, Table::DeliveryQueue] {
        elsewhere.extend(rows::scan(reader, &keys::table(queue), |key, value| {
            Ok((value == tenant.uuid().as_bytes()).then(|| key.to_vec()))
        })?);
    }
    let done = elsewhere.len() <= *left;
    for key in elsewhere.into_iter().take(*left) {
        *left -= 1;
        transaction.overlay().delete(key);
    }
    Ok(done)
}

/// Destroys what lies directly beneath, live and deleted.
fn purge_children(
    transaction: &mut Transaction<'_>,
    parent: &Lineage,
    kind: Kind,
    left: &mut usize,
) -> Result<bool, StoreError> {
    // Sheets and judge links lie elsewhere.
    if matches!(kind, Kind::Sheet | Kind::Mark | Kind::JudgeLink) {
        return Ok(true);
    }
    let prefix = keys::children(kind, parent.tenant(), parent.id());
    if matches!(kind, Kind::Token | Kind::Job | Kind::Delivery) {
        return delete_keys(transaction, &prefix, |_| true, left);
    }
    let mut ids = first_keys(transaction.reader(), &prefix, *left + 1, |_| true)?;
    let trash = first_keys(transaction.reader(), &keys::trash_of(&prefix), *left + 1, |_| true)?;
    ids.extend(trash.iter().filter_map(|key| keys::live_of_trash(key)));
    for key in ids {
        let Some(id) = keys::id_of(&key) else { continue };
        if !purge(transaction, &parent.child(kind, id), left)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Destroys the sheets of a category, an assignment or an entry, with their earlier versions, and deleted marks.
fn purge_sheets(
    transaction: &mut Transaction<'_>,
    of: &Lineage,
    left: &mut usize,
) -> Result<bool, StoreError> {
    let (tenant, id) = (of.tenant(), of.id());
    match of.kind() {
        Kind::Category => {
            delete_sheets(transaction, &keys::children(Kind::Sheet, tenant, id), |_| true, left)
        }
        Kind::Assignment => {
            let Some(judge) = judge_of(transaction.reader(), of)? else { return Ok(true) };
            if has_other_seat(transaction.reader(), of, judge)? {
                return Ok(true);
            }
            let sheets = keys::sheets_of_judge(tenant, CategoryId::new(of.parent()), judge);
            delete_sheets(transaction, &sheets, |_| true, left)
        }
        Kind::Entry => {
            let own = |key: &[u8]| keys::entry_of_sheet(key) == Some(EntryId::new(id));
            for category in children_of_any_state(transaction.reader(), tenant, of.parent(), Kind::Category)?
            {
                let sheets = keys::children(Kind::Sheet, tenant, category);
                if !delete_sheets(transaction, &sheets, own, left)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Kind::Criterion => {
            let sheets = keys::children(Kind::Sheet, tenant, of.parent());
            let own = |key: &[u8]| keys::criterion_of_mark(key) == Some(id);
            delete_keys(transaction, &keys::trash_of(&keys::marks(&sheets)), own, left)
        }
        _ => Ok(true),
    }
}

/// Deletes the sheets under a prefix, their earlier versions, and what of them lies in the trash.
fn delete_sheets(
    transaction: &mut Transaction<'_>,
    sheets: &[u8],
    own: impl Fn(&[u8]) -> bool,
    left: &mut usize,
) -> Result<bool, StoreError> {
    let places = [
        sheets.to_vec(),
        keys::sheet_versions(sheets),
        keys::trash_of(sheets),
        keys::trash_of(&keys::marks(sheets)),
    ];
    for prefix in places {
        if !delete_keys(transaction, &prefix, &own, left)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Deletes the keys under a prefix, with their places in the trash's index; false if some are left.
fn delete_keys(
    transaction: &mut Transaction<'_>,
    prefix: &[u8],
    own: impl Fn(&[u8]) -> bool,
    left: &mut usize,
) -> Result<bool, StoreError> {
    let found = first_keys(transaction.reader(), prefix, *left + 1, own)?;
    let done = found.len() <= *left;
    for key in found.into_iter().take(*left) {
        *left -= 1;
        match keys::tenant_of_trash(&key) {
            Some(tenant) => transaction.exhume(tenant, key),
            None => transaction.overlay().delete(key),
        }
    }
    Ok(done)
}

/// Destroys one row with everything that is kept because of it.
fn purge_row<N: Noun>(transaction: &mut Transaction<'_>, lineage: &Lineage) -> Result<(), StoreError> {
    let (tenant, id, key) = (lineage.tenant(), lineage.id(), lineage.key());
    let was_live = transaction.reader().contains(&key)?;
    let row = row_of_any_state::<N>(transaction.reader(), lineage)?;
    if let Some(row) = row {
        if was_live {
            // What is deleted has released its own values already; somebody else may hold them.
            transaction.release(lineage, &row.body.unique());
        }
        for reference in row.body.references() {
            transaction.overlay().delete(keys::referrer(tenant, reference.id, N::KIND, id));
        }
        for blob in row.body.blobs() {
            transaction.overlay().delete(keys::blobs::blob_use(tenant, &blob, id));
        }
    }
    transaction.overlay().delete(key.clone());
    for buried in first_keys(transaction.reader(), &keys::trash_of(&key), usize::MAX, |_| true)? {
        transaction.exhume(trash_holder(lineage), buried);
    }
    transaction.overlay().delete(keys::locator(id));
    transaction.overlay().delete(keys::counter(tenant, id));
    match N::KIND {
        Kind::User => transaction.forget_user(UserId::new(id))?,
        Kind::Judge => transaction.forget_judge_links(tenant, JudgeId::new(id))?,
        Kind::Webhook | Kind::Action => transaction.forget_hook(id),
        _ => {}
    }
    Ok(())
}

fn judge_of(reader: &dyn Reader, assignment: &Lineage) -> Result<Option<JudgeId>, StoreError> {
    Ok(row_of_any_state::<Assignment>(reader, assignment)?.map(|row| row.body.judge_id))
}

/// Whether the judge of an assignment has another one on the category, live or deleted: the sheets are that one's, too.
fn has_other_seat(reader: &dyn Reader, of: &Lineage, judge: JudgeId) -> Result<bool, StoreError> {
    for id in children_of_any_state(reader, of.tenant(), of.parent(), Kind::Assignment)? {
        let other = Lineage::locate(reader, id)?.filter(|other| other != of);
        if other.map_or(Ok(None), |other| judge_of(reader, &other))? == Some(judge) {
            return Ok(true);
        }
    }
    Ok(false)
}
