//! What must hold of all keys at any time: nothing points at what is not there, and what is destroyed leaves nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use uuid::Uuid;

use super::{TENANT, by_kind, model::Model};
use crate::{
    domain::{Kind, Noun, Visibility},
    store::{
        Lineage, Store, WithDeleted, codec,
        engine::{Direction, Reader},
        keys::{self, Table},
        rows, trash,
    },
};

/// All rows of all tables.
fn all(reader: &dyn Reader) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut found = BTreeMap::new();
    let (from, to) = keys::EVERYTHING;
    let take = &mut |key: &[u8], value: &[u8]| {
        found.insert(key.to_vec(), value.to_vec());
        ControlFlow::Continue(())
    };
    reader.range(from, to, Direction::Forward, take).unwrap();
    found
}

/// What is seen of a row with what is deleted: whether it is deleted itself, or hidden.
fn seen<N: Noun>(view: &WithDeleted<'_>, id: Uuid) -> Option<(bool, bool)> {
    let found = view.find::<N>(TENANT, id).unwrap()?;
    let is_hidden = matches!(found.visibility, Visibility::Hidden(_));
    Some((matches!(found.visibility, Visibility::Deleted(_)), is_hidden))
}

fn listed<N: Noun>(view: &WithDeleted<'_>, parent: &Lineage) -> BTreeSet<Uuid> {
    view.children::<N>(parent).unwrap().into_iter().map(|found| found.row.id).collect()
}

/// The view with what is deleted, the trash's index and the cross-links agree with the model.
pub(super) fn agree_with_deleted(store: &Store, model: &Model) {
    let snapshot = store.snapshot();
    let view = WithDeleted::new(&snapshot);
    for row in &model.rows {
        let expected = (row.deleted, !row.deleted && !model.is_live(row.id));
        assert_eq!(by_kind!(row.kind, seen(&view, row.id)), Some(expected), "{} {}", row.kind, row.id);
        let lineage = view.lineage(TENANT, row.kind, row.id).unwrap().unwrap();
        let parent = lineage.ancestors().next().unwrap();
        let siblings = model.rows.iter().filter(|other| (other.kind, other.parent) == (row.kind, row.parent));
        assert_eq!(by_kind!(row.kind, listed(&view, &parent)), siblings.map(|row| row.id).collect());
        for kind in Kind::ALL {
            let found = rows::referrers(&snapshot, TENANT, row.id, kind).unwrap();
            let points_here =
                model.rows.iter().filter(|other| other.kind == kind && other.points_at.contains(&row.id));
            let found: BTreeSet<Uuid> = found.into_iter().collect();
            assert_eq!(found, points_here.map(|row| row.id).collect(), "who points at {}", row.id);
        }
    }
    for (kind, id) in &model.purged {
        assert_eq!(by_kind!(*kind, seen(&view, *id)), None, "{kind} {id} was destroyed");
    }
    let trash = view.trash(TENANT, None, usize::MAX, |_| true).unwrap();
    let sizes = view.trash_sizes().unwrap();
    for (kind, size) in &sizes {
        assert_eq!(trash.iter().filter(|item| item.kind == *kind).count(), *size, "{kind} in the trash");
    }
    assert_eq!(sizes.values().sum::<usize>(), trash.len(), "{sizes:?}");
    let (sheets, trash): (Vec<_>, Vec<_>) = trash.into_iter().partition(|item| item.kind == Kind::Sheet);
    assert_eq!(
        sheets.len(),
        model.deleted_sheets.values().map(Vec::len).sum::<usize>(),
        "sheets in the trash"
    );
    let (marks, trash): (Vec<_>, Vec<_>) = trash.into_iter().partition(|item| item.kind == Kind::Mark);
    assert_eq!(marks.len(), model.deleted_marks.values().map(Vec::len).sum::<usize>(), "marks in the trash");
    let trash: Vec<Uuid> = trash.into_iter().map(|item| item.id).collect();
    let deleted = model.rows.iter().filter(|row| row.deleted).map(|row| row.id);
    let deleted: BTreeSet<Uuid> = deleted.chain(model.tenant_deleted.then_some(TENANT.uuid())).collect();
    assert_eq!((trash.len(), trash.into_iter().collect::<BTreeSet<_>>()), (deleted.len(), deleted));
}

/// The unique values that a row holds, as keys.
fn slots_of<N: Noun>(reader: &dyn Reader, lineage: &Lineage) -> Vec<Vec<u8>> {
    let row = rows::own_row::<N>(reader, lineage).unwrap();
    let values = row.map(|row| row.body.unique()).unwrap_or_default();
    let (tenant, parent) = (lineage.tenant(), lineage.parent());
    values.iter().map(|unique| keys::slot(tenant, parent, unique.field, &unique.value)).collect()
}

/// Every row has its place, every place its row, and everything that is named is there.
pub(super) fn nothing_dangles(store: &Store) {
    let snapshot = store.snapshot();
    let rows = all(&snapshot);
    let mut held = BTreeMap::new();
    let located = |id: Uuid| Lineage::locate(&snapshot, id).unwrap();
    let id_at = |key: &[u8], from: usize| Uuid::from_slice(&key[from..from + 16]).unwrap();
    for (key, value) in &rows {
        let (table, kind) = (key[0], keys::kind_of(key));
        let is = |of: Table| table == of as u8;
        if let Some(kind) = kind.filter(|_| table < Table::Meta as u8) {
            let live = if table > 64 { keys::live_of_trash(key).unwrap() } else { key.clone() };
            if matches!(kind, Kind::Sheet | Kind::Mark) {
                assert!(located(id_at(&live, 17)).is_some(), "a sheet without a category");
                assert!(located(id_at(&live, 33)).is_some(), "a sheet without a judge");
                assert!(located(id_at(&live, 49)).is_some(), "a sheet without an entry");
            } else {
                let lineage = located(keys::id_of(&live).unwrap()).expect("a row without a locator");
                assert_eq!(lineage.key(), live, "the locator leads elsewhere");
                if table < 64 && kind != Kind::Tenant {
                    let slots = by_kind!(kind, slots_of(&snapshot, &lineage));
                    held.extend(slots.into_iter().map(|slot| (slot, lineage.id())));
                }
            }
            if table > 64 {
                let index = keys::numbered(Table::TrashIndex, TENANT, keys::number_of(key).unwrap());
                assert_eq!(
                    rows.get(&index).map(|entry| trash::indexed_key(entry).unwrap()).as_ref(),
                    Some(key)
                );
            }
        } else if is(Table::Locator) {
            let lineage = located(id_at(key, 1)).unwrap();
            let is_buried = rows::newest_buried(&snapshot, &lineage.key()).unwrap().is_some();
            assert!(is_buried || rows.contains_key(&lineage.key()), "a locator of nothing");
        } else if is(Table::TrashIndex) {
            assert!(
                rows.contains_key(&trash::indexed_key(value).unwrap()),
                "a place in the trash without a row"
            );
        } else if is(Table::Referrer) {
            assert!(
                located(id_at(key, 17)).is_some() && located(id_at(key, 34)).is_some(),
                "a link of nothing"
            );
        } else if is(Table::Counter) {
            assert!(located(id_at(key, 17)).is_some(), "a counter of nothing");
        }
    }
    assert_eq!(correlated(&rows), audited(&rows), "each change is found by its correlation ID, once");
    let slots = keys::of_tenant(Table::Slot, TENANT);
    let found = rows.range(slots.clone()..keys::end_of(&slots));
    let found: BTreeMap<_, _> = found.map(|(key, id)| (key.clone(), Uuid::from_slice(id).unwrap())).collect();
    assert_eq!(found, held, "unique values are held by those that have them");
}

/// The numbers of all changes, as the audit log has them.
fn audited(rows: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<u64> {
    let audit = keys::of_tenant(Table::Audit, TENANT);
    rows.range(audit.clone()..keys::end_of(&audit)).map(|(key, _)| keys::number_of(key).unwrap()).collect()
}

/// The numbers of all changes, as the index of correlation IDs has them.
fn correlated(rows: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<u64> {
    let index = keys::of_tenant(Table::Correlated, TENANT);
    let spans = rows.range(index.clone()..keys::end_of(&index)).map(|(key, value)| {
        let last: u64 = codec::decode(value).unwrap();
        keys::number_of(key).unwrap()..=last
    });
    let mut numbers: Vec<u64> = spans.flatten().collect();
    numbers.sort_unstable();
    numbers
}

/// The tables of what is left, without the audit log with its index, and what the store keeps of itself.
fn left(store: &Store) -> Vec<u8> {
    let kept = [Table::Meta, Table::Audit, Table::AuditDetail, Table::Correlated].map(|table| table as u8);
    all(&store.snapshot()).into_keys().map(|key| key[0]).filter(|table| !kept.contains(table)).collect()
}

/// Nothing but the tenant.
pub(super) fn nothing_is_left(store: &Store) {
    assert_eq!(left(store), [Kind::Tenant as u8, Table::Locator as u8, Table::Slot as u8]);
}

/// Not even the tenant; of its audit log no personal values.
pub(super) fn not_even_the_tenant_is_left(store: &Store) {
    assert_eq!(left(store), [0; 0]);
    let rows = all(&store.snapshot());
    let values = keys::of_tenant(Table::AuditDetail, TENANT);
    assert_eq!(rows.range(values.clone()..keys::end_of(&values)).count(), 0, "personal values");
    assert_eq!(store.verify_audit(TENANT, &mut |_| {}).unwrap().fault, None);
}
