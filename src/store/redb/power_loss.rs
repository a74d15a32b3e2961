//! Power cuts: a disk that forgets what was not synced, and keeps any part of it, torn anywhere. At random points of
//! random work every acknowledged write must be there after the power is back, and the audit chain must verify.

use proptest::prelude::*;
use uuid::Uuid;

use super::simulated_disk::{SimulatedDisk, add, add_tenant, runtime, stamp, store_on, there, work};
use crate::{
    domain::SYSTEM_TENANT,
    store::{RowError, StoreError},
};

/// How many power cuts: hundreds always, thousands in the long run.
fn cuts() -> u32 {
    if std::env::var_os("EVENT_MANAGER_LONG").is_some() { 5_000 } else { 300 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cuts(), ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_acknowledged_survives_a_power_cut(
        batches in proptest::collection::vec(1_u8..20, 1..12),
        left in 0_u32..120,
        seed in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let disk = SimulatedDisk::default();
        let store = store_on(&disk);
        let acknowledged = runtime().block_on(async {
            store.write::<_, RowError, _>(stamp(), add_tenant).await.unwrap();
            disk.state().left = Some(left);
            work(&store, &batches).await
        });
        drop(store);

        let store = store_on(&disk.after_power_cut(&seed));
        for id in acknowledged {
            prop_assert!(there(&store, id), "{} was acknowledged and is gone", id);
        }
        let report = store.verify_audit(SYSTEM_TENANT, &mut |_| {}).unwrap();
        prop_assert_eq!(report.fault, None);
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
