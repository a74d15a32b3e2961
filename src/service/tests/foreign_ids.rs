//! A refusal costs the same for what another tenant has as for what nobody has: counted in rows that the engine reads and
//! writes, for every kind of thing and every use case that all of them share.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Venue, run};
use crate::{
    domain::{
        Action, Assignment, Category, CategoryId, Contest, Criterion, Deduction, DeliveryId, Entrant, Entry,
        Event, Grant, JobId, JudgeId, JudgeLinkId, Kind, NOUNS, Noun, Outgoing, Role, Scope, Tenant, TokenId,
        Urgency, with_noun,
    },
    service::{
        Bulk, BulkOutcome, Deletion, Paging, Permit, Restoring, ServiceError, StateChange, TokenRequest,
        causing::{Cause, new_delivery},
    },
    store::Counts,
};

/// Nobody has it.
const NOBODYS: Uuid = Uuid::from_u128(7);

/// A body of a kind, about what was made before.
fn body(kind: Kind, made: &BTreeMap<Kind, Uuid>) -> Value {
    match kind {
        Kind::Tenant => json!({"name": "Other", "slug": "other"}),
        Kind::User => json!({"email": "bea@other.example", "name": "Bea", "grants": []}),
        Kind::Entry => json!({"contestantId": made[&Kind::Contestant]}),
        Kind::Entrant => json!({"entryId": made[&Kind::Entry]}),
        Kind::Assignment => json!({"judgeId": made[&Kind::Judge]}),
        Kind::Deduction => json!({"entryId": made[&Kind::Entry], "amount": "1", "reason": "late"}),
        Kind::Template => {
            json!({"name": "Rubric", "parts": [{"type": "category", "body": {"name": "Talent"}}]})
        }
        Kind::Field => {
            json!({"entity": "judge", "key": "song", "label": "Song", "rule": {"type": "text", "maxLength": 80}})
        }
        Kind::Conflict => {
            json!({"judgeId": made[&Kind::Judge], "contestantId": made[&Kind::Contestant], "reason": "kin"})
        }
        Kind::File => json!({
            "name": "Rules", "purpose": "document", "about": {"kind": "event", "id": made[&Kind::Event]}, "bytes": 1,
            "sha256": "ab".repeat(32), "mediaType": "text/plain", "scan": {"state": "clean"},
        }),
        Kind::Webhook => json!({"name": "Club", "url": "https://club.example/hook", "events": ["*"]}),
        Kind::Action => json!({"name": "Chat", "url": "https://chat.example/say", "events": ["*"]}),
        Kind::Wording => json!({"kind": "test", "language": "de", "subject": "A test"}),
        _ => json!({"name": "Other"}),
    }
}

async fn created<N: Noun>(venue: &Venue, permit: &Permit, parent: Uuid, body: Value) -> Uuid {
    let body = serde_json::from_value::<N>(body).unwrap();
    let creation = venue.services.create(permit, parent, body, None, true).await;
    creation.unwrap_or_else(|error| panic!("{}: {error}", N::KIND)).made.row.id
}

/// One thing of each kind in another tenant, the tenant included.
async fn other_tenant(venue: &Venue) -> BTreeMap<Kind, Uuid> {
    let mut made = BTreeMap::new();
    let system = venue.permit_in("system", Action::ManageTenants).await;
    let tenant = created::<Tenant>(venue, &system, system.tenant().uuid(), body(Kind::Tenant, &made)).await;
    made.insert(Kind::Tenant, tenant);
    let permit = venue.permit_in("other", Action::ManageEvents).await;
    for kind in NOUNS.into_iter().skip(1) {
        let parent = made[&kind.parent().unwrap()];
        let body = body(kind, &made);
        let id = with_noun!(kind, N => created::<N>(venue, &permit, parent, body).await, otherwise panic!("{kind}"));
        made.insert(kind, id);
    }
    let request = TokenRequest {
        name: "Display".to_owned(),
        grants: vec![Grant { role: Role::Emcee, scope: Scope::Tenant {} }],
        expires_in_days: 1,
    };
    let token = venue.services.create_token(&permit, request, None).await.unwrap();
    made.insert(Kind::Token, token.made.token.id.uuid());
    let judge = JudgeId::new(made[&Kind::Judge]);
    let link = venue.services.create_judge_link(&permit, judge, None, None, None).await.unwrap();
    made.insert(Kind::JudgeLink, link.made.view.link.id.uuid());
    let (queue, cause) = ("storage".to_owned(), Cause::of(permit.context()));
    let delivery =
        new_delivery(permit.context().clock(), Outgoing::StorageProbe, queue, Urgency::Soon, cause);
    made.insert(Kind::Delivery, delivery.id.uuid());
    venue.services.deliver(&permit, delivery).await.unwrap();
    let bulk = Bulk {
        name: "many".to_owned(),
        operations: Vec::new(),
        confirmed: false,
        dry_run: false,
        skip_faulty: true,
    };
    let BulkOutcome::Accepted(job) = venue.services.bulk(&permit, bulk, None).await.unwrap() else {
        panic!("a job does it");
    };
    made.insert(Kind::Job, job.id.uuid());
    made
}

/// What the store does for requests that are refused, by what is asked.
struct Cost<'a> {
    venue: &'a Venue,
    counts: &'a Counts,
    permit: Permit,
    id: Uuid,
    of: Vec<(&'static str, (usize, usize))>,
}

impl<'a> Cost<'a> {
    async fn about(venue: &'a Venue, counts: &'a Counts, id: Uuid) -> Self {
        let permit = venue.permit(Action::ManageEvents).await;
        Self { venue, counts, permit, id, of: Vec::new() }
    }

    async fn ask<T>(&mut self, what: &'static str, request: impl Future<Output = Result<T, ServiceError>>) {
        self.counts.take();
        let answer = request.await;
        assert!(matches!(answer, Err(ServiceError::NotFound(_))), "{what}: {:?}", answer.err());
        self.of.push((what, self.counts.take()));
    }

    /// The use cases of every noun.
    async fn of_noun<N: Noun>(&mut self) {
        let (services, permit, id) = (&self.venue.services, self.permit.clone(), self.id);
        self.ask("get", services.get::<N>(&permit, id, false)).await;
        self.ask("get with deleted", services.get::<N>(&permit, id, true)).await;
        self.ask("update", services.update::<N>(&permit, id, None, true, |body| Ok(body.clone()))).await;
        self.ask("delete", services.delete::<N>(&permit, id, Deletion::default())).await;
        self.ask("preview", services.preview_deletion::<N>(&permit, id)).await;
        self.ask("restore", services.restore::<N>(&permit, id, Restoring::default())).await;
        self.ask("lock", services.change_state::<N>(&permit, id, None, StateChange::Lock)).await;
    }

    /// The use cases of what hangs beneath.
    async fn beneath<N: Noun>(&mut self, body: Value) {
        let (services, permit, id) = (&self.venue.services, self.permit.clone(), self.id);
        for with_deleted in [false, true] {
            let paging = Paging { after: None, limit: 10, with_deleted };
            self.ask("list", services.list::<N>(&permit, id, paging, None)).await;
        }
        let body = serde_json::from_value::<N>(body).unwrap();
        self.ask("create", services.create(&permit, id, body, None, true)).await;
    }
}

/// What everything that can be asked about an id costs.
async fn costs(venue: &Venue, counts: &Counts, kind: Kind, id: Uuid) -> Vec<(&'static str, (usize, usize))> {
    let mut cost = Cost::about(venue, counts, id).await;
    let (services, permit) = (&venue.services, cost.permit.clone());
    match kind {
        Kind::Token => cost.ask("revoke", services.revoke_token(&permit, TokenId::new(id))).await,
        Kind::JudgeLink => {
            let link = JudgeLinkId::new(id);
            cost.ask("revoke", services.revoke_judge_link(&permit, link)).await;
            cost.ask("release", services.release_judge_link(&permit, link)).await;
        }
        Kind::Job => {
            cost.ask("get", services.job(&permit, JobId::new(id))).await;
            cost.ask("cancel", services.cancel_job(&permit, JobId::new(id), None)).await;
            cost.ask("undo", services.undo_job(&permit, JobId::new(id), true)).await;
        }
        Kind::Delivery => {
            cost.ask("get", services.delivery(&permit, DeliveryId::new(id))).await;
            cost.ask("cancel", services.cancel_delivery(&permit, DeliveryId::new(id), None)).await;
            cost.ask("replay", services.replay_delivery(&permit, DeliveryId::new(id))).await;
        }
        kind => with_noun!(kind, N => cost.of_noun::<N>().await, otherwise panic!("{kind}")),
    }
    let category = CategoryId::new(id);
    match kind {
        Kind::Event => {
            cost.ask("export", services.export_event(&permit, id)).await;
            cost.ask("progress", services.event_progress(&permit, id)).await;
        }
        Kind::Contest => {
            cost.ask("progress", services.contest_progress(&permit, id)).await;
            cost.ask("results", services.contest_results(&permit, id)).await;
        }
        Kind::Category => {
            cost.ask("progress", services.category_progress(&permit, category)).await;
            cost.ask("results", services.category_results(&permit, category)).await;
        }
        _ => {}
    }
    // Whatever a new one names, nobody looks for it where it cannot be.
    let named: BTreeMap<Kind, Uuid> = NOUNS.into_iter().map(|kind| (kind, NOBODYS)).collect();
    match kind {
        Kind::Event => cost.beneath::<Contest>(body(Kind::Contest, &named)).await,
        Kind::Contest => {
            cost.beneath::<Category>(body(Kind::Category, &named)).await;
            cost.beneath::<Entry>(body(Kind::Entry, &named)).await;
        }
        Kind::Category => {
            cost.beneath::<Criterion>(body(Kind::Criterion, &named)).await;
            cost.beneath::<Entrant>(body(Kind::Entrant, &named)).await;
            cost.beneath::<Assignment>(body(Kind::Assignment, &named)).await;
            cost.beneath::<Deduction>(body(Kind::Deduction, &named)).await;
        }
        _ => {}
    }
    cost.of
}

#[test]
fn what_another_tenant_has_is_looked_for_as_long_as_what_nobody_has() {
    run(async {
        let (venue, counts) = Venue::counted();
        venue.set_up().await;
        let made = other_tenant(&venue).await;
        // Tenants are the operators', who see all of them.
        for (kind, id) in made.iter().filter(|(kind, _)| **kind != Kind::Tenant) {
            let foreign = costs(&venue, &counts, *kind, *id).await;
            assert_eq!(foreign, costs(&venue, &counts, *kind, NOBODYS).await, "{kind}");
            assert!(foreign.iter().all(|(_, (_, written))| *written <= 1), "{kind}: {foreign:?}");
        }
    });
}

/// What it costs to make something of a kind that names these things.
async fn naming<N: Noun>(venue: &Venue, counts: &Counts, parent: Uuid, body: Value) -> (usize, usize) {
    let permit = venue.permit(Action::ManageEvents).await;
    let body = serde_json::from_value::<N>(body).unwrap();
    counts.take();
    let refused = venue.services.create(&permit, parent, body, None, true).await;
    assert!(matches!(refused, Err(ServiceError::Invalid { .. })), "{}: {:?}", N::KIND, refused.err());
    counts.take()
}

#[test]
fn what_another_tenant_has_can_be_named_as_little_as_what_nobody_has() {
    run(async {
        let (venue, counts) = Venue::counted();
        venue.set_up().await;
        let foreign = other_tenant(&venue).await;
        let nobodys: BTreeMap<Kind, Uuid> = foreign.keys().map(|kind| (*kind, NOBODYS)).collect();
        let tenant = venue.permit(Action::ManageEvents).await.tenant().uuid();
        let named = || json!({"name": "Own"});
        let event = venue.create::<Event>(tenant, named()).await.unwrap();
        let contest = venue.create::<Contest>(event, named()).await.unwrap();
        let category = venue.create::<Category>(contest, named()).await.unwrap();
        let referring =
            [Kind::Entry, Kind::Entrant, Kind::Assignment, Kind::Deduction, Kind::Conflict, Kind::File];
        for kind in referring {
            let parent = match kind.parent() {
                Some(Kind::Contest) => contest,
                Some(Kind::Category) => category,
                _ => tenant,
            };
            let [theirs, none] = [body(kind, &foreign), body(kind, &nobodys)];
            let costs = with_noun!(kind, N => [
                naming::<N>(&venue, &counts, parent, theirs).await,
                naming::<N>(&venue, &counts, parent, none).await,
            ], otherwise panic!("{kind}"));
            assert_eq!(costs[0], costs[1], "{kind}");
        }
    });
}

#[test]
fn what_is_ones_own_costs_more_so_that_the_count_is_worth_something() {
    run(async {
        let (venue, counts) = Venue::counted();
        venue.set_up().await;
        let permit = venue.permit(Action::ManageEvents).await;
        let own = venue.create::<Event>(permit.tenant().uuid(), json!({"name": "Own"})).await.unwrap();
        let mut reads = Vec::new();
        for id in [own, NOBODYS] {
            counts.take();
            drop(venue.services.get::<Event>(&permit, id, false).await);
            reads.push(counts.take().0);
        }
        assert!(reads[0] > reads[1] && reads[1] > 0, "{reads:?}");
    });
}
