//! The plain model that the store is compared with, and the random steps that both take.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::TENANT;
use crate::{
    domain::{CategoryId, EntryId, JudgeId, Kind},
    store::SheetKey,
};

/// One step. Numbers pick among what exists by then.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Create(Kind, u8),
    Delete(u8),
    Restore(u8),
    Score { category: u8, judge: u8, entry: u8, value: i32 },
    Fail(u8),
    Panic(u8),
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let kind = prop_oneof![
        Just(Kind::Event),
        Just(Kind::Contest),
        Just(Kind::Category),
        Just(Kind::Criterion),
        Just(Kind::Contestant),
        Just(Kind::Entry),
        Just(Kind::Judge),
        Just(Kind::Assignment),
        Just(Kind::Conflict),
    ];
    let step = prop_oneof![
        5 => (kind, any::<u8>()).prop_map(|(kind, pick)| Step::Create(kind, pick)),
        2 => any::<u8>().prop_map(Step::Delete),
        2 => any::<u8>().prop_map(Step::Restore),
        3 => (any::<u8>(), any::<u8>(), any::<u8>(), 0..10).prop_map(|(category, judge, entry, value)| {
            Step::Score { category, judge, entry, value }
        }),
        1 => any::<u8>().prop_map(Step::Fail),
        1 => any::<u8>().prop_map(Step::Panic),
    ];
    // Each inner list is sent at once, and so is committed together.
    proptest::collection::vec(proptest::collection::vec(step, 1..6), 1..14)
}

/// The plain model: rows with what they hang beneath and point at, and who holds which sheet.
#[derive(Clone, Default)]
pub(super) struct Model {
    pub(super) rows: Vec<ModelRow>,
    pub(super) sheets: BTreeMap<(Uuid, Uuid, Uuid), i32>,
}

#[derive(Clone)]
pub(super) struct ModelRow {
    pub(super) id: Uuid,
    pub(super) kind: Kind,
    pub(super) parent: Uuid,
    pub(super) points_at: Vec<Uuid>,
    pub(super) deleted: bool,
}

impl Model {
    pub(super) fn row(&self, id: Uuid) -> Option<&ModelRow> {
        self.rows.iter().find(|row| row.id == id)
    }

    pub(super) fn is_live(&self, id: Uuid) -> bool {
        id == TENANT.uuid()
            || self.row(id).is_some_and(|row| {
                !row.deleted && self.is_live(row.parent) && row.points_at.iter().all(|at| self.is_live(*at))
            })
    }

    pub(super) fn pick(&self, kind: Kind, pick: u8) -> Option<Uuid> {
        let of_kind: Vec<Uuid> = self.rows.iter().filter(|row| row.kind == kind).map(|row| row.id).collect();
        of_kind.get(usize::from(pick) % of_kind.len().max(1)).copied()
    }

    pub(super) fn any(&self, pick: u8) -> Option<ModelRow> {
        self.rows.get(usize::from(pick) % self.rows.len().max(1)).cloned()
    }

    pub(super) fn taken(&self, kind: Kind, parent: Uuid, points_at: &[Uuid]) -> bool {
        !points_at.is_empty()
            && self.rows.iter().any(|row| {
                (row.kind, row.parent, row.points_at.as_slice(), row.deleted)
                    == (kind, parent, points_at, false)
            })
    }
}

/// A step with everything drawn, and what the model expects of it.
#[derive(Clone)]
pub(super) enum Planned {
    Create { kind: Kind, id: Uuid, parent: Uuid, points_at: Vec<Uuid> },
    Delete { kind: Kind, id: Uuid },
    Restore { kind: Kind, id: Uuid },
    Score { key: SheetKey, criterion: Uuid, value: i32 },
    Fail { id: Uuid },
    Panic { id: Uuid },
}

/// Applies a step to the model; `None` if it makes no sense yet. The flag says whether it is to succeed.
pub(super) fn plan(model: &mut Model, step: &Step, fresh: Uuid) -> Option<(Planned, bool)> {
    match *step {
        Step::Create(kind, pick) => {
            let parent = match kind.parent()? {
                Kind::Tenant => TENANT.uuid(),
                above => model.pick(above, pick)?,
            };
            let points_at = match kind {
                Kind::Entry => vec![model.pick(Kind::Contestant, pick)?],
                Kind::Assignment => vec![model.pick(Kind::Judge, pick)?],
                Kind::Conflict => vec![model.pick(Kind::Judge, pick)?, model.pick(Kind::Contestant, pick)?],
                _ => Vec::new(),
            };
            let succeeds = model.is_live(parent)
                && points_at.iter().all(|at| model.is_live(*at))
                && !model.taken(kind, parent, &points_at);
            if succeeds {
                let points_at = points_at.clone();
                model.rows.push(ModelRow { id: fresh, kind, parent, points_at, deleted: false });
            }
            Some((Planned::Create { kind, id: fresh, parent, points_at }, succeeds))
        }
        Step::Delete(pick) => {
            let ModelRow { id, kind, .. } = model.any(pick)?;
            let succeeds = model.is_live(id);
            if let Some(row) = model.rows.iter_mut().find(|row| row.id == id && succeeds) {
                row.deleted = true;
            }
            Some((Planned::Delete { kind, id }, succeeds))
        }
        Step::Restore(pick) => {
            let ModelRow { id, kind, parent, points_at, deleted } = model.any(pick)?;
            let succeeds = deleted && model.is_live(parent) && !model.taken(kind, parent, &points_at);
            if let Some(row) = model.rows.iter_mut().find(|row| row.id == id && succeeds) {
                row.deleted = false;
            }
            Some((Planned::Restore { kind, id }, succeeds))
        }
        Step::Score { category, judge, entry, value } => {
            let category = model.pick(Kind::Category, category)?;
            let criterion =
                model.rows.iter().find(|row| row.kind == Kind::Criterion && row.parent == category)?.id;
            let (judge, entry) = (model.pick(Kind::Judge, judge)?, model.pick(Kind::Entry, entry)?);
            let seat = model.rows.iter().find(|row| {
                row.kind == Kind::Assignment
                    && row.parent == category
                    && row.points_at == [judge]
                    && !row.deleted
            });
            let succeeds = seat.is_some_and(|seat| model.is_live(seat.id)) && model.is_live(entry);
            if succeeds {
                model.sheets.insert((category, judge, entry), value);
            }
            let key = SheetKey {
                tenant: TENANT,
                category: CategoryId::new(category),
                judge: JudgeId::new(judge),
                entry: EntryId::new(entry),
            };
            Some((Planned::Score { key, criterion, value }, succeeds))
        }
        Step::Fail(pick) => Some((Planned::Fail { id: model.any(pick)?.id }, false)),
        Step::Panic(pick) => Some((Planned::Panic { id: model.any(pick)?.id }, false)),
    }
}
