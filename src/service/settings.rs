//! Settings of a tenant: what its ADMINs decide for it. They are a part of the tenant, so that every change of them is a
//! change of the tenant in the audit log.

use uuid::Uuid;

use super::{Conflict, Permit, ServiceError, Services, Versions, changes};
use crate::{
    domain::{Action, Contest, Event, Kind, Noun, Settings, Tenant, TenantId, User, UserId, permission},
    store::{Found, Live, Transaction},
};

/// Where the settings are in a tenant.
const PLACE: &str = "/settings";

impl Services {
    /// The tenant with its settings.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn settings(&self, permit: &Permit) -> Result<Found<Tenant>, ServiceError> {
        self.get::<Tenant>(permit, permit.tenant().uuid(), false).await
    }

    /// Changes settings.
    ///
    /// # Errors
    /// `change` refuses, the settings break rules, or somebody else changed the tenant.
    pub async fn change_settings(
        &self,
        permit: &Permit,
        expected: Option<Versions>,
        change: impl Fn(&Settings) -> Result<Settings, ServiceError> + Send + 'static,
    ) -> Result<Found<Tenant>, ServiceError> {
        let holder = permit.clone();
        let id = permit.tenant().uuid();
        let changed = self.write(permit, move |transaction| {
            let change =
                |tenant: &Tenant| Ok(Tenant { settings: change(&tenant.settings)?, ..tenant.clone() });
            changes::update(transaction, &holder, id, expected.as_ref(), false, &change)
        });
        changed.await.map_err(of_settings)
    }
}

/// The same fault in terms of the settings alone.
fn of_settings(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Invalid { code, detail, mut faults } => {
            for fault in &mut faults {
                if let Some(rest) = fault.pointer.strip_prefix(PLACE) {
                    fault.pointer = rest.to_owned();
                }
            }
            ServiceError::Invalid { code, detail, faults }
        }
        other => other,
    }
}

/// Where it takes two people to unlock, there have to be two who may. Nobody makes one enough while something is locked: that
/// would be to unlock it alone.
pub(super) fn ensure_unlocking_stays_safe<N: Noun>(
    transaction: &Transaction<'_>,
    tenant: TenantId,
    before: &N,
    after: &N,
) -> Result<(), ServiceError> {
    let wanted = |body: &N| {
        let tenant = (body as &dyn std::any::Any).downcast_ref::<Tenant>();
        tenant.is_some_and(|tenant| tenant.settings.two_person_unlock)
    };
    if wanted(before) && !wanted(after) {
        return match locked(&transaction.live(), tenant)? {
            Some((kind, id)) => Err(Conflict::Locked { kind, id }.into()),
            None => Ok(()),
        };
    }
    if wanted(before) || !wanted(after) || deciders(&transaction.live(), tenant)? >= 2 {
        return Ok(());
    }
    let message = "needs a second account that can sign in and is ADMIN, ORGANIZER or BOARD in the whole tenant; \
                   create it first, or nothing could be unlocked";
    Err(ServiceError::fault("invalid", "/settings/twoPersonUnlock", message))
}

/// An event or contest that is locked, if one is.
fn locked(view: &Live<'_>, tenant: TenantId) -> Result<Option<(Kind, Uuid)>, ServiceError> {
    let Some(row) = view.tenant(tenant)? else { return Ok(None) };
    for event in view.children::<Event>(&row.place())? {
        if event.row().locked_at.is_some() {
            return Ok(Some((Kind::Event, event.id())));
        }
        let contests = view.children::<Contest>(&event.place())?;
        if let Some(contest) = contests.iter().find(|contest| contest.row().locked_at.is_some()) {
            return Ok(Some((Kind::Contest, contest.id())));
        }
    }
    Ok(None)
}

/// How many accounts may decide about anything that is locked, and can sign in to do so.
fn deciders(view: &Live<'_>, tenant: TenantId) -> Result<usize, ServiceError> {
    let Some(row) = view.tenant(tenant)? else { return Ok(0) };
    let mut count = 0;
    for user in view.children::<User>(&row.place())? {
        let may = |grant| permission::allows(grant, Action::ApproveUnlock, &[]);
        let id = UserId::new(user.id());
        if user.body().grants.iter().copied().any(may) && view.credential(id)?.is_some() {
            count += 1;
        }
    }
    Ok(count)
}
