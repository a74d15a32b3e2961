//! Deliveries as the dispatcher deals with them: what is due, attempts that begin and end, and what follows of their end
//! for the webhook they went to. Attempts are no changes of the tenant's: what people ask to be told of is what people do.

use std::collections::BTreeMap;

use super::{
    ServiceError, Services, file_storage::follow_content, permit::stamp, scanning::note_given_up,
    suppressions::suppress, texting::take_over,
};
use crate::{
    domain::{
        Actor, AttemptEnd, Delivery, DeliveryId, DeliveryState, EventType, Facts, Kind, OutboundService,
        Outcome, Outgoing, SuppressedWhy, TenantId, Timestamp, Verb, WEBHOOK_TEST, WebhookId,
    },
    store::{DueDelivery, DueQueue, InRequest, QueuePlace, QueueSize, StoreError, Transaction},
    telemetry::{clock::Clock, context::RequestContext},
};

/// An attempt that is to begin.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// Whose delivery.
    pub tenant: TenantId,
    /// Which one.
    pub id: DeliveryId,
    /// The request ID of the attempt.
    pub request_id: String,
}

/// An attempt that has ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Whose delivery.
    pub tenant: TenantId,
    /// Which one.
    pub id: DeliveryId,
    /// How.
    pub end: AttemptEnd,
    /// From 0 to 1: spreads the time of the next attempt.
    pub chance: f64,
}

impl Services {
    /// Returns when a delivery was caused since the last time.
    pub async fn delivery_queued(&self) {
        self.delivery_queued.notified().await;
    }

    /// The heads of the queues behind a place, at most so many queues and so many deliveries of each.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn due_queues(
        &self,
        behind: Option<&QueuePlace>,
        now: Timestamp,
        queues: usize,
        of_each: usize,
    ) -> Result<Vec<DueQueue>, ServiceError> {
        Ok(self.store.read(|view| view.due_queues(behind, now, queues, of_each)).await?)
    }

    /// How much waits, by service.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn queue_sizes(&self) -> Result<BTreeMap<OutboundService, QueueSize>, ServiceError> {
        Ok(self.store.read(|view| view.queue_sizes()).await?)
    }

    /// How many dead letters there are in all tenants, by service.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn dead_letters(&self) -> Result<BTreeMap<OutboundService, usize>, ServiceError> {
        Ok(self.store.read(|view| view.dead_letters()).await?)
    }

    /// A delivery as it is stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn stored_delivery(&self, due: DueDelivery) -> Result<Option<Delivery>, ServiceError> {
        Ok(self.store.read(|view| view.delivery(due.tenant, due.id)).await?)
    }

    /// Notes attempts that begin, all at once. Returns those deliveries that are still to be tried; the others were
    /// stopped meanwhile.
    ///
    /// # Errors
    /// When it cannot be written: then none has begun.
    pub async fn begin_attempts(
        &self,
        clock: &Clock,
        beginnings: Vec<Beginning>,
    ) -> Result<Vec<(TenantId, Delivery)>, ServiceError> {
        self.dispatch(clock, move |transaction| {
            let at = transaction.stamp().at;
            let mut begun = Vec::with_capacity(beginnings.len());
            for Beginning { tenant, id, request_id } in &beginnings {
                let Some(before) = waiting(transaction, *tenant, *id)? else { continue };
                let mut delivery = before.clone();
                delivery.begin(at, request_id.clone());
                transaction.put_delivery(*tenant, &before, &delivery)?;
                begun.push((*tenant, delivery));
            }
            Ok(begun)
        })
        .await
    }

    /// Notes how attempts have ended, all at once.
    ///
    /// # Errors
    /// When it cannot be written: then none has ended.
    pub async fn end_attempts(
        &self,
        clock: &Clock,
        endings: Vec<Ending>,
    ) -> Result<Vec<Delivery>, ServiceError> {
        let fresh: Vec<_> = endings.iter().map(|_| DeliveryId::new(clock.new_uuid())).collect();
        let limits = self.outside.attempt_limits;
        self.dispatch(clock, move |transaction| {
            let at = transaction.stamp().at;
            let mut ended = Vec::with_capacity(endings.len());
            for (Ending { tenant, id, end, chance }, fresh) in endings.iter().zip(&fresh) {
                let Some(before) = transaction.live().delivery(*tenant, *id)? else { continue };
                let mut delivery = before.clone();
                if before.state == DeliveryState::Running {
                    delivery.settle(end.clone(), at, *chance, limits);
                    delivery.forget_secrets();
                } else {
                    // Somebody stopped it meanwhile; what became of the attempt is still worth knowing.
                    delivery.note(end.clone());
                }
                transaction.put_delivery(*tenant, &before, &delivery)?;
                follow(transaction, *tenant, &delivery, end)?;
                follow_content(transaction, &delivery, *fresh)?;
                ended.push(take_over(transaction, *tenant, delivery, (*fresh, at))?);
            }
            Ok(ended)
        })
        .await
    }

    /// Ends attempts that an earlier process had begun.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn void_attempts(
        &self,
        clock: &Clock,
        deliveries: Vec<(DueDelivery, f64)>,
    ) -> Result<Vec<Delivery>, ServiceError> {
        let limits = self.outside.attempt_limits;
        self.dispatch(clock, move |transaction| {
            let at = transaction.stamp().at;
            let mut voided = Vec::new();
            for (DueDelivery { tenant, id }, chance) in &deliveries {
                let before = transaction.live().delivery(*tenant, *id)?;
                let Some(before) = before.filter(|before| before.state == DeliveryState::Running) else {
                    continue;
                };
                let mut delivery = before.clone();
                delivery.void(at, *chance, limits);
                transaction.put_delivery(*tenant, &before, &delivery)?;
                follow_death(transaction, *tenant, &delivery)?;
                voided.push(delivery);
            }
            Ok(voided)
        })
        .await
    }

    async fn dispatch<T: Send + 'static>(
        &self,
        clock: &Clock,
        operation: impl Fn(&mut Transaction<'_>) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let context = RequestContext::system(clock.clone(), "outbox");
        let stamp = stamp(&context, Actor::System { os_user: None });
        let (value, _) = self.store.write(stamp, operation).await?;
        Ok(value)
    }
}

fn waiting(
    transaction: &Transaction<'_>,
    tenant: TenantId,
    id: DeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    let found = transaction.live().delivery(tenant, id)?;
    Ok(found.filter(|delivery| delivery.state == DeliveryState::Waiting))
}

/// What follows of an attempt's end for others than the delivery.
fn follow(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    delivery: &Delivery,
    end: &AttemptEnd,
) -> Result<(), ServiceError> {
    // What is sent once more by hand says nothing about how a webhook fares.
    if let (Outgoing::Webhook { webhook, .. }, None) = (&delivery.what, delivery.replay_of) {
        note_webhook(transaction, (tenant, *webhook), delivery, end)?;
    }
    if let (Outgoing::Mail(message), Outcome::Refused, "recipient") =
        (&delivery.what, end.outcome, end.class.as_str())
    {
        let (at, why) = (transaction.stamp().at, SuppressedWhy::Bounced);
        suppress(transaction, tenant, (&message.to.address, why), at, &end.detail)?;
    }
    follow_death(transaction, tenant, delivery)
}

/// What follows of the end of a delivery that is given up.
fn follow_death(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    delivery: &Delivery,
) -> Result<(), ServiceError> {
    note_given_up(transaction, tenant, delivery)?;
    Ok(tell_of_death(transaction, tenant, delivery)?)
}

/// The attempts of one delivery count once. A test that arrives starts a webhook again that was stopped.
fn note_webhook(
    transaction: &mut Transaction<'_>,
    (tenant, webhook): (TenantId, WebhookId),
    delivery: &Delivery,
    end: &AttemptEnd,
) -> Result<(), StoreError> {
    let at = transaction.stamp().at;
    let before = transaction.live().webhook_health(webhook)?;
    let mut health = before.clone();
    match end.outcome {
        Outcome::Arrived if before.stopped.is_some() && delivery.what.title() == WEBHOOK_TEST => {
            health.resume();
            health.arrived(at);
        }
        // Nothing is written as long as all is well; the exact time is in the log of its deliveries.
        Outcome::Arrived if before.failing_since.is_some() || before.arrived_at.is_none() => {
            health.arrived(at)
        }
        Outcome::Failed { .. } | Outcome::Unknown if delivery.made == 1 => health.failed(at),
        Outcome::Refused if end.status == Some(410) => health.gone(at),
        Outcome::Refused if end.status.is_some() && delivery.made == 1 => health.failed(at),
        _ => {}
    }
    if health == before {
        return Ok(());
    }
    transaction.put_webhook_health(webhook, &health)?;
    let verb = match (before.stopped, health.stopped) {
        (None, Some(_)) => Verb::Stopped,
        (Some(_), None) => Verb::Resumed,
        _ => return Ok(()),
    };
    transaction.record(tenant, verb, (Kind::Webhook, webhook.uuid()), Facts::None, None)?;
    Ok(())
}

/// Puts a dead letter on record, so that others can be told of it.
fn tell_of_death(
    transaction: &mut Transaction<'_>,
    tenant: TenantId,
    delivery: &Delivery,
) -> Result<(), StoreError> {
    // That the news of a dead letter could not be told is not told: it would never end.
    if delivery.state != DeliveryState::Dead || delivery.what.title() == EventType::JobDead.to_string() {
        return Ok(());
    }
    let class = delivery.attempts.last().and_then(|attempt| attempt.end.as_ref());
    let facts = Facts::Delivery {
        service: delivery.service(),
        title: delivery.what.title().to_owned(),
        class: class.map(|end| end.class.clone()).unwrap_or_default(),
    };
    let what = (Kind::Delivery, delivery.id.uuid());
    let cause = InRequest {
        request_id: &delivery.request_id,
        correlation_id: &delivery.correlation_id,
        traceparent: &delivery.traceparent,
    };
    transaction.record_of(tenant, Verb::Died, what, facts, cause)?;
    Ok(())
}
