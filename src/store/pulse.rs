//! What has moved: wakes whoever waits for a tenant's changes, and knows the newest sheet of each category. The writer
//! tells it after a commit is published and before it answers, at the cost of one look-up for each tenant and category
//! of the batch.

use std::{
    collections::{HashMap, HashSet},
    future::pending,
    sync::{PoisonError, RwLock},
};

use tokio::sync::watch;

use super::{Snapshot, Store, StoreError, job_counts::JobStep, live::Live};
use crate::domain::{CategoryId, TenantId};

/// The newest sheet change of categories.
pub(super) type SheetChanges = HashMap<(TenantId, CategoryId), u64>;

/// Who waits, and which sheet changes were the newest. Categories without a change since the start are not in it.
#[derive(Default)]
pub(super) struct Pulse {
    waiting: RwLock<HashMap<TenantId, watch::Sender<()>>>,
    anything: watch::Sender<()>,
    sheets: RwLock<SheetChanges>,
}

/// What a batch has moved.
#[derive(Default)]
pub(super) struct Moved {
    pub tenants: HashSet<TenantId>,
    pub sheets: SheetChanges,
    pub jobs: Vec<JobStep>,
}

impl Pulse {
    /// Tells what was published.
    pub(super) fn beat(&self, moved: Moved) {
        moved.jobs.into_iter().for_each(JobStep::count);
        if !moved.sheets.is_empty() {
            self.sheets.write().unwrap_or_else(PoisonError::into_inner).extend(moved.sheets);
        }
        let waiting = self.waiting.read().unwrap_or_else(PoisonError::into_inner);
        moved.tenants.iter().filter_map(|tenant| waiting.get(tenant)).for_each(|sender| {
            sender.send_replace(());
        });
        if !moved.tenants.is_empty() {
            self.anything.send_replace(());
        }
    }

    /// Wakes everybody: after the store was opened anew, nobody knows what has moved.
    pub(super) fn wake_all(&self) {
        let waiting = self.waiting.read().unwrap_or_else(PoisonError::into_inner);
        waiting.values().for_each(|sender| {
            sender.send_replace(());
        });
        self.anything.send_replace(());
    }

    fn newest_sheet(&self, tenant: TenantId, category: CategoryId) -> u64 {
        let sheets = self.sheets.read().unwrap_or_else(PoisonError::into_inner);
        sheets.get(&(tenant, category)).copied().unwrap_or_default()
    }

    fn watch(&self, tenant: TenantId) -> watch::Receiver<()> {
        let mut waiting = self.waiting.write().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, sender| sender.receiver_count() > 0);
        waiting.entry(tenant).or_insert_with(|| watch::Sender::new(())).subscribe()
    }
}

/// Waits for changes of one tenant.
pub struct Watch(watch::Receiver<()>);

impl Watch {
    /// Returns once something has been published since it was last asked, or since it began to watch.
    pub async fn moved(&mut self) {
        if self.0.changed().await.is_err() {
            // The store is gone, and with it all that could move.
            pending::<()>().await;
        }
    }
}

/// What the results and the progress of a category depend on: as long as it stays, they do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CategoryStamp {
    /// The tenant's newest change that was not of a sheet.
    settled: u64,
    /// The newest change of a sheet of the category since the start, if there was one.
    sheets: u64,
}

impl CategoryStamp {
    /// The newest change that counts.
    pub fn newest(self) -> u64 {
        self.settled.max(self.sheets)
    }
}

/// The stamps of the state that is read.
pub struct Stamps<'a> {
    snapshot: &'a Snapshot,
    pulse: &'a Pulse,
}

impl Stamps<'_> {
    /// The number that [`Store::settled`] gives for a tenant in the very state that is read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn settled(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(self.snapshot.tip(tenant)?.settled)
    }

    /// The stamp of a category; none while newer sheets are told of than the state holds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn category(
        &self,
        tenant: TenantId,
        category: CategoryId,
    ) -> Result<Option<CategoryStamp>, StoreError> {
        let tip = self.snapshot.tip(tenant)?;
        let sheets = self.pulse.newest_sheet(tenant, category);
        Ok((sheets <= tip.head.sequence).then_some(CategoryStamp { settled: tip.settled, sheets }))
    }
}

impl Store {
    /// Waits for changes of a tenant from now on.
    pub fn watch(&self, tenant: TenantId) -> Watch {
        Watch(self.pulse.watch(tenant))
    }

    /// Waits for changes of any tenant from now on.
    pub fn watch_all(&self) -> Watch {
        Watch(self.pulse.anything.subscribe())
    }

    /// As [`Store::read`]; `read` can ask for the stamps of the very state it reads: what it comes by holds as long as
    /// they stay.
    ///
    /// # Errors
    /// Whatever `read` fails with.
    #[allow(clippy::unused_async, reason = "an engine on another machine will need to wait")]
    pub async fn read_stamped<T, E>(
        &self,
        read: impl FnOnce(&Live<'_>, &Stamps<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let snapshot = self.snapshot();
        read(&Live::new(&snapshot), &Stamps { snapshot: &snapshot, pulse: &self.pulse })
    }
}
