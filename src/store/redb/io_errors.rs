//! A disk that fails: reads, writes and syncs at random points, once or for a while, as full or as broken. No
//! acknowledged write is lost, a refused one leaves nothing, and the store heals by itself.

use std::{io::ErrorKind, time::Duration};

use proptest::{collection::vec, prelude::*};

use super::{
    ledger::Ledger,
    simulated_disk::{Call, Fault, SimulatedDisk, add_tenant, runtime, stamp, store_on},
};
use crate::{
    store::{RowError, Store, StoreError, Trouble, engine::Reader},
    telemetry::clock::Stopwatch,
};

/// How long healing may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Creates a contestant.
const NEW: u8 = 0;

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
    loop {
        let outcomes = ledger.write(store, &[NEW]).await;
        if outcomes.iter().all(Result::is_ok) && store.trouble().is_none() {
            return;
        }
        assert!(waited.elapsed() < DEADLINE, "{outcomes:?}, {:?}", store.trouble());
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
        faults in vec(fault(), 1..4),
        batches in vec(vec(any::<u8>(), 1..20), 1..10),
    ) {
        let (disk, store) = prepared();
        let mut ledger = Ledger::default();
        runtime().block_on(async {
            disk.state().faults = faults;
            for choices in &batches {
                ledger.write(&store, choices).await;
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

/// What an operation on a place that only one can have says.
#[derive(Debug)]
enum Refused {
    Taken,
    ByTheStore,
}

impl From<StoreError> for Refused {
    fn from(_: StoreError) -> Self {
        Self::ByTheStore
    }
}

#[test]
fn nothing_is_refused_for_what_was_not_committed() {
    let (disk, store) = prepared();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    // As long as it waits, what comes is in one batch, or in the next one together.
    let first = store.write::<_, StoreError, _>(stamp(), move |_| {
        drop(released.lock().map(|released| released.recv()));
        Ok(())
    });
    let take = || {
        store.write::<_, Refused, _>(stamp(), |transaction| {
            let is_taken = transaction.overlay().contains(&[200]).map_err(StoreError::from)?;
            transaction.overlay().put(vec![200], vec![1]);
            if is_taken { Err(Refused::Taken) } else { Ok(()) }
        })
    };
    disk.state().faults = vec![Fault { after: 0, lasts: 1_000, on: Call::Sync, kind: ErrorKind::Other }];
    let (_, one, other, ()) = runtime()
        .block_on(async { tokio::join!(first, take(), take(), async { release.send(()).unwrap() }) });
    for outcome in [one, other] {
        assert!(matches!(outcome, Err(Refused::ByTheStore)), "{outcome:?}");
    }
}

#[test]
fn a_disk_that_takes_nothing_any_more_can_still_be_read_and_heals_when_it_does_again() {
    let (disk, store) = prepared();
    let mut ledger = Ledger::default();
    runtime().block_on(async {
        ledger.write(&store, &[NEW; 20]).await;
        for kind in [ErrorKind::Other, ErrorKind::StorageFull] {
            disk.state().faults = vec![Fault { after: 0, lasts: u32::MAX, on: Call::Write, kind }];
            let refused = ledger.write(&store, &[NEW; 5]).await;
            assert!(refused.iter().all(Result::is_err), "{refused:?}");
            for _ in 0..20 {
                let outcomes = ledger.write(&store, &[NEW]).await;
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
    runtime().block_on(ledger.write(&store, &[NEW; 20]));
    // Nothing is cached of what was just opened.
    drop(store);
    let store = store_on(&disk);
    disk.state().faults = vec![Fault { after: 0, lasts: 1, on: Call::Read, kind: ErrorKind::Other }];
    ledger.check(&store);
    assert!(disk.state().faults.is_empty(), "the fault has not come to pass");
    runtime().block_on(healed(&store, &mut ledger));
    ledger.check(&store);
}

#[test]
fn a_read_that_fails_within_a_write_has_the_store_opened_anew_though_nobody_else_reads() {
    let (disk, store) = prepared();
    let mut ledger = Ledger::default();
    runtime().block_on(ledger.write(&store, &[NEW; 20]));
    drop(store);
    let store = store_on(&disk);
    disk.state().faults = vec![Fault { after: 0, lasts: 1, on: Call::Read, kind: ErrorKind::Other }];
    let refused = runtime().block_on(ledger.write(&store, &[NEW]));
    assert!(matches!(refused[..], [Err(StoreError::Engine(_))]), "{refused:?}");
    runtime().block_on(healed(&store, &mut ledger));
    ledger.check(&store);
}
