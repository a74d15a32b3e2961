//! Bulkheads: how many attempts may be under way, of each queue and of each service, so that a host that hangs takes no more
//! than its own share. A queue whose last attempt failed is tried with one at a time, and with more as attempts arrive.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use crate::{
    domain::{DeliveryId, OutboundService},
    service::QueuePlace,
};

/// Most attempts of one queue at a time.
pub const OF_A_QUEUE: usize = 4;

/// Most attempts of a service at a time, whatever its queues: what hangs holds a thread each.
const fn of_a_service(service: OutboundService) -> usize {
    match service {
        OutboundService::Webhook => 32,
        OutboundService::ExternalApi => 16,
        OutboundService::Email | OutboundService::Sms => 8,
        OutboundService::Storage | OutboundService::VirusScan | OutboundService::Redis => 4,
        OutboundService::Otlp => 0,
    }
}

/// What is under way, and which queues rest.
#[derive(Default)]
pub struct Slots {
    running: HashMap<QueuePlace, HashSet<DeliveryId>>,
    of_service: BTreeMap<OutboundService, usize>,
    /// Queues that were answered with failures lately, and how many attempts they get at a time.
    careful: HashMap<QueuePlace, usize>,
    /// Queues that are not looked at until a time of the monotonic clock.
    resting: HashMap<QueuePlace, Duration>,
    /// Queues of which nothing was let pass since they began to wait.
    parked: HashSet<QueuePlace>,
}

impl Slots {
    /// How many attempts are under way.
    pub fn under_way(&self) -> usize {
        self.of_service.values().sum()
    }

    /// Whether an attempt of a delivery is under way.
    pub fn is_running(&self, place: &QueuePlace, id: DeliveryId) -> bool {
        self.running.get(place).is_some_and(|running| running.contains(&id))
    }

    /// How many more attempts of a queue may begin.
    pub fn free(&self, place: &QueuePlace) -> usize {
        let Some(service) = place.service() else { return 0 };
        let running = self.running.get(place).map_or(0, HashSet::len);
        let allowed = self.careful.get(place).copied().unwrap_or(OF_A_QUEUE);
        let of_service = self.of_service.get(&service).copied().unwrap_or(0);
        allowed.saturating_sub(running).min(of_a_service(service).saturating_sub(of_service))
    }

    /// Takes a slot.
    pub fn take(&mut self, place: &QueuePlace, id: DeliveryId) {
        let Some(service) = place.service() else { return };
        self.parked.remove(place);
        if self.running.entry(place.clone()).or_default().insert(id) {
            *self.of_service.entry(service).or_default() += 1;
        }
    }

    /// Gives a slot back; `arrived` says whether the attempt did, if it says anything about the queue.
    pub fn give_back(&mut self, place: &QueuePlace, id: DeliveryId, arrived: Option<bool>) {
        if let Some(running) = self.running.get_mut(place) {
            if running.remove(&id)
                && let Some(count) = place.service().and_then(|service| self.of_service.get_mut(&service))
            {
                *count = count.saturating_sub(1);
            }
            if running.is_empty() {
                self.running.remove(place);
            }
        }
        match arrived {
            Some(false) => drop(self.careful.insert(place.clone(), 1)),
            Some(true) => {
                if let Some(allowed) = self.careful.get_mut(place) {
                    *allowed *= 2;
                    if *allowed >= OF_A_QUEUE {
                        self.careful.remove(place);
                    }
                }
            }
            None => {}
        }
        self.resting.remove(place);
    }

    /// Leaves a queue alone until a time.
    pub fn rest(&mut self, place: QueuePlace, until: Duration) {
        self.resting.insert(place, until);
    }

    /// Leaves a queue alone until a time, because nothing of it is let pass. Says whether it begins to wait with that.
    pub fn park(&mut self, place: QueuePlace, until: Duration) -> bool {
        let begins = self.parked.insert(place.clone());
        self.rest(place, until);
        begins
    }

    /// Until when a queue rests, if it does at a time.
    pub fn resting(&mut self, place: &QueuePlace, now: Duration) -> Option<Duration> {
        let until = *self.resting.get(place)?;
        if until > now {
            return Some(until);
        }
        self.resting.remove(place);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::{DeliveryId, OF_A_QUEUE, OutboundService, QueuePlace, Slots};

    fn place(host: usize) -> QueuePlace {
        QueuePlace::of(OutboundService::Webhook, &format!("{host}.example:443"))
    }

    fn id(number: u128) -> DeliveryId {
        DeliveryId::new(Uuid::from_u128(number))
    }

    #[test]
    fn a_host_that_hangs_takes_its_own_slots_and_no_others() {
        let mut slots = Slots::default();
        (0..4).for_each(|number| slots.take(&place(1), id(number)));
        assert_eq!((slots.free(&place(1)), slots.free(&place(2))), (0, OF_A_QUEUE));
        slots.give_back(&place(1), id(0), None);
        slots.give_back(&place(1), id(0), None);
        assert_eq!((slots.free(&place(1)), slots.under_way()), (1, 3), "a slot is given back once");
    }

    #[test]
    fn all_hosts_together_take_no_more_than_their_service_has() {
        let mut slots = Slots::default();
        for host in 0..8 {
            (0..4).for_each(|number| slots.take(&place(host), id(host as u128 * 10 + number)));
        }
        assert_eq!(slots.free(&place(99)), 0);
        let mail = QueuePlace::of(OutboundService::Email, "mail");
        assert_eq!(slots.free(&mail), OF_A_QUEUE, "another service has its own");
    }

    #[test]
    fn a_queue_that_failed_begins_again_with_one_at_a_time() {
        let mut slots = Slots::default();
        slots.give_back(&place(1), id(1), Some(false));
        let mut free = vec![slots.free(&place(1))];
        for _ in 0..3 {
            slots.give_back(&place(1), id(1), Some(true));
            free.push(slots.free(&place(1)));
        }
        assert_eq!(free, [1, 2, 4, 4]);
    }

    #[test]
    fn a_queue_rests_until_its_time_or_until_an_attempt_of_it_ends() {
        let mut slots = Slots::default();
        slots.rest(place(1), Duration::from_secs(5));
        assert_eq!(slots.resting(&place(1), Duration::from_secs(4)), Some(Duration::from_secs(5)));
        assert_eq!(slots.resting(&place(1), Duration::from_secs(5)), None);
        slots.rest(place(1), Duration::from_secs(9));
        slots.give_back(&place(1), id(1), None);
        assert_eq!(slots.resting(&place(1), Duration::from_secs(6)), None);
    }
    #[test]
    fn a_queue_begins_to_wait_once_until_something_of_it_is_let_pass() {
        let (mut slots, second) = (Slots::default(), Duration::from_secs(1));
        let waits =
            [slots.park(place(1), second), slots.park(place(1), 2 * second), slots.park(place(2), second)];
        assert_eq!(waits, [true, false, true]);
        slots.take(&place(1), id(1));
        assert!(slots.park(place(1), 3 * second), "it begins anew");
    }
}
