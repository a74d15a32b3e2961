//! Reading nouns' rows, and the one rule of visibility: a row is live if it, its chain of ancestors and what it
//! points at are in the live tables. Both views (live, and with deleted) are built on this.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    StoreError, codec,
    engine::{Direction, Reader},
    keys,
    lineage::Lineage,
};
use crate::domain::{HiddenBy, Kind, Noun, Row, TenantId, Timestamp, Tombstone, Visibility, noun::Reference};

/// What a deleted row's value holds: its tombstone, and the row as it was.
#[derive(Serialize, Deserialize)]
pub(super) struct Buried {
    pub tombstone: Tombstone,
    #[serde(with = "bytes")]
    pub row: Vec<u8>,
    /// Since when it is being destroyed: it cannot be restored any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purging: Option<Timestamp>,
}

/// MessagePack has a type for bytes; serde writes a `Vec<u8>` as a list of numbers.
pub(super) mod bytes {
    use serde::{Deserializer, Serializer, de::Visitor};

    pub(in crate::store) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Collects the rows under a prefix.
pub(super) fn scan<T>(
    reader: &dyn Reader,
    prefix: &[u8],
    mut take: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    walk(reader, (prefix, &keys::end_of(prefix)), Direction::Forward, &mut |key, value| {
        found.extend(take(key, value)?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// What looks at keys and values one after the other, and says whether it goes on.
type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StoreError> + 'a;

/// Visits the rows between two keys, until the visit is over or fails.
pub(super) fn walk(
    reader: &dyn Reader,
    (from, to): (&[u8], &[u8]),
    direction: Direction,
    visit: &mut Visit<'_>,
) -> Result<(), StoreError> {
    let mut failed = None;
    reader.range(from, to, direction, &mut |key, value| {
        visit(key, value).unwrap_or_else(|error| {
            failed = Some(error);
            ControlFlow::Break(())
        })
    })?;
    failed.map_or(Ok(()), Err)
}

/// The live row of a lineage, whatever its ancestors are.
pub(super) fn own_row<N: Noun>(reader: &dyn Reader, lineage: &Lineage) -> Result<Option<Row<N>>, StoreError> {
    match reader.get(&lineage.key())? {
        Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
        None => Ok(None),
    }
}

/// The newest tombstone under a live key, with the key it lies at.
pub(super) fn newest_buried(
    reader: &dyn Reader,
    live_key: &[u8],
) -> Result<Option<(Vec<u8>, Buried)>, StoreError> {
    let prefix = keys::trash_of(live_key);
    let mut newest = None;
    reader.range(&prefix, &keys::end_of(&prefix), Direction::Backward, &mut |key, value| {
        if key.len() == prefix.len() + 8 {
            newest = Some((key.to_vec(), value.to_vec()));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    match newest {
        Some((key, value)) => Ok(Some((key, codec::decode(&value)?))),
        None => Ok(None),
    }
}

/// Whether all ancestors are live.
pub(super) fn ancestors_live(reader: &dyn Reader, lineage: &Lineage) -> Result<bool, StoreError> {
    Ok(deleted_ancestor(reader, lineage)?.is_none())
}

/// The nearest ancestor that is not live.
pub(super) fn deleted_ancestor(
    reader: &dyn Reader,
    lineage: &Lineage,
) -> Result<Option<Lineage>, StoreError> {
    for (distance, key) in lineage.ancestor_keys().enumerate() {
        if !reader.contains(&key)? {
            return Ok(lineage.ancestors().nth(distance));
        }
    }
    Ok(None)
}

/// What hides a row that points at these, or nothing.
pub(super) fn deleted_reference(
    reader: &dyn Reader,
    tenant: TenantId,
    references: &[Reference],
) -> Result<Option<HiddenBy>, StoreError> {
    for reference in references {
        if let Some(hidden) = hiding(reader, tenant, *reference)? {
            return Ok(Some(hidden));
        }
    }
    Ok(None)
}

/// How the target of a pointer hides who points at it: by its own tombstone or by what hides the target itself.
fn hiding(
    reader: &dyn Reader,
    tenant: TenantId,
    reference: Reference,
) -> Result<Option<HiddenBy>, StoreError> {
    let Some(lineage) = Lineage::locate(reader, reference.id)? else {
        return Err(codec::CodecError::new(format!("a pointer to a missing {}", reference.kind)).into());
    };
    if let Some(hidden) = tombstone_as_hiding(reader, &lineage)? {
        return Ok(Some(hidden));
    }
    if reference.apart
        && let Some(above) = deleted_ancestor(reader, &lineage)?
    {
        return tombstone_as_hiding(reader, &above);
    }
    match reference.kind {
        Kind::Entry => {
            let entry: Option<Row<crate::domain::Entry>> = own_row(reader, &lineage)?;
            entry.map_or(Ok(None), |row| deleted_reference(reader, tenant, &row.body.references()))
        }
        _ => Ok(None),
    }
}

fn tombstone_as_hiding(reader: &dyn Reader, lineage: &Lineage) -> Result<Option<HiddenBy>, StoreError> {
    let key = lineage.key();
    if reader.contains(&key)? {
        return Ok(None);
    }
    let deleted_at = newest_buried(reader, &key)?.map(|(_, buried)| buried.tombstone.deleted_at);
    Ok(deleted_at.map(|deleted_at| HiddenBy { kind: lineage.kind(), id: lineage.id(), deleted_at }))
}

/// Whether a row that itself lies in the live table can be seen.
pub(super) fn visibility<N: Noun>(
    reader: &dyn Reader,
    lineage: &Lineage,
    body: &N,
) -> Result<Visibility, StoreError> {
    if let Some(ancestor) = deleted_ancestor(reader, lineage)?
        && let Some(hidden) = tombstone_as_hiding(reader, &ancestor)?
    {
        return Ok(Visibility::Hidden(hidden));
    }
    let hidden = deleted_reference(reader, lineage.tenant(), &body.references())?;
    Ok(hidden.map_or(Visibility::Live, Visibility::Hidden))
}

/// Ids of everything of a kind that points at a target, live or not.
pub(super) fn referrers(
    reader: &dyn Reader,
    tenant: TenantId,
    target: Uuid,
    kind: Kind,
) -> Result<Vec<Uuid>, StoreError> {
    scan(reader, &keys::referrers(tenant, target, kind), |key, _| Ok(keys::id_of(key)))
}
