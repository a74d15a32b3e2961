//! Reading and verifying the audit log.

use super::{Permit, ServiceError, Services};
use crate::{
    domain::{Action, Actor, AuditDetail, Kind, TenantId},
    store::{AuditPart, ChainReport, ChainedRecord, Lineage, StoreError, WithDeleted},
};

/// A record with names of who acted and personal values, as far as they are kept.
#[derive(Clone, Debug)]
pub struct AuditLine {
    /// The record.
    pub chained: ChainedRecord,
    /// Values before and after.
    pub detail: Option<AuditDetail>,
    /// Who acted, by name.
    pub actor_name: String,
}

impl Services {
    /// A part of the tenant's records.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn audit(
        &self,
        permit: &Permit,
        part: AuditPart,
        limit: usize,
    ) -> Result<Vec<AuditLine>, ServiceError> {
        ensure_covers_tenant(permit)?;
        let records = self.store.audit_records(permit.tenant(), part, limit)?;
        let lines = self
            .store
            .read_with_deleted(|view| {
                let named = |(chained, detail): (ChainedRecord, Option<AuditDetail>)| {
                    let actor_name = actor_name(view, permit.tenant(), &chained.record.actor)?;
                    Ok(AuditLine { chained, detail, actor_name })
                };
                records.into_iter().map(named).collect::<Result<Vec<_>, StoreError>>()
            })
            .await?;
        Ok(lines)
    }

    /// Walks the tenant's whole chain and says whether it is intact.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn verify_audit(&self, permit: &Permit) -> Result<ChainReport, ServiceError> {
        ensure_covers_tenant(permit)?;
        let (store, tenant) = (std::sync::Arc::clone(&self.store), permit.tenant());
        let walk = crate::telemetry::spawn::spawn_blocking(move || store.verify_audit(tenant, &mut |_| {}));
        Ok(walk.await.map_err(|error| ServiceError::Internal(error.to_string()))??)
    }
}

/// The log is of the whole tenant, so a grant for one event does not open it.
fn ensure_covers_tenant(permit: &Permit) -> Result<(), ServiceError> {
    if permit.covers(&Lineage::of_tenant(permit.tenant())) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden(Action::ReadAudit))
    }
}

/// Who somebody is, by name; deleted users keep theirs on what they did.
pub(super) fn actor_name(
    view: &WithDeleted<'_>,
    tenant: TenantId,
    actor: &Actor,
) -> Result<String, StoreError> {
    match actor.user_id() {
        Some(user) => Ok(view.label(tenant, Kind::User, user.uuid())?.unwrap_or_else(|| actor.to_string())),
        None => Ok(actor.to_string()),
    }
}
