//! A disk that fails: reads, writes and syncs at random points, once or for a while, as full or as broken. No
//! acknowledged write is lost, a refused one leaves nothing, and the store heals by itself.

use std::{io::ErrorKind, time::Duration};

use futures_util::future::join_all;
use proptest::prelude::*;
use uuid::Uuid;

use super::simulated_disk::{Call, Fault, SimulatedDisk, add, add_tenant, runtime, stamp, store_on, there};
use crate::{
    domain::{Contestant, SYSTEM_TENANT},
    store::{Live, RowError, Store, StoreError, Trouble},
    telemetry::clock::Stopwatch,
};

/// How long healing may take.
const DEADLINE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Ledger {
    acknowledged: Vec<Uuid>,
    refused: Vec<Uuid>,
    next: u128,
}

impl Ledger {
    /// Writes so many contestants at once, and notes what became of each.
    async fn write(&mut self, store: &Store, count: u8) -> Vec<Result<(), StoreError>> {
        let ids: Vec<Uuid> =
            (0..u128::from(count)).map(|id| Uuid::from_u128(1_000 + self.next + id)).collect();
        self.next += u128::from(count);
        let writes = ids.iter().map(|id| {
            let id = *id;
            store.write::<_, RowError, _>(stamp(), move |transaction| add(transaction, id))
        });
        let outcomes = join_all(writes).await.into_iter().map(|outcome| match outcome {
            Ok(_) => Ok(()),
            Err(RowError::Store(error)) => Err(error),
            Err(error) => panic!("{error}"),
        });
        let outcomes: Vec<_> = outcomes.collect();
        for (id, outcome) in ids.into_iter().zip(&outcomes) {
            match outcome {
                Ok(()) => self.acknowledged.push(id),
                Err(StoreError::NotCommitted | StoreError::ReadOnly(_)) => self.refused.push(id),
                // What could not be read was not written either; of the rest nobody knows.
                Err(StoreError::Engine(_)) => self.refused.push(id),
                Err(StoreError::CommitUnknown) => {}
                Err(other) => panic!("{other}"),
            }
        }
        outcomes
    }

    /// A failing disk may keep the store from answering, but it never answers wrongly.
    fn check_reads(&self, store: &Store) {
        let snapshot = store.snapshot();
        for id in &self.acknowledged {
            if let Ok(found) = Live::new(&snapshot).find::<Contestant>(SYSTEM_TENANT, *id) {
                assert!(found.is_some(), "{id} was acknowledged and is gone");
            }
        }
    }

    fn check(&self, store: &Store) {
        for id in &self.acknowledged {
            assert!(there(store, *id), "{id} was acknowledged and is gone");
        }
        for id in &self.refused {
            assert!(!there(store, *id), "{id} was refused and is there");
        }
        assert_eq!(store.verify_audit(SYSTEM_TENANT, &mut |_| {}).unwrap().fault, None);
    }
}

fn prepared() -> (SimulatedDisk, Store) {
    let disk = SimulatedDisk::default();
    let store = store_on(&disk);
    runtime().block_on(store.write::<_, RowError, _>(stamp(), add_tenant)).unwrap();
    (disk, store)
}

/// Writes until it is acknowledged and nothing is the matter any more: a read that failed before may have the store
/// opened anew a moment later.
async fn healed(store: &Store, ledger: &mut Ledger) {
    let waited = Stopwatch::start();
    while ledger.write(store, 1).await.iter().any(Result::is_err) || store.trouble().is_some() {
        assert!(waited.elapsed() < DEADLINE, "{:?}", store.trouble());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    let call = prop_oneof![Just(Call::Read), Just(Call::Write), Just(Call::Sync)];
    let kind = prop_oneof![Just(ErrorKind::Other), Just(ErrorKind::StorageFull)];
    (0_u32..40, prop_oneof![3 => Just(1_u32), 1 => 2_u32..60], call, kind)
        .prop_map(|(after, lasts, on, kind)| Fault { after, lasts, on, kind })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_no_acknowledged_write_is_lost_and_the_store_heals(
        faults in proptest::collection::vec(fault(), 1..4),
        batches in proptest::collection::vec(1_u8..20, 1..10),
    ) {
        let (disk, store) = prepared();
        let mut ledger = Ledger::default();
        runtime().block_on(async {
            disk.state().faults = faults;
            for count in batches {
                ledger.write(&store, count).await;
                ledger.check_reads(&store);
            }
            disk.state().faults.clear();
            healed(&store, &mut ledger).await;
        });
        ledger.check(&store);
        drop(store);
        ledger.check(&store_on(&disk));
    }
}

#[test]
fn a_disk_that_takes_nothing_any_more_can_still_be_read_and_heals_when_it_does_again() {
    let (disk, store) = prepared();
    let mut ledger = Ledger::default();
    runtime().block_on(async {
        ledger.write(&store, 20).await;
        for kind in [ErrorKind::Other, ErrorKind::StorageFull] {
            disk.state().faults = vec![Fault { after: 0, lasts: u32::MAX, on: Call::Write, kind }];
            let refused = ledger.write(&store, 5).await;
            assert!(refused.iter().all(Result::is_err), "{refused:?}");
            for _ in 0..20 {
                let outcomes = ledger.write(&store, 1).await;
                assert!(
                    matches!(outcomes[..], [Err(StoreError::ReadOnly(Trouble::Failing | Trouble::DiskFull))]),
                    "{outcomes:?}"
                );
                ledger.check(&store);
            }
            disk.state().faults.clear();
            healed(&store, &mut ledger).await;
        }
    });
    ledger.check(&store);
}

#[test]
fn a_read_that_fails_once_is_answered_all_the_same() {
    let (disk, store) = prepared();
    let mut ledger = Ledger::default();
    runtime().block_on(ledger.write(&store, 20));
    // Nothing is cached of what was just opened.
    drop(store);
    let store = store_on(&disk);
    disk.state().faults = vec![Fault { after: 0, lasts: 1, on: Call::Read, kind: ErrorKind::Other }];
    ledger.check(&store);
    assert!(disk.state().faults.is_empty(), "the fault has not come to pass");
    runtime().block_on(healed(&store, &mut ledger));
    ledger.check(&store);
}
