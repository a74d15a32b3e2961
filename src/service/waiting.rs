//! What waits to leave the box, and why: because its circuit lets nothing pass, or because something holds it up. Uses circuit
//! breakers.

use std::{collections::BTreeMap, time::Duration};

use super::{ServiceError, Services};
use crate::{
    domain::{BlobAct, CircuitState, Delivery, DeliveryState, OutboundService, Outgoing, Timestamp},
    resilience::{Breaker, Circuit},
};

/// Most queues that are looked at for what is overdue.
const QUEUES_MAX: usize = 1_000;

/// Why a delivery waits: its circuit lets nothing pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parked {
    /// For how long, if that is known: a circuit that somebody has forced open stays so until somebody says otherwise.
    pub at_most: Option<Duration>,
}

impl Services {
    /// Whether a delivery waits because its circuit lets nothing pass, which uses no attempts; nothing if that is not why.
    pub fn parked(&self, delivery: &Delivery) -> Option<Parked> {
        if delivery.state != DeliveryState::Waiting {
            return None;
        }
        let service = delivery.service();
        if delivery.what.hook().is_some() {
            let key = delivery.queue.as_str().into();
            let rejected = self.breakers().find(&Circuit { service, key })?.rejection()?;
            return Some(Parked { at_most: rejected.retry_after });
        }
        let breakers =
            self.breakers().all().into_iter().filter(|breaker| breaker.circuit().service == service);
        let rejections: Vec<_> = breakers.map(|breaker| breaker.rejection()).collect();
        if matches!(delivery.what, Outgoing::Blob { act: BlobAct::Delete, .. }) {
            // It waits as long as one of its targets takes nothing.
            let rejected = rejections.into_iter().flatten();
            return rejected.map(|rejected| Parked { at_most: rejected.retry_after }).next();
        }
        // Its relays or targets take the place of one another: it waits as long as none of them takes anything. There is one
        // scanner.
        let rejections = rejections.into_iter().collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())?;
        Some(Parked { at_most: rejections.into_iter().filter_map(|rejected| rejected.retry_after).min() })
    }

    /// Since when the longest that is due and could be sent has been so, by service. What waits for a circuit is left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn overdue_deliveries(
        &self,
        now: Timestamp,
    ) -> Result<BTreeMap<OutboundService, Timestamp>, ServiceError> {
        let is_resting = |breaker: &Breaker| {
            breaker.rejection().is_some() || breaker.remembered().0.state != CircuitState::Closed
        };
        let resting = self.breakers().all().into_iter().filter(is_resting);
        let resting: Vec<Circuit> = resting.map(|breaker| breaker.circuit().clone()).collect();
        let waits = |delivery: &Delivery| {
            let service = delivery.service();
            let of_host = matches!(service, OutboundService::Webhook | OutboundService::ExternalApi);
            let mut of_service = resting.iter().filter(|circuit| circuit.service == service);
            of_service.any(|circuit| !of_host || *circuit.key == *delivery.queue)
        };
        self.store
            .read(|view| {
                let mut overdue: BTreeMap<OutboundService, Timestamp> = BTreeMap::new();
                for queue in view.due_queues(None, now, QUEUES_MAX, 1)? {
                    let Some(first) = queue.due.first() else { continue };
                    let delivery = view.delivery(first.tenant, first.id)?;
                    let Some(delivery) = delivery.filter(|delivery| !waits(delivery)) else { continue };
                    let oldest = overdue.entry(delivery.service()).or_insert(delivery.due_at);
                    *oldest = (*oldest).min(delivery.due_at);
                }
                Ok(overdue)
            })
            .await
    }

    /// Whether anything waits to be let pass by a circuit. Nothing waits for what is not set up any more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn is_waited_for(&self, circuit: &Circuit) -> Result<bool, ServiceError> {
        let Circuit { service, key } = circuit;
        let queue = match service {
            OutboundService::Webhook | OutboundService::ExternalApi => Some(&**key),
            _ if self.outside().leads_to(circuit) => None,
            _ => return Ok(false),
        };
        Ok(self.store.read(|view| view.is_queued(*service, queue)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::{Circuit, Delivery, OutboundService};
    use crate::{
        domain::{Actor, Outgoing, SYSTEM_TENANT, Urgency, WebhookId},
        service::{
            OutsideSetUp, Permit,
            causing::{Cause, new_delivery},
            tests::{Venue, run},
        },
    };

    fn to_host(venue: &Venue, host: &str) -> Delivery {
        let webhook = WebhookId::new(venue.clock.clock().new_uuid());
        let what = Outgoing::Webhook { webhook, event: "judge.created".to_owned(), body: "{}".to_owned() };
        let cause = Cause { by: Actor::Anonymous, ..Cause::of(&venue.context()) };
        new_delivery(&venue.clock.clock(), what, host.to_owned(), Urgency::Soon, cause)
    }

    #[test]
    fn a_circuit_is_waited_for_by_what_is_in_its_queue_and_by_nothing_else() {
        run(async {
            let mut venue = Venue::new();
            venue.set_up().await;
            let targets = [(OutboundService::Sms, vec!["gateway".to_owned()])].into();
            venue.services = venue.services.with_outside(OutsideSetUp { targets, ..OutsideSetUp::default() });
            let permit = Permit::of_the_box(venue.context(), SYSTEM_TENANT);
            venue.services.deliver(&permit, to_host(&venue, "busy.example:443")).await.unwrap();
            for (service, key, expected) in [
                (OutboundService::Webhook, "busy.example:443", true),
                (OutboundService::Webhook, "idle.example:443", false),
                (OutboundService::ExternalApi, "busy.example:443", false),
                (OutboundService::Sms, "gateway", false),
                (OutboundService::Email, "relay.of.before:25", false),
            ] {
                let circuit = Circuit { service, key: key.into() };
                let is_waited_for = venue.services.is_waited_for(&circuit).await.unwrap();
                assert_eq!(is_waited_for, expected, "{circuit}");
            }
        });
    }
}
