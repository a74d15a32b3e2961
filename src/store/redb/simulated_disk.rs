//! A disk in memory, for tests: it forgets what was not synced when the power goes, and fails when it is told to.

use std::{
    io,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redb::{BackendError, StorageBackend};
use uuid::Uuid;

use super::{Check, RedbEngine, disk::Disk};
use crate::{
    domain::{Actor, Contestant, SYSTEM_TENANT, Settings, Tenant, Timestamp},
    store::{Live, Place, RowError, Stamp, Store, StoreLimits, Transaction, format},
};

/// A disk in memory. What is written lies in `live`; what survives a power cut is `durable` and any part of `pending`.
#[derive(Clone, Debug, Default)]
pub(super) struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(super) struct State {
    pub live: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
    /// Writes, resizes and syncs until the power goes; none if it stays.
    pub left: Option<u32>,
    /// Whether syncs fail although the power stays.
    pub syncs_fail: u32,
    /// What else goes wrong, one after the other.
    pub faults: Vec<Fault>,
}

/// A time in which the disk fails.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// Calls that go well before.
    pub after: u32,
    /// Calls that fail.
    pub lasts: u32,
    /// Which calls.
    pub on: Call,
    /// How they fail.
    pub kind: io::ErrorKind,
}

/// What redb asks of the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Call {
    Read,
    Write,
    Sync,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Resize(usize),
}

impl State {
    fn fail_if_due(&mut self, call: Call) -> io::Result<()> {
        let Some(fault) = self.faults.first_mut().filter(|fault| fault.on == call) else { return Ok(()) };
        if fault.after > 0 {
            fault.after -= 1;
            return Ok(());
        }
        fault.lasts -= 1;
        let kind = fault.kind;
        if fault.lasts == 0 {
            self.faults.remove(0);
        }
        Err(io::Error::new(kind, "a simulated fault"))
    }
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
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, call: Call) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.fail_if_due(call)?;
        match &mut state.left {
            Some(0) => return Err(io::Error::other("the power is out")),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(state)
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.step(Call::Write)?;
        change.apply(&mut state.live);
        state.pending.push(change);
        Ok(())
    }

    /// The power is back: the disk holds what was synced and, of what was not, whatever the seed says.
    pub(super) fn after_power_cut(&self, seed: &[u8]) -> Self {
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
        let (mut state, offset) = (self.state(), usize::try_from(offset).unwrap());
        state.fail_if_due(Call::Read)?;
        let found = state.live.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::Resize(usize::try_from(len).unwrap()))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.step(Call::Sync)?;
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

pub(super) fn store_on(disk: &SimulatedDisk) -> Store {
    let engine = RedbEngine::on(disk.clone(), 1 << 20, Check::Everything).unwrap();
    format::prepare(&engine, None, format::FORMAT, &[]).unwrap();
    let limits = StoreLimits { heal_after: Duration::from_millis(2), ..StoreLimits::default() };
    Store::start(Arc::new(engine), None, limits).unwrap()
}

pub(super) fn stamp() -> Stamp {
    Stamp {
        at: Timestamp::from_millis(0),
        actor: Actor::System { os_user: None },
        request_id: "request".to_owned(),
        correlation_id: "test".to_owned(),
        traceparent: String::new(),
        seed: [1; 16],
    }
}

pub(super) fn add_tenant(transaction: &mut Transaction<'_>) -> Result<(), RowError> {
    let settings = Settings::default();
    let tenant = Tenant { name: "Test".to_owned(), slug: "test".to_owned(), settings };
    transaction.insert(&Place::of_tenant(SYSTEM_TENANT), SYSTEM_TENANT.uuid(), tenant).map(drop)
}

pub(super) fn add(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), RowError> {
    let tenant = transaction.live().tenant(SYSTEM_TENANT)?.unwrap();
    let body: Contestant = serde_json::from_value(serde_json::json!({"name": id.to_string()})).unwrap();
    transaction.insert(&tenant.place(), id, body).map(drop)
}

pub(super) fn there(store: &Store, id: Uuid) -> bool {
    Live::new(&store.snapshot()).find::<Contestant>(SYSTEM_TENANT, id).unwrap().is_some()
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
