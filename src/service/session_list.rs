//! The sessions of an account: seeing them, and ending them.

use uuid::Uuid;

use super::{Permit, ServiceError, Services, acting, resources::find_live};
use crate::{
    domain::{Action, Facts, Kind, TenantId, Timestamp, User, UserId, Verb},
    store::{Live, Origin, SecretHash, Session, SessionHolder, Transaction},
};

/// A session, as its user and those who run the tenant may see it.
#[derive(Clone, Debug)]
pub struct SessionLine {
    /// Names it; says nothing of its secret.
    pub id: Uuid,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, give or take five minutes.
    pub last_used_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// From where it began.
    pub origin: Origin,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Which sessions to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// One.
    One(Uuid),
    /// All but the one that asks.
    Others,
    /// All.
    All,
}

impl Services {
    /// The sessions of the account that is signed in, oldest first.
    ///
    /// # Errors
    /// The permit's holder has no session, or the store cannot be read.
    pub async fn own_sessions(&self, permit: &Permit) -> Result<Vec<SessionLine>, ServiceError> {
        let (_, user) = own(permit)?;
        self.store.read(|view| self.lines(view, permit, user)).await
    }

    /// The sessions of a user, oldest first.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn sessions_of(&self, permit: &Permit, user: UserId) -> Result<Vec<SessionLine>, ServiceError> {
        self.store
            .read(|view| {
                find_live::<User>(view, permit, user.uuid())?;
                self.lines(view, permit, user)
            })
            .await
    }

    /// Ends sessions of the account that is signed in.
    ///
    /// # Errors
    /// The permit's holder has no session, or there is no such session.
    pub async fn end_own_sessions(&self, permit: &Permit, which: Which) -> Result<(), ServiceError> {
        let (tenant, user) = own(permit)?;
        let current = current(permit);
        self.write(permit, move |transaction| end(transaction, (tenant, user), which, current.as_ref())).await
    }

    /// Ends sessions of a user.
    ///
    /// # Errors
    /// There is no such user, or no such session.
    pub async fn end_sessions_of(
        &self,
        permit: &Permit,
        user: UserId,
        which: Which,
    ) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            find_live::<User>(&transaction.live(), &holder, user.uuid())?;
            end(transaction, (holder.tenant(), user), which, current(&holder).as_ref())
        })
        .await
    }

    fn lines(
        &self,
        view: &Live<'_>,
        permit: &Permit,
        user: UserId,
    ) -> Result<Vec<SessionLine>, ServiceError> {
        let (now, current) = (permit.context().clock().now(), current(permit));
        let alive = |(_, session): &(SecretHash, Session)| self.is_alive(session, now);
        let sessions = view.sessions_of(user)?.into_iter().filter(alive);
        let line = |(token, session): (SecretHash, Session)| SessionLine {
            id: id_of(&token),
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            origin: session.origin,
            current: Some(token) == current,
        };
        let mut lines: Vec<SessionLine> = sessions.map(line).collect();
        lines.sort_unstable_by_key(|line| (line.created_at, line.id));
        Ok(lines)
    }
}

fn end(
    transaction: &mut Transaction<'_>,
    (tenant, user): (TenantId, UserId),
    which: Which,
    current: Option<&SecretHash>,
) -> Result<(), ServiceError> {
    let mut sessions = transaction.live().sessions_of(user)?;
    sessions.retain(|(token, _)| match which {
        Which::One(id) => id_of(token) == id,
        Which::Others => Some(token) != current,
        Which::All => true,
    });
    if sessions.is_empty() {
        return match which {
            Which::One(_) => Err(ServiceError::NoSession),
            Which::Others | Which::All => Ok(()),
        };
    }
    for (token, session) in &sessions {
        acting::end(transaction, session)?;
        transaction.end_session(token, &session.holder);
    }
    transaction.record(tenant, Verb::SessionsEnded, (Kind::User, user.uuid()), Facts::None, None)?;
    Ok(())
}

/// Half of the hash of its token: enough to name it, and of no use to whoever reads it.
fn id_of(token: &SecretHash) -> Uuid {
    token.first_chunk::<16>().map_or_else(Uuid::nil, |half| Uuid::from_bytes(*half))
}

fn current(permit: &Permit) -> Option<SecretHash> {
    permit.principal().session.as_ref().map(|used| used.token)
}

fn own(permit: &Permit) -> Result<(TenantId, UserId), ServiceError> {
    match permit.principal().session.as_ref().map(|used| &used.session) {
        Some(Session { tenant, holder: SessionHolder::User(user), .. }) => Ok((*tenant, *user)),
        _ => Err(ServiceError::Forbidden(Action::ManageSessions)),
    }
}
