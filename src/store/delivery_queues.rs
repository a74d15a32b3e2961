//! Queues of deliveries: which there are, what is due in each, and how much waits.

use std::{collections::BTreeMap, ops::ControlFlow};

use uuid::Uuid;

use super::{
    StoreError,
    engine::{Direction, Reader},
    keys::{
        self, Table,
        deliveries::{delivery_queue, delivery_queue_parts, delivery_queues},
    },
    live::Live,
};
use crate::domain::{DeliveryId, OutboundService, TenantId, Timestamp};

/// Most rows that one look at the sizes of queues counts.
const COUNTED_MAX: usize = 200_000;

/// The place of a queue among all queues; a look goes on behind it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct QueuePlace(Vec<u8>);

/// A delivery that is not over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DueDelivery {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which one.
    pub id: DeliveryId,
}

/// The head of a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DueQueue {
    /// Which queue.
    pub place: QueuePlace,
    /// What is due in it, in the order in which it is to be tried; one that is under way is among them.
    pub due: Vec<DueDelivery>,
    /// When something becomes due that is not yet.
    pub next: Option<Timestamp>,
}

/// How much waits for a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct QueueSize {
    /// Deliveries that are not over.
    pub queued: usize,
    /// When the oldest of them was caused.
    pub oldest: Option<Timestamp>,
}

impl QueuePlace {
    /// The place of a queue.
    pub fn of(service: OutboundService, queue: &str) -> Self {
        Self(delivery_queue(service_code(service), queue))
    }

    /// The service that the queue belongs to.
    pub fn service(&self) -> Option<OutboundService> {
        service_of(*self.0.get(1)?)
    }
}

/// The number that a service has in keys, which never changes.
pub(super) const fn service_code(service: OutboundService) -> u8 {
    match service {
        OutboundService::Email => 1,
        OutboundService::Storage => 2,
        OutboundService::Webhook => 3,
        OutboundService::Sms => 4,
        OutboundService::VirusScan => 5,
        OutboundService::Redis => 6,
        OutboundService::ExternalApi => 7,
        OutboundService::Otlp => 8,
    }
}

fn service_of(code: u8) -> Option<OutboundService> {
    OutboundService::ALL.into_iter().find(|service| service_code(*service) == code)
}

impl Live<'_> {
    /// The heads of the queues behind a place, at most so many queues and so many deliveries of each.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due_queues(
        &self,
        behind: Option<&QueuePlace>,
        now: Timestamp,
        queues: usize,
        of_each: usize,
    ) -> Result<Vec<DueQueue>, StoreError> {
        let end = keys::end_of(&keys::table(Table::DeliveryQueue));
        let mut from =
            behind.map_or_else(|| keys::table(Table::DeliveryQueue), |place| keys::end_of(&place.0));
        let mut found = Vec::new();
        while found.len() < queues {
            let Some(place) = first_queue(self.reader(), &from, &end)? else { break };
            from = keys::end_of(&place.0);
            found.push(head(self.reader(), place, now, of_each)?);
        }
        Ok(found)
    }

    /// Whether anything is in a queue of a service, or in any of its queues.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_queued(&self, service: OutboundService, queue: Option<&str>) -> Result<bool, StoreError> {
        let code = service_code(service);
        let prefix = match queue {
            Some(queue) => delivery_queue(code, queue),
            None => delivery_queues(code),
        };
        Ok(first_queue(self.reader(), &prefix, &keys::end_of(&prefix))?.is_some())
    }

    /// How much waits, by service.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn queue_sizes(&self) -> Result<BTreeMap<OutboundService, QueueSize>, StoreError> {
        let prefix = keys::table(Table::DeliveryQueue);
        let mut sizes: BTreeMap<OutboundService, QueueSize> = BTreeMap::new();
        let mut counted = 0;
        self.reader().range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |key, _| {
            let place = key.get(..2).map(|place| QueuePlace(place.to_vec()));
            if let Some(service) = place.as_ref().and_then(QueuePlace::service) {
                let size = sizes.entry(service).or_default();
                size.queued += 1;
                let caused = keys::id_of(key).and_then(caused_at);
                size.oldest = [size.oldest, caused].into_iter().flatten().min();
            }
            counted += 1;
            if counted < COUNTED_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(sizes)
    }

    /// How many dead letters there are, of all tenants, by service.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn dead_letters(&self) -> Result<BTreeMap<OutboundService, usize>, StoreError> {
        let prefix = keys::table(Table::DeadDelivery);
        let (mut found, mut counted, mut unsaid) = (BTreeMap::new(), 0, Vec::new());
        self.reader().range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |key, value| {
            if let Some(service) = value.first().and_then(|code| service_of(*code)) {
                *found.entry(service).or_default() += 1;
            } else {
                unsaid.push((keys::tenant_of(key), keys::id_of(key)));
            }
            counted += 1;
            if counted < COUNTED_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        // Rows of earlier versions do not say it.
        for (tenant, id) in unsaid {
            let (Some(tenant), Some(id)) = (tenant, id) else { continue };
            if let Some(delivery) = self.delivery(tenant, DeliveryId::new(id))? {
                *found.entry(delivery.service()).or_default() += 1;
            }
        }
        Ok(found)
    }
}

/// When something with an id of time was caused.
fn caused_at(id: Uuid) -> Option<Timestamp> {
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    let millis = i64::try_from(seconds).ok()?.checked_mul(1_000)?;
    Some(Timestamp::from_millis(millis + i64::from(nanos / 1_000_000)))
}

fn first_queue(reader: &dyn Reader, from: &[u8], end: &[u8]) -> Result<Option<QueuePlace>, StoreError> {
    let mut first = None;
    reader.range(from, end, Direction::Forward, &mut |key, _| {
        first = delivery_queue_parts(key).map(|(queue, ..)| QueuePlace(queue.to_vec()));
        ControlFlow::Break(())
    })?;
    Ok(first)
}

/// What is due in a queue: the most urgent first, and of the same urgency what has been due for longest.
fn head(
    reader: &dyn Reader,
    place: QueuePlace,
    now: Timestamp,
    limit: usize,
) -> Result<DueQueue, StoreError> {
    let (mut due, mut next) = (Vec::new(), None);
    let mut from = place.0.clone();
    let end = keys::end_of(&place.0);
    loop {
        // The first of an urgency that is not due yet says when the rest of it is.
        let mut later = None;
        reader.range(&from, &end, Direction::Forward, &mut |key, value| {
            let Some((_, urgency, at, id)) = delivery_queue_parts(key) else {
                return ControlFlow::Continue(());
            };
            if at > now {
                later = Some((urgency, at));
                return ControlFlow::Break(());
            }
            if let Ok(tenant) = Uuid::from_slice(value) {
                due.push(DueDelivery { tenant: TenantId::new(tenant), id: DeliveryId::new(id) });
            }
            if due.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let Some((urgency, at)) = later else { break };
        next = [next, Some(at)].into_iter().flatten().min();
        from = keys::end_of(&[&place.0[..], &[urgency]].concat());
    }
    Ok(DueQueue { place, due, next })
}
