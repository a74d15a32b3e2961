//! Judge links: made with a secret and a PIN that are shown once, listed, given a new PIN, released for another device,
//! revoked.

use super::{
    Cursor, Page, Paging, Permit, ServiceError, Services,
    guards::ensure_in_reach_of,
    idempotency::{Creation, IdempotencyKey, Made, Once},
    judge_link_drafts::term,
    judge_link_sending::LinkSending,
    paging::cut,
    session_use::is_in_time,
};
use crate::{
    domain::{
        Action, Assignment, DeliveryId, Facts, Judge, JudgeId, JudgeLink, JudgeLinkId, JudgeLinkState, Kind,
        TenantId, Timestamp, Verb,
    },
    security,
    store::{Found, Live, LiveRow, Session, StoreError, Transaction},
};

/// Most links of one judge that work at a time.
const LINKS_MAX: usize = 20;

/// A link with what is known of its use.
#[derive(Clone, Debug)]
pub struct JudgeLinkView {
    /// The link; it has a holder only if the session is alive.
    pub link: JudgeLink,
    /// What can be done with it.
    pub state: JudgeLinkState,
    /// When it was last used, give or take five minutes.
    pub last_used_at: Option<Timestamp>,
    /// What the browser that holds it calls itself.
    pub user_agent: Option<String>,
}

/// A link that was just made.
#[derive(Clone, Debug)]
pub struct NewJudgeLink {
    /// The link.
    pub view: JudgeLinkView,
    /// The judge's name.
    pub judge_name: String,
    /// Its secret and its PIN, which nobody sees again; none if an earlier request made the link.
    pub secrets: Option<(String, String)>,
    /// The message with the secret, if one was sent.
    pub delivery: Option<DeliveryId>,
}

/// The links of a judge who sits in a contest.
#[derive(Clone, Debug)]
pub struct LinksOfJudge {
    /// The judge.
    pub judge: JudgeId,
    /// The judge's name.
    pub judge_name: String,
    /// Whether an account is linked to the judge as well.
    pub has_account: bool,
    /// The links, oldest first, without those that are revoked.
    pub links: Vec<JudgeLinkView>,
}

impl Services {
    /// Makes a link for a judge, once under a key.
    ///
    /// # Errors
    /// There is no such judge within reach, the end is not in the next year, there are too many links, or it cannot be sent.
    pub async fn create_judge_link(
        &self,
        permit: &Permit,
        judge: JudgeId,
        expires_at: Option<Timestamp>,
        sending: Option<LinkSending<'_>>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation<NewJudgeLink>, ServiceError> {
        let term = term(permit, expires_at)?;
        let by = sending.as_ref().map(|sending| sending.by);
        let asked = (Kind::JudgeLink, judge, expires_at, by);
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        let drafts = vec![self.draft_judge_link(permit, judge, term).await?];
        let drafts = self.addressed(permit, drafts, sending, None).await?;
        let draft = drafts.into_iter().next().ok_or(ServiceError::NotFound(Kind::Judge))?;
        let (holder, tenant, stored) = (permit.clone(), permit.tenant(), draft.clone());
        let (made, judge_name) = self
            .write(permit, move |transaction| {
                let judge = reachable(transaction, &holder, judge)?;
                let made = Once::make(once.as_ref(), transaction, stored.link.id.uuid(), |transaction| {
                    ensure_room(&transaction.live(), tenant, stored.link.judge, transaction.stamp().at)?;
                    stored.store(transaction, tenant)
                })?;
                Ok((made, judge.body().name.clone()))
            })
            .await?;
        let now = permit.context().clock().now();
        self.delivery_queued.notify_one();
        match made {
            Made::Now(()) => Ok(Creation { made: draft.into_new(judge_name, now), replayed: false }),
            Made::Before(id) => {
                let view = self.store.read(|view| {
                    let link = view.judge_link_by_id(tenant, JudgeLinkId::new(id))?;
                    link.map(|link| seen(view, link, now, |session| self.is_alive(session, now))).transpose()
                });
                let view = view.await?.ok_or(ServiceError::NotFound(Kind::JudgeLink))?;
                Ok(Creation {
                    made: NewJudgeLink { view, judge_name, secrets: None, delivery: None },
                    replayed: true,
                })
            }
        }
    }

    /// A page of the links of a judge, oldest first, whatever their state.
    ///
    /// # Errors
    /// There is no such judge within reach.
    pub async fn judge_links(
        &self,
        permit: &Permit,
        judge: JudgeId,
        paging: Paging,
    ) -> Result<Page<JudgeLinkView>, ServiceError> {
        let (tenant, now) = (permit.tenant(), permit.context().clock().now());
        self.store
            .read_with_deleted(|all| {
                let view = all.live();
                let row = view.find::<Judge>(tenant, judge.uuid())?;
                let row = row.ok_or(ServiceError::NotFound(Kind::Judge))?;
                ensure_in_reach_of(all, permit, row.lineage(), Action::ReleaseJudgeLinks)?;
                let links = view.judge_links(tenant, judge)?;
                let page = cut(links, paging, |link| Cursor { order: (0, 0), id: link.id.uuid() });
                let items = page
                    .items
                    .into_iter()
                    .map(|link| seen(&view, link, now, |session| self.is_alive(session, now)));
                Ok(Page { items: items.collect::<Result<_, StoreError>>()?, next: page.next })
            })
            .await
    }

    /// Makes a link void, for good, and ends the session that holds it.
    ///
    /// # Errors
    /// There is none within reach, or it is void already.
    pub async fn revoke_judge_link(&self, permit: &Permit, id: JudgeLinkId) -> Result<(), ServiceError> {
        let revoked = |link: JudgeLink, at| match link.revoked_at {
            Some(_) => Err(ServiceError::NotFound(Kind::JudgeLink)),
            None => Ok(JudgeLink { revoked_at: Some(at), ..link }),
        };
        self.change_judge_link(permit, id, (Verb::Revoked, Seats::All), revoked).await.map(drop)
    }

    /// Makes a link free for another device: the session that holds it ends, and wrong PINs are forgotten.
    ///
    /// # Errors
    /// There is none of a judge with a seat within reach, or it works no more.
    pub async fn release_judge_link(
        &self,
        permit: &Permit,
        id: JudgeLinkId,
    ) -> Result<JudgeLinkView, ServiceError> {
        let released = |link: JudgeLink, at| Ok(JudgeLink { wrong_pins: 0, ..working(link, at)? });
        self.change_judge_link(permit, id, (Verb::Released, Seats::Any), released).await
    }

    /// Gives a link a new PIN, which nobody sees again, and forgets wrong ones. Whoever holds the link keeps it.
    ///
    /// # Errors
    /// There is none within reach, or it works no more.
    pub async fn set_judge_link_pin(
        &self,
        permit: &Permit,
        id: JudgeLinkId,
    ) -> Result<(JudgeLinkView, String), ServiceError> {
        let pin = security::new_pin()?;
        let hash = self.pin_hash(&pin).await?;
        let with_pin = move |link: JudgeLink, at| {
            Ok(JudgeLink { wrong_pins: 0, pin: hash.clone(), ..working(link, at)? })
        };
        let view = self.change_judge_link(permit, id, (Verb::PinSet, Seats::All), with_pin).await?;
        Ok((view, pin))
    }

    async fn change_judge_link(
        &self,
        permit: &Permit,
        id: JudgeLinkId,
        (verb, seats): (Verb, Seats),
        change: impl Fn(JudgeLink, Timestamp) -> Result<JudgeLink, ServiceError> + Send + 'static,
    ) -> Result<JudgeLinkView, ServiceError> {
        let (holder, tenant, rules) = (permit.clone(), permit.tenant(), self.rules);
        self.write(permit, move |transaction| {
            let link = transaction.live().judge_link_by_id(tenant, id)?;
            let link = link.ok_or(ServiceError::NotFound(Kind::JudgeLink))?;
            ensure_judge_in_reach(transaction, &holder, &link, seats)?;
            let at = transaction.stamp().at;
            let mut link = change(link, at)?;
            if verb != Verb::PinSet {
                link = transaction.end_hold(link)?;
            }
            transaction.put_judge_link(tenant, &link)?;
            transaction.record(tenant, verb, (Kind::JudgeLink, id.uuid()), Facts::None, None)?;
            Ok(seen(&transaction.live(), link, at, |session| is_in_time(session, at, &rules))?)
        })
        .await
    }
}

/// Which of a judge's seats must be within reach.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seats {
    /// All of them: what is changed lets somebody in everywhere.
    All,
    /// One is enough: whoever sits here can be given another tablet here, with the link and the PIN that they have.
    Any,
}

/// The judge of a link is within reach, deleted or not: what could be used again after a restore can be revoked.
fn ensure_judge_in_reach(
    transaction: &Transaction<'_>,
    permit: &Permit,
    link: &JudgeLink,
    seats: Seats,
) -> Result<(), ServiceError> {
    let all = transaction.with_deleted();
    let judge = all.lineage(permit.tenant(), Kind::Judge, link.judge.uuid())?;
    let judge = judge.ok_or(ServiceError::NotFound(Kind::JudgeLink))?;
    let in_reach = |found: &Found<Assignment>| permit.allows(permit.action(), &found.lineage);
    if seats == Seats::Any && all.referrers::<Assignment>(permit.tenant(), judge.id())?.iter().any(in_reach) {
        return Ok(());
    }
    ensure_in_reach_of(&all, permit, &judge, permit.action())
}

/// A live judge all of whose seats are within reach.
pub(super) fn reachable(
    transaction: &Transaction<'_>,
    permit: &Permit,
    judge: JudgeId,
) -> Result<LiveRow<Judge>, ServiceError> {
    let row = transaction.live().find::<Judge>(permit.tenant(), judge.uuid())?;
    let row = row.ok_or(ServiceError::NotFound(Kind::Judge))?;
    ensure_in_reach_of(&transaction.with_deleted(), permit, row.lineage(), permit.action())?;
    Ok(row)
}

fn working(link: JudgeLink, now: Timestamp) -> Result<JudgeLink, ServiceError> {
    if link.is_valid(now) { Ok(link) } else { Err(ServiceError::NotFound(Kind::JudgeLink)) }
}

fn ensure_room(
    view: &Live<'_>,
    tenant: TenantId,
    judge: JudgeId,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let links = view.judge_links(tenant, judge)?;
    ensure_at_most(links.iter().filter(|link| link.is_valid(now)).count() + 1, LINKS_MAX)
}

pub(super) fn ensure_at_most(count: usize, limit: usize) -> Result<(), ServiceError> {
    if count <= limit {
        Ok(())
    } else {
        Err(super::Conflict::TooMany { kind: Kind::JudgeLink, limit }.into())
    }
}

/// A link with what its session tells.
pub(super) fn seen(
    view: &Live<'_>,
    link: JudgeLink,
    now: Timestamp,
    alive: impl Fn(&Session) -> bool,
) -> Result<JudgeLinkView, StoreError> {
    let session = match &link.hold {
        Some(hold) => view.session(&hold.session)?.filter(alive),
        None => None,
    };
    let used = session.as_ref().map(|session| session.last_used_at);
    let last_used_at = link.last_used_at.max(used);
    let state = link.state(now, session.is_some());
    let hold = link.hold.filter(|_| session.is_some());
    let user_agent = session.and_then(|session| session.origin.user_agent);
    Ok(JudgeLinkView { state, last_used_at, user_agent, link: JudgeLink { hold, ..link } })
}
