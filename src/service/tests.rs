//! Rules that depend on time or on large numbers, on a store in memory and a clock that the test moves.

mod foreign_ids;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::FutureExt;
use serde_json::json;

use super::*;
use crate::{
    domain::{
        Category, Contest, Criterion, Event, Grant, Judge, JudgeId, Noun, Role, Roles, RolloutRules, Scope,
        Timestamp,
    },
    resilience::{Breaker, Breakers, KEYS_MAX, Listener, Transition},
    security::{self, HashingCost, SealingKey},
    store::{BackupPlace, Blobs, Counts, Keep, StoreLimits},
    telemetry::{clock::ManualClock, context::Inbound, log::Flusher, log_store::LogStore},
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Circuit breakers that nobody listens to.
fn circuits(clock: &ManualClock) -> Circuits {
    struct Nobody;
    impl Listener for Nobody {
        fn heard(&self, _: &Breaker, _: &Transition) {}
    }
    let breakers = Breakers::new(clock.clock(), BTreeMap::new(), KEYS_MAX, Arc::new(Nobody));
    let rules = RolloutRules { enabled: true, enforce_from_start: false, observe_hours: 48 };
    Circuits::new(Arc::new(breakers), BTreeMap::new(), rules)
}

/// Backups that nobody makes.
fn backups() -> Backups {
    let directory = std::path::PathBuf::from("/nonexistent");
    let place = BackupPlace { data: directory.clone(), directory, keys: Vec::new(), floor_bytes: 0 };
    let keep = Keep { count: 1, age: HOUR, bytes: 0 };
    Backups::new(BackupRules { place, every: None, keep })
}

pub(super) struct Venue {
    pub services: Services,
    pub clock: ManualClock,
    _directory: tempfile::TempDir,
}

impl Venue {
    pub(super) fn new() -> Self {
        Self::with_scanner(false)
    }

    pub(super) fn with_scanner(has_scanner: bool) -> Self {
        Self::on(Store::in_memory(StoreLimits::default()).unwrap(), has_scanner)
    }

    /// On a store of which the rows that it reads and writes are counted.
    pub(super) fn counted() -> (Self, Arc<Counts>) {
        let (store, counts) = Store::counted();
        (Self::on(store, false), counts)
    }

    fn on(store: Store, has_scanner: bool) -> Self {
        let store = Arc::new(store);
        let passwords = Passwords::new(HashingCost { memory_kib: 64, iterations: 1 }).unwrap();
        let rules = AccountRules {
            session_idle: HOUR,
            session_lifetime: 12 * HOUR,
            password_length_min: 8,
            password_score_min: 0,
            second_factor_for: Roles::default(),
            parallel_hashes: 1,
        };
        let clock = ManualClock::at(Timestamp::from_millis(1_777_662_000_000));
        let sealing = SealingKey::generate().unwrap();
        let rules_of_files = FileRules {
            bytes_max: 1 << 20,
            pixels_max: 1_000_000,
            media_types: crate::domain::MediaType::ALL.to_vec(),
            time: HOUR,
        };
        let directory = tempfile::tempdir().unwrap();
        let files = Files::new(Blobs::open(&directory.path().join("blobs")), rules_of_files, has_scanner);
        let logs = Arc::new(LogStore::new(&directory.path().join("logs")));
        let logs = LogFiles { store: logs, writer: Flusher::default(), floor_bytes: 0 };
        let disk = Disk { files, backups: backups(), logs };
        let services = Services::new(store, passwords, sealing, rules, circuits(&clock), disk);
        Self { services, clock, _directory: directory }
    }

    pub(super) fn context(&self) -> RequestContext {
        RequestContext::inbound(Inbound::default(), self.clock.clock())
    }

    pub(super) async fn set_up(&self) {
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
            second_factor: None,
            origin: Origin::default(),
        };
        self.services.sign_in(&self.context(), sign_in).await.unwrap().token
    }

    async fn knows(&self, session: &str) -> bool {
        self.services.principal_of_session(&self.context(), session).await.unwrap().is_some()
    }

    /// Waits until what was begun aside is written.
    async fn settle(&self) {
        tokio::task::yield_now().await;
        self.services.write_as(&self.context(), Actor::Setup, |_| Ok(())).await.unwrap();
    }

    pub(super) async fn permit(&self, action: Action) -> Permit {
        self.permit_in("fair", action).await
    }

    /// A permit in the tenant of a short name.
    pub(super) async fn permit_in(&self, tenant: &str, action: Action) -> Permit {
        let principal = self.services.principal_of_operator(None, Some(tenant)).await.unwrap();
        self.services.permit(self.context(), principal, action).unwrap()
    }

    pub(super) async fn create<N: Noun>(
        &self,
        parent: uuid::Uuid,
        body: serde_json::Value,
    ) -> Result<uuid::Uuid, ServiceError> {
        let permit = self.permit(Action::ManageEvents).await;
        let body = serde_json::from_value::<N>(body).unwrap();
        self.services.create(&permit, parent, body, None, false).await.map(|creation| creation.made.row.id)
    }

    /// A judge's link and PIN.
    async fn invite(&self) -> (String, String) {
        let permit = self.permit(Action::ManageJudgeLinks).await;
        let judge = self.create::<Judge>(permit.tenant().uuid(), json!({"name": "Lea"})).await.unwrap();
        let until = self.clock.clock().now().plus(4 * HOUR);
        let made =
            self.services.create_judge_link(&permit, JudgeId::new(judge), Some(until), None, None).await;
        made.unwrap().made.secrets.unwrap()
    }

    async fn sign_in_by_link(&self, link: &str, pin: &str) -> Result<String, ServiceError> {
        let sign_in = LinkSignIn {
            link: link.to_owned(),
            pin: pin.to_owned(),
            session: None,
            origin: Origin::default(),
        };
        self.services.sign_in_by_link(&self.context(), sign_in).await.map(|signed_in| signed_in.token)
    }
}

pub(super) fn run<T>(work: impl Future<Output = T>) -> T {
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
            fair.settle().await;
        }
        fair.clock.advance(31 * MINUTE);
        assert!(!fair.knows(&used).await, "twelve hours are over");
    });
}

#[test]
fn no_request_waits_until_the_use_of_its_session_is_noted() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let session = fair.sign_in().await;
        fair.clock.advance(6 * MINUTE);
        assert_eq!(fair.knows(&session).now_or_never(), Some(true), "it is known at once");
        fair.settle().await;
        fair.clock.advance(HOUR);
        assert!(fair.knows(&session).await, "and its use was noted");
    });
}

#[test]
fn the_use_of_a_session_is_noted_every_five_minutes_at_most() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let session = fair.sign_in().await;
        let hash = security::hash_of_secret(&session);
        let noted = async || {
            fair.settle().await;
            fair.services.store.read(|view| view.session(&hash)).await.unwrap().unwrap().last_used_at
        };
        let begun = noted().await;
        for (minutes, last) in [(4, 0), (5, 5), (9, 5), (10, 10)] {
            let at = begun.plus(minutes * MINUTE);
            fair.clock
                .advance(Duration::from_millis(at.millis().abs_diff(fair.clock.clock().now().millis())));
            assert!(fair.knows(&session).await && fair.knows(&session).await);
            assert_eq!(noted().await, begun.plus(last * MINUTE), "after {minutes} minutes");
        }
    });
}

#[test]
fn a_session_that_ends_before_its_use_is_noted_stays_ended() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let session = fair.sign_in().await;
        fair.clock.advance(6 * MINUTE);
        let known = fair.services.principal_of_session(&fair.context(), &session).now_or_never();
        let principal = known.unwrap().unwrap().unwrap();
        let permit = fair.services.permit(fair.context(), principal, Action::UseAccount).unwrap();
        fair.services.sign_out(&permit).await.unwrap();
        fair.settle().await;
        assert!(!fair.knows(&session).await);
    });
}

#[test]
fn a_session_is_known_although_the_store_takes_no_writes() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let session = fair.sign_in().await;
        fair.services.store().close();
        fair.clock.advance(6 * MINUTE);
        assert!(fair.knows(&session).await);
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
        let secret = fair.services.create_token(&permit, request, None).await.unwrap().made.secret.unwrap();
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

#[test]
fn a_named_creation_is_remembered_for_a_day_and_then_forgotten() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let key: IdempotencyKey = "gala".parse().unwrap();
        let create = async || {
            let permit = fair.permit(Action::ManageEvents).await;
            let body = serde_json::from_value::<Event>(json!({"name": "Gala"})).unwrap();
            let tenant = permit.tenant().uuid();
            let creation = fair.services.create(&permit, tenant, body, Some(&key), false).await.unwrap();
            (creation.made.row.id, creation.replayed)
        };
        let (first, _) = create().await;
        fair.clock.advance(24 * HOUR - MINUTE);
        assert_eq!(create().await, (first, true));
        fair.clock.advance(MINUTE);
        let (second, replayed) = create().await;
        assert!(second != first && !replayed, "a day is over");
        assert_eq!(create().await, (second, true));
    });
}

#[test]
fn a_judge_link_serves_another_device_when_the_session_that_held_it_has_ended() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let (link, pin) = fair.invite().await;
        let first = fair.sign_in_by_link(&link, &pin).await.unwrap();
        let refused = fair.sign_in_by_link(&link, &pin).await;
        assert!(matches!(refused, Err(ServiceError::Conflict(Conflict::LinkInUse))), "{refused:?}");
        fair.clock.advance(HOUR + 6 * MINUTE);
        let second = fair.sign_in_by_link(&link, &pin).await.unwrap();
        assert!(!fair.knows(&first).await && fair.knows(&second).await);
    });
}

#[test]
fn a_session_by_a_judge_link_ends_with_the_link() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let (link, pin) = fair.invite().await;
        fair.clock.advance(4 * HOUR - MINUTE);
        let session = fair.sign_in_by_link(&link, &pin).await.unwrap();
        assert!(fair.knows(&session).await);
        fair.clock.advance(MINUTE);
        assert!(!fair.knows(&session).await);
        let refused = fair.sign_in_by_link(&link, &pin).await;
        assert!(matches!(refused, Err(ServiceError::LinkEnded)), "{refused:?}");
    });
}

#[test]
fn pins_that_are_tried_at_the_same_time_all_count() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let (link, pin) = fair.invite().await;
        let wrong = if pin == "123456" { "654321" } else { "123456" };
        let tries = (0..12).map(|_| fair.sign_in_by_link(&link, wrong));
        let refused = futures_util::future::join_all(tries).await;
        let blocked = |result: &&Result<_, _>| matches!(result, Err(ServiceError::LinkBlocked));
        assert_eq!(refused.iter().filter(blocked).count(), 8, "the fifth and all after it");
        assert!(matches!(fair.sign_in_by_link(&link, &pin).await, Err(ServiceError::LinkBlocked)));
    });
}
