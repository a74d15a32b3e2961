//! Rules that depend on time or on large numbers, on a store in memory and a clock that the test moves.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::*;
use crate::{
    domain::{Category, Contest, Criterion, Event, Grant, Noun, Role, Scope, Timestamp},
    security::HashingCost,
    store::StoreLimits,
    telemetry::{clock::ManualClock, context::Inbound},
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

struct Venue {
    services: Services,
    clock: ManualClock,
}

impl Venue {
    fn new() -> Self {
        let store = Arc::new(Store::in_memory(StoreLimits::default()).unwrap());
        let passwords = Passwords::new(HashingCost { memory_kib: 64, iterations: 1 }).unwrap();
        let rules = AccountRules {
            session_idle: HOUR,
            session_lifetime: 12 * HOUR,
            password_length_min: 8,
            parallel_hashes: 1,
        };
        let clock = ManualClock::at(Timestamp::from_millis(1_777_662_000_000));
        Self { services: Services::new(store, passwords, rules), clock }
    }

    fn context(&self) -> RequestContext {
        RequestContext::inbound(Inbound::default(), self.clock.clock())
    }

    async fn set_up(&self) {
        let set_up = SetUp {
            tenant_name: "Fair".to_owned(),
            name: "Ada".to_owned(),
            email: "ada@fair.example".parse().unwrap(),
            password: "a long password".to_owned(),
        };
        self.services.create_first(&self.context(), set_up).await.unwrap();
    }

    async fn sign_in(&self) -> String {
        let sign_in = SignIn {
            email: "ada@fair.example".parse().unwrap(),
            password: "a long password".to_owned(),
            tenant: None,
        };
        self.services.sign_in(&self.context(), sign_in).await.unwrap().token
    }

    async fn knows(&self, session: &str) -> bool {
        self.services.principal_of_session(&self.context(), session).await.unwrap().is_some()
    }

    async fn permit(&self, action: Action) -> Permit {
        let principal = self.services.principal_of_operator(None, Some("fair")).await.unwrap();
        self.services.permit(self.context(), principal, action).unwrap()
    }

    async fn create<N: Noun>(
        &self,
        parent: uuid::Uuid,
        body: serde_json::Value,
    ) -> Result<uuid::Uuid, ServiceError> {
        let permit = self.permit(Action::ManageEvents).await;
        let body = serde_json::from_value::<N>(body).unwrap();
        self.services.create(&permit, parent, body).await.map(|found| found.row.id)
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn a_session_ends_when_it_is_not_used_and_when_its_time_is_over() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let idle = fair.sign_in().await;
        assert!(fair.knows(&idle).await);
        fair.clock.advance(HOUR + 6 * MINUTE);
        assert!(!fair.knows(&idle).await, "nobody used it for more than an hour");

        let used = fair.sign_in().await;
        for _ in 0..23 {
            fair.clock.advance(30 * MINUTE);
            assert!(fair.knows(&used).await, "it is in use");
        }
        fair.clock.advance(31 * MINUTE);
        assert!(!fair.knows(&used).await, "twelve hours are over");
    });
}

#[test]
fn an_api_token_stops_working_when_its_days_are_over() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let request = TokenRequest {
            name: "Display".to_owned(),
            grants: vec![Grant { role: Role::Emcee, scope: Scope::Tenant {} }],
            expires_in_days: 1,
        };
        let permit = fair.permit(Action::ManageTokens).await;
        let secret = fair.services.create_token(&permit, request).await.unwrap().secret;
        let works =
            async || fair.services.principal_of_token(&fair.context(), &secret).await.unwrap().is_some();
        assert!(works().await);
        fair.clock.advance(24 * HOUR - MINUTE);
        assert!(works().await);
        fair.clock.advance(MINUTE);
        assert!(!works().await);
    });
}

#[test]
fn a_parent_holds_a_limited_number_of_siblings() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let tenant = fair.permit(Action::ManageEvents).await.tenant().uuid();
        let event = fair.create::<Event>(tenant, json!({"name": "Night"})).await.unwrap();
        let contest = fair.create::<Contest>(event, json!({"name": "Solo"})).await.unwrap();
        let category = fair.create::<Category>(contest, json!({"name": "Voice"})).await.unwrap();
        for number in 0..guards::SIBLINGS_MAX {
            fair.create::<Criterion>(category, json!({"name": number.to_string()})).await.unwrap();
        }
        let refused = fair.create::<Criterion>(category, json!({"name": "one more"})).await;
        let too_many =
            |error: &ServiceError| matches!(error, ServiceError::Conflict(Conflict::TooMany { .. }));
        assert!(refused.as_ref().is_err_and(too_many), "{refused:?}");
    });
}
