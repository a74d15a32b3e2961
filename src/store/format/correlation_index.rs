//! From format 1 to 2: changes and jobs are found by their correlation ID as deliveries were, in one table for all three.

use std::ops::ControlFlow;

use uuid::Uuid;

use crate::{
    domain::{AuditRecord, Delivery, Job, Kind, Span, TenantId},
    store::{
        StoreError, audit, codec,
        engine::{Direction, Reader},
        keys::{
            self, Table,
            correlations::{correlated_changes, correlated_delivery, correlated_job},
        },
        overlay::Overlay,
    },
};

/// Rows that are dealt with in one commit.
const AT_ONCE: usize = 4_096;

/// Where deliveries lay in format 1 by their correlation ID.
const DELIVERY_OF_CORRELATION: u8 = 185;

/// The tables that are gone through, in this order.
const TABLES: [u8; 4] = [Kind::Job as u8, Kind::Delivery as u8, Table::Audit as u8, DELIVERY_OF_CORRELATION];

/// Writes the index of the rows from a place on, and takes the old one away. Returns where it goes on, as long as it does.
pub fn index(overlay: &mut Overlay<'_>, from: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, StoreError> {
    let from = from.unwrap_or_else(|| TABLES.first().into_iter().copied().collect());
    let place = TABLES.iter().position(|table| from.first() == Some(table));
    let Some((table, place)) = place.and_then(|place| Some((*TABLES.get(place)?, place))) else {
        return Ok(None);
    };
    let rows = rows(overlay, &from, &keys::end_of(&[table]))?;
    if table == Table::Audit as u8 {
        index_changes(overlay, &rows)?;
    } else {
        for (key, value) in &rows {
            index_row(overlay, table, key, value)?;
        }
    }
    let last = rows.last().filter(|_| rows.len() == AT_ONCE);
    let next = || TABLES.get(place + 1).map(|table| vec![*table]);
    Ok(last.map(|(key, _)| keys::behind(key)).or_else(next))
}

type RawRow = (Vec<u8>, Vec<u8>);

fn rows(reader: &dyn Reader, from: &[u8], to: &[u8]) -> Result<Vec<RawRow>, StoreError> {
    let mut rows = Vec::new();
    reader.range(from, to, Direction::Forward, &mut |key, value| {
        rows.push((key.to_vec(), value.to_vec()));
        if rows.len() < AT_ONCE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(rows)
}

fn index_row(overlay: &mut Overlay<'_>, table: u8, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    if table == DELIVERY_OF_CORRELATION {
        overlay.delete(key.to_vec());
        return Ok(());
    }
    let tenant = tenant_of(key)?;
    let indexed = if table == Kind::Job as u8 {
        let job: Job = codec::decode(value)?;
        correlated_job(tenant, &job.correlation_id, job.id)
    } else {
        let delivery: Delivery = codec::decode(value)?;
        correlated_delivery(tenant, &delivery.correlation_id, delivery.id)
    };
    overlay.put(indexed, Vec::new());
    Ok(())
}

/// What one request did without a break is one row.
fn index_changes(overlay: &mut Overlay<'_>, rows: &[RawRow]) -> Result<(), StoreError> {
    let mut open: Option<(TenantId, Span, AuditRecord)> = None;
    for (key, value) in rows {
        let (tenant, chained) = (tenant_of(key)?, audit::parse(key, value)?);
        let (sequence, record) = (chained.sequence, chained.record);
        let first = match &open {
            Some((of, span, before))
                if *of == tenant
                    && span.last + 1 == sequence
                    && (&before.correlation_id, &before.request_id)
                        == (&record.correlation_id, &record.request_id) =>
            {
                span.first
            }
            _ => sequence,
        };
        overlay.put(correlated_changes(tenant, &record.correlation_id, first), codec::encode(&sequence)?);
        open = Some((tenant, Span { first, last: sequence }, record));
    }
    Ok(())
}

fn tenant_of(key: &[u8]) -> Result<TenantId, StoreError> {
    let tenant = key.get(1..17).and_then(|tenant| Uuid::from_slice(tenant).ok());
    tenant.map(TenantId::new).ok_or_else(|| codec::CodecError::new("a key without a tenant").into())
}
