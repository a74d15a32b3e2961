//! The demo's event: the final ballot of a pageant whose six ballots were published, with the totals they led to
//! (tests/cases/scoring/pageant-final-ballot.json names the source). The winner has one first place only and beats
//! two who have two each: a good reason to ask "why this place".

use serde_json::json;
use uuid::Uuid;

use super::{Failure, OFFICIALS, PASSWORD, email, permit};
use crate::{
    domain::{
        Action, Actor, Assignment, Category, CategoryId, Contest, Contestant, Criterion, Entry, EntryId,
        Event, Grant, Judge, Noun, Role, Scope, Submission, TenantId, User, UserId,
    },
    service::{Authority, NewAccount, Principal, Services},
    telemetry::context::RequestContext,
};

/// The places each judge gave, for the contestants in the order of [`CONTESTANTS`].
const BALLOTS: [[u8; 5]; 6] =
    [[3, 2, 4, 5, 1], [2, 3, 4, 1, 5], [3, 4, 2, 1, 5], [1, 3, 5, 2, 4], [2, 1, 4, 5, 3], [2, 3, 4, 5, 1]];

const CONTESTANTS: [&str; 5] = ["Carrie", "Charlotte", "Miranda", "Ms. Big", "Samantha"];

/// Addresses and names of the judges.
pub(super) fn judges() -> impl Iterator<Item = (String, String)> {
    (1..=BALLOTS.len()).map(|number| (format!("judge{number}@demo.example"), format!("Judge {number}")))
}

/// Creates the event with everybody in it and all ballots but the last judge's, so that there is something to do.
pub(super) async fn create(services: &Services, context: &RequestContext) -> Result<(), Failure> {
    for (address, name, role) in OFFICIALS.into_iter().skip(1) {
        account(services, context, address, name, role).await?;
    }
    let maker = Maker { services, context };
    let tenant = permit(services, context, Action::ManageEvents).await?.tenant();
    let event: Event = body(json!({
        "name": "Pageant Final Night",
        "description": "The top five of the evening. Every judge ranks all five; a first place is worth 10 points, \
            then 5, 3, 2 and 1.",
        "startsAt": "2009-12-05T19:00:00Z", "endsAt": "2009-12-05T23:00:00Z",
        "timeZone": "America/New_York", "location": "Convention Center",
    }))?;
    let event = maker.create(Action::ManageEvents, tenant.uuid(), event).await?;
    let contest: Contest = body(json!({"name": "Crown"}))?;
    let contest = maker.create(Action::ManageEvents, event, contest).await?;
    let category: Category = body(json!({
        "name": "Final ballot",
        "description": "Rank the five finalists: 1 for the one who should win, 5 for the last.",
        "method": {"type": "rankSum", "marksAre": "places", "points": ["10", "5", "3", "2", "1"]},
        "tieBreaks": [{"type": "countback"}],
    }))?;
    let category = maker.create(Action::ManageEvents, contest, category).await?;
    let criterion: Criterion = body(json!({"name": "Place", "minimum": "1", "maximum": "5", "step": "1"}))?;
    let criterion = maker.create(Action::ManageEvents, category, criterion).await?;
    let mut entries = Vec::new();
    for name in CONTESTANTS {
        let contestant: Contestant = body(json!({"name": name}))?;
        let contestant = maker.create(Action::ManagePeople, tenant.uuid(), contestant).await?;
        let entry: Entry = body(json!({"contestantId": contestant}))?;
        entries.push(maker.create(Action::ManageEvents, contest, entry).await?);
    }
    for ((address, name), ballot) in judges().zip(BALLOTS) {
        let user = account(services, context, &address, &name, Role::Judge).await?;
        let judge: Judge = body(json!({"name": name, "userId": user}))?;
        let judge = maker.create(Action::ManagePeople, tenant.uuid(), judge).await?;
        let assignment: Assignment = body(json!({"judgeId": judge}))?;
        maker.create(Action::ManageEvents, category, assignment).await?;
        if name == "Judge 6" {
            continue;
        }
        for (entry, place) in entries.iter().zip(ballot) {
            let scores = json!({"scores": [{"criterionId": criterion, "value": place.to_string()}]});
            submit(services, context, (tenant, user), (category, *entry), body_of(scores)?).await?;
        }
    }
    Ok(())
}

/// Creates resources as the installation itself.
pub(super) struct Maker<'a> {
    pub services: &'a Services,
    pub context: &'a RequestContext,
}

impl Maker<'_> {
    pub(super) async fn create<N: Noun>(
        &self,
        action: Action,
        parent: Uuid,
        body: N,
    ) -> Result<Uuid, Failure> {
        let permit = permit(self.services, self.context, action).await?;
        Ok(self.services.create(&permit, parent, body, None, false).await?.made.row.id)
    }
}

/// Submits a sheet as the judge with this account.
pub(super) async fn submit(
    services: &Services,
    context: &RequestContext,
    (tenant, user): (TenantId, UserId),
    (category, entry): (Uuid, Uuid),
    submission: Submission,
) -> Result<(), Failure> {
    let principal = Principal {
        actor: Actor::User { id: user },
        tenant,
        authority: Authority::Grants(vec![Grant { role: Role::Judge, scope: Scope::Tenant {} }]),
        session: None,
        restriction: None,
    };
    let permit = services.permit(context.clone(), principal, Action::SubmitSheets)?;
    services.submit_sheet(&permit, CategoryId::new(category), EntryId::new(entry), submission).await?;
    Ok(())
}

pub(super) async fn account(
    services: &Services,
    context: &RequestContext,
    address: &str,
    name: &str,
    role: Role,
) -> Result<UserId, Failure> {
    let permit = permit(services, context, Action::ManageUsers).await?;
    let grants = vec![Grant { role, scope: Scope::Tenant {} }];
    let user = User { email: email(address)?, name: name.to_owned(), grants };
    let account = NewAccount { user, password: Some(PASSWORD.to_owned()), must_change: false };
    Ok(UserId::new(services.create_user(&permit, account, None).await?.made.row.id))
}

pub(super) fn body<N: Noun>(value: serde_json::Value) -> Result<N, Failure> {
    body_of(value)
}

pub(super) fn body_of<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|error| Failure::Other(error.to_string()))
}
