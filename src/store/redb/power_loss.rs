//! Power cuts: a disk that forgets what was not synced, and keeps any part of it, torn anywhere. At random points of
//! random work every acknowledged write must be there after the power is back, and the audit chain must verify.

use std::cell::RefCell;

use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use super::{
    ledger::{
        Ledger,
        Standing::{Deleted, Live, Nowhere},
    },
    simulated_disk::{SimulatedDisk, add, add_tenant, runtime, stamp, store_on, there},
};
use crate::{
    domain::SYSTEM_TENANT,
    store::{RowError, StoreError},
};

/// How much work: hundreds of times always, thousands in the long run.
fn cases() -> u32 {
    if std::env::var_os("EVENT_MANAGER_LONG").is_some() { 5_000 } else { 300 }
}

#[test]
fn whatever_was_acknowledged_survives_a_power_cut() {
    let cut_off = RefCell::new(Vec::new());
    let config = ProptestConfig { cases: cases(), ..ProptestConfig::default() };
    proptest!(config, |(
        batches in vec(vec(any::<u8>(), 1..20), 4..12),
        left in 0_u32..80,
        seed in vec(any::<u8>(), 1..40),
    )| {
        let disk = SimulatedDisk::default();
        let store = store_on(&disk);
        let mut ledger = Ledger::default();
        runtime().block_on(async {
            store.write::<_, RowError, _>(stamp(), add_tenant).await.unwrap();
            disk.state().left = Some(left);
            for choices in &batches {
                ledger.write(&store, choices).await;
            }
        });
        drop(store);
        cut_off.borrow_mut().push(Vec::from_iter(ledger.in_doubt()));
        ledger.check(&store_on(&disk.after_power_cut(&seed)));
    });
    let cut_off = cut_off.into_inner();
    let cuts = cut_off.iter().filter(|changes| !changes.is_empty()).count();
    println!("power cuts: {cuts} during writes, {} in all", cut_off.len());
    assert!(cuts * 3 >= cut_off.len() * 2, "the power went out during writes {cuts} times only");
    for change in [(Nowhere, Live), (Live, Deleted), (Deleted, Live)] {
        assert!(cut_off.iter().flatten().any(|other| *other == change), "{change:?} was never cut off");
    }
}

#[test]
fn after_a_failed_sync_the_store_opens_anew_and_says_what_was_not_written() {
    let disk = SimulatedDisk::default();
    let store = store_on(&disk);
    runtime().block_on(async {
        store.write::<_, RowError, _>(stamp(), add_tenant).await.unwrap();
        let (lost, kept) = (Uuid::from_u128(5), Uuid::from_u128(6));
        disk.state().syncs_fail = 1;
        let refused = store.write::<_, RowError, _>(stamp(), move |transaction| add(transaction, lost)).await;
        assert!(matches!(refused, Err(RowError::Store(StoreError::NotCommitted))), "{refused:?}");
        assert!(!there(&store, lost));
        store.write::<_, RowError, _>(stamp(), move |transaction| add(transaction, kept)).await.unwrap();
        assert!(there(&store, kept));
    });
    assert_eq!(store.verify_audit(SYSTEM_TENANT, &mut |_| {}).unwrap().fault, None);
}
