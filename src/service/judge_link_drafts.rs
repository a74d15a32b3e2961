//! Judge links on their way into an operation: secret and PIN are drawn and hashed before it, and nothing of them but
//! hashes goes into the store.

use std::ops::Range;

use super::{JudgeLinkView, NewJudgeLink, Permit, ServiceError, Services};
use crate::{
    domain::{
        Assignment, AssignmentStatus, Category, Contest, Delivery, Facts, Fault, Judge, JudgeId, JudgeLink,
        JudgeLinkId, Kind, TenantId, Timestamp, Verb,
    },
    security,
    store::{Live, LiveRow, StoreError, Transaction},
};

/// How long a link works if nothing else is said.
const DAYS: i64 = 30;

/// Longest that a link can work.
const DAYS_MAX: i64 = 366;

const DAY_MILLIS: i64 = 86_400_000;

/// A link that is still to be written.
#[derive(Clone)]
pub(super) struct Draft {
    pub link: JudgeLink,
    pub secret: String,
    pin: String,
    /// What the secret is sent with.
    pub delivery: Option<Delivery>,
}

impl Services {
    pub(super) async fn draft_judge_link(
        &self,
        permit: &Permit,
        judge: JudgeId,
        term: Range<Timestamp>,
    ) -> Result<Draft, ServiceError> {
        let (secret, pin) = (security::new_secret()?, security::new_pin()?);
        let link = JudgeLink {
            id: JudgeLinkId::new(permit.context().clock().new_uuid()),
            judge,
            secret: security::hash_of_secret(&secret),
            pin: self.pin_hash(&pin).await?,
            created_at: term.start,
            expires_at: term.end,
            revoked_at: None,
            last_used_at: None,
            wrong_pins: 0,
            hold: None,
        };
        Ok(Draft { link, secret, pin, delivery: None })
    }

    pub(super) async fn pin_hash(&self, pin: &str) -> Result<String, ServiceError> {
        let pin = pin.to_owned();
        Ok(self.aside(move |passwords| passwords.hash(&pin)).await??)
    }
}

impl Draft {
    pub(super) fn store(
        &self,
        transaction: &mut Transaction<'_>,
        tenant: TenantId,
    ) -> Result<(), ServiceError> {
        transaction.add_judge_link(tenant, &self.link)?;
        let subject = (Kind::JudgeLink, self.link.id.uuid());
        transaction.record(tenant, Verb::Created, subject, Facts::None, None)?;
        if let Some(delivery) = &self.delivery {
            transaction.add_delivery(tenant, delivery)?;
        }
        Ok(())
    }

    pub(super) fn into_new(self, judge_name: String, now: Timestamp) -> NewJudgeLink {
        let state = self.link.state(now, false);
        let delivery = self.delivery.map(|delivery| delivery.id);
        let view = JudgeLinkView { state, last_used_at: None, user_agent: None, link: self.link };
        NewJudgeLink { view, judge_name, secrets: Some((self.secret, self.pin)), delivery }
    }
}

/// The judges who sit in a contest and have not left, by name.
pub(super) fn judges_of(
    view: &Live<'_>,
    contest: &LiveRow<Contest>,
) -> Result<Vec<LiveRow<Judge>>, StoreError> {
    let mut judges: Vec<LiveRow<Judge>> = Vec::new();
    for category in view.children::<Category>(&contest.place())? {
        for assignment in view.children::<Assignment>(&category.place())? {
            let id = assignment.body().judge_id.uuid();
            if assignment.body().status == AssignmentStatus::Ended || judges.iter().any(|row| row.id() == id)
            {
                continue;
            }
            judges.extend(view.find::<Judge>(contest.lineage().tenant(), id)?);
        }
    }
    judges.sort_by(|one, other| one.body().name.cmp(&other.body().name));
    Ok(judges)
}

/// Whether a judge has no link that works.
pub(super) fn lacks_link(
    view: &Live<'_>,
    tenant: TenantId,
    judge: JudgeId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(view.judge_links(tenant, judge)?.iter().all(|link| !link.is_valid(now)))
}

/// From when to when a new link works: as long as asked for, or a month.
pub(super) fn term(permit: &Permit, asked: Option<Timestamp>) -> Result<Range<Timestamp>, ServiceError> {
    let now = permit.context().clock().now();
    let until = asked.unwrap_or_else(|| now.plus_millis(DAYS * DAY_MILLIS));
    if now < until && until <= now.plus_millis(DAYS_MAX * DAY_MILLIS) {
        Ok(now..until)
    } else {
        let message = format!("must lie in the future, at most {DAYS_MAX} days from now");
        Err(ServiceError::invalid(vec![Fault::new("/expiresAt", message)]))
    }
}
