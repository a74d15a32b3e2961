//! Services outside as admins see them: which are set up, how they fare, and trying them. Uses circuit breakers and deliveries.

use std::collections::BTreeMap;

use super::{
    Conflict, Permit, ServiceError, Services,
    causing::{Cause, new_delivery},
    deliveries::DeliveriesKept,
    scanning::SCAN_QUEUE,
};
use crate::{
    config::Secret,
    domain::{AttemptLimits, BreakerMode, Delivery, OutboundService, Outgoing, Urgency},
    resilience::{BreakerView, Circuit},
};

/// The queue of questions to Redis.
const REDIS_QUEUE: &str = "redis";

/// Services that the operator sets up for all tenants. Receivers of webhooks and what actions call are set up by tenants.
const OF_THE_OPERATOR: [OutboundService; 6] = [
    OutboundService::Email,
    OutboundService::Sms,
    OutboundService::Storage,
    OutboundService::VirusScan,
    OutboundService::Redis,
    OutboundService::Otlp,
];

/// What outside is set up, and by which address people reach the box. `Debug` shows no secrets.
#[derive(Clone, Debug, Default)]
pub struct OutsideSetUp {
    /// Where each service goes that is set up: the keys of its circuits, in the order in which they are tried.
    pub targets: BTreeMap<OutboundService, Vec<String>>,
    /// Whether contents of files are stored in object storage, too.
    pub files_stored: bool,
    /// What the provider of text messages signs its reports with; none if it makes none.
    pub sms_reports_signed_with: Option<Secret>,
    /// The address of the site, without which nobody is sent a link that they did not ask for in person.
    pub public_url: Option<String>,
    /// After how many attempts deliveries are given up.
    pub attempt_limits: AttemptLimits,
    /// How long is kept what has left the box.
    pub kept: DeliveriesKept,
}

impl OutsideSetUp {
    /// Whether a service is set up.
    pub fn has(&self, service: OutboundService) -> bool {
        self.targets.contains_key(&service)
    }

    /// Whether a service goes where a circuit leads.
    pub fn leads_to(&self, circuit: &Circuit) -> bool {
        self.targets.get(&circuit.service).is_some_and(|keys| keys.iter().any(|key| **key == *circuit.key))
    }
}

/// A service outside.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Which.
    pub service: OutboundService,
    /// The mode that its circuit breakers are in.
    pub mode: BreakerMode,
    /// Where it goes, in the order in which that is tried; nowhere if it is not set up.
    pub targets: Vec<IntegrationTarget>,
}

/// Where a service goes.
#[derive(Clone, Debug)]
pub struct IntegrationTarget {
    /// The relay, bucket or host, without secrets.
    pub key: String,
    /// Its circuit, once it was called.
    pub circuit: Option<BreakerView>,
}

impl Services {
    /// What outside is set up.
    pub fn outside(&self) -> &OutsideSetUp {
        &self.outside
    }

    pub(super) fn ensure_set_up(&self, service: OutboundService) -> Result<(), ServiceError> {
        if self.outside.has(service) { Ok(()) } else { Err(Conflict::NotSetUp(service).into()) }
    }

    /// The services that the operator can set up, with how they fare.
    pub fn integrations(&self) -> Vec<Integration> {
        let modes: BTreeMap<OutboundService, BreakerMode> =
            self.outbound_services().into_iter().map(|status| (status.service, status.mode)).collect();
        let of = |service| Integration {
            service,
            mode: modes.get(&service).copied().unwrap_or_default(),
            targets: self.targets(service),
        };
        OF_THE_OPERATOR.into_iter().map(of).collect()
    }

    fn targets(&self, service: OutboundService) -> Vec<IntegrationTarget> {
        let keys = self.outside.targets.get(&service).into_iter().flatten();
        let target = |key: &String| IntegrationTarget {
            key: key.clone(),
            circuit: self
                .breakers()
                .find(&Circuit { service, key: key.as_str().into() })
                .map(|breaker| breaker.view()),
        };
        keys.map(target).collect()
    }

    /// Tries whether the scanner for viruses works.
    ///
    /// # Errors
    /// None is set up.
    pub async fn try_scanner(&self, permit: &Permit) -> Result<Delivery, ServiceError> {
        self.ensure_set_up(OutboundService::VirusScan)?;
        self.deliver(permit, probe(permit, Outgoing::ScanProbe, SCAN_QUEUE)).await
    }

    /// Tries whether Redis works.
    ///
    /// # Errors
    /// None is set up.
    pub async fn try_redis(&self, permit: &Permit) -> Result<Delivery, ServiceError> {
        self.ensure_set_up(OutboundService::Redis)?;
        self.deliver(permit, probe(permit, Outgoing::RedisProbe, REDIS_QUEUE)).await
    }
}

fn probe(permit: &Permit, what: Outgoing, queue: &str) -> Delivery {
    let cause = Cause { by: permit.principal().actor.clone(), ..Cause::of(permit.context()) };
    new_delivery(permit.context().clock(), what, queue.to_owned(), Urgency::Now, cause)
}
