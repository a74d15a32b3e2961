//! Score sheets: one row each, keyed by category, judge and entry, so that writing one costs one random row and one
//! audit record. A sheet shows only if its entry, its judge and the judge's assignment are live, a mark only if its
//! criterion is.

use std::collections::HashSet;

use uuid::Uuid;

use super::{
    StoreError, codec, keys,
    lineage::Lineage,
    live::{Live, LiveRow},
    rows,
    transaction::Transaction,
    trash::RestoreError,
};
use crate::domain::{
    Assignment, Category, CategoryId, Criterion, CriterionId, Entry, EntryId, Facts, JudgeId, Kind, Mark,
    Sheet, TenantId, Verb, Visibility, noun::UniqueField,
};

/// Where a sheet lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SheetKey {
    /// The tenant.
    pub tenant: TenantId,
    /// The category.
    pub category: CategoryId,
    /// The judge.
    pub judge: JudgeId,
    /// The entry.
    pub entry: EntryId,
}

/// A sheet with where it lies, and whether it can be seen.
#[derive(Clone, PartialEq, Debug)]
pub struct LocatedSheet {
    /// The judge.
    pub judge: JudgeId,
    /// The entry.
    pub entry: EntryId,
    /// The sheet.
    pub sheet: Sheet,
    /// Whether it can be seen, and if not, why.
    pub visibility: Visibility,
}

/// A sheet's place in the list of its category.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SheetPlace {
    /// The judge.
    pub judge: JudgeId,
    /// The entry.
    pub entry: EntryId,
    /// The version of a deleted sheet. The one that is not deleted stands behind them whatever its version is, so that
    /// a change to it does not move it.
    pub version: u64,
}

impl SheetKey {
    pub(super) fn bytes(&self) -> Vec<u8> {
        keys::sheet(self.tenant, self.category, self.judge, self.entry)
    }
}

impl LocatedSheet {
    /// Its place in the list of its category.
    pub fn place(&self) -> SheetPlace {
        let version =
            if matches!(self.visibility, Visibility::Deleted(_)) { self.sheet.version } else { u64::MAX };
        SheetPlace { judge: self.judge, entry: self.entry, version }
    }
}

impl Live<'_> {
    /// A judge's live assignment on a category.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn assignment(
        &self,
        category: &LiveRow<Category>,
        judge: JudgeId,
    ) -> Result<Option<LiveRow<Assignment>>, StoreError> {
        let tenant = category.lineage().tenant();
        match self.holder(tenant, category.id(), UniqueField::Judge, &judge.to_string())? {
            Some(id) => self.find(tenant, id),
            None => Ok(None),
        }
    }

    /// One sheet of a live category.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sheet(
        &self,
        category: &LiveRow<Category>,
        judge: JudgeId,
        entry: EntryId,
    ) -> Result<Option<Sheet>, StoreError> {
        let tenant = category.lineage().tenant();
        if self.assignment(category, judge)?.is_none() || self.find::<Entry>(tenant, entry.uuid())?.is_none()
        {
            return Ok(None);
        }
        let key = SheetKey { tenant, category: CategoryId::new(category.id()), judge, entry };
        let Some(sheet) = self.stored_sheet(&key)? else { return Ok(None) };
        let criteria = self.live_criteria(category)?;
        Ok(Some(without_hidden_marks(sheet, &criteria)))
    }

    /// The sheet as it is stored, marks of deleted criteria included. For whoever has checked that it is live.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stored_sheet(&self, key: &SheetKey) -> Result<Option<Sheet>, StoreError> {
        match self.reader().get(&key.bytes())? {
            Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
            None => Ok(None),
        }
    }

    /// All sheets of a live category, by judge and entry.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sheets(
        &self,
        category: &LiveRow<Category>,
        assignments: &[LiveRow<Assignment>],
        entries: &HashSet<EntryId>,
    ) -> Result<Vec<LocatedSheet>, StoreError> {
        let (tenant, id) = (category.lineage().tenant(), CategoryId::new(category.id()));
        let criteria = self.live_criteria(category)?;
        let mut found = Vec::new();
        for assignment in assignments {
            let judge = assignment.body().judge_id;
            let prefix = keys::sheets_of_judge(tenant, id, judge);
            found.extend(rows::scan(self.reader(), &prefix, |key, value| {
                let Some((judge, entry)) = keys::sheet_parts(key) else { return Ok(None) };
                if !entries.contains(&entry) {
                    return Ok(None);
                }
                let sheet = without_hidden_marks(codec::decode(value)?, &criteria);
                Ok(Some(LocatedSheet { judge, entry, sheet, visibility: Visibility::Live }))
            })?);
        }
        Ok(found)
    }

    /// Whether a judge has any stored sheet in a category, or any sheet of it has a mark for a criterion.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_marks(
        &self,
        category: &LiveRow<Category>,
        of: impl Fn(JudgeId, &Mark) -> bool,
    ) -> Result<bool, StoreError> {
        let prefix = keys::children(Kind::Sheet, category.lineage().tenant(), category.id());
        let found = rows::scan(self.reader(), &prefix, |key, value| {
            let Some((judge, _)) = keys::sheet_parts(key) else { return Ok(None) };
            let sheet: Sheet = codec::decode(value)?;
            Ok(sheet.marks.iter().any(|mark| of(judge, mark)).then_some(()))
        })?;
        Ok(!found.is_empty())
    }

    fn live_criteria(&self, category: &LiveRow<Category>) -> Result<HashSet<Uuid>, StoreError> {
        Ok(self.children::<Criterion>(&category.place())?.iter().map(LiveRow::id).collect())
    }

    /// Earlier versions of a sheet of a live category, newest first, without the marks that are out of sight; nothing if
    /// the sheet is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sheet_versions(
        &self,
        category: &LiveRow<Category>,
        judge: JudgeId,
        entry: EntryId,
    ) -> Result<Option<Vec<Sheet>>, StoreError> {
        if self.sheet(category, judge, entry)?.is_none() {
            return Ok(None);
        }
        let tenant = category.lineage().tenant();
        let key = SheetKey { tenant, category: CategoryId::new(category.id()), judge, entry };
        let criteria = self.live_criteria(category)?;
        let prefix = keys::sheet_versions(&key.bytes());
        let mut versions = rows::scan(self.reader(), &prefix, |_, value| {
            Ok(Some(without_hidden_marks(codec::decode(value)?, &criteria)))
        })?;
        versions.reverse();
        Ok(Some(versions))
    }
}

fn without_hidden_marks(mut sheet: Sheet, criteria: &HashSet<Uuid>) -> Sheet {
    sheet.marks.retain(|mark| criteria.contains(&mark.criterion.uuid()));
    sheet
}

impl Transaction<'_> {
    /// Writes a sheet. Returns it with its new version.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn put_sheet(
        &mut self,
        key: &SheetKey,
        verb: Verb,
        mut sheet: Sheet,
        reason: Option<&str>,
    ) -> Result<Sheet, StoreError> {
        sheet.version = self.record_sheet(key, verb, &sheet.marks, reason)?;
        self.put(key.bytes(), &sheet)?;
        Ok(sheet)
    }

    /// Keeps a sheet as an earlier version of itself.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn keep_sheet_version(&mut self, key: &SheetKey, sheet: &Sheet) -> Result<(), StoreError> {
        self.put(keys::sheet_version(&key.bytes(), sheet.version), sheet)
    }

    fn record_sheet(
        &mut self,
        key: &SheetKey,
        verb: Verb,
        marks: &[Mark],
        reason: Option<&str>,
    ) -> Result<u64, StoreError> {
        let facts = Facts::Sheet {
            category: key.category,
            judge: key.judge,
            entry: key.entry,
            marks: marks.to_vec(),
            reason: reason.map(ToOwned::to_owned),
        };
        self.record(key.tenant, verb, (Kind::Sheet, key.entry.uuid()), facts, None)
    }

    /// Moves a sheet to the trash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn delete_sheet(
        &mut self,
        key: &SheetKey,
        sheet: &Sheet,
        label: String,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let version = self.record_sheet(key, Verb::Deleted, &sheet.marks, reason)?;
        self.bury(key.tenant, &key.bytes(), version, reason, label)
    }

    /// Brings the sheet deleted last under a key back; none if there is none, or if there is a newer live one.
    ///
    /// # Errors
    /// It is being destroyed, or the store cannot be read.
    pub fn restore_sheet(&mut self, key: &SheetKey) -> Result<Option<Sheet>, RestoreError> {
        let live_key = key.bytes();
        if self.reader().contains(&live_key).map_err(StoreError::from)? {
            return Ok(None);
        }
        let Some((trash_key, buried)) = rows::newest_buried(self.reader(), &live_key)? else {
            return Ok(None);
        };
        let sheet: Sheet = codec::decode(buried.restorable()?).map_err(StoreError::from)?;
        self.exhume(key.tenant, trash_key);
        Ok(Some(self.put_sheet(key, Verb::Restored, sheet, None)?))
    }

    /// Takes one mark off a sheet: a new version of the sheet, and the mark in the trash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn delete_mark(
        &mut self,
        key: &SheetKey,
        mut sheet: Sheet,
        criterion: CriterionId,
        label: String,
        reason: Option<&str>,
    ) -> Result<Option<Sheet>, StoreError> {
        let Some(index) = sheet.marks.iter().position(|mark| mark.criterion == criterion) else {
            return Ok(None);
        };
        self.keep_sheet_version(key, &sheet)?;
        let mark = sheet.marks.remove(index);
        let sheet = self.put_sheet(key, Verb::Updated, sheet, reason)?;
        let mark_key = keys::mark(&key.bytes(), criterion.uuid());
        let version = self.record_mark(key, Verb::Deleted, criterion, reason)?;
        self.bury_value(key.tenant, &mark_key, version, reason, label, codec::encode(&mark)?)?;
        Ok(Some(sheet))
    }

    /// Puts a deleted mark back on its sheet, before those of the criteria behind its own; none if it is not deleted,
    /// or the sheet has a newer one.
    ///
    /// # Errors
    /// It is being destroyed, or the store cannot be read.
    pub fn restore_mark(
        &mut self,
        key: &SheetKey,
        mut sheet: Sheet,
        criterion: CriterionId,
    ) -> Result<Option<Sheet>, RestoreError> {
        let mark_key = keys::mark(&key.bytes(), criterion.uuid());
        let Some((trash_key, buried)) = rows::newest_buried(self.reader(), &mark_key)? else {
            return Ok(None);
        };
        if sheet.marks.iter().any(|mark| mark.criterion == criterion) {
            return Ok(None);
        }
        let mark = codec::decode(buried.restorable()?).map_err(StoreError::from)?;
        self.keep_sheet_version(key, &sheet)?;
        let order = self.criteria_order(key.category)?;
        let place_of = |criterion: CriterionId| order.iter().position(|id| *id == criterion);
        let behind = |mark: &Mark| place_of(mark.criterion) > place_of(criterion);
        let place = sheet.marks.iter().position(behind).unwrap_or(sheet.marks.len());
        sheet.marks.insert(place, mark);
        self.exhume(key.tenant, trash_key);
        self.record_mark(key, Verb::Restored, criterion, None)?;
        Ok(Some(self.put_sheet(key, Verb::Updated, sheet, None)?))
    }

    /// The criteria of a category in running order, deleted ones too: their marks are on the sheets still.
    fn criteria_order(&self, category: CategoryId) -> Result<Vec<CriterionId>, StoreError> {
        let Some(lineage) = Lineage::locate(self.reader(), category.uuid())? else { return Ok(Vec::new()) };
        let criteria = self.with_deleted().children::<Criterion>(&lineage)?;
        Ok(criteria.iter().map(|found| CriterionId::new(found.row.id)).collect())
    }

    fn record_mark(
        &mut self,
        key: &SheetKey,
        verb: Verb,
        criterion: CriterionId,
        reason: Option<&str>,
    ) -> Result<u64, StoreError> {
        let facts = reason.map_or(Facts::None, |reason| Facts::Reason(reason.to_owned()));
        self.record(key.tenant, verb, (Kind::Mark, criterion.uuid()), facts, None)
    }
}
