//! The judge links of a contest: one for each judge who has none that works, made together, and all that there are.

use super::{
    Permit, ServiceError, Services,
    idempotency::{Creation, IdempotencyKey, Made, Once},
    judge_link_drafts::{judges_of, lacks_link, term},
    judge_link_sending::LinkSending,
    judge_links::{LinksOfJudge, NewJudgeLink, ensure_at_most, reachable, seen},
};
use crate::{
    domain::{Contest, ContestId, Judge, JudgeId, JudgeLink, JudgeLinkId, Timestamp},
    store::{Live, LiveRow, StoreError, Transaction},
};

/// Most links that are made at once.
const AT_ONCE_MAX: usize = 256;

impl Services {
    /// Makes a link for each judge of a contest who has none that works: all of them or none, once under a key.
    ///
    /// # Errors
    /// There is no such contest within reach, one of the judges also sits out of reach, the end is not in the next
    /// year, there are too many judges, or what is to be sent cannot be.
    pub async fn create_judge_links(
        &self,
        permit: &Permit,
        contest: ContestId,
        expires_at: Option<Timestamp>,
        sending: Option<LinkSending<'_>>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation<Vec<NewJudgeLink>>, ServiceError> {
        let term = term(permit, expires_at)?;
        let asked = ("judge links", contest, expires_at, sending.as_ref().map(|sending| sending.by));
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        let (tenant, now) = (permit.tenant(), term.start);
        let lacking = self
            .store
            .read(|view| {
                let judges = judges_of(view, &contest_of(view, permit, contest)?)?;
                let mut lacking = Vec::new();
                for judge in judges {
                    if lacks_link(view, tenant, JudgeId::new(judge.id()), now)? {
                        lacking.push(JudgeId::new(judge.id()));
                    }
                }
                Ok::<_, ServiceError>(lacking)
            })
            .await?;
        ensure_at_most(lacking.len(), AT_ONCE_MAX)?;
        let mut drafts = Vec::with_capacity(lacking.len());
        for judge in lacking {
            drafts.push(self.draft_judge_link(permit, judge, term.clone()).await?);
        }
        let drafts = self.addressed(permit, drafts, sending, Some(contest)).await?;
        let holder = permit.clone();
        let made = self
            .write(permit, move |transaction| {
                let row = contest_of(&transaction.live(), &holder, contest)?;
                if Once::before(once.as_ref(), transaction)?.is_some() {
                    return Ok(Made::Before(made_before(transaction, &row, once.as_ref())?));
                }
                let mut made = Vec::with_capacity(drafts.len());
                for draft in &drafts {
                    let judge = reachable(transaction, &holder, draft.link.judge)?;
                    // Somebody else may have made one meanwhile.
                    if lacks_link(&transaction.live(), tenant, draft.link.judge, now)? {
                        draft.store(transaction, tenant)?;
                        let once = once.as_ref().map(|once| once.of_part(judge.id())).transpose()?;
                        Once::keep(once.as_ref(), transaction, draft.link.id.uuid())?;
                        made.push(draft.clone().into_new(judge.body().name.clone(), now));
                    }
                }
                Once::keep(once.as_ref(), transaction, contest.uuid())?;
                Ok(Made::Now(made))
            })
            .await?;
        self.delivery_queued.notify_one();
        let links = match made {
            Made::Now(made) => return Ok(Creation { made, replayed: false }),
            Made::Before(links) => links,
        };
        let made = self.store.read(|view| {
            let as_it_is = |(link, judge_name): (JudgeLink, String)| {
                let view = seen(view, link, now, |session| self.is_alive(session, now))?;
                Ok::<_, StoreError>(NewJudgeLink { view, judge_name, secrets: None, delivery: None })
            };
            links.into_iter().map(as_it_is).collect::<Result<_, _>>()
        });
        Ok(Creation { made: made.await?, replayed: true })
    }

    /// The links of all judges of a contest, by name.
    ///
    /// # Errors
    /// There is no such contest within reach.
    pub async fn judge_links_of_contest(
        &self,
        permit: &Permit,
        contest: ContestId,
    ) -> Result<Vec<LinksOfJudge>, ServiceError> {
        let (tenant, now) = (permit.tenant(), permit.context().clock().now());
        self.store
            .read(|view| {
                let of_judge = |row: LiveRow<Judge>| {
                    let judge = JudgeId::new(row.id());
                    let links = view.judge_links(tenant, judge)?.into_iter();
                    let links = links.filter(|link| link.revoked_at.is_none());
                    Ok(LinksOfJudge {
                        judge,
                        judge_name: row.body().name.clone(),
                        has_account: row.body().user_id.is_some(),
                        links: links
                            .map(|link| seen(view, link, now, |session| self.is_alive(session, now)))
                            .collect::<Result<_, StoreError>>()?,
                    })
                };
                let judges = judges_of(view, &contest_of(view, permit, contest)?)?;
                judges.into_iter().map(of_judge).collect::<Result<_, ServiceError>>()
            })
            .await
    }
}

/// The links that were made for the judges of a contest under a name, each with the judge's name.
fn made_before(
    transaction: &Transaction<'_>,
    contest: &LiveRow<Contest>,
    once: Option<&Once>,
) -> Result<Vec<(JudgeLink, String)>, ServiceError> {
    let mut links = Vec::new();
    let Some(once) = once else { return Ok(links) };
    for judge in judges_of(&transaction.live(), contest)? {
        let Some(id) = Once::before(Some(&once.of_part(judge.id())?), transaction)? else { continue };
        let link = transaction.live().judge_link_by_id(contest.lineage().tenant(), JudgeLinkId::new(id))?;
        links.extend(link.map(|link| (link, judge.body().name.clone())));
    }
    Ok(links)
}

fn contest_of(
    view: &Live<'_>,
    permit: &Permit,
    contest: ContestId,
) -> Result<LiveRow<Contest>, ServiceError> {
    super::resources::find_live::<Contest>(view, permit, contest.uuid())
}
