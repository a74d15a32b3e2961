//! Bringing back whatever lies in the trash, of any kind, within one operation: by itself, or with what must come back
//! first. One request restores one thing, another many; what stands in the way of each is found by trying.

use uuid::Uuid;

use super::{
    Changed, Conflict, Permit, ServiceError, SheetAddress, changes,
    sheet_trash::{restore_mark_in, restore_sheet_in},
};
use crate::{
    domain::{Action, CategoryId, CriterionId, EntryId, JudgeId, Kind, permission, with_noun},
    store::{Transaction, TrashItem},
};

/// Most things that must come back before one.
const FIRST_MAX: usize = 16;

/// How something is to come back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Restoring {
    /// Together with what must come back first.
    pub with_ancestors: bool,
    /// That sheets may lack marks because of it.
    pub confirmed: bool,
}

/// Something that can be restored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Buried {
    /// A thing with an id of its own.
    Noun(Kind, Uuid),
    /// A sheet.
    Sheet(SheetAddress),
    /// A mark of a sheet.
    Mark(SheetAddress, CriterionId),
}

impl Buried {
    /// What lies in the trash.
    pub(super) fn of(item: &TrashItem) -> Option<Self> {
        let address = |category: &Uuid, judge: &Uuid, entry: &Uuid| SheetAddress {
            category: CategoryId::new(*category),
            judge: JudgeId::new(*judge),
            entry: EntryId::new(*entry),
        };
        match (item.kind, item.path.as_slice()) {
            (Kind::Sheet, [category, judge, entry]) => Some(Self::Sheet(address(category, judge, entry))),
            (Kind::Mark, [category, judge, entry, criterion]) => {
                Some(Self::Mark(address(category, judge, entry), CriterionId::new(*criterion)))
            }
            (Kind::Sheet | Kind::Mark, _) => None,
            (kind, _) => Some(Self::Noun(kind, item.id)),
        }
    }
}

/// Restores what lies in the trash. Returns all that came back, the thing itself last.
///
/// # Errors
/// What `changes::restore` fails with; with ancestors, not that one of them is deleted.
pub(super) fn restore_item(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    item: &TrashItem,
    how: Restoring,
) -> Result<Vec<Changed>, ServiceError> {
    let buried = Buried::of(item).ok_or(ServiceError::NotInTrash)?;
    let mut restored = Vec::new();
    if let Some(first) = item.blocked_by {
        if !how.with_ancestors {
            return Err(Conflict::ParentDeleted { kind: first.kind, id: first.id }.into());
        }
        restored.extend(restore(transaction, permit, Buried::Noun(first.kind, first.id), how)?);
    }
    restored.extend(restore(transaction, permit, buried, how)?);
    Ok(restored)
}

/// Restores a thing, and with ancestors whatever hides it, the topmost first.
///
/// # Errors
/// As [`restore_item`].
pub(super) fn restore(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    buried: Buried,
    how: Restoring,
) -> Result<Vec<Changed>, ServiceError> {
    let mut restored = Vec::new();
    let mut waiting = vec![buried];
    while let Some(next) = waiting.last().copied() {
        match restore_one(transaction, permit, next, how.confirmed) {
            Ok(changed) => {
                restored.extend(changed);
                waiting.pop();
            }
            Err(ServiceError::Conflict(Conflict::ParentDeleted { kind, id }))
                if how.with_ancestors && waiting.len() < FIRST_MAX =>
            {
                waiting.push(Buried::Noun(kind, id));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(restored)
}

/// Restores one thing; nothing if it was not deleted.
fn restore_one(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    buried: Buried,
    confirmed: bool,
) -> Result<Option<Changed>, ServiceError> {
    match buried {
        Buried::Noun(kind, id) => {
            let action = permission::managing(kind).ok_or(ServiceError::NotInTrash)?;
            let permit = permit.for_action(action)?;
            let restored = with_noun!(
                kind,
                N => changes::restore::<N>(transaction, &permit, id, confirmed)?,
                otherwise false
            );
            Ok(restored.then_some(Changed { kind, id }))
        }
        Buried::Sheet(address) => {
            let permit = permit.for_action(Action::ManageSheets)?;
            restore_sheet_in(transaction, &permit, address)?;
            Ok(Some(Changed { kind: Kind::Sheet, id: address.entry.uuid() }))
        }
        Buried::Mark(address, criterion) => {
            let permit = permit.for_action(Action::ManageSheets)?;
            restore_mark_in(transaction, &permit, address, criterion)?;
            Ok(Some(Changed { kind: Kind::Mark, id: criterion.uuid() }))
        }
    }
}
