//! Score sheets as they are read: a judge's own, any judge's, all of a category, earlier versions.

use std::collections::HashSet;

use uuid::Uuid;

use super::{
    Permit, ServiceError, Services, guards,
    resources::{ensure_may_see_deleted, find_live},
};
use crate::{
    domain::{
        Action, Assignment, Category, CategoryId, Contest, Entrant, EntrantRule, Entry, EntryId, Judge,
        JudgeId, Kind, Sheet, TenantId, Tombstone, noun::UniqueField,
    },
    store::{Live, LiveRow, SheetKey, StoreError, Transaction},
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
    /// Who deleted it, if it is deleted.
    pub tombstone: Option<Tombstone>,
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
                Ok(SheetView { address, judge_name: name, sheet, tombstone: None })
            })
            .await
    }

    /// Any judge's sheet for an entrant.
    ///
    /// # Errors
    /// There is none, or the category is out of reach.
    pub async fn sheet(&self, permit: &Permit, address: SheetAddress) -> Result<SheetView, ServiceError> {
        self.store
            .read(|view| {
                let category = find_live::<Category>(view, permit, address.category.uuid())?;
                let sheet = view.sheet(&category, address.judge, address.entry)?;
                view_of(view, permit.tenant(), address, sheet.ok_or(ServiceError::NotFound(Kind::Sheet))?)
            })
            .await
    }

    /// All sheets of a category, by judge.
    ///
    /// # Errors
    /// The category is out of reach; deleted sheets need the permission to see them.
    pub async fn sheets(
        &self,
        permit: &Permit,
        category: CategoryId,
        with_deleted: bool,
    ) -> Result<Vec<SheetView>, ServiceError> {
        if with_deleted {
            ensure_may_see_deleted(permit)?;
        }
        self.store
            .read_with_deleted(|all| {
                let view = all.live();
                let row = find_live::<Category>(&view, permit, category.uuid())?;
                let located = if with_deleted {
                    all.sheets(&row)?
                } else {
                    let assignments = view.children::<Assignment>(&row.place())?;
                    let entries = ids(&entries_of(&view, &row)?);
                    view.sheets(&row, &assignments, &entries)?
                };
                let name = |judge: JudgeId| all.label(permit.tenant(), Kind::Judge, judge.uuid());
                let views: Result<Vec<SheetView>, StoreError> = located
                    .into_iter()
                    .map(|found| {
                        Ok(SheetView {
                            address: SheetAddress { category, entry: found.entry, judge: found.judge },
                            judge_name: name(found.judge)?.unwrap_or_default(),
                            sheet: found.sheet,
                            tombstone: found.tombstone,
                        })
                    })
                    .collect();
                Ok(views?)
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
                find_live::<Category>(view, permit, address.category.uuid())?;
                let versions = view.sheet_versions(&address.key(permit.tenant()))?;
                versions.into_iter().map(|sheet| view_of(view, permit.tenant(), address, sheet)).collect()
            })
            .await
    }
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
    let user = permit.principal().user().ok_or_else(not_a_judge)?;
    let tenant = permit.tenant();
    let holder = view.holder(tenant, tenant.uuid(), UniqueField::User, &user.to_string())?;
    let judge = holder.map(|id| view.find::<Judge>(tenant, id)).transpose()?.flatten();
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
    entries.sort_by_key(|entry| listed.iter().position(|id| *id == entry.id()));
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
    expected: Option<u64>,
) -> Result<(SheetKey, Sheet), ServiceError> {
    let view = transaction.live();
    let category = open_category(&view, permit, address.category)?;
    let visible = view.sheet(&category, address.judge, address.entry)?;
    let key = address.key(permit.tenant());
    let sheet = visible.and(view.stored_sheet(&key)?).ok_or(ServiceError::NotFound(Kind::Sheet))?;
    match expected {
        Some(version) if version != sheet.version => {
            Err(ServiceError::VersionMismatch { current: sheet.version })
        }
        _ => Ok((key, sheet)),
    }
}

pub(super) fn view_of(
    view: &Live<'_>,
    tenant: TenantId,
    address: SheetAddress,
    sheet: Sheet,
) -> Result<SheetView, ServiceError> {
    let judge = view.find::<Judge>(tenant, address.judge.uuid())?;
    let judge_name = judge.map(|judge| judge.body().name.clone()).unwrap_or_default();
    Ok(SheetView { address, judge_name, sheet, tombstone: None })
}

/// Ids of entries, for looking them up.
pub(super) fn ids(entries: &[LiveRow<Entry>]) -> HashSet<EntryId> {
    entries.iter().map(|entry| EntryId::new(entry.id())).collect()
}
