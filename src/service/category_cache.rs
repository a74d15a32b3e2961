//! What was computed from a category before, as long as nothing has changed that it depends on: its own sheets, and
//! everything but sheets in the tenant. A sheet of one category leaves what is kept of the others.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use uuid::Uuid;

use super::ServiceError;
use crate::{
    domain::{Category, CategoryId, TenantId},
    store::{CategoryStamp, Live, LiveRow, Stamps},
};

/// Most categories of which something is kept.
const KEPT_MAX: usize = 1_024;

/// Values by category, each with the stamp it was computed at.
pub(super) struct CategoryCache<T>(RwLock<HashMap<(TenantId, Uuid), Kept<T>>>);

struct Kept<T> {
    stamp: CategoryStamp,
    value: Arc<T>,
}

impl<T> Default for CategoryCache<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> CategoryCache<T> {
    /// The value of a category in a state: the kept one, or a new one that `compute` makes, which is given the number of
    /// the newest change that counts in it.
    ///
    /// # Errors
    /// Whatever `compute` fails with, or when the store cannot be read.
    pub fn of(
        &self,
        view: &Live<'_>,
        stamps: &Stamps<'_>,
        category: &LiveRow<Category>,
        compute: impl FnOnce(u64) -> Result<T, ServiceError>,
    ) -> Result<Arc<T>, ServiceError> {
        let (tenant, id) = (category.lineage().tenant(), category.id());
        let Some(stamp) = stamps.category(tenant, CategoryId::new(id))? else {
            return Ok(Arc::new(compute(view.newest_change(tenant)?)?));
        };
        if let Some(value) = self.get((tenant, id), stamp) {
            return Ok(value);
        }
        let value = Arc::new(compute(stamp.newest())?);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert((tenant, id), Kept { stamp, value: Arc::clone(&value) });
        Ok(value)
    }

    fn get(&self, key: (TenantId, Uuid), stamp: CategoryStamp) -> Option<Arc<T>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(&key).filter(|kept| kept.stamp == stamp).map(|kept| Arc::clone(&kept.value))
    }
}
