//! What is left of things that are being destroyed, wherever it lies: live or in the trash.

use std::ops::ControlFlow;

use uuid::Uuid;

use super::{
    StoreError, codec,
    engine::{Direction, Reader},
    keys,
    lineage::Lineage,
    rows,
};
use crate::domain::{Kind, Noun, Row, TenantId};

/// A row wherever it lies, in the live table or in the trash.
pub(super) fn row_of_any_state<N: Noun>(
    reader: &dyn Reader,
    lineage: &Lineage,
) -> Result<Option<Row<N>>, StoreError> {
    match rows::own_row::<N>(reader, lineage)? {
        Some(row) => Ok(Some(row)),
        None => {
            let buried = rows::newest_buried(reader, &lineage.key())?;
            Ok(buried.map(|(_, buried)| codec::decode(&buried.row)).transpose()?)
        }
    }
}

pub(super) fn children_of_any_state(
    reader: &dyn Reader,
    tenant: TenantId,
    parent: Uuid,
    kind: Kind,
) -> Result<Vec<Uuid>, StoreError> {
    let prefix = keys::children(kind, tenant, parent);
    let mut found = first_keys(reader, &prefix, usize::MAX, |_| true)?;
    let trash = first_keys(reader, &keys::trash_of(&prefix), usize::MAX, |_| true)?;
    found.extend(trash.iter().filter_map(|key| keys::live_of_trash(key)));
    Ok(found.iter().filter_map(|key| keys::id_of(key)).collect())
}

/// The first keys under a prefix that pass a filter.
pub(super) fn first_keys(
    reader: &dyn Reader,
    prefix: &[u8],
    most: usize,
    own: impl Fn(&[u8]) -> bool,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut found = Vec::new();
    reader.range(prefix, &keys::end_of(prefix), Direction::Forward, &mut |key, _| {
        if own(key) {
            found.push(key.to_vec());
        }
        if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found)
}

/// Where the thing under a trash key hangs; none for a sheet or a mark, whose keys end with the id of something else.
pub(super) fn lineage_of_trash(
    reader: &dyn Reader,
    tenant: TenantId,
    key: &[u8],
) -> Result<Option<Lineage>, StoreError> {
    let live = keys::live_of_trash(key);
    match live.as_deref().and_then(|live| Some((keys::kind_of(live)?, keys::id_of(live)?))) {
        Some((Kind::Sheet | Kind::Mark, _)) | None => Ok(None),
        Some((Kind::Tenant, id)) => Ok(Some(Lineage::of_tenant(TenantId::new(id)))),
        Some((_, id)) => Ok(Lineage::locate(reader, id)?.filter(|found| found.tenant() == tenant)),
    }
}
