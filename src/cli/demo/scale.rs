//! An event of any size, so that scale can be tried: a science fair whose categories have up to 100 projects, 10 judges
//! and 5 criteria each. Marks follow from their place, so every run makes the same ones.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use uuid::Uuid;

use super::{
    Failure,
    competition::{Maker, account, body, body_of, submit},
    permit,
};
use crate::{
    domain::{
        Action, Assignment, Category, Contest, Contestant, Criterion, Entry, Event, Judge, Role, TenantId,
        UserId,
    },
    service::Services,
    telemetry::context::RequestContext,
};

const PROJECTS: usize = 100;
const JUDGES: usize = 10;
const CRITERIA: [&str; 5] = ["Question", "Method", "Analysis", "Creativity", "Presentation"];

/// Sheets under way at the same time: enough to fill the store's batches.
const CONCURRENT: usize = 64;

/// Creates the event with about `sheets` sheets.
pub(super) async fn create(
    services: &Services,
    context: &RequestContext,
    sheets: usize,
) -> Result<(), Failure> {
    let maker = Maker { services, context };
    let tenant = permit(services, context, Action::ManageEvents).await?.tenant();
    let event: Event =
        body(json!({"name": "Science Fair", "description": format!("About {sheets} score sheets.")}))?;
    let event = maker.create(Action::ManageEvents, tenant.uuid(), event).await?;
    let contest: Contest = body(json!({"name": "Projects"}))?;
    let contest = maker.create(Action::ManageEvents, event, contest).await?;
    let mut entries = Vec::new();
    for number in 1..=PROJECTS.min(sheets.div_ceil(JUDGES)) {
        let contestant: Contestant = body(json!({"name": format!("Project {number}"), "form": "exhibit"}))?;
        let contestant = maker.create(Action::ManagePeople, tenant.uuid(), contestant).await?;
        let entry: Entry = body(json!({"contestantId": contestant, "number": number}))?;
        entries.push(maker.create(Action::ManageEvents, contest, entry).await?);
    }
    let judges = panel(&maker, tenant).await?;
    let a_category = entries.len() * JUDGES;
    for number in 1..=sheets.div_ceil(a_category.max(1)) {
        let (category, criteria) = category(&maker, contest, number, &judges).await?;
        let seats = judges.iter().enumerate().flat_map(|(judge, (_, user))| {
            entries.iter().enumerate().map(move |(entry, id)| (judge, *user, entry, *id))
        });
        stream::iter(seats)
            .map(|(judge, user, entry, id)| {
                let scores: Vec<_> = criteria
                    .iter()
                    .enumerate()
                    .map(|(index, criterion)| {
                        let mark = 1 + (judge * 7 + entry * 3 + index * 5 + number) % 10;
                        json!({"criterionId": criterion, "value": mark.to_string()})
                    })
                    .collect();
                async move {
                    let submission = body_of(json!({"scores": scores}))?;
                    submit(services, context, (tenant, user), (category, id), submission).await
                }
            })
            .buffer_unordered(CONCURRENT)
            .try_collect::<Vec<()>>()
            .await?;
    }
    Ok(())
}

async fn panel(maker: &Maker<'_>, tenant: TenantId) -> Result<Vec<(Uuid, UserId)>, Failure> {
    let mut judges = Vec::new();
    for number in 1..=JUDGES {
        let (address, name) = (format!("fair{number}@demo.example"), format!("Fair judge {number}"));
        let user = account(maker.services, maker.context, &address, &name, Role::Judge).await?;
        let judge: Judge = body(json!({"name": name, "userId": user}))?;
        judges.push((maker.create(Action::ManagePeople, tenant.uuid(), judge).await?, user));
    }
    Ok(judges)
}

async fn category(
    maker: &Maker<'_>,
    contest: Uuid,
    number: usize,
    judges: &[(Uuid, UserId)],
) -> Result<(Uuid, Vec<Uuid>), Failure> {
    let category: Category = body(json!({
        "name": format!("Session {number}"), "position": number, "method": {"type": "weightedAverage"},
    }))?;
    let category = maker.create(Action::ManageEvents, contest, category).await?;
    let mut criteria = Vec::new();
    for (position, name) in CRITERIA.into_iter().enumerate() {
        let criterion: Criterion =
            body(json!({"name": name, "minimum": "1", "maximum": "10", "position": position}))?;
        criteria.push(maker.create(Action::ManageEvents, category, criterion).await?);
    }
    for (judge, _) in judges {
        let assignment: Assignment = body(json!({"judgeId": judge}))?;
        maker.create(Action::ManageEvents, category, assignment).await?;
    }
    Ok((category, criteria))
}
