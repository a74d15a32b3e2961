//! Locking and archiving events, contests and categories. What is locked changes in nothing, and nothing above it
//! can be deleted: counters on contest and event say how much is locked beneath. Where it takes two people to unlock is in
//! `unlocking`.

use uuid::Uuid;

use super::{
    Conflict, Permit, ServiceError, Services, Versions, guards,
    resources::{find_for_change, live},
    unlocking,
};
use crate::{
    domain::{Facts, Kind, Noun, Row, Timestamp, Verb},
    store::{Found, LiveRow, Transaction},
};

/// A change of state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StateChange {
    /// Nothing in it may change from now on.
    Lock,
    /// It may change again.
    Unlock,
    /// It is put away.
    Archive,
    /// It is taken out again.
    Unarchive,
}

impl StateChange {
    const fn verb(self) -> Verb {
        match self {
            Self::Lock => Verb::Locked,
            Self::Unlock => Verb::Unlocked,
            Self::Archive => Verb::Archived,
            Self::Unarchive => Verb::Unarchived,
        }
    }

    fn changes<N>(self, row: &Row<N>) -> bool {
        match self {
            Self::Lock => row.locked_at.is_none(),
            Self::Unlock => row.locked_at.is_some(),
            Self::Archive => row.archived_at.is_none(),
            Self::Unarchive => row.archived_at.is_some(),
        }
    }

    fn apply<N>(self, row: &mut Row<N>, at: Timestamp) {
        match self {
            Self::Lock => row.locked_at = Some(at),
            Self::Unlock => row.locked_at = None,
            Self::Archive => row.archived_at = Some(at),
            Self::Unarchive => row.archived_at = None,
        }
    }
}

impl Services {
    /// Locks, unlocks, archives or unarchives. What is in that state already is given back unchanged.
    ///
    /// # Errors
    /// It is not there, or something above it is locked; what is locked itself cannot be archived.
    pub async fn change_state<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
        expected: Option<Versions>,
        change: StateChange,
    ) -> Result<Found<N>, ServiceError> {
        let holder = permit.clone();
        let row = self
            .write(permit, move |transaction| {
                let row = find_for_change::<N>(&transaction.live(), &holder, id, expected.as_ref())?;
                if !change.changes(row.row()) {
                    return Ok(row);
                }
                if change == StateChange::Unlock {
                    unlocking::ensure_one_is_enough(transaction, &row)?;
                }
                apply(transaction, row, change, Facts::None)
            })
            .await?;
        Ok(live(row))
    }
}

/// Changes the state of a row that is in another one.
pub(super) fn apply<N: Noun>(
    transaction: &mut Transaction<'_>,
    row: LiveRow<N>,
    change: StateChange,
    facts: Facts,
) -> Result<LiveRow<N>, ServiceError> {
    ensure_allowed(transaction, &row, change)?;
    count(transaction, &row, change)?;
    if change == StateChange::Unlock {
        transaction.close_unlock_request(row.lineage().tenant(), row.id());
    }
    Ok(transaction.set_state(row, (change.verb(), facts), |row, at| change.apply(row, at))?)
}

pub(super) fn ensure_allowed<N: Noun>(
    transaction: &Transaction<'_>,
    row: &LiveRow<N>,
    change: StateChange,
) -> Result<(), ServiceError> {
    for ancestor in row.lineage().ancestors() {
        guards::ensure_unlocked(&transaction.live(), &ancestor)?;
    }
    let archives = matches!(change, StateChange::Archive | StateChange::Unarchive);
    if archives && row.row().locked_at.is_some() {
        return Err(Conflict::Locked { kind: N::KIND, id: row.id() }.into());
    }
    Ok(())
}

fn count<N: Noun>(
    transaction: &mut Transaction<'_>,
    row: &LiveRow<N>,
    change: StateChange,
) -> Result<(), ServiceError> {
    let step = match change {
        StateChange::Lock => 1,
        StateChange::Unlock => -1,
        StateChange::Archive | StateChange::Unarchive => return Ok(()),
    };
    let above = row.lineage().ancestors().filter(|ancestor| ancestor.kind() != Kind::Tenant);
    for ancestor in above {
        transaction.count_locked(ancestor.tenant(), ancestor.id(), step)?;
    }
    Ok(())
}
