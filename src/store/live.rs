//! The live view. Code that holds it cannot come by a deleted row: rows are found through it only, and what it hands
//! out is the proof that ancestors and references were live in the state it reads.

use std::ops::ControlFlow;

use serde::Deserialize;
use uuid::Uuid;

use super::{
    StoreError, audit, codec,
    engine::{Direction, Reader},
    keys,
    lineage::{self, Lineage},
    order::in_order,
    rows,
};
use crate::domain::{Kind, Noun, Row, Tenant, TenantId, Timestamp, noun::UniqueField, with_noun};

/// A state, seen without what is deleted.
#[derive(Clone, Copy)]
pub struct Live<'a> {
    reader: &'a dyn Reader,
}

/// A row that is live, with where it hangs.
#[derive(Clone, Debug)]
pub struct LiveRow<N> {
    row: Row<N>,
    lineage: Lineage,
}

/// Something live that rows hang beneath.
#[derive(Clone, Debug)]
pub struct Place {
    lineage: Lineage,
}

/// Where a page of a list starts: behind this row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cursor {
    /// Position and number of the row.
    pub order: (i32, u32),
    /// Its id.
    pub id: Uuid,
}

/// An event, contest or category that is locked or archived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: Uuid,
    /// Whether it is locked.
    pub locked: bool,
    /// Whether it is archived.
    pub archived: bool,
}

/// The state of a row without its body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RowState {
    #[serde(default)]
    pub(super) locked_at: Option<Timestamp>,
    #[serde(default)]
    archived_at: Option<Timestamp>,
}

/// Which part of a tenant's deliveries is looked at, newest first.
#[derive(Clone, Copy, Debug)]
pub struct DeliverySpan {
    /// Behind this one.
    pub after: Option<Cursor>,
    /// Only with ids that were drawn since.
    pub since: Option<Timestamp>,
    /// Only with ids that were drawn before.
    pub until: Option<Timestamp>,
    /// Most that a page has.
    pub limit: usize,
    /// Most that are looked at for a page, which may be short then.
    pub looked_max: usize,
}

/// Part of a list, and where the next part starts.
#[derive(Debug)]
pub struct Page<T, C = Cursor> {
    /// The rows. A page may be short although more follow.
    pub items: Vec<T>,
    /// Where the next page starts; none if there is no more.
    pub next: Option<C>,
}

impl<N: Noun> LiveRow<N> {
    pub(super) fn new(row: Row<N>, lineage: Lineage) -> Self {
        Self { row, lineage }
    }

    /// The row.
    pub fn row(&self) -> &Row<N> {
        &self.row
    }

    /// What people edit.
    pub fn body(&self) -> &N {
        &self.row.body
    }

    /// Its id.
    pub fn id(&self) -> Uuid {
        self.row.id
    }

    /// Where it hangs.
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// It as a place where rows hang.
    pub fn place(&self) -> Place {
        Place { lineage: self.lineage.clone() }
    }

    /// The row and where it hangs.
    pub fn into_parts(self) -> (Row<N>, Lineage) {
        (self.row, self.lineage)
    }
}

impl Place {
    /// Beside the tenants themselves, which hang beneath nothing.
    pub fn of_tenant(tenant: TenantId) -> Self {
        Self { lineage: Lineage::of_tenant(tenant) }
    }

    /// Where it hangs.
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }
}

impl<'a> Live<'a> {
    pub(super) fn new(reader: &'a dyn Reader) -> Self {
        Self { reader }
    }

    pub(super) fn reader(&self) -> &'a dyn Reader {
        self.reader
    }

    /// A live row of a tenant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find<N: Noun>(&self, tenant: TenantId, id: Uuid) -> Result<Option<LiveRow<N>>, StoreError> {
        let Some(lineage) = self.locate(tenant, N::KIND, id)? else { return Ok(None) };
        if !rows::ancestors_live(self.reader, &lineage)? {
            return Ok(None);
        }
        self.with_references(lineage)
    }

    /// Where a resource of a tenant hangs, whether live or not.
    fn locate(&self, tenant: TenantId, kind: Kind, id: Uuid) -> Result<Option<Lineage>, StoreError> {
        let lineage = match kind {
            Kind::Tenant => Some(Lineage::of_tenant(TenantId::new(id))),
            _ => Lineage::locate(self.reader, id)?,
        };
        Ok(lineage
            .filter(|lineage| lineage.kind() == kind && (lineage.tenant() == tenant || kind == Kind::Tenant)))
    }

    fn with_references<N: Noun>(&self, lineage: Lineage) -> Result<Option<LiveRow<N>>, StoreError> {
        let Some(row) = rows::own_row::<N>(self.reader, &lineage)? else { return Ok(None) };
        let hidden = rows::deleted_reference(self.reader, lineage.tenant(), &row.body.references())?;
        Ok(hidden.is_none().then_some(LiveRow { row, lineage }))
    }

    /// Where a live resource of a tenant hangs.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn live_lineage(
        &self,
        tenant: TenantId,
        kind: Kind,
        id: Uuid,
    ) -> Result<Option<Lineage>, StoreError> {
        with_noun!(
            kind,
            N => Ok(self.find::<N>(tenant, id)?.map(|row| row.lineage)),
            otherwise Ok(None)
        )
    }

    /// Where a resource of a tenant hangs that once was and is live no more. Says nothing else about it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn was_deleted(&self, tenant: TenantId, kind: Kind, id: Uuid) -> Result<Option<Lineage>, StoreError> {
        let Some(lineage) = self.locate(tenant, kind, id)? else { return Ok(None) };
        let live = self.reader.contains(&lineage.key())? && rows::ancestors_live(self.reader, &lineage)?;
        Ok((!live).then_some(lineage))
    }

    /// Number of a tenant's newest change: what was computed at this number still holds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn newest_change(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(audit::head(self.reader, tenant)?.sequence)
    }

    /// What is locked or archived on the way from the event down to a live resource, itself included, topmost first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn closed_on_the_way(&self, lineage: &Lineage) -> Result<Vec<Closed>, StoreError> {
        let mut closed = Vec::new();
        for (kind, id, key) in lineage.downwards() {
            if !matches!(kind, Kind::Event | Kind::Contest | Kind::Category) {
                continue;
            }
            if let Some(bytes) = self.reader.get(&key)? {
                let state: RowState = codec::decode(&bytes)?;
                let (locked, archived) = (state.locked_at.is_some(), state.archived_at.is_some());
                if locked || archived {
                    closed.push(Closed { kind, id, locked, archived });
                }
            }
        }
        Ok(closed)
    }

    /// A live tenant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tenant(&self, tenant: TenantId) -> Result<Option<LiveRow<Tenant>>, StoreError> {
        self.find(tenant, tenant.uuid())
    }

    /// All live tenants, in order of creation.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tenants(&self) -> Result<Vec<LiveRow<Tenant>>, StoreError> {
        rows::scan(self.reader, &lineage::tenants(), |_, value| {
            let row: Row<Tenant> = codec::decode(value)?;
            let lineage = Lineage::of_tenant(TenantId::new(row.id));
            Ok(Some(LiveRow { row, lineage }))
        })
    }

    /// All live rows of a kind beneath a live place, by position, number and id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn children<N: Noun>(&self, place: &Place) -> Result<Vec<LiveRow<N>>, StoreError> {
        let prefix = keys::children(N::KIND, place.lineage.tenant(), place.lineage.id());
        let found: Vec<LiveRow<N>> = rows::scan(self.reader, &prefix, |_, value| self.child(place, value))?;
        Ok(in_order(found, |row| (row.row.body.order(), row.row.id)))
    }

    /// Whether fewer than `most` rows of a kind lie beneath a live place. Hidden ones count too: they may come back.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_room<N: Noun>(&self, place: &Place, most: usize) -> Result<bool, StoreError> {
        let prefix = keys::children(N::KIND, place.lineage.tenant(), place.lineage.id());
        let mut rows = 0;
        self.reader.range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |_, _| {
            rows += 1;
            if rows < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(rows < most)
    }

    /// A page of a tenant's rows of a kind, in order of creation, behind a cursor.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn page<N: Noun>(
        &self,
        place: &Place,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<LiveRow<N>>, StoreError> {
        let prefix = keys::children(N::KIND, place.lineage.tenant(), place.lineage.id());
        let from = match after {
            Some(cursor) => keys::end_of(&[prefix.as_slice(), cursor.id.as_bytes()].concat()),
            None => prefix.clone(),
        };
        let mut items: Vec<LiveRow<N>> = Vec::new();
        let mut more = false;
        rows::walk(self.reader, (&from, &keys::end_of(&prefix)), Direction::Forward, &mut |_, value| {
            if items.len() == limit {
                more = true;
                return Ok(ControlFlow::Break(()));
            }
            items.extend(self.child(place, value)?);
            Ok(ControlFlow::Continue(()))
        })?;
        let next = items.last().filter(|_| more).map(|row| Cursor { order: (0, 0), id: row.id() });
        Ok(Page { items, next })
    }

    fn child<N: Noun>(&self, place: &Place, value: &[u8]) -> Result<Option<LiveRow<N>>, StoreError> {
        let row: Row<N> = codec::decode(value)?;
        let hidden = rows::deleted_reference(self.reader, place.lineage.tenant(), &row.body.references())?;
        let lineage = place.lineage.child(N::KIND, row.id);
        Ok(hidden.is_none().then_some(LiveRow { row, lineage }))
    }

    /// The id that holds a unique value, whether it is live or hidden.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn holder(
        &self,
        tenant: TenantId,
        scope: Uuid,
        field: UniqueField,
        value: &str,
    ) -> Result<Option<Uuid>, StoreError> {
        let holder = self.reader.get(&keys::slot(tenant, scope, field, value))?;
        Ok(holder.and_then(|id| Uuid::from_slice(&id).ok()))
    }

    /// The live rows of a kind that point at a target, anywhere in the tenant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn referrers<N: Noun>(&self, tenant: TenantId, target: Uuid) -> Result<Vec<LiveRow<N>>, StoreError> {
        let ids = rows::referrers(self.reader, tenant, target, N::KIND)?;
        let rows: Result<Vec<_>, _> = ids.into_iter().map(|id| self.find(tenant, id)).collect();
        Ok(rows?.into_iter().flatten().collect())
    }
}
