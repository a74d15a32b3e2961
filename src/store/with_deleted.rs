//! The view with deleted and hidden rows, for the trash and for `includeDeleted` reads only.

use uuid::Uuid;

use super::{
    StoreError, codec,
    engine::Reader,
    keys,
    lineage::Lineage,
    live::Live,
    order::in_order,
    rows::{self, Buried},
};
use crate::domain::{Kind, Noun, Row, TenantId, Visibility};

/// A state, seen with what is deleted.
#[derive(Clone, Copy)]
pub struct WithDeleted<'a> {
    reader: &'a dyn Reader,
}

/// A row in whatever state, with where it hangs.
#[derive(Clone, Debug)]
pub struct Found<N> {
    /// The row.
    pub row: Row<N>,
    /// Where it hangs.
    pub lineage: Lineage,
    /// Whether it can be seen, and if not, why.
    pub visibility: Visibility,
}

impl<'a> WithDeleted<'a> {
    pub(super) fn new(reader: &'a dyn Reader) -> Self {
        Self { reader }
    }

    /// The same state without what is deleted.
    pub fn live(&self) -> Live<'a> {
        Live::new(self.reader)
    }

    pub(super) fn reader(&self) -> &'a dyn Reader {
        self.reader
    }

    /// Where a resource of a tenant hangs.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lineage(&self, tenant: TenantId, kind: Kind, id: Uuid) -> Result<Option<Lineage>, StoreError> {
        let lineage = match kind {
            Kind::Tenant => Some(Lineage::of_tenant(TenantId::new(id))),
            _ => Lineage::locate(self.reader, id)?,
        };
        Ok(lineage
            .filter(|lineage| lineage.kind() == kind && (lineage.tenant() == tenant || kind == Kind::Tenant)))
    }

    /// A row of a tenant, live, hidden or deleted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find<N: Noun>(&self, tenant: TenantId, id: Uuid) -> Result<Option<Found<N>>, StoreError> {
        let Some(lineage) = self.lineage(tenant, N::KIND, id)? else { return Ok(None) };
        if let Some(row) = rows::own_row::<N>(self.reader, &lineage)? {
            let visibility = rows::visibility(self.reader, &lineage, &row.body)?;
            return Ok(Some(Found { row, lineage, visibility }));
        }
        match rows::newest_buried(self.reader, &lineage.key())? {
            Some((_, buried)) => Ok(Some(Self::unearth(buried, lineage)?)),
            None => Ok(None),
        }
    }

    /// All rows of a kind beneath a parent, in whatever state, by position, number and id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn children<N: Noun>(&self, parent: &Lineage) -> Result<Vec<Found<N>>, StoreError> {
        let prefix = match N::KIND {
            Kind::Tenant => super::lineage::tenants(),
            kind => keys::children(kind, parent.tenant(), parent.id()),
        };
        let lineage_of = |id| match N::KIND {
            Kind::Tenant => Lineage::of_tenant(TenantId::new(id)),
            kind => parent.child(kind, id),
        };
        let mut found = rows::scan(self.reader, &prefix, |_, value| {
            let row: Row<N> = codec::decode(value)?;
            let lineage = lineage_of(row.id);
            let visibility = rows::visibility(self.reader, &lineage, &row.body)?;
            Ok(Some(Found { row, lineage, visibility }))
        })?;
        found.extend(rows::scan(self.reader, &keys::trash_of(&prefix), |key, value| {
            let id = keys::live_of_trash(key).as_deref().and_then(keys::id_of);
            id.map(|id| Self::unearth(codec::decode(value)?, lineage_of(id))).transpose()
        })?);
        Ok(in_order(found, |found| (found.row.body.order(), found.row.id)))
    }

    /// The rows of a kind that point at a target, live or hidden, anywhere in the tenant. Those deleted themselves are
    /// not among them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn referrers<N: Noun>(&self, tenant: TenantId, target: Uuid) -> Result<Vec<Found<N>>, StoreError> {
        let ids = rows::referrers(self.reader, tenant, target, N::KIND)?;
        let rows: Result<Vec<_>, _> = ids.into_iter().map(|id| self.find(tenant, id)).collect();
        let is_kept = |found: &Found<N>| !matches!(found.visibility, Visibility::Deleted(_));
        Ok(rows?.into_iter().flatten().filter(is_kept).collect())
    }

    fn unearth<N: Noun>(buried: Buried, lineage: Lineage) -> Result<Found<N>, StoreError> {
        let row = codec::decode(&buried.row)?;
        Ok(Found { row, lineage, visibility: Visibility::Deleted(buried.tombstone) })
    }
}
