//! Deliveries as their owners see them: list, look at, stop, and send once more, one or all of a kind. What is sent once
//! more is a delivery of its own that names the one before; what had gone wrong stays on record.

use std::time::Duration;

use super::{
    Conflict, Permit, ServiceError, Services, Versions,
    causing::Cause,
    delivery_filter::{DeliveryFilter, page},
    versions::ensure_expected,
};
use crate::{
    domain::{Delivery, DeliveryId, DeliveryState, Facts, Kind, Outgoing, TenantId, Verb},
    store::{Cursor, Live, Page, Transaction},
};

/// Most deliveries that are sent once more at a time.
pub const REPLAYED_MAX: usize = 256;

/// Most deliveries of a correlation ID that are told.
pub(super) const CHAIN_MAX: usize = 500;

/// How long deliveries are kept that are over.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveriesKept {
    /// Those that arrived or were stopped.
    pub over: Duration,
    /// Dead letters.
    pub dead: Duration,
}

/// What was, or would be, sent once more.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The deliveries that are repeated, newest first.
    pub of: Vec<DeliveryId>,
    /// Whether there are more than are repeated at a time.
    pub more: bool,
}

impl Services {
    /// A page of deliveries, newest first. It may be short although more are behind its cursor.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn deliveries(
        &self,
        permit: &Permit,
        filter: &DeliveryFilter,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Delivery>, ServiceError> {
        self.store.read(|view| page(view, permit.tenant(), filter, after, limit)).await
    }

    /// One delivery.
    ///
    /// # Errors
    /// There is none.
    pub async fn delivery(&self, permit: &Permit, id: DeliveryId) -> Result<Delivery, ServiceError> {
        self.store.read(|view| find(view, permit, id)).await
    }

    /// Stops a delivery. An attempt that is under way ends by itself, and is not repeated. One that is over stays as it is.
    ///
    /// # Errors
    /// There is none, or it is of another version.
    pub async fn cancel_delivery(
        &self,
        permit: &Permit,
        id: DeliveryId,
        expected: Option<Versions>,
    ) -> Result<Delivery, ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            let before = find(&transaction.live(), &holder, id)?;
            ensure_expected(expected.as_ref(), before.version)?;
            if before.state.is_over() {
                return Ok(before);
            }
            let mut delivery = before.clone();
            delivery.cancel(transaction.stamp().at);
            transaction.put_delivery(holder.tenant(), &before, &delivery)?;
            let what = (Kind::Delivery, id.uuid());
            transaction.record(holder.tenant(), Verb::Cancelled, what, Facts::None, None)?;
            Ok(delivery)
        })
        .await
    }

    /// Sends a delivery that is over once more.
    ///
    /// # Errors
    /// There is none, it is not over, or it was sent once more already.
    pub async fn replay_delivery(&self, permit: &Permit, id: DeliveryId) -> Result<Delivery, ServiceError> {
        let (holder, fresh) = (permit.clone(), DeliveryId::new(permit.context().clock().new_uuid()));
        let delivery = self
            .write(permit, move |transaction| {
                let before = find(&transaction.live(), &holder, id)?;
                if let Some(why) = why_not(&before) {
                    return Err(Conflict::NotReplayable(why).into());
                }
                replay(transaction, &holder, &before, fresh)
            })
            .await?;
        self.delivery_queued.notify_one();
        Ok(delivery)
    }

    /// Sends all that pass a filter and were not sent once more yet, at most [`REPLAYED_MAX`]; as a rehearsal, nothing is
    /// sent.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn replay_deliveries(
        &self,
        permit: &Permit,
        filter: DeliveryFilter,
        rehearsal: bool,
    ) -> Result<Replay, ServiceError> {
        let clock = permit.context().clock();
        let ids: Vec<DeliveryId> = (0..REPLAYED_MAX).map(|_| DeliveryId::new(clock.new_uuid())).collect();
        let holder = permit.clone();
        let run = move |transaction: &mut Transaction<'_>| {
            let page = replayable(&transaction.live(), holder.tenant(), &filter)?;
            if !rehearsal {
                for (before, fresh) in page.items.iter().zip(&ids) {
                    replay(transaction, &holder, before, *fresh)?;
                }
            }
            let of = page.items.iter().map(|delivery| delivery.id).collect();
            Ok::<_, ServiceError>(Replay { of, more: page.next.is_some() })
        };
        if rehearsal {
            return self.store.rehearse(permit.stamp(), run).await;
        }
        let replay = self.write(permit, run).await?;
        self.delivery_queued.notify_one();
        Ok(replay)
    }

    /// Puts a new delivery into its queue.
    pub(super) async fn deliver(
        &self,
        permit: &Permit,
        delivery: Delivery,
    ) -> Result<Delivery, ServiceError> {
        let tenant = permit.tenant();
        let delivery = self
            .write(permit, move |transaction| {
                transaction.add_delivery(tenant, &delivery)?;
                Ok(delivery.clone())
            })
            .await?;
        self.delivery_queued.notify_one();
        Ok(delivery)
    }
}

/// What a filter names that can be sent once more. Without a state in the filter it is the dead letters.
fn replayable(
    view: &Live<'_>,
    tenant: TenantId,
    filter: &DeliveryFilter,
) -> Result<Page<Delivery>, ServiceError> {
    let wanted = |delivery: &Delivery| filter.passes(delivery) && why_not(delivery).is_none();
    Ok(match filter.state {
        None | Some(DeliveryState::Dead) => view.dead_deliveries(tenant, None, REPLAYED_MAX, wanted)?,
        Some(_) => view.deliveries(tenant, filter.span(None, REPLAYED_MAX, usize::MAX), wanted)?,
    })
}

pub(super) fn find(view: &Live<'_>, permit: &Permit, id: DeliveryId) -> Result<Delivery, ServiceError> {
    view.delivery(permit.tenant(), id)?.ok_or(ServiceError::NotFound(Kind::Delivery))
}

pub(super) fn why_not(delivery: &Delivery) -> Option<&'static str> {
    match delivery {
        Delivery { replayed_by: Some(_), .. } => Some("this was sent once more already"),
        Delivery { state, .. } if !state.is_over() => Some("this is not over; stop it first"),
        Delivery { what: Outgoing::Mail(message) | Outgoing::Sms(message), .. }
            if message.sealed.is_empty() =>
        {
            Some("what it said was forgotten when it arrived; send it anew where it came from")
        }
        _ => None,
    }
}

fn replay(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    before: &Delivery,
    fresh: DeliveryId,
) -> Result<Delivery, ServiceError> {
    let cause = Cause::of(permit.context());
    let at = transaction.stamp().at;
    let again =
        before.again(fresh, permit.principal().actor.clone(), at, cause.request_id, cause.traceparent);
    let queue = queue_now(&transaction.live(), permit.tenant(), &again)?;
    let again = Delivery { queue, ..again };
    let replayed = Delivery { replayed_by: Some(fresh), version: before.version + 1, ..before.clone() };
    transaction.put_delivery(permit.tenant(), before, &replayed)?;
    transaction.add_delivery(permit.tenant(), &again)?;
    let what = (Kind::Delivery, before.id.uuid());
    transaction.record(permit.tenant(), Verb::Replayed, what, Facts::None, None)?;
    Ok(again)
}

/// The queue of where it goes now: the address may have been corrected meanwhile.
fn queue_now(view: &Live<'_>, tenant: TenantId, delivery: &Delivery) -> Result<String, ServiceError> {
    use crate::domain::{ActionHook, Webhook, host_key};
    let url = match &delivery.what {
        Outgoing::Webhook { webhook, .. } => {
            view.find::<Webhook>(tenant, webhook.uuid())?.map(|row| row.body().url.clone())
        }
        Outgoing::Action { action, .. } => {
            view.find::<ActionHook>(tenant, action.uuid())?.map(|row| row.body().url.clone())
        }
        Outgoing::Mail(_)
        | Outgoing::Sms(_)
        | Outgoing::Upload { .. }
        | Outgoing::Blob { .. }
        | Outgoing::StorageProbe
        | Outgoing::ScanProbe
        | Outgoing::RedisProbe
        | Outgoing::Scan { .. } => None,
    };
    Ok(url.and_then(|url| host_key(&url)).unwrap_or_else(|| delivery.queue.clone()))
}
