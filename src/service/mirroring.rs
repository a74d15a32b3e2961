//! Mirroring: a tenant's events as whoever listens at this moment is told them. Nothing is kept of how far that went: it begins
//! with the process, and what nobody heard is not told again.

use std::collections::{BTreeSet, HashMap};

use super::{
    ServiceError, Services,
    publishing::{RECORDS_MAX, events, published},
};
use crate::{
    domain::TenantId,
    store::{ChainedRecord, StoreError},
};

/// How far each tenant's events were read.
pub struct Mirroring(HashMap<TenantId, u64>);

/// An event of a tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveEvent {
    /// Whose.
    pub tenant: TenantId,
    /// The event, as webhooks are told it.
    pub body: String,
}

impl Services {
    /// Begins with what happens from now on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn begin_mirroring(&self) -> Result<Mirroring, ServiceError> {
        let mut read = HashMap::new();
        for tenant in self.store.audited_tenants()? {
            read.insert(tenant, self.store.head(tenant)?.sequence);
        }
        Ok(Mirroring(read))
    }

    /// The next events of all tenants, those of each in their order; with whether there are more at once.
    ///
    /// # Errors
    /// When the store cannot be read: then those that are lacking come the next time.
    pub async fn live_events(
        &self,
        mirroring: &mut Mirroring,
    ) -> Result<(Vec<LiveEvent>, bool), ServiceError> {
        let (mut all, mut more) = (Vec::new(), false);
        for tenant in self.store.audited_tenants()? {
            let head = self.store.head(tenant)?.sequence;
            // A tenant that was not there at the beginning is new.
            let after = mirroring.0.get(&tenant).copied().unwrap_or(0);
            if head <= after {
                continue;
            }
            let (found, to) = self.events_between(tenant, after, head).await?;
            all.extend(found);
            more |= to < head;
            mirroring.0.insert(tenant, to);
        }
        Ok((all, more))
    }

    async fn events_between(
        &self,
        tenant: TenantId,
        after: u64,
        head: u64,
    ) -> Result<(Vec<LiveEvent>, u64), ServiceError> {
        let read = self.store.read_with_deleted(|view| {
            let (mut to, mut found, mut results) = (after, Vec::new(), BTreeSet::new());
            for ChainedRecord { sequence, record, .. } in view.records_after(tenant, after, RECORDS_MAX)? {
                if sequence > head {
                    break;
                }
                for (event, data) in events(view, tenant, &record, &mut results)? {
                    let body = serde_json::to_string(&published(tenant, sequence, &record, event, data));
                    found.push(LiveEvent { tenant, body: body.unwrap_or_default() });
                }
                to = sequence;
            }
            Ok::<_, StoreError>((found, to))
        });
        Ok(read.await?)
    }
}
