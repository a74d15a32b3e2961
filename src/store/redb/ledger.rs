//! What a store on a failing disk was asked to do, and how everything may stand afterwards: as it acknowledged, not as it
//! refused, and either way where it could not say.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use uuid::Uuid;

use super::simulated_disk::{add, stamp};
use crate::{
    domain::{Contestant, SYSTEM_TENANT, Visibility},
    store::{RestoreError, RowError, Store, StoreError, Transaction, WithDeleted},
};

/// How a contestant stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Standing {
    /// There is none.
    Nowhere,
    /// There is one.
    Live,
    /// It lies in the trash.
    Deleted,
}

/// One contestant and how it is to stand.
#[derive(Clone, Copy)]
struct Change {
    id: Uuid,
    from: Standing,
    to: Standing,
}

impl Change {
    fn run(self, transaction: &mut Transaction<'_>) -> Result<(), RestoreError> {
        match self.to {
            Standing::Live if self.from == Standing::Nowhere => add(transaction, self.id)?,
            Standing::Live => {
                let found = transaction.with_deleted().find::<Contestant>(SYSTEM_TENANT, self.id)?.unwrap();
                transaction.restore::<Contestant>(&found.lineage)?.unwrap();
            }
            Standing::Deleted | Standing::Nowhere => {
                let row = transaction.live().find::<Contestant>(SYSTEM_TENANT, self.id)?.unwrap();
                transaction.delete(row, Some("by mistake"))?;
            }
        }
        Ok(())
    }
}

/// Every contestant, with the standings that may be found: one where the store has said which.
#[derive(Default)]
pub(super) struct Ledger(BTreeMap<Uuid, Vec<Standing>>);

impl Ledger {
    /// Writes at once: each choice creates a contestant, or deletes or restores one that is there. What became of each.
    pub(super) async fn write(&mut self, store: &Store, choices: &[u8]) -> Vec<Result<(), StoreError>> {
        let changes = self.plan(choices);
        let writes = changes.iter().map(|change| {
            let change = *change;
            store.write::<_, RestoreError, _>(stamp(), move |transaction| change.run(transaction))
        });
        let outcomes = join_all(writes).await.into_iter().map(|outcome| match outcome {
            Ok(_) => Ok(()),
            Err(RestoreError::Row(RowError::Store(error))) => Err(error),
            Err(error) => panic!("{error}"),
        });
        let outcomes: Vec<_> = outcomes.collect();
        for (Change { id, from, to }, outcome) in changes.into_iter().zip(&outcomes) {
            let standings = match outcome {
                Ok(()) => vec![to],
                // What could not be read was not written either.
                Err(StoreError::NotCommitted | StoreError::ReadOnly(_) | StoreError::Engine(_)) => vec![from],
                Err(StoreError::CommitUnknown) => vec![from, to],
                Err(other) => panic!("{other}"),
            };
            self.0.insert(id, standings);
        }
        outcomes
    }

    /// Half of the choices take one that is there, if there is one that nobody has taken.
    fn plan(&self, choices: &[u8]) -> Vec<Change> {
        let known = self.0.iter().filter_map(|(id, standings)| match standings[..] {
            [standing @ (Standing::Live | Standing::Deleted)] => Some((*id, standing)),
            _ => None,
        });
        let mut known: Vec<(Uuid, Standing)> = known.collect();
        let mut next = self.0.len() as u128;
        let change = |choice: &u8| {
            if choice % 2 == 1 && !known.is_empty() {
                let (id, from) = known.swap_remove(usize::from(choice / 2) % known.len());
                let to = if from == Standing::Live { Standing::Deleted } else { Standing::Live };
                return Change { id, from, to };
            }
            next += 1;
            Change { id: Uuid::from_u128(1_000 + next), from: Standing::Nowhere, to: Standing::Live }
        };
        choices.iter().map(change).collect()
    }

    /// The changes of which nobody knows: how the contestant stood, and how it may stand now.
    pub(super) fn in_doubt(&self) -> impl Iterator<Item = (Standing, Standing)> {
        self.0.values().filter_map(|standings| match standings[..] {
            [from, to] => Some((from, to)),
            _ => None,
        })
    }

    /// A failing disk may keep the store from answering, but it never answers wrongly.
    pub(super) fn check_reads(&self, store: &Store) {
        for (id, standings) in &self.0 {
            if let Ok(found) = standing(store, *id) {
                assert!(standings.contains(&found), "{id} is {found:?} and was {standings:?}");
            }
        }
    }

    /// Everything stands as it may, and the audit chain verifies.
    pub(super) fn check(&self, store: &Store) {
        for (id, standings) in &self.0 {
            let found = standing(store, *id).unwrap();
            assert!(standings.contains(&found), "{id} is {found:?} and was {standings:?}");
        }
        assert_eq!(store.verify_audit(SYSTEM_TENANT, &mut |_| {}).unwrap().fault, None);
    }
}

fn standing(store: &Store, id: Uuid) -> Result<Standing, StoreError> {
    let snapshot = store.snapshot();
    let found = WithDeleted::new(&snapshot).find::<Contestant>(SYSTEM_TENANT, id)?;
    Ok(match found.map(|found| found.visibility) {
        None => Standing::Nowhere,
        Some(Visibility::Deleted(_)) => Standing::Deleted,
        Some(_) => Standing::Live,
    })
}
