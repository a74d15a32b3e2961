//! Where a resource hangs: its tenant and its chain of ancestors. Never changes, and is kept until purge.

use uuid::Uuid;

use super::{StoreError, codec::CodecError, engine::Reader, keys};
use crate::domain::{Kind, TenantId};

/// A resource's tenant and the chain from the topmost ancestor down to itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lineage {
    tenant: TenantId,
    chain: Vec<(Kind, Uuid)>,
}

impl Lineage {
    /// The tenant itself.
    pub fn of_tenant(tenant: TenantId) -> Self {
        Self { tenant, chain: vec![(Kind::Tenant, tenant.uuid())] }
    }

    /// Something that hangs beneath this.
    #[must_use]
    pub fn child(&self, kind: Kind, id: Uuid) -> Self {
        let ancestors = self.chain.iter().filter(|(kind, _)| *kind != Kind::Tenant).copied();
        Self { tenant: self.tenant, chain: ancestors.chain([(kind, id)]).collect() }
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// From the topmost ancestor (the tenant left out) down to the resource itself.
    pub fn chain(&self) -> &[(Kind, Uuid)] {
        &self.chain
    }

    /// The resource's id.
    pub fn id(&self) -> Uuid {
        self.chain.last().map_or(self.tenant.uuid(), |(_, id)| *id)
    }

    /// The resource's kind.
    pub fn kind(&self) -> Kind {
        self.chain.last().map_or(Kind::Tenant, |(kind, _)| *kind)
    }

    /// The id of what it hangs beneath; for what hangs beneath the tenant, the tenant's.
    pub fn parent(&self) -> Uuid {
        let nearest = self.chain.len().checked_sub(2).and_then(|index| self.chain.get(index));
        nearest.map_or(self.tenant.uuid(), |(_, id)| *id)
    }

    /// The id of the ancestor (or itself) of a kind.
    pub fn id_of(&self, kind: Kind) -> Option<Uuid> {
        self.chain.iter().find(|(of, _)| *of == kind).map(|(_, id)| *id)
    }

    /// The key of its live row.
    pub fn key(&self) -> Vec<u8> {
        match self.kind() {
            Kind::Tenant => tenant_key(self.tenant),
            kind => keys::row(kind, self.tenant, self.parent(), self.id()),
        }
    }

    /// The keys of the live rows of its ancestors, nearest first, the tenant last.
    pub(super) fn ancestor_keys(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        let within = (0..self.chain.len().saturating_sub(1)).rev().filter_map(|index| self.link(index));
        let top = (self.kind() != Kind::Tenant).then(|| tenant_key(self.tenant));
        within.map(|(.., key)| key).chain(top)
    }

    /// What it hangs beneath and itself, topmost first, the tenant left out: kind, id and key of the live row.
    pub(super) fn downwards(&self) -> impl Iterator<Item = (Kind, Uuid, Vec<u8>)> + '_ {
        (0..self.chain.len()).filter_map(|index| self.link(index)).filter(|(kind, ..)| *kind != Kind::Tenant)
    }

    fn link(&self, index: usize) -> Option<(Kind, Uuid, Vec<u8>)> {
        let (kind, id) = *self.chain.get(index)?;
        let above = index.checked_sub(1).and_then(|above| self.chain.get(above));
        let parent = above.map_or(self.tenant.uuid(), |(_, id)| *id);
        Some((kind, id, keys::row(kind, self.tenant, parent, id)))
    }

    /// The lineages of its ancestors, nearest first, the tenant last.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + '_ {
        let within = (1..self.chain.len()).rev().map(|length| Self {
            tenant: self.tenant,
            chain: self.chain.iter().take(length).copied().collect(),
        });
        let top = (self.kind() != Kind::Tenant).then(|| Self::of_tenant(self.tenant));
        within.chain(top)
    }

    /// Finds where an id hangs.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn locate(reader: &dyn Reader, id: Uuid) -> Result<Option<Self>, StoreError> {
        match reader.get(&keys::locator(id))? {
            Some(bytes) => Ok(Some(Self::from_bytes(&bytes, id)?)),
            None => Ok(None),
        }
    }

    /// The value of its locator: kinds and ids, fixed width.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(17 * (self.chain.len() + 1));
        bytes.push(1);
        bytes.extend_from_slice(self.tenant.uuid().as_bytes());
        for (kind, id) in &self.chain {
            bytes.push(*kind as u8);
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8], id: Uuid) -> Result<Self, CodecError> {
        let fault = || CodecError::new(format!("the locator of {id}"));
        let (head, links) = bytes.split_at_checked(17).ok_or_else(fault)?;
        let tenant = head.strip_prefix(&[1]).and_then(|id| Uuid::from_slice(id).ok()).ok_or_else(fault)?;
        let link = |link: &[u8]| {
            let (kind, id) = link.split_first()?;
            Some((Kind::from_code(*kind)?, Uuid::from_slice(id).ok()?))
        };
        let chain = links.chunks(17).map(link).collect::<Option<_>>().ok_or_else(fault)?;
        Ok(Self { tenant: TenantId::new(tenant), chain })
    }
}

fn tenant_key(tenant: TenantId) -> Vec<u8> {
    keys::row(Kind::Tenant, TenantId::new(Uuid::nil()), Uuid::nil(), tenant.uuid())
}

/// All live tenants.
pub(super) fn tenants() -> Vec<u8> {
    keys::children(Kind::Tenant, TenantId::new(Uuid::nil()), Uuid::nil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locator_reads_back_and_names_every_ancestor() {
        let tenant = TenantId::new(Uuid::from_u128(1));
        let event = Lineage::of_tenant(tenant).child(Kind::Event, Uuid::from_u128(2));
        let contest = event.child(Kind::Contest, Uuid::from_u128(3));
        let read = Lineage::from_bytes(&contest.to_bytes(), contest.id()).unwrap();
        assert_eq!(read, contest);
        assert_eq!(read.parent(), event.id());
        let keys: Vec<Vec<u8>> = read.ancestor_keys().collect();
        assert_eq!(keys, read.ancestors().map(|ancestor| ancestor.key()).collect::<Vec<_>>());
        let ancestors: Vec<Lineage> = read.ancestors().collect();
        assert_eq!(ancestors, [event.clone(), Lineage::of_tenant(tenant)]);
        let downwards: Vec<_> = read.downwards().collect();
        let link = |lineage: &Lineage| (lineage.kind(), lineage.id(), lineage.key());
        assert_eq!(downwards, [link(&event), link(&contest)]);
        assert_eq!(Lineage::of_tenant(tenant).downwards().count(), 0);
    }

    #[test]
    fn a_damaged_locator_is_an_error() {
        assert!(Lineage::from_bytes(&[1, 2, 3], Uuid::nil()).is_err());
        assert!(Lineage::from_bytes(&[], Uuid::nil()).is_err());
    }
}
