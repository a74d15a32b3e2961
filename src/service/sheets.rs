//! Score sheets as they are read: a judge's own, any judge's, all of a category, earlier versions.

use std::collections::HashSet;

use uuid::Uuid;

use super::{
    Page, Paging, Permit, ServiceError, Services, Versions, guards,
    paging::cut,
    resources::{ensure_may_see_deleted, find_live},
    scorer::Scorer,
    versions::ensure_expected,
};
use crate::{
    domain::{
        Action, Assignment, Category, CategoryId, Contest, Entrant, EntrantRule, Entry, EntryId, Judge,
        JudgeId, Kind, Sheet, TenantId, Visibility,
    },
    store::{Found, Live, LiveRow, LocatedSheet, SheetKey, SheetPlace, StoreError, Transaction, WithDeleted},
};

/// Which sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SheetAddress {
    /// The category.
    pub category: CategoryId,
    /// The entry.
    pub entry: EntryId,
    /// The judge.
    pub judge: JudgeId,
}

/// A sheet with the name of its judge.
#[derive(Clone, Debug)]
pub struct SheetView {
    /// Which one.
    pub address: SheetAddress,
    /// The judge's name.
    pub judge_name: String,
    /// The sheet.
    pub sheet: Sheet,
    /// Whether it can be seen.
    pub visibility: Visibility,
}

impl SheetAddress {
    pub(super) fn key(&self, tenant: TenantId) -> SheetKey {
        SheetKey { tenant, category: self.category, judge: self.judge, entry: self.entry }
    }
}

impl Services {
    /// The signed-in judge's own sheet for an entrant.
    ///
    /// # Errors
    /// There is none, or the category is out of reach.
    pub async fn own_sheet(
        &self,
        permit: &Permit,
        category: CategoryId,
        entry: EntryId,
    ) -> Result<SheetView, ServiceError> {
        self.store
            .read(|view| {
                let category = judged_category(view, permit, category)?;
                let (judge, name) = own_judge(view, permit)?;
                let sheet =
                    view.sheet(&category, judge, entry)?.ok_or(ServiceError::NotFound(Kind::Sheet))?;
                let address = SheetAddress { category: CategoryId::new(category.id()), entry, judge };
                Ok(SheetView { address, judge_name: name, sheet, visibility: Visibility::Live })
            })
            .await
    }

    /// Any judge's sheet for an entrant.
    ///
    /// # Errors
    /// There is none, or the category is out of reach; deleted sheets need the permission to see them.
    pub async fn sheet(
        &self,
        permit: &Permit,
        address: SheetAddress,
        with_deleted: bool,
    ) -> Result<SheetView, ServiceError> {
        if with_deleted {
            ensure_may_see_deleted(permit)?;
            let read = |all: &WithDeleted<'_>| {
                let category = find_category(all, permit, address.category)?;
                let located = all.sheet(&category, address.judge, address.entry)?;
                let located = located.ok_or(ServiceError::NotFound(Kind::Sheet))?;
                Ok(found_sheet(all, permit.tenant(), address.category, located)?)
            };
            return self.store.read_with_deleted(read).await;
        }
        self.store
            .read(|view| {
                let category = find_live::<Category>(view, permit, address.category.uuid())?;
                let sheet = view.sheet(&category, address.judge, address.entry)?;
                let sheet = sheet.ok_or(ServiceError::NotFound(Kind::Sheet))?;
                view_of(view, permit.tenant(), address, sheet)
            })
            .await
    }

    /// A page of the sheets of a category, by judge and entry.
    ///
    /// # Errors
    /// The category is out of reach; deleted sheets need the permission to see them.
    pub async fn sheets(
        &self,
        permit: &Permit,
        category: CategoryId,
        paging: Paging<SheetPlace>,
    ) -> Result<Page<SheetView, SheetPlace>, ServiceError> {
        if paging.with_deleted {
            ensure_may_see_deleted(permit)?;
        }
        self.store
            .read_with_deleted(|all| {
                let located = if paging.with_deleted {
                    all.sheets(&find_category(all, permit, category)?)?
                } else {
                    let view = all.live();
                    let row = find_live::<Category>(&view, permit, category.uuid())?;
                    live_sheets(&view, &row, paging.after)?
                };
                let Page { items, next } = cut(located, paging, LocatedSheet::place);
                let items = items.into_iter().map(|sheet| found_sheet(all, permit.tenant(), category, sheet));
                Ok(Page { items: items.collect::<Result<_, StoreError>>()?, next })
            })
            .await
    }

    /// Earlier versions of a sheet, newest first.
    ///
    /// # Errors
    /// The category is out of reach.
    pub async fn sheet_versions(
        &self,
        permit: &Permit,
        address: SheetAddress,
    ) -> Result<Vec<SheetView>, ServiceError> {
        self.store
            .read(|view| {
                let category = find_live::<Category>(view, permit, address.category.uuid())?;
                let versions = view.sheet_versions(&category, address.judge, address.entry)?;
                let versions = versions.ok_or(ServiceError::NotFound(Kind::Sheet))?;
                versions.into_iter().map(|sheet| view_of(view, permit.tenant(), address, sheet)).collect()
            })
            .await
    }
}

/// The live sheets of a category by judge and entry, from the judge on whom a page begins with.
pub(super) fn live_sheets(
    view: &Live<'_>,
    category: &LiveRow<Category>,
    after: Option<SheetPlace>,
) -> Result<Vec<LocatedSheet>, ServiceError> {
    let mut assignments = view.children::<Assignment>(&category.place())?;
    assignments.retain(|row| after.is_none_or(|after| row.body().judge_id >= after.judge));
    assignments.sort_unstable_by_key(|row| row.body().judge_id);
    Ok(view.sheets(category, &assignments, &ids(&entries_of(view, category)?))?)
}

/// A category in whatever state, within reach.
fn find_category(
    all: &WithDeleted<'_>,
    permit: &Permit,
    category: CategoryId,
) -> Result<Found<Category>, ServiceError> {
    let found = all.find::<Category>(permit.tenant(), category.uuid())?;
    found.filter(|found| permit.covers(&found.lineage)).ok_or(ServiceError::NotFound(Kind::Category))
}

fn found_sheet(
    all: &WithDeleted<'_>,
    tenant: TenantId,
    category: CategoryId,
    located: LocatedSheet,
) -> Result<SheetView, StoreError> {
    let LocatedSheet { judge, entry, sheet, visibility } = located;
    let judge_name = all.label(tenant, Kind::Judge, judge.uuid())?.unwrap_or_default();
    Ok(SheetView { address: SheetAddress { category, entry, judge }, judge_name, sheet, visibility })
}

/// A category a judge may score in. A deleted one is told apart from one that never was.
pub(super) fn judged_category(
    view: &Live<'_>,
    permit: &Permit,
    category: CategoryId,
) -> Result<LiveRow<Category>, ServiceError> {
    match view.find::<Category>(permit.tenant(), category.uuid())? {
        Some(row) if permit.covers(row.lineage()) => Ok(row),
        Some(_) => Err(ServiceError::NotFound(Kind::Category)),
        None => {
            let deleted = view.was_deleted(permit.tenant(), Kind::Category, category.uuid())?;
            let known = deleted.is_some_and(|lineage| permit.covers(&lineage));
            Err(if known { ServiceError::CategoryDeleted } else { ServiceError::NotFound(Kind::Category) })
        }
    }
}

/// The judge who is signed in.
pub(super) fn own_judge(view: &Live<'_>, permit: &Permit) -> Result<(JudgeId, String), ServiceError> {
    let not_a_judge = || ServiceError::Forbidden(Action::SubmitSheets);
    let scorer = Scorer::of(permit.principal()).ok_or_else(not_a_judge)?;
    let judge = scorer.judge(view, permit.tenant())?;
    judge.map(|judge| (JudgeId::new(judge.id()), judge.body().name.clone())).ok_or_else(not_a_judge)
}

/// The entries that take part in a category, in running order.
pub(super) fn entries_of(
    view: &Live<'_>,
    category: &LiveRow<Category>,
) -> Result<Vec<LiveRow<Entry>>, ServiceError> {
    let contest = view.find::<Contest>(category.lineage().tenant(), category.lineage().parent())?;
    let Some(contest) = contest else { return Ok(Vec::new()) };
    let entries = view.children::<Entry>(&contest.place())?;
    if category.body().entrants == EntrantRule::All {
        return Ok(entries);
    }
    let listed: Vec<Uuid> = view
        .children::<Entrant>(&category.place())?
        .iter()
        .map(|entrant| entrant.body().entry_id.uuid())
        .collect();
    let mut entries: Vec<_> = entries.into_iter().filter(|entry| listed.contains(&entry.id())).collect();
    entries.sort_unstable_by_key(|entry| listed.iter().position(|id| *id == entry.id()));
    Ok(entries)
}

pub(super) fn open_category(
    view: &Live<'_>,
    permit: &Permit,
    category: CategoryId,
) -> Result<LiveRow<Category>, ServiceError> {
    let row = judged_category(view, permit, category)?;
    guards::ensure_open(view, row.lineage())?;
    Ok(row)
}

/// A live sheet in an open category, as it is stored.
pub(super) fn open_sheet(
    transaction: &Transaction<'_>,
    permit: &Permit,
    address: SheetAddress,
    expected: Option<&Versions>,
) -> Result<(SheetKey, Sheet), ServiceError> {
    let view = transaction.live();
    let category = open_category(&view, permit, address.category)?;
    let visible = view.sheet(&category, address.judge, address.entry)?;
    let key = address.key(permit.tenant());
    let sheet = visible.and(view.stored_sheet(&key)?).ok_or(ServiceError::NotFound(Kind::Sheet))?;
    ensure_expected(expected, sheet.version)?;
    Ok((key, sheet))
}

pub(super) fn view_of(
    view: &Live<'_>,
    tenant: TenantId,
    address: SheetAddress,
    sheet: Sheet,
) -> Result<SheetView, ServiceError> {
    let judge = view.find::<Judge>(tenant, address.judge.uuid())?;
    let judge_name = judge.map(|judge| judge.body().name.clone()).unwrap_or_default();
    Ok(SheetView { address, judge_name, sheet, visibility: Visibility::Live })
}

/// Ids of entries, for looking them up.
pub(super) fn ids(entries: &[LiveRow<Entry>]) -> HashSet<EntryId> {
    entries.iter().map(|entry| EntryId::new(entry.id())).collect()
}
