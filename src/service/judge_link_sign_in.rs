//! Signing in by a judge link and its PIN. Wrong PINs are counted durably, and nothing is told to whoever lacks the
//! right one.

use super::{ServiceError, Services, SignedIn, session_in_use, session_use::is_in_time};
use crate::{
    domain::{Actor, Facts, Judge, JudgeLink, Kind, LinkHold, Verb},
    security,
    store::{JudgeLinkAddress, Origin, SecretHash, Session, SessionHolder, Transaction},
    telemetry::context::RequestContext,
};

/// What a judge signs in with.
#[derive(Clone, Debug)]
pub struct LinkSignIn {
    /// The secret of the link.
    pub link: String,
    /// Its PIN.
    pub pin: String,
    /// The session that the device has already, which ends: whoever holds the link may take it anew.
    pub session: Option<String>,
    /// From where.
    pub origin: Origin,
}

const WRONG: ServiceError = ServiceError::Unauthenticated("the link or the PIN is wrong");

/// What became of an attempt. A refusal, too, is a result of the operation: what it counted stays.
enum Attempt {
    SignedIn,
    Wrong,
    Blocked,
    Ended,
    InUse,
}

impl Services {
    /// Signs a judge in by a link and its PIN. The session holds the link from then on.
    ///
    /// # Errors
    /// The link is unknown or the PIN wrong, too many PINs were wrong, the link has ended, or it is in use on another
    /// device.
    pub async fn sign_in_by_link(
        &self,
        context: &RequestContext,
        sign_in: LinkSignIn,
    ) -> Result<SignedIn, ServiceError> {
        let result = self.try_sign_in_by_link(context, sign_in).await;
        let outcome = if result.is_ok() { "success" } else { "failure" };
        ::metrics::counter!(crate::telemetry::metrics::AUTH_ATTEMPTS, "method" => "judge_link", "outcome" => outcome)
            .increment(1);
        result
    }

    /// Whether there is such a link, ended or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn knows_judge_link(&self, secret: &str) -> Result<bool, ServiceError> {
        let secret = security::hash_of_secret(secret.trim());
        self.store.read(|view| Ok::<_, ServiceError>(view.judge_link_address(&secret)?.is_some())).await
    }

    async fn try_sign_in_by_link(
        &self,
        context: &RequestContext,
        sign_in: LinkSignIn,
    ) -> Result<SignedIn, ServiceError> {
        let LinkSignIn { link: secret, pin, session: own, origin } = sign_in;
        let secret = security::hash_of_secret(secret.trim());
        let known = self
            .store
            .read(|view| {
                let Some(address) = view.judge_link_address(&secret)? else { return Ok(None) };
                Ok::<_, ServiceError>(view.judge_link(&address)?.map(|link| (address, link)))
            })
            .await?;
        let digits: String = pin.chars().filter(|c| !c.is_whitespace()).collect();
        let hash = known.as_ref().map(|(_, link)| link.pin.clone());
        let right = {
            let hash = hash.clone();
            self.aside(move |passwords| passwords.verify(&digits, hash.as_deref())).await?
        };
        let Some((address, JudgeLink { pin: checked, .. })) = known else {
            // A wrong PIN costs a commit, so an unknown link does, too.
            self.write_as(context, Actor::Anonymous, |transaction| {
                Ok(transaction.note_unknown_judge_link(transaction.stamp().at)?)
            })
            .await?;
            return Err(WRONG);
        };
        let holder = SessionHolder::JudgeLink { id: address.id, judge: address.judge };
        let new = self.new_session(context, address.tenant, holder, origin)?;
        let (own, rules) = (own.map(|token| security::hash_of_secret(&token)), self.rules);
        let (token, session) = (new.in_use.token, new.in_use.session.clone());
        let attempt = self.write_as(context, holder.actor(), move |transaction| {
            let Some(link) = transaction.live().judge_link(&address)? else { return Ok(Attempt::Wrong) };
            let right = right && link.pin == checked;
            let (now, may_hold) = (transaction.stamp().at, own.is_some_and(|own| link.is_held_by(&own)));
            if link.is_blocked() {
                return Ok(Attempt::Blocked);
            }
            if !right {
                return count_wrong_pin(transaction, &address, link);
            }
            let view = transaction.live();
            if !link.is_valid(now) || view.find::<Judge>(address.tenant, address.judge.uuid())?.is_none() {
                return Ok(Attempt::Ended);
            }
            let held = link.hold.as_ref().map(|hold| view.session(&hold.session)).transpose()?.flatten();
            if held.is_some_and(|session| is_in_time(&session, now, &rules)) && !may_hold {
                return Ok(Attempt::InUse);
            }
            // A device has one session: whoever was signed in on it is signed out.
            if let Some(own) = own
                && let Some(session) = transaction.live().session(&own)?
            {
                session_in_use::end(transaction, &own, &session)?;
            }
            let link = transaction.live().judge_link(&address)?.unwrap_or(link);
            hold(transaction, &address, link, (token, &session))?;
            Ok(Attempt::SignedIn)
        });
        match attempt.await? {
            Attempt::SignedIn => {
                if let Some(own) = own.filter(|own| self.memory_sessions.end(own)) {
                    self.principals.forget(&own);
                }
                self.signed_in(new).await
            }
            Attempt::Wrong => Err(WRONG),
            Attempt::Blocked => Err(ServiceError::LinkBlocked),
            Attempt::Ended => Err(ServiceError::LinkEnded),
            Attempt::InUse => Err(super::Conflict::LinkInUse.into()),
        }
    }
}

fn count_wrong_pin(
    transaction: &mut Transaction<'_>,
    address: &JudgeLinkAddress,
    link: JudgeLink,
) -> Result<Attempt, ServiceError> {
    let link = JudgeLink { wrong_pins: link.wrong_pins.saturating_add(1), ..link };
    transaction.put_judge_link(address.tenant, &link)?;
    if !link.is_blocked() {
        return Ok(Attempt::Wrong);
    }
    let subject = (Kind::JudgeLink, address.id.uuid());
    transaction.record(address.tenant, Verb::Blocked, subject, Facts::None, None)?;
    Ok(Attempt::Blocked)
}

/// Begins the session that holds a link from now on; one that held it before ends.
fn hold(
    transaction: &mut Transaction<'_>,
    address: &JudgeLinkAddress,
    link: JudgeLink,
    (token, session): (SecretHash, &Session),
) -> Result<(), ServiceError> {
    let now = transaction.stamp().at;
    let link = transaction.end_hold(link)?;
    let session = Session { expires_at: session.expires_at.min(link.expires_at), ..session.clone() };
    let hold = Some(LinkHold { session: token, since: now });
    let link = JudgeLink { hold, wrong_pins: 0, last_used_at: Some(now), ..link };
    transaction.put_session(&token, &session)?;
    transaction.put_judge_link(address.tenant, &link)?;
    let subject = session.holder.subject();
    transaction.record(address.tenant, Verb::SignedIn, subject, Facts::None, None)?;
    Ok(())
}
