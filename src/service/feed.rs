//! The feed: a tenant's changes as its audit chain has them, each with where it hangs now, without anything of what is
//! deleted or hidden but the deletion itself. What followers of a tenant need at the same time is read once for all.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

use super::{ServiceError, Services};
use crate::{
    domain::{Assignment, AuditRecord, Entry, Facts, JudgeId, JudgeLinkId, Kind, TenantId, Timestamp, Verb},
    store::{ChainedRecord, Lineage, SheetKey, Standing, StoreError, WithDeleted},
};

/// Most records that are looked at at a time.
const READ_MAX: usize = 256;

/// Most changes of a tenant that are kept for its followers.
const KEPT_MAX: usize = 1_024;

/// Most tenants of which changes are kept.
const TENANTS_MAX: usize = 64;

/// A change that followers may be told of, if they may read what it changed.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub version: u64,
    pub at: Timestamp,
    /// Of a circuit's change, what the call belongs to that brought it about: no person has done it.
    pub correlation_id: Option<String>,
    pub verb: Verb,
    pub kind: Kind,
    pub id: Uuid,
    /// Where what it changed hangs; of a sheet, the category.
    pub lineage: Lineage,
    /// The judge of a sheet or assignment.
    pub judge: Option<JudgeId>,
    /// The contests that a contestant takes part in.
    pub contests: Vec<Uuid>,
}

/// A part of a tenant's chain.
pub(super) struct Part {
    /// Its changes, without those nobody may be told of.
    pub changes: Vec<Arc<Change>>,
    /// Number of the last record that was looked at.
    pub to: u64,
    /// Number of the newest record there is.
    pub head: u64,
}

/// The newest changes of tenants that are followed.
#[derive(Default)]
pub struct Feeds(Mutex<HashMap<TenantId, Recent>>);

/// The changes behind a number up to another, as they stand in the state that was read last.
struct Recent {
    from: u64,
    to: u64,
    changes: VecDeque<Arc<Change>>,
}

impl Services {
    /// What the chain of a tenant holds behind a number, in the newest state: at most so much as is read at a time.
    pub(super) async fn feed(&self, tenant: TenantId, after: u64) -> Result<Part, ServiceError> {
        let part = self.store.read_with_deleted(|view| {
            let head = view.live().newest_change(tenant)?;
            if head <= after {
                return Ok::<_, StoreError>(Part { changes: Vec::new(), to: after, head });
            }
            self.feeds.part(view, tenant, after, head)
        });
        Ok(part.await?)
    }
}

impl Feeds {
    fn part(
        &self,
        view: &WithDeleted<'_>,
        tenant: TenantId,
        after: u64,
        head: u64,
    ) -> Result<Part, StoreError> {
        let mut feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if feeds.len() >= TENANTS_MAX && !feeds.contains_key(&tenant) {
            feeds.clear();
        }
        let recent = feeds.entry(tenant).or_insert_with(|| Recent::behind(after));
        if after < recent.from {
            drop(feeds);
            return read(view, tenant, after).map(|(changes, to, _)| Part { changes, to, head });
        }
        if recent.to < after {
            *recent = Recent::behind(after);
        }
        if recent.to < head {
            recent.extend(view, tenant)?;
        }
        if after < recent.from {
            drop(feeds);
            return read(view, tenant, after).map(|(changes, to, _)| Part { changes, to, head });
        }
        let changes = recent.changes.iter().filter(|change| change.version > after).cloned().collect();
        Ok(Part { changes, to: recent.to, head })
    }
}

impl Recent {
    fn behind(number: u64) -> Self {
        Self { from: number, to: number, changes: VecDeque::new() }
    }

    fn extend(&mut self, view: &WithDeleted<'_>, tenant: TenantId) -> Result<(), StoreError> {
        let (changes, to, hides) = read(view, tenant, self.to)?;
        if hides {
            // What is kept was read when more could be seen.
            *self = Self::behind(self.to);
        }
        self.changes.extend(changes);
        self.to = to;
        while self.changes.len() > KEPT_MAX {
            self.from = self.changes.pop_front().map_or(self.from, |change| change.version);
        }
        Ok(())
    }
}

/// Changes behind a number, the last record that was looked at, and whether any may have hidden what came before.
fn read(
    view: &WithDeleted<'_>,
    tenant: TenantId,
    after: u64,
) -> Result<(Vec<Arc<Change>>, u64, bool), StoreError> {
    let records = view.records_after(tenant, after, READ_MAX)?;
    let to = records.last().map_or(after, |record| record.sequence);
    let is_given = |verb| matches!(verb, Verb::Submitted | Verb::Reopened | Verb::ReopeningRequested);
    let hides = records
        .iter()
        .any(|ChainedRecord { record, .. }| !(record.kind == Kind::Sheet && is_given(record.verb)));
    let mut changes = Vec::new();
    for ChainedRecord { sequence, record, .. } in records {
        changes.extend(change(view, tenant, sequence, record)?.map(Arc::new));
    }
    Ok((changes, to, hides))
}

/// A record as a change, unless it is of something out of sight. Of what is deleted, only the deletion is told.
fn change(
    view: &WithDeleted<'_>,
    tenant: TenantId,
    version: u64,
    record: AuditRecord,
) -> Result<Option<Change>, StoreError> {
    let AuditRecord { at, correlation_id, verb, kind, id, facts, .. } = record;
    let mut change = Change {
        version,
        at,
        correlation_id: (kind == Kind::Breaker).then_some(correlation_id),
        verb,
        kind,
        id,
        lineage: Lineage::of_tenant(tenant),
        judge: None,
        contests: Vec::new(),
    };
    let stands = match (kind, facts) {
        (Kind::Sheet, Facts::Sheet { category, judge, entry, .. }) => {
            change.judge = Some(judge);
            view.standing_of_sheet(&SheetKey { tenant, category, judge, entry })?
        }
        // A mark goes with its criterion; what else becomes of it is told of its sheet.
        (Kind::Mark, _) if verb == Verb::Deleted => view.standing(tenant, Kind::Criterion, id)?,
        (Kind::Sheet | Kind::Mark, _) => None,
        (Kind::JudgeLink, _) => view.standing_of_judge_link(tenant, JudgeLinkId::new(id))?,
        // These are made void or come to an end, and are never deleted.
        (Kind::Token | Kind::Job | Kind::Breaker | Kind::Delivery | Kind::Backup | Kind::Alert, _) => {
            Some((Lineage::of_tenant(tenant).child(kind, id), Standing::Live))
        }
        (kind, _) => view.standing(tenant, kind, id)?,
    };
    let Some((lineage, standing)) = stands else { return Ok(None) };
    let told = match standing {
        Standing::Live => true,
        Standing::Deleted => verb == Verb::Deleted,
        Standing::Hidden => false,
    };
    if !told {
        return Ok(None);
    }
    change.lineage = lineage;
    match kind {
        Kind::Assignment => {
            let found = view.find::<Assignment>(tenant, id)?;
            change.judge = found.map(|found| found.row.body.judge_id);
        }
        Kind::Contestant => {
            let entries = view.referrers::<Entry>(tenant, id)?;
            change.contests = entries.iter().map(|found| found.lineage.parent()).collect();
        }
        _ => {}
    }
    Ok(Some(change))
}
