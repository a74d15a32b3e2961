//! Sheets with those that are out of sight, each with what keeps it there: its own tombstone, the category or something
//! above it, the entry or its contestant, or that the judge has no live assignment.

use std::{cmp, collections::HashMap};

use super::{
    StoreError, codec, keys,
    live::LiveRow,
    rows,
    sheets::{LocatedSheet, SheetKey},
    with_deleted::{Found, WithDeleted},
};
use crate::domain::{
    Assignment, Category, CategoryId, CriterionId, Entry, EntryId, HiddenBy, JudgeId, Kind, Sheet, Visibility,
};

impl WithDeleted<'_> {
    /// All sheets of a category in whatever state, in the order of their places.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sheets(&self, category: &Found<Category>) -> Result<Vec<LocatedSheet>, StoreError> {
        let hiders = Hiders::of(self, category)?;
        let prefix = keys::children(Kind::Sheet, category.lineage.tenant(), category.lineage.id());
        let mut found = rows::scan(self.reader(), &prefix, |key, value| {
            let Some((judge, entry)) = keys::sheet_parts(key) else { return Ok(None) };
            let visibility = hiders.visibility(judge, entry);
            Ok(Some(LocatedSheet { judge, entry, sheet: codec::decode(value)?, visibility }))
        })?;
        found.extend(rows::scan(self.reader(), &keys::trash_of(&prefix), |key, value| {
            let live_key = keys::live_of_trash(key);
            let parts = live_key.as_deref().and_then(keys::sheet_parts);
            parts.map(|(judge, entry)| unearth(judge, entry, codec::decode(value)?)).transpose()
        })?);
        found.sort_unstable_by_key(LocatedSheet::place);
        Ok(found)
    }

    /// Whether any sheet of a category has a mark for a criterion, or had one that can be restored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_marks(
        &self,
        category: &LiveRow<Category>,
        criterion: CriterionId,
    ) -> Result<bool, StoreError> {
        if self.live().has_marks(category, |_, mark| mark.criterion == criterion)? {
            return Ok(true);
        }
        let sheets = keys::children(Kind::Sheet, category.lineage().tenant(), category.id());
        let buried = rows::scan(self.reader(), &keys::trash_of(&sheets), |_, value| {
            let buried: rows::Buried = codec::decode(value)?;
            let sheet: Sheet = codec::decode(&buried.row)?;
            Ok(sheet.marks.iter().any(|mark| mark.criterion == criterion).then_some(()))
        })?;
        let marks = rows::scan(self.reader(), &keys::trash_of(&keys::marks(&sheets)), |key, _| {
            Ok((keys::criterion_of_mark(key) == Some(criterion.uuid())).then_some(()))
        })?;
        Ok(!buried.is_empty() || !marks.is_empty())
    }

    /// One sheet of a category in whatever state; of several deleted ones the last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sheet(
        &self,
        category: &Found<Category>,
        judge: JudgeId,
        entry: EntryId,
    ) -> Result<Option<LocatedSheet>, StoreError> {
        let (tenant, category_id) = (category.lineage.tenant(), CategoryId::new(category.lineage.id()));
        let key = SheetKey { tenant, category: category_id, judge, entry };
        if let Some(sheet) = self.live().stored_sheet(&key)? {
            let visibility = Hiders::of(self, category)?.visibility(judge, entry);
            return Ok(Some(LocatedSheet { judge, entry, sheet, visibility }));
        }
        let buried = rows::newest_buried(self.reader(), &key.bytes())?;
        buried.map(|(_, buried)| unearth(judge, entry, buried)).transpose()
    }
}

fn unearth(judge: JudgeId, entry: EntryId, buried: rows::Buried) -> Result<LocatedSheet, StoreError> {
    let sheet = codec::decode(&buried.row)?;
    Ok(LocatedSheet { judge, entry, sheet, visibility: Visibility::Deleted(buried.tombstone) })
}

/// What takes sheets of one category out of sight.
struct Hiders {
    category: Option<HiddenBy>,
    entries: HashMap<EntryId, Option<HiddenBy>>,
    judges: HashMap<JudgeId, Option<HiddenBy>>,
}

impl Hiders {
    fn of(view: &WithDeleted<'_>, category: &Found<Category>) -> Result<Self, StoreError> {
        let mut entries = HashMap::new();
        for contest in category.lineage.ancestors().take(1) {
            for found in view.children::<Entry>(&contest)? {
                let hidden_by = found.visibility.hides(Kind::Entry, found.row.id);
                entries.insert(EntryId::new(found.row.id), hidden_by);
            }
        }
        let mut judges = HashMap::new();
        for found in view.children::<Assignment>(&category.lineage)? {
            let hidden_by = found.visibility.hides(Kind::Assignment, found.row.id);
            let kept = judges.entry(found.row.body.judge_id).or_insert(hidden_by);
            // Whoever was assigned anew has older assignments in the trash: one that is live is enough.
            *kept = kept.zip(hidden_by).map(|(one, other)| cmp::max_by_key(one, other, |by| by.deleted_at));
        }
        Ok(Self { category: category.visibility.hides(Kind::Category, category.row.id), entries, judges })
    }

    fn visibility(&self, judge: JudgeId, entry: EntryId) -> Visibility {
        let of_entry = self.entries.get(&entry).copied().flatten();
        let of_judge = self.judges.get(&judge).copied().flatten();
        self.category.or(of_entry).or(of_judge).map_or(Visibility::Live, Visibility::Hidden)
    }
}
