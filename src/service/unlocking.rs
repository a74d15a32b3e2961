//! Unlocking by two people: one asks with a reason, another one approves or refuses within a day. A program counts as the
//! user who made its token. Tenants decide in their settings whether locked events and contests need it.

use uuid::Uuid;

use super::{
    Conflict, Permit, ServiceError, Services, StateChange, Versions,
    audit::actor_name,
    locks,
    resources::{find_live, live},
    versions::ensure_expected,
};
use crate::{
    domain::{Actor, Facts, Kind, Noun, TenantId, Timestamp, Verb},
    store::{Found, Live, LiveRow, Transaction, UnlockRequest},
};

/// How long a request can be decided.
const OPEN_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// An open request to unlock, with the name of whoever asks.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// The request.
    pub request: UnlockRequest,
    /// Who asks, by name.
    pub name: String,
}

impl Services {
    /// Asks somebody else to unlock a locked event or contest.
    ///
    /// # Errors
    /// It is not there or not locked, something above it is locked, or somebody has asked already.
    pub async fn request_unlock<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
        reason: String,
    ) -> Result<OpenRequest, ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let tenant = holder.tenant();
            let row = find_live::<N>(&transaction.live(), &holder, id)?;
            locks::ensure_allowed(transaction, &row, StateChange::Unlock)?;
            if row.row().locked_at.is_none() {
                return Err(Conflict::NotLocked(N::KIND).into());
            }
            let at = transaction.stamp().at;
            if let Some(UnlockRequest { by, .. }) = open(&transaction.live(), tenant, id, at)? {
                let name = actor_name(&transaction.with_deleted(), tenant, &by)?;
                return Err(Conflict::UnlockRequested { by, name }.into());
            }
            let facts = Facts::Reason(reason.clone());
            let version = transaction.record(tenant, Verb::UnlockRequested, (N::KIND, id), facts, None)?;
            let by = transaction.stamp().actor.clone();
            let name = actor_name(&transaction.with_deleted(), tenant, &by)?;
            let (reason, expires_at) = (reason.clone(), at.plus_millis(OPEN_MILLIS));
            let request = UnlockRequest { version, by, at, expires_at, reason };
            transaction.open_unlock_request(tenant, id, &request)?;
            Ok(OpenRequest { request, name })
        })
        .await
    }

    /// The open request to unlock an event or contest, if there is one.
    ///
    /// # Errors
    /// There is no such event or contest.
    pub async fn unlock_request<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
    ) -> Result<Option<OpenRequest>, ServiceError> {
        let now = permit.context().clock().now();
        self.store
            .read_with_deleted(|view| {
                find_live::<N>(&view.live(), permit, id)?;
                let Some(request) = open(&view.live(), permit.tenant(), id, now)? else { return Ok(None) };
                let name = actor_name(view, permit.tenant(), &request.by)?;
                Ok(Some(OpenRequest { request, name }))
            })
            .await
    }

    /// Approves the request of somebody else, which unlocks. `expected` are the versions of the request that were seen.
    ///
    /// # Errors
    /// There is no open request or another one than was seen, it is one's own, or something above is locked.
    pub async fn approve_unlock<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
        expected: Option<Versions>,
    ) -> Result<Found<N>, ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let (row, request) = to_decide::<N>(transaction, &holder, id, expected.as_ref())?;
            let facts = decided(request, None);
            Ok(live(locks::apply(transaction, row, StateChange::Unlock, facts)?))
        })
        .await
    }

    /// Refuses the request of somebody else. `expected` are the versions of the request that were seen.
    ///
    /// # Errors
    /// There is no open request or another one than was seen, or it is one's own.
    pub async fn refuse_unlock<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
        expected: Option<Versions>,
        reason: Option<String>,
    ) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let (_, request) = to_decide::<N>(transaction, &holder, id, expected.as_ref())?;
            let facts = decided(request, reason.clone());
            transaction.close_unlock_request(holder.tenant(), id);
            transaction.record(holder.tenant(), Verb::UnlockRefused, (N::KIND, id), facts, None)?;
            Ok(())
        })
        .await
    }
}

/// Whether one person may unlock this: categories always, events and contests unless the tenant has decided otherwise.
pub(super) fn ensure_one_is_enough<N: Noun>(
    transaction: &Transaction<'_>,
    row: &LiveRow<N>,
) -> Result<(), ServiceError> {
    if !matches!(N::KIND, Kind::Event | Kind::Contest) {
        return Ok(());
    }
    let tenant = transaction.live().tenant(row.lineage().tenant())?;
    if tenant.is_some_and(|tenant| tenant.body().settings.two_person_unlock) {
        let detail = "it takes two people to unlock this: ask for it, and somebody else approves";
        return Err(Conflict::SecondPersonNeeded(detail).into());
    }
    Ok(())
}

/// What somebody else than whoever asked may decide.
fn to_decide<N: Noun>(
    transaction: &Transaction<'_>,
    permit: &Permit,
    id: Uuid,
    expected: Option<&Versions>,
) -> Result<(LiveRow<N>, UnlockRequest), ServiceError> {
    let view = transaction.live();
    let row = find_live::<N>(&view, permit, id)?;
    let request = open(&view, permit.tenant(), id, transaction.stamp().at)?;
    let request = request.ok_or(Conflict::NoUnlockRequest)?;
    if is_same_person(&request.by, &permit.principal().actor) {
        let detail = "you have asked for this yourself: somebody else has to decide";
        return Err(Conflict::SecondPersonNeeded(detail).into());
    }
    ensure_expected(expected, request.version)?;
    Ok((row, request))
}

fn open(
    view: &Live<'_>,
    tenant: TenantId,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<UnlockRequest>, ServiceError> {
    Ok(view.unlock_request(tenant, id)?.filter(|request| now < request.expires_at))
}

/// Whether two actors are, or may be, one person: of those behind whom there is no account nobody knows who they are.
fn is_same_person(one: &Actor, other: &Actor) -> bool {
    match (one.user_id(), other.user_id()) {
        (Some(one), Some(other)) => one == other,
        (None, None) => true,
        _ => false,
    }
}

fn decided(request: UnlockRequest, reason: Option<String>) -> Facts {
    Facts::UnlockRequest { requested_by: request.by, request: request.reason, reason }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use uuid::Uuid;

    use super::{Actor, Conflict, ServiceError, StateChange, is_same_person};
    use crate::{
        domain::{Action, Event, TokenId, UserId},
        service::tests::{Venue, run},
    };

    #[test]
    fn a_request_that_is_a_day_old_is_none_any_more() {
        run(async {
            let fair = Venue::new();
            fair.set_up().await;
            let event = fair.create::<Event>(Uuid::nil(), json!({"name": "Gala"})).await.unwrap();
            let permit = fair.permit(Action::ManageLocks).await;
            let services = &fair.services;
            services.change_state::<Event>(&permit, event, None, StateChange::Lock).await.unwrap();
            services.request_unlock::<Event>(&permit, event, "Wrong name".to_owned()).await.unwrap();
            fair.clock.advance(Duration::from_secs(24 * 3_600 - 1));
            assert!(services.unlock_request::<Event>(&permit, event).await.unwrap().is_some());
            fair.clock.advance(Duration::from_secs(1));
            assert!(services.unlock_request::<Event>(&permit, event).await.unwrap().is_none());
            let approved = services.approve_unlock::<Event>(&permit, event, None).await;
            assert!(matches!(approved, Err(ServiceError::Conflict(Conflict::NoUnlockRequest))));
            let again = services.request_unlock::<Event>(&permit, event, "Still wrong".to_owned()).await;
            assert_eq!(again.unwrap().request.reason, "Still wrong");
        });
    }

    #[test]
    fn a_program_is_whoever_made_its_token_and_who_has_no_account_is_no_second_person() {
        let user = |number| UserId::new(Uuid::from_u128(number));
        let person = |number| Actor::User { id: user(number) };
        let program = |owner| Actor::ApiToken { id: TokenId::new(Uuid::from_u128(9)), owner };
        let operator = |name: &str| Actor::System { os_user: Some(name.to_owned()) };
        assert!(is_same_person(&person(1), &person(1)));
        assert!(is_same_person(&person(1), &program(Some(user(1)))));
        assert!(is_same_person(&operator("root"), &operator("ann")));
        assert!(is_same_person(&program(None), &operator("ann")));
        assert!(!is_same_person(&person(1), &person(2)));
        assert!(!is_same_person(&program(Some(user(1))), &person(2)));
        assert!(!is_same_person(&operator("root"), &person(1)));
    }
}
