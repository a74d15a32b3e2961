//! The plain model that the store is compared with.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{TENANT, steps::Step};
use crate::{
    domain::{CategoryId, CriterionId, EntryId, JudgeId, Kind},
    store::SheetKey,
};

/// How many unique values there are to quarrel about.
const VALUES: u8 = 4;

/// Where a sheet is: its category, its judge and its entry.
type Place = (Uuid, Uuid, Uuid);

/// The marks of a sheet, by their criterion.
pub(super) type Marks = BTreeMap<Uuid, i32>;

/// The plain model: rows with what they hang beneath and point at, and who holds which sheet.
#[derive(Clone, Default)]
pub(super) struct Model {
    pub(super) rows: Vec<ModelRow>,
    pub(super) sheets: BTreeMap<Place, Marks>,
    /// Those in the trash, in the order in which they were deleted.
    pub(super) deleted_sheets: BTreeMap<Place, Vec<Marks>>,
    /// Marks in the trash by sheet and criterion, in the order in which they were deleted.
    pub(super) deleted_marks: BTreeMap<(Place, Uuid), Vec<i32>>,
    /// Whether the tenant is in the trash.
    pub(super) tenant_deleted: bool,
    /// What is gone for good.
    pub(super) purged: Vec<(Kind, Uuid)>,
}

#[derive(Clone)]
pub(super) struct ModelRow {
    pub(super) id: Uuid,
    pub(super) kind: Kind,
    pub(super) parent: Uuid,
    pub(super) points_at: Vec<Uuid>,
    /// The entry's number, the user's address, the field's key, the wording's language or the judge's account; for an
    /// assignment, that its judge heads the panel.
    pub(super) value: Option<u8>,
    pub(super) deleted: bool,
}

impl Model {
    pub(super) fn row(&self, id: Uuid) -> Option<&ModelRow> {
        self.rows.iter().find(|row| row.id == id)
    }

    pub(super) fn is_live(&self, id: Uuid) -> bool {
        id == TENANT.uuid() && !self.tenant_deleted
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

    /// Whether a sheet, if there is one, can be seen.
    pub(super) fn shows_sheet(&self, (category, judge, entry): Place) -> bool {
        let seat = self.rows.iter().find(|row| {
            (row.kind, row.parent, row.deleted) == (Kind::Assignment, category, false)
                && row.points_at == [judge]
        });
        seat.is_some_and(|seat| self.is_live(seat.id)) && self.is_live(entry)
    }

    /// The contest of a category or an entry.
    fn contest_of(&self, id: Uuid) -> Option<Uuid> {
        self.row(id).map(|row| row.parent)
    }

    /// An entry of the contest that a category is of.
    fn pick_entrant(&self, category: Uuid, pick: u8) -> Option<Uuid> {
        let entry = self.pick(Kind::Entry, pick)?;
        (self.contest_of(entry) == self.contest_of(category)).then_some(entry)
    }

    /// Whether another row that is not deleted itself holds a unique value of this one.
    pub(super) fn taken(&self, row: &ModelRow) -> bool {
        let once = !matches!(row.kind, Kind::Deduction | Kind::File) && !row.points_at.is_empty();
        self.rows.iter().any(|other| {
            (other.kind, other.parent, other.deleted) == (row.kind, row.parent, false)
                && other.id != row.id
                && (once && other.points_at == row.points_at
                    || row.value.is_some() && other.value == row.value)
        })
    }

    /// Destroys a row with all beneath it and all that points at it, and the sheets that lose their place.
    pub(super) fn purge(&mut self, id: Uuid) {
        let mut gone = vec![id];
        let mut next = 0;
        while let Some(id) = gone.get(next).copied() {
            let hang_on = |row: &&ModelRow| row.parent == id || row.points_at.contains(&id);
            let more: Vec<Uuid> = self.rows.iter().filter(hang_on).map(|row| row.id).collect();
            gone.extend(more.into_iter().filter(|id| !gone.contains(id)).collect::<Vec<_>>());
            next += 1;
        }
        let (purged, kept): (Vec<_>, Vec<_>) = self.rows.drain(..).partition(|row| gone.contains(&row.id));
        self.purged.extend(purged.into_iter().map(|row| (row.kind, row.id)));
        self.rows = kept;
        let rows = &self.rows;
        let is_kept = |id: &Uuid| rows.iter().any(|row| row.id == *id);
        let has_seat = |category: &Uuid, judge: &Uuid| {
            rows.iter().any(|row| {
                (row.kind, row.parent) == (Kind::Assignment, *category) && row.points_at == [*judge]
            })
        };
        let keeps = |(category, judge, entry): &Place| is_kept(entry) && has_seat(category, judge);
        self.sheets.retain(|place, _| keeps(place));
        self.deleted_sheets.retain(|place, _| keeps(place));
        self.deleted_marks.retain(|(place, criterion), _| keeps(place) && is_kept(criterion));
    }
}

/// A step with everything drawn, and what the model expects of it.
#[derive(Clone)]
pub(super) enum Planned {
    Create(ModelRow),
    Update { kind: Kind, id: Uuid, value: Option<u8> },
    Purge { kind: Kind, id: Uuid },
    Delete { kind: Kind, id: Uuid },
    Restore { kind: Kind, id: Uuid },
    Score { key: SheetKey, criterion: Uuid, value: i32 },
    DeleteSheet { key: SheetKey },
    RestoreSheet { key: SheetKey },
    PurgeTrash,
    PurgeSheet { key: SheetKey },
    PurgeMark { key: SheetKey, criterion: CriterionId },
    DeleteMark { key: SheetKey, criterion: CriterionId },
    RestoreMark { key: SheetKey, criterion: CriterionId },
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
                Kind::File => vec![model.pick(ABOUT[usize::from(pick) % ABOUT.len()], pick)?],
                Kind::Entrant | Kind::Deduction => vec![model.pick_entrant(parent, pick)?],
                _ => Vec::new(),
            };
            let value = value_of(kind, pick);
            let row = ModelRow { id: fresh, kind, parent, points_at, value, deleted: false };
            let succeeds = model.is_live(parent)
                && row.points_at.iter().all(|at| model.is_live(*at))
                && !model.taken(&row);
            if succeeds {
                model.rows.push(row.clone());
            }
            Some((Planned::Create(row), succeeds))
        }
        Step::Update(pick, value) => {
            let can_have_one = |row: &ModelRow| row.value.is_some() || row.kind == Kind::Assignment;
            let ModelRow { id, kind, .. } = model.any(pick).filter(can_have_one)?;
            let value = if kind == Kind::Assignment { value_of(kind, value) } else { Some(value % VALUES) };
            let changed = ModelRow { value, ..model.any(pick)? };
            let succeeds = model.is_live(id) && !model.taken(&changed);
            if let Some(row) = model.rows.iter_mut().find(|row| row.id == id && succeeds) {
                *row = changed;
            }
            Some((Planned::Update { kind, id, value }, succeeds))
        }
        Step::Purge(pick) => {
            let ModelRow { id, kind, deleted, .. } = model.any(pick)?;
            if deleted {
                model.purge(id);
            }
            Some((Planned::Purge { kind, id }, deleted))
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
            let row = model.any(pick)?;
            let (id, kind) = (row.id, row.kind);
            let succeeds = row.deleted && model.is_live(row.parent) && !model.taken(&row);
            if let Some(row) = model.rows.iter_mut().find(|row| row.id == id && succeeds) {
                row.deleted = false;
            }
            Some((Planned::Restore { kind, id }, succeeds))
        }
        Step::Score { category, judge, entry, value } => {
            let category = model.pick(Kind::Category, category)?;
            let criterion =
                model.rows.iter().find(|row| row.kind == Kind::Criterion && row.parent == category)?.id;
            let (judge, entry) = (model.pick(Kind::Judge, judge)?, model.pick_entrant(category, entry)?);
            let place = (category, judge, entry);
            let succeeds = model.shows_sheet(place);
            if succeeds {
                model.sheets.insert(place, Marks::from([(criterion, value)]));
            }
            let key = key_of(place);
            Some((Planned::Score { key, criterion, value }, succeeds))
        }
        Step::DeleteSheet(pick) => {
            let place = nth(model.sheets.keys(), pick)?;
            let succeeds = model.shows_sheet(place);
            if succeeds && let Some(marks) = model.sheets.remove(&place) {
                model.deleted_sheets.entry(place).or_default().push(marks);
            }
            Some((Planned::DeleteSheet { key: key_of(place) }, succeeds))
        }
        Step::RestoreSheet(pick) => {
            let place = nth(model.deleted_sheets.keys(), pick)?;
            let succeeds = model.is_live(place.0) && !model.sheets.contains_key(&place);
            let deleted = model.deleted_sheets.get_mut(&place).filter(|_| succeeds);
            match deleted.and_then(Vec::pop) {
                Some(marks) => drop(model.sheets.insert(place, marks)),
                None => return Some((Planned::RestoreSheet { key: key_of(place) }, false)),
            }
            Some((Planned::RestoreSheet { key: key_of(place) }, true))
        }
        Step::DeleteMark(pick) => {
            let rows = &model.rows;
            let is_there = |id: &Uuid| rows.iter().any(|row| row.id == *id);
            let marks = model.sheets.iter().flat_map(|(place, marks)| marks.keys().map(|id| (*place, *id)));
            let marks: Vec<_> = marks.filter(|(_, criterion)| is_there(criterion)).collect();
            let (place, criterion) = *marks.get(usize::from(pick) % marks.len().max(1))?;
            let succeeds = model.shows_sheet(place);
            let sheet = model.sheets.get_mut(&place).filter(|_| succeeds);
            if let Some(value) = sheet.and_then(|marks| marks.remove(&criterion)) {
                model.deleted_marks.entry((place, criterion)).or_default().push(value);
            }
            let criterion = CriterionId::new(criterion);
            Some((Planned::DeleteMark { key: key_of(place), criterion }, succeeds))
        }
        Step::RestoreMark(pick) => {
            let (place, criterion) = nth(model.deleted_marks.keys(), pick)?;
            let shows = model.shows_sheet(place);
            let sheet = model.sheets.get_mut(&place).filter(|_| shows);
            let sheet = sheet.filter(|marks| !marks.contains_key(&criterion));
            let succeeds = match (sheet, model.deleted_marks.get_mut(&(place, criterion))) {
                (Some(marks), Some(deleted)) => {
                    deleted.pop().map(|value| marks.insert(criterion, value)).is_some()
                }
                _ => false,
            };
            let criterion = CriterionId::new(criterion);
            Some((Planned::RestoreMark { key: key_of(place), criterion }, succeeds))
        }
        Step::PurgeSheet(pick) => {
            let place = nth(model.deleted_sheets.keys(), pick)?;
            let is_there = purge_oldest(model.deleted_sheets.get_mut(&place)?);
            Some((Planned::PurgeSheet { key: key_of(place) }, is_there))
        }
        Step::PurgeMark(pick) => {
            let (place, criterion) = nth(model.deleted_marks.keys(), pick)?;
            let is_there = purge_oldest(model.deleted_marks.get_mut(&(place, criterion))?);
            Some((
                Planned::PurgeMark { key: key_of(place), criterion: CriterionId::new(criterion) },
                is_there,
            ))
        }
        // The tenant would go, too.
        Step::PurgeTrash if model.tenant_deleted => None,
        Step::PurgeTrash => {
            while let Some(row) = model.rows.iter().find(|row| row.deleted) {
                model.purge(row.id);
            }
            model.deleted_sheets.clear();
            model.deleted_marks.clear();
            Some((Planned::PurgeTrash, true))
        }
        Step::DeleteTenant => {
            let succeeds = !std::mem::replace(&mut model.tenant_deleted, true);
            Some((Planned::Delete { kind: Kind::Tenant, id: TENANT.uuid() }, succeeds))
        }
        Step::RestoreTenant => {
            let succeeds = std::mem::take(&mut model.tenant_deleted);
            Some((Planned::Restore { kind: Kind::Tenant, id: TENANT.uuid() }, succeeds))
        }
        Step::Fail(pick) => Some((Planned::Fail { id: model.any(pick)?.id }, false)),
        Step::Panic(pick) => Some((Planned::Panic { id: model.any(pick)?.id }, false)),
    }
}

/// The unique value of a new row, if it has one.
fn value_of(kind: Kind, pick: u8) -> Option<u8> {
    match kind {
        Kind::Entry | Kind::User | Kind::Field | Kind::Wording => Some(pick % VALUES),
        Kind::Judge => pick.is_multiple_of(2).then_some(pick % VALUES),
        Kind::Assignment => pick.is_multiple_of(2).then_some(0),
        _ => None,
    }
}

/// Destroys what was deleted first. False if nothing is deleted.
fn purge_oldest<T>(deleted: &mut Vec<T>) -> bool {
    let is_there = !deleted.is_empty();
    deleted.drain(..usize::from(is_there));
    is_there
}

fn nth<'a, T: Copy + 'a>(mut places: impl ExactSizeIterator<Item = &'a T>, pick: u8) -> Option<T> {
    places.nth(usize::from(pick) % places.len().max(1)).copied()
}

fn key_of((category, judge, entry): Place) -> SheetKey {
    SheetKey {
        tenant: TENANT,
        category: CategoryId::new(category),
        judge: JudgeId::new(judge),
        entry: EntryId::new(entry),
    }
}

/// What files can be about.
const ABOUT: [Kind; 6] =
    [Kind::Contestant, Kind::Judge, Kind::Event, Kind::Contest, Kind::Category, Kind::Entry];
