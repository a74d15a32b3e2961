//! Rows of deliveries: each with its attempts, its place in a queue as long as it is not over, among those of its
//! correlation ID, and among the dead letters. They are no nouns: they are cancelled, not deleted.

use std::ops::ControlFlow;

use uuid::Uuid;

use super::{
    StoreError, codec,
    delivery_queues::service_code,
    engine::Direction,
    identity::read,
    job_counts::JobStep,
    keys::{
        self, Table,
        correlations::{Correlated, correlated, correlated_delivery},
        deliveries::{DeliveryPlace, queued_delivery},
    },
    live::{Cursor, DeliverySpan, Live, Page},
    newest::Newest,
    rows,
    transaction::Transaction,
};
use crate::domain::{Delivery, DeliveryId, DeliveryState, Kind, TenantId, Timestamp};

fn row_key(tenant: TenantId, id: DeliveryId) -> Vec<u8> {
    keys::row(Kind::Delivery, tenant, tenant.uuid(), id.uuid())
}

fn queue_key(delivery: &Delivery) -> Vec<u8> {
    queued_delivery(&DeliveryPlace {
        service: service_code(delivery.service()),
        queue: &delivery.queue,
        urgency: delivery.urgency as u8,
        due: delivery.due_at,
        id: delivery.id.uuid(),
    })
}

/// The least id that can be drawn at a time: ids ascend with it.
fn first_id_of(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.millis()).unwrap_or(0);
    Uuid::from_u128(u128::from(millis) << 80)
}

fn id_of(delivery: &Delivery) -> Uuid {
    delivery.id.uuid()
}

impl Live<'_> {
    /// A delivery of a tenant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn delivery(&self, tenant: TenantId, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        read(self.reader(), &row_key(tenant, id))
    }

    /// A page of those of a tenant's deliveries in a span that pass a filter, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn deliveries(
        &self,
        tenant: TenantId,
        span: DeliverySpan,
        wanted: impl Fn(&Delivery) -> bool,
    ) -> Result<Page<Delivery>, StoreError> {
        let prefix = keys::children(Kind::Delivery, tenant, tenant.uuid());
        let row = |id| row_key(tenant, DeliveryId::new(id));
        let from = span.since.map_or_else(|| prefix.clone(), |at| row(first_id_of(at)));
        let before = span.after.map(|cursor| cursor.id).or_else(|| span.until.map(first_id_of));
        let to = before.map_or_else(|| keys::end_of(&prefix), row);
        let newest = Newest::up_to(span.limit, id_of, wanted).looking_at(span.looked_max);
        if from >= to { Ok(newest.page()) } else { newest.between(self.reader(), &from, &to) }
    }

    /// A page of a tenant's dead letters that pass a filter, newest first, behind a cursor.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn dead_deliveries(
        &self,
        tenant: TenantId,
        after: Option<Cursor>,
        limit: usize,
        wanted: impl Fn(&Delivery) -> bool,
    ) -> Result<Page<Delivery>, StoreError> {
        let prefix = keys::of_tenant(Table::DeadDelivery, tenant);
        let to = after.map_or_else(
            || keys::end_of(&prefix),
            |cursor| keys::of_tenant_by_id(Table::DeadDelivery, tenant, cursor.id),
        );
        self.indexed(tenant, (&prefix, &to), Newest::up_to(limit, id_of, wanted))
    }

    /// The deliveries of a correlation ID, newest first, at most so many.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn deliveries_of_correlation(
        &self,
        tenant: TenantId,
        correlation: &str,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let prefix = correlated(tenant, correlation, Correlated::Delivery);
        let wanted = |delivery: &Delivery| delivery.correlation_id == correlation;
        let newest = Newest::up_to(limit, id_of, wanted);
        Ok(self.indexed(tenant, (&prefix, &keys::end_of(&prefix)), newest)?.items)
    }

    /// Follows an index whose keys end with deliveries' ids.
    fn indexed<F: Fn(&Delivery) -> bool>(
        &self,
        tenant: TenantId,
        between: (&[u8], &[u8]),
        mut newest: Newest<Delivery, F>,
    ) -> Result<Page<Delivery>, StoreError> {
        rows::walk(self.reader(), between, Direction::Backward, &mut |key, _| {
            let found = keys::id_of(key).map(|id| self.delivery(tenant, DeliveryId::new(id)));
            let delivery = found.transpose()?.flatten();
            Ok(delivery.map_or(ControlFlow::Continue(()), |delivery| newest.take(delivery)))
        })?;
        Ok(newest.page())
    }

    /// Number of the last change of a tenant that was published; none if none ever was.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn published(&self, tenant: TenantId) -> Result<Option<u64>, StoreError> {
        read(self.reader(), &keys::of_tenant(Table::Published, tenant))
    }
}

impl Transaction<'_> {
    /// Writes a delivery that is new.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn add_delivery(&mut self, tenant: TenantId, delivery: &Delivery) -> Result<(), StoreError> {
        let correlation = correlated_delivery(tenant, &delivery.correlation_id, delivery.id);
        self.overlay().put(correlation, Vec::new());
        self.overlay().put(queue_key(delivery), tenant.uuid().as_bytes().to_vec());
        self.jobs.push(JobStep::of_delivery(delivery));
        self.put(row_key(tenant, delivery.id), delivery)
    }

    /// Writes a delivery anew; `before` is what is stored of it.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_delivery(
        &mut self,
        tenant: TenantId,
        before: &Delivery,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        let (was, is) = (queue_key(before), queue_key(delivery));
        if before.is_queued() && (!delivery.is_queued() || was != is) {
            self.overlay().delete(was.clone());
        }
        if delivery.is_queued() && (!before.is_queued() || was != is) {
            self.overlay().put(is, tenant.uuid().as_bytes().to_vec());
        }
        if before.is_queued() && !delivery.is_queued() {
            self.jobs.push(JobStep::of_delivery(delivery));
        }
        let dead =
            |delivery: &Delivery| delivery.state == DeliveryState::Dead && delivery.replayed_by.is_none();
        let letter = keys::of_tenant_by_id(Table::DeadDelivery, tenant, delivery.id.uuid());
        match (dead(before), dead(delivery)) {
            (false, true) => self.overlay().put(letter, vec![service_code(delivery.service())]),
            (true, false) => self.overlay().delete(letter),
            _ => {}
        }
        self.put(row_key(tenant, delivery.id), delivery)
    }

    /// Forgets deliveries of a tenant that are over, the oldest first: those that arrived or were stopped before one time,
    /// and dead letters before another. Returns how many, and whether there may be more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn forget_deliveries(
        &mut self,
        tenant: TenantId,
        over_before: Timestamp,
        dead_before: Timestamp,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let prefix = keys::children(Kind::Delivery, tenant, tenant.uuid());
        let mut old = Vec::new();
        self.reader().range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |_, value| {
            let Ok(delivery) = codec::decode::<Delivery>(value) else { return ControlFlow::Continue(()) };
            // Ids ascend with time: nothing behind this one can have ended before it was caused.
            if delivery.created_at >= over_before.max(dead_before) {
                return ControlFlow::Break(());
            }
            let before = if delivery.state == DeliveryState::Dead { dead_before } else { over_before };
            if delivery.finished_at.is_some_and(|at| at < before) {
                old.push(delivery);
            }
            if old.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        for delivery in &old {
            self.overlay().delete(row_key(tenant, delivery.id));
            self.overlay().delete(correlated_delivery(tenant, &delivery.correlation_id, delivery.id));
            self.overlay().delete(keys::of_tenant_by_id(Table::DeadDelivery, tenant, delivery.id.uuid()));
        }
        Ok(old.len())
    }

    /// Notes the last change of a tenant that was published.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_published(&mut self, tenant: TenantId, version: u64) -> Result<(), StoreError> {
        self.put(keys::of_tenant(Table::Published, tenant), &version)
    }
}
