//! Power cuts: a disk that forgets what was not synced, and keeps any part of it, torn anywhere. At random points of
//! random work every acknowledged write must be there after the power is back, and the audit chain must verify.

use std::{
    io,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use proptest::prelude::*;
use redb::{BackendError, StorageBackend};
use uuid::Uuid;

use super::{RedbEngine, disk::Disk};
use crate::{
    domain::{Actor, Contestant, SYSTEM_TENANT, Tenant, Timestamp},
    store::{Place, RowError, Stamp, Store, StoreLimits, Transaction, format},
};

/// A disk in memory. What is written lies in `live`; what survives a power cut is `durable` and any part of `pending`.
#[derive(Clone, Debug, Default)]
struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    live: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
    /// Writes, resizes and syncs until the power goes; none if it stays.
    left: Option<u32>,
    /// Whether syncs fail although the power stays.
    syncs_fail: u32,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Resize(usize),
}

impl Change {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Resize(length) => image.resize(*length, 0),
            Self::Write(offset, data) => {
                image.resize(image.len().max(offset + data.len()), 0);
                image[*offset..offset + data.len()].copy_from_slice(data);
            }
        }
    }
}

impl SimulatedDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        match &mut state.left {
            Some(0) => return Err(io::Error::other("the power is out")),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(state)
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.step()?;
        change.apply(&mut state.live);
        state.pending.push(change);
        Ok(())
    }

    /// The power is back: the disk holds what was synced and, of what was not, whatever the seed says.
    fn after_power_cut(&self, seed: &[u8]) -> Self {
        let state = self.state();
        let mut image = state.durable.clone();
        for (index, change) in state.pending.iter().enumerate() {
            let luck = seed.get(index % seed.len().max(1)).copied().unwrap_or(0);
            match change {
                Change::Write(offset, data) if luck % 3 == 0 => {
                    let torn = data.len() * usize::from(luck) / 255;
                    Change::Write(*offset, data[..torn].to_vec()).apply(&mut image);
                }
                change if luck % 3 == 1 => change.apply(&mut image),
                _ => {}
            }
        }
        Self(Arc::new(Mutex::new(State { live: image.clone(), durable: image, ..State::default() })))
    }
}

impl StorageBackend for SimulatedDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (state, offset) = (self.state(), usize::try_from(offset).unwrap());
        let found = state.live.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::Resize(usize::try_from(len).unwrap()))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.step()?;
        if state.syncs_fail > 0 {
            state.syncs_fail -= 1;
            return Err(io::Error::other("the device refuses to sync"));
        }
        state.durable = state.live.clone();
        state.pending.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Change::Write(usize::try_from(offset).unwrap(), data.to_vec()))
    }

    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }
}

impl Disk for SimulatedDisk {
    type Backend = Self;

    fn open(&self) -> io::Result<Self> {
        if self.state().left == Some(0) {
            return Err(io::Error::other("the power is out"));
        }
        Ok(self.clone())
    }

    fn forget_cached_pages(&self) {
        let mut state = self.state();
        state.live = state.durable.clone();
        state.pending.clear();
    }
}

fn store_on(disk: &SimulatedDisk) -> Store {
    let engine = RedbEngine::on(disk.clone(), 1 << 20).unwrap();
    format::prepare(&engine, None, 1, &[]).unwrap();
    Store::start(Arc::new(engine), StoreLimits::default()).unwrap()
}

fn stamp() -> Stamp {
    Stamp {
        at: Timestamp::from_millis(0),
        actor: Actor::System { os_user: None },
        request_id: "request".to_owned(),
        correlation_id: "test".to_owned(),
        seed: [1; 16],
    }
}

fn add_tenant(transaction: &mut Transaction<'_>) -> Result<(), RowError> {
    let tenant = Tenant { name: "Test".to_owned(), slug: "test".to_owned() };
    transaction.insert(&Place::of_tenant(SYSTEM_TENANT), SYSTEM_TENANT.uuid(), tenant).map(drop)
}

fn add(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), RowError> {
    let tenant = transaction.live().tenant(SYSTEM_TENANT)?.unwrap();
    let body: Contestant = serde_json::from_value(serde_json::json!({"name": id.to_string()})).unwrap();
    transaction.insert(&tenant.place(), id, body).map(drop)
}

fn there(store: &Store, id: Uuid) -> bool {
    let snapshot = store.snapshot();
    crate::store::Live::new(snapshot.as_ref()).find::<Contestant>(SYSTEM_TENANT, id).unwrap().is_some()
}

/// Writes in batches until the power goes or the work is done; returns what was acknowledged.
async fn work(store: &Store, batches: &[u8]) -> Vec<Uuid> {
    let mut acknowledged = Vec::new();
    let mut number = 0_u128;
    for size in batches {
        let ids: Vec<Uuid> =
            (0..*size).map(|index| Uuid::from_u128(1_000 + number + u128::from(index))).collect();
        number += u128::from(*size);
        let writes = ids.iter().map(|id| {
            let id = *id;
            store.write::<_, RowError, _>(stamp(), move |transaction| add(transaction, id))
        });
        let outcomes = futures_util::future::join_all(writes).await;
        acknowledged
            .extend(ids.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()).map(|(id, _)| *id));
    }
    acknowledged
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

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
        assert!(
            matches!(refused, Err(RowError::Store(crate::store::StoreError::NotCommitted))),
            "{refused:?}"
        );
        assert!(!there(&store, lost));
        store.write::<_, RowError, _>(stamp(), move |transaction| add(transaction, kept)).await.unwrap();
        assert!(there(&store, kept));
    });
    assert_eq!(store.verify_audit(SYSTEM_TENANT, &mut |_| {}).unwrap().fault, None);
}
