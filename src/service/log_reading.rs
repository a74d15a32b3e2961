//! Who reads the log through interfaces of other log servers, and whose lines. What reads through them asks every few
//! seconds, so one record in the audit log stands for all that it asks within an hour.

use std::{collections::HashMap, time::Duration};

use tokio::sync::Mutex;

use super::{Authority, Permit, Principal, ServiceError, Services, audit::ensure_covers_tenant, sessions};
use crate::{
    domain::{Action, Actor, Facts, Grant, Kind, Role, SYSTEM_TENANT, Scope, TenantId, Verb},
    telemetry::context::RequestContext,
};

/// For how long a record stands.
const RECORD_STANDS: Duration = Duration::from_secs(3_600);
/// Longest question that a record cites, in characters.
const CITED_MAX: usize = 200;

/// Since when, on the clock that never goes back, somebody's record stands: by tenant and actor.
#[derive(Default)]
pub(super) struct LogReadings(Mutex<HashMap<(TenantId, String), Duration>>);

/// Somebody who reads the log.
#[derive(Clone)]
pub struct LogReader {
    permit: Permit,
    tenant: Option<TenantId>,
}

impl LogReader {
    /// The tenant whose lines are seen; all, if there is none.
    pub(super) fn tenant(&self) -> Option<String> {
        self.tenant.map(|tenant| tenant.to_string())
    }

    /// What tells one from others: the API token, account or operator.
    pub fn name(&self) -> String {
        self.permit.principal().actor.to_string()
    }
}

impl Services {
    /// The permit of a program on this machine that has no credentials, where it needs none: to read the log of the box.
    ///
    /// # Errors
    /// None; a permit is never made otherwise than by asking.
    pub fn permit_without_credentials(&self, context: RequestContext) -> Result<Permit, ServiceError> {
        let authority = Authority::Grants(vec![Grant { role: Role::Auditor, scope: Scope::Tenant {} }]);
        let actor = Actor::Anonymous;
        let principal =
            Principal { actor, tenant: SYSTEM_TENANT, authority, session: None, restriction: None };
        Permit::new(context, principal, Action::ReadLogs)
    }

    /// Somebody who reads the log: in a tenant its lines, in the system tenant all or those of the tenant that is named,
    /// by its ID or short name. Nobody, if another tenant is named than one's own, or none that is there.
    ///
    /// # Errors
    /// The caller's grants do not cover the tenant, or the store cannot be read.
    pub async fn log_reader(
        &self,
        permit: Permit,
        named: Option<&str>,
    ) -> Result<Option<LogReader>, ServiceError> {
        ensure_covers_tenant(&permit)?;
        let own = Some(permit.tenant()).filter(|tenant| *tenant != SYSTEM_TENANT);
        let Some(named) = named else { return Ok(Some(LogReader { permit, tenant: own })) };
        let named = match named.parse::<TenantId>() {
            Ok(tenant) => Some(tenant),
            Err(_) => self.store.read(|view| sessions::tenant_by_slug(view, named)).await?,
        };
        let tenant = named.filter(|named| own.is_none_or(|own| own == *named));
        Ok(tenant.map(|tenant| LogReader { permit, tenant: Some(tenant) }))
    }

    /// Puts on record that somebody reads the log, with what is asked now, unless a record stands.
    ///
    /// # Errors
    /// It cannot be put on record.
    pub async fn note_log_reading(&self, reader: &LogReader, asked: &str) -> Result<(), ServiceError> {
        let (permit, now) = (&reader.permit, reader.permit.context().clock().monotonic());
        let mut standing = self.log_readings.0.lock().await;
        standing.retain(|_, since| now.saturating_sub(*since) < RECORD_STANDS);
        let who = (permit.tenant(), reader.name());
        if standing.contains_key(&who) {
            return Ok(());
        }
        let cited: String = asked.chars().take(CITED_MAX).collect();
        let (tenant, facts) =
            (permit.tenant(), Facts::Searched(format!("{cited}, and more within the hour")));
        self.write(permit, move |transaction| {
            let subject = (Kind::Tenant, tenant.uuid());
            transaction.record(tenant, Verb::LogSearched, subject, facts.clone(), None)?;
            Ok(())
        })
        .await?;
        standing.insert(who, now);
        Ok(())
    }
}
