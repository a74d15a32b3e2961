//! Deleting and restoring. Delete moves one row to the trash and touches nothing beneath it; restore moves it back.
//! Both take the same time for an empty event and for one with a million marks.

use std::{collections::BTreeMap, ops::ControlFlow};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    StoreError, codec,
    engine::Direction,
    keys::{self, Table},
    lineage::Lineage,
    live::LiveRow,
    rows::{self, Buried},
    superseded::Superseded,
    transaction::{RowError, Transaction},
    with_deleted::{Found, WithDeleted},
};
use crate::domain::{Facts, HiddenBy, Kind, Noun, Row, SYSTEM_TENANT, TenantId, Tombstone, Verb, with_noun};

/// Most things in the trash that are counted.
const COUNTED_MAX: usize = 200_000;

/// What the index of a tenant's trash says of one deletion.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct IndexEntry {
    #[serde(with = "rows::bytes")]
    key: Vec<u8>,
    label: String,
}

/// The trash key that an entry of the index leads to.
pub(super) fn indexed_key(entry: &[u8]) -> Result<Vec<u8>, StoreError> {
    Ok(codec::decode::<IndexEntry>(entry)?.key)
}

/// One deleted thing.
#[derive(Clone, Debug)]
pub struct TrashItem {
    /// Number of the change that deleted it.
    pub version: u64,
    /// Its kind.
    pub kind: Kind,
    /// Its id; for a sheet or mark, the entry's or criterion's.
    pub id: Uuid,
    /// The live key's ids from the parent downwards.
    pub path: Vec<Uuid>,
    /// What people know it by.
    pub label: String,
    /// Who deleted it, when, why.
    pub tombstone: Tombstone,
    /// Where it hangs; a sheet or mark, beneath its category.
    pub lineage: Lineage,
    /// What must be restored first.
    pub blocked_by: Option<HiddenBy>,
    /// What has taken its place; a restore would leave it where it is.
    pub superseded: Option<Superseded>,
}

/// Why a restore is refused.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Something above it is deleted.
    #[error("an ancestor is deleted")]
    ParentDeleted(Lineage),
    /// It is being destroyed.
    #[error("it is being destroyed")]
    Purging,
    /// A unique value is taken, or the store failed.
    #[error(transparent)]
    Row(#[from] RowError),
}

impl Buried {
    /// The row as it was, unless it is being destroyed.
    pub(super) fn restorable(&self) -> Result<&[u8], RestoreError> {
        if self.purging.is_some() { Err(RestoreError::Purging) } else { Ok(&self.row) }
    }
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        Self::Row(error.into())
    }
}

/// Whose trash a deleted row lies in. A tenant's own goes out of sight with it, so the tenant lies in the operators',
/// and its deletion is a change of theirs too.
pub(super) fn trash_holder(lineage: &Lineage) -> TenantId {
    if lineage.kind() == Kind::Tenant { SYSTEM_TENANT } else { lineage.tenant() }
}

impl Transaction<'_> {
    /// Moves a live row to the trash. Returns the number of the change.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn delete<N: Noun>(&mut self, live: LiveRow<N>, reason: Option<&str>) -> Result<u64, StoreError> {
        let (row, lineage) = live.into_parts();
        self.release(&lineage, &row.body.unique());
        let facts = reason.map_or(Facts::None, |reason| Facts::Reason(reason.to_owned()));
        let mut version =
            self.record(lineage.tenant(), Verb::Deleted, (N::KIND, row.id), facts.clone(), None)?;
        let holder = trash_holder(&lineage);
        if holder != lineage.tenant() {
            version = self.record(holder, Verb::Deleted, (N::KIND, row.id), facts, None)?;
        }
        let label = self.with_deleted().full_label_of(lineage.tenant(), &row.body)?;
        self.bury(holder, &lineage.key(), version, reason, label)?;
        Ok(version)
    }

    /// Moves the row under a live key to the trash, with a tombstone and an entry in the index.
    pub(super) fn bury(
        &mut self,
        tenant: TenantId,
        live_key: &[u8],
        version: u64,
        reason: Option<&str>,
        label: String,
    ) -> Result<(), StoreError> {
        let row = self.reader().get(live_key)?.unwrap_or_default();
        self.overlay().delete(live_key.to_vec());
        self.bury_value(tenant, live_key, version, reason, label, row)
    }

    /// Puts a value into the trash as if it had been deleted from a live key.
    pub(super) fn bury_value(
        &mut self,
        tenant: TenantId,
        live_key: &[u8],
        version: u64,
        reason: Option<&str>,
        label: String,
        row: Vec<u8>,
    ) -> Result<(), StoreError> {
        let stamp = self.stamp();
        let tombstone = Tombstone {
            deleted_at: stamp.at,
            deleted_by: stamp.actor.clone(),
            reason: reason.map(ToOwned::to_owned),
            request_id: stamp.request_id.clone(),
            correlation_id: stamp.correlation_id.clone(),
        };
        let key = keys::trash(live_key, version);
        self.put(key.clone(), &Buried { tombstone, row, purging: None })?;
        self.put(keys::numbered(Table::TrashIndex, tenant, version), &IndexEntry { key, label })
    }

    /// Writes the state of a row anew wherever it lies, live, hidden or in the trash, for what becomes known of it whatever
    /// people have done with it meanwhile.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn amend<N: Noun>(
        &mut self,
        mut found: Found<N>,
        (verb, facts): (Verb, Facts),
        change: impl FnOnce(&mut Row<N>),
    ) -> Result<Found<N>, StoreError> {
        let key = found.lineage.key();
        found.row.version =
            self.record(found.lineage.tenant(), verb, (N::KIND, found.row.id), facts, None)?;
        found.row.updated_at = self.stamp().at;
        change(&mut found.row);
        match rows::newest_buried(self.reader(), &key)? {
            Some((buried_key, buried)) if !self.reader().contains(&key)? => {
                self.put(buried_key, &Buried { row: codec::encode(&found.row)?, ..buried })?;
            }
            _ => self.put(key, &found.row)?,
        }
        Ok(found)
    }

    /// Takes a row out of the trash: the value it had.
    pub(super) fn exhume(&mut self, tenant: TenantId, trash_key: Vec<u8>) {
        if let Some(version) = keys::number_of(&trash_key) {
            self.overlay().delete(keys::numbered(Table::TrashIndex, tenant, version));
        }
        self.overlay().delete(trash_key);
    }

    /// Brings a deleted row back as it was. Only its own unique values are claimed again: what hangs beneath it kept
    /// its own all the time.
    ///
    /// # Errors
    /// Something above it is deleted, a unique value was taken meanwhile, or the store cannot be read.
    pub fn restore<N: Noun>(&mut self, lineage: &Lineage) -> Result<Option<LiveRow<N>>, RestoreError> {
        let key = lineage.key();
        let Some((trash_key, buried)) = rows::newest_buried(self.reader(), &key)? else { return Ok(None) };
        let row = buried.restorable()?;
        if let Some(ancestor) = rows::deleted_ancestor(self.reader(), lineage)? {
            return Err(RestoreError::ParentDeleted(ancestor));
        }
        let mut row: Row<N> = codec::decode(row).map_err(StoreError::from)?;
        self.claim(lineage, &row.body.unique())?;
        row.version = self.record(lineage.tenant(), Verb::Restored, (N::KIND, row.id), Facts::None, None)?;
        let holder = trash_holder(lineage);
        if holder != lineage.tenant() {
            self.record(holder, Verb::Restored, (N::KIND, row.id), Facts::None, None)?;
        }
        self.exhume(holder, trash_key);
        self.put(key, &row)?;
        Ok(Some(LiveRow::new(row, lineage.clone())))
    }
}

impl WithDeleted<'_> {
    /// A tenant's deleted things, newest first, deleted before the change `before`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn trash(
        &self,
        tenant: TenantId,
        before: Option<u64>,
        limit: usize,
        wanted: impl Fn(Kind) -> bool,
    ) -> Result<Vec<TrashItem>, StoreError> {
        let prefix = keys::of_tenant(Table::TrashIndex, tenant);
        let to = before.map_or_else(
            || keys::end_of(&prefix),
            |number| keys::numbered(Table::TrashIndex, tenant, number),
        );
        let mut raw = Vec::new();
        rows::walk(self.reader(), (&prefix, &to), Direction::Backward, &mut |key, value| {
            let entry: IndexEntry = codec::decode(value)?;
            if keys::kind_of(&entry.key).is_some_and(&wanted) {
                raw.extend(keys::number_of(key).map(|version| (version, entry)));
            }
            Ok(if raw.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        let items: Result<Vec<_>, _> =
            raw.into_iter().map(|(version, entry)| self.item(tenant, version, entry)).collect();
        Ok(items?.into_iter().flatten().collect())
    }

    /// How many things lie in the trash of all tenants, by kind, without what hangs beneath them. Of very many, some are not
    /// counted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn trash_sizes(&self) -> Result<BTreeMap<Kind, usize>, StoreError> {
        let prefix = keys::table(Table::TrashIndex);
        let (mut found, mut counted) = (BTreeMap::new(), 0);
        rows::walk(self.reader(), (&prefix, &keys::end_of(&prefix)), Direction::Forward, &mut |_, value| {
            let entry: IndexEntry = codec::decode(value)?;
            if let Some(kind) = keys::kind_of(&entry.key) {
                *found.entry(kind).or_default() += 1;
            }
            counted += 1;
            Ok(if counted < COUNTED_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(found)
    }

    /// The thing that a change deleted, if it is still in the trash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn trash_item(&self, tenant: TenantId, version: u64) -> Result<Option<TrashItem>, StoreError> {
        match self.reader().get(&keys::numbered(Table::TrashIndex, tenant, version))? {
            Some(bytes) => self.item(tenant, version, codec::decode(&bytes)?),
            None => Ok(None),
        }
    }

    fn item(
        &self,
        tenant: TenantId,
        version: u64,
        entry: IndexEntry,
    ) -> Result<Option<TrashItem>, StoreError> {
        let Some(bytes) = self.reader().get(&entry.key)? else { return Ok(None) };
        let buried: Buried = codec::decode(&bytes)?;
        let live_key = keys::live_of_trash(&entry.key);
        let parts = live_key.as_deref().and_then(|key| {
            let path: Option<Vec<Uuid>> =
                key.get(17..)?.chunks(16).map(|id| Uuid::from_slice(id).ok()).collect();
            Some((keys::kind_of(key)?, path?))
        });
        let Some((kind, path)) = parts else { return Ok(None) };
        let Some(id) = path.last().copied() else { return Ok(None) };
        let Some(lineage) = self.lineage_in_trash(tenant, kind, &path)? else { return Ok(None) };
        let blocked_by = self.blocked_by(&lineage)?;
        let superseded = live_key.map_or(Ok(None), |key| self.superseded(kind, &key, &entry.key, id))?;
        let (label, tombstone) = (entry.label, buried.tombstone);
        Ok(Some(TrashItem { version, kind, id, path, label, tombstone, lineage, blocked_by, superseded }))
    }

    fn lineage_in_trash(
        &self,
        tenant: TenantId,
        kind: Kind,
        path: &[Uuid],
    ) -> Result<Option<Lineage>, StoreError> {
        // Sheets and marks have no locator: what they hang beneath is the category, first in their path.
        Ok(match (kind, path) {
            (Kind::Sheet | Kind::Mark, [category, ..]) => {
                let category = self.lineage(tenant, Kind::Category, *category)?;
                category.map(|category| category.child(kind, Uuid::nil()))
            }
            (_, [.., id]) => self.lineage(tenant, kind, *id)?,
            _ => None,
        })
    }

    fn blocked_by(&self, lineage: &Lineage) -> Result<Option<HiddenBy>, StoreError> {
        let Some(ancestor) = rows::deleted_ancestor(self.reader(), lineage)? else { return Ok(None) };
        let buried = rows::newest_buried(self.reader(), &ancestor.key())?;
        Ok(buried.map(|(_, buried)| HiddenBy {
            kind: ancestor.kind(),
            id: ancestor.id(),
            deleted_at: buried.tombstone.deleted_at,
        }))
    }
}

impl WithDeleted<'_> {
    /// What people know a resource by, whether it is live or deleted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn label(&self, tenant: TenantId, kind: Kind, id: Uuid) -> Result<Option<String>, StoreError> {
        with_noun!(kind, N => {
            let found = self.find::<N>(tenant, id)?;
            Ok(found.map(|found| found.row.body.label()))
        }, otherwise Ok(None))
    }

    /// As [`Self::label`], together with what it points at: an entry with its contestant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn full_label(&self, tenant: TenantId, kind: Kind, id: Uuid) -> Result<Option<String>, StoreError> {
        with_noun!(kind, N => {
            let found = self.find::<N>(tenant, id)?;
            found.map(|found| self.full_label_of(tenant, &found.row.body)).transpose()
        }, otherwise Ok(None))
    }

    fn full_label_of<N: Noun>(&self, tenant: TenantId, body: &N) -> Result<String, StoreError> {
        let pointed_at = match body.references().first() {
            Some(first) => self.full_label(tenant, first.kind, first.id)?,
            None => None,
        };
        Ok(pointed_at.map_or_else(|| body.label(), |pointed_at| body.full_label(&pointed_at)))
    }
}
