//! What hangs on a resource: all beneath it and all that points at it, counted up to a limit. It is what a deletion
//! takes out of sight and a restore brings back.

use std::{collections::BTreeMap, ops::ControlFlow};

use uuid::Uuid;

use super::{StoreError, engine::Direction, keys, lineage::Lineage, rows, with_deleted::WithDeleted};
use crate::domain::{Assignment, CategoryId, EntryId, JudgeId, Kind, TenantId};

/// Most rows that are looked at.
const PREVIEW_CAP: usize = 10_000;

/// How many rows of each kind hang on something.
#[derive(Clone, Debug, Default)]
pub struct Below {
    /// Rows by kind.
    pub counts: BTreeMap<Kind, usize>,
    /// Whether counting stopped at its limit.
    pub capped: bool,
    seen: usize,
}

impl Below {
    /// Notes one row; no more are to come once the limit is reached.
    fn count(&mut self, kind: Kind) -> ControlFlow<()> {
        self.seen += 1;
        if self.seen > PREVIEW_CAP {
            self.capped = true;
            return ControlFlow::Break(());
        }
        *self.counts.entry(kind).or_default() += 1;
        ControlFlow::Continue(())
    }
}

impl WithDeleted<'_> {
    /// What hangs on a resource, whether it is live or deleted itself.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn below(&self, tenant: TenantId, kind: Kind, id: Uuid) -> Result<Below, StoreError> {
        let mut below = Below::default();
        let mut waiting = vec![(kind, id)];
        // What points at something beneath an event lies beneath the same event, so it is counted there.
        let follows = matches!(kind, Kind::Contestant | Kind::Judge | Kind::Entry | Kind::Assignment);
        while let Some((kind, id)) = waiting.pop() {
            if below.capped {
                break;
            }
            self.count_children(&mut below, &mut waiting, tenant, (kind, id))?;
            if follows {
                self.count_referrers(&mut below, &mut waiting, tenant, id)?;
                self.count_sheets(&mut below, tenant, kind, id)?;
            }
        }
        Ok(below)
    }

    fn count_children(
        &self,
        below: &mut Below,
        waiting: &mut Vec<(Kind, Uuid)>,
        tenant: TenantId,
        (kind, id): (Kind, Uuid),
    ) -> Result<(), StoreError> {
        for child in Kind::ALL.into_iter().filter(|child| child.parent() == Some(kind)) {
            if matches!(child, Kind::Token | Kind::Job | Kind::JudgeLink) {
                continue;
            }
            let prefix = keys::children(child, tenant, id);
            self.reader().range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |key, _| {
                waiting.extend(keys::id_of(key).map(|id| (child, id)));
                below.count(child)
            })?;
        }
        Ok(())
    }

    fn count_referrers(
        &self,
        below: &mut Below,
        waiting: &mut Vec<(Kind, Uuid)>,
        tenant: TenantId,
        id: Uuid,
    ) -> Result<(), StoreError> {
        for kind in Kind::ALL {
            for id in rows::referrers(self.reader(), tenant, id, kind)? {
                let lineage = Lineage::locate(self.reader(), id)?;
                let lies_there = |lineage: Lineage| self.reader().contains(&lineage.key());
                if lineage.map_or(Ok(false), lies_there)? && below.count(kind).is_continue() {
                    waiting.push((kind, id));
                }
            }
        }
        Ok(())
    }

    /// Sheets hang on an assignment and on an entry, although their keys lie beneath the category.
    fn count_sheets(
        &self,
        below: &mut Below,
        tenant: TenantId,
        kind: Kind,
        id: Uuid,
    ) -> Result<(), StoreError> {
        let Some(lineage) = Lineage::locate(self.reader(), id)? else { return Ok(()) };
        match kind {
            Kind::Assignment => {
                let Some(judge) = self.judge_of(tenant, id)? else { return Ok(()) };
                let prefix = keys::sheets_of_judge(tenant, CategoryId::new(lineage.parent()), judge);
                self.reader().range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |_, _| {
                    below.count(Kind::Sheet)
                })?;
            }
            Kind::Entry => {
                let categories = keys::children(Kind::Category, tenant, lineage.parent());
                let categories = rows::scan(self.reader(), &categories, |key, _| Ok(keys::id_of(key)))?;
                for category in categories {
                    let judges = keys::children(Kind::Assignment, tenant, category);
                    for assignment in rows::scan(self.reader(), &judges, |key, _| Ok(keys::id_of(key)))? {
                        let Some(judge) = self.judge_of(tenant, assignment)? else { continue };
                        let key = keys::sheet(tenant, CategoryId::new(category), judge, EntryId::new(id));
                        if self.reader().contains(&key)? && below.count(Kind::Sheet).is_break() {
                            return Ok(());
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn judge_of(&self, tenant: TenantId, assignment: Uuid) -> Result<Option<JudgeId>, StoreError> {
        let found = self.find::<Assignment>(tenant, assignment)?;
        Ok(found.map(|found| found.row.body.judge_id))
    }
}
