//! The mirror: tells a Redis what happens, so that screens and other programs can listen there. Nothing of ours waits for it: what
//! it does not take waits in memory, and the oldest is dropped when that is full. Uses the outbox's port rules: a permit a call.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::{
    domain::OutboundService,
    integrations::{
        Blame, Failure, Next,
        redis::{RedisCommand, RedisPeer},
    },
    jobs::{call::call, fallback::Fallback},
    resilience::{Breaker, Permit},
    service::{LiveEvent, Services},
    telemetry::{clock::Clock, context::RequestContext, metrics, spawn},
};

/// How long changes are gathered before they are looked at.
const GATHERED: Duration = Duration::from_millis(50);
/// How long to wait after the store failed.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long to wait after Redis failed, and how long at most while its circuit is open: somebody may close it.
const AFTER_FAILURE: Duration = Duration::from_millis(250);
const REST_MAX: Duration = Duration::from_secs(2);
/// Most events that wait. Each has some hundred bytes.
const WAITING_MAX: usize = 4_096;
/// Most events of one call.
const TOGETHER_MAX: usize = 64;

/// Events that Redis was not told yet, the oldest first.
#[derive(Default)]
struct Waiting {
    events: Mutex<VecDeque<RedisCommand>>,
    came: Notify,
}

/// Tells a Redis what happens from now on, for ever.
pub async fn mirror_changes(services: &Services, clock: &Clock, redis: Arc<RedisPeer>) {
    let waiting = Waiting::default();
    let breaker = services.breakers().of(OutboundService::Redis, &redis.key());
    tokio::join!(gather(services, &waiting, &breaker), tell(clock, &waiting, &breaker, &redis));
}

/// Gathers what happens.
async fn gather(services: &Services, waiting: &Waiting, breaker: &Breaker) {
    let mut watch = services.watch_all();
    let mut mirroring = loop {
        match services.begin_mirroring() {
            Ok(mirroring) => break mirroring,
            Err(error) => tracing::warn!(%error, "changes are mirrored later"),
        }
        tokio::time::sleep(PATIENCE).await;
    };
    loop {
        match services.live_events(&mut mirroring).await {
            Ok((events, more)) => {
                if breaker.rejection().is_some() && !events.is_empty() {
                    let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
                    Fallback::Memory.count(OutboundService::Redis, count);
                }
                waiting.add(events.into_iter().map(told).collect());
                if more {
                    continue;
                }
                watch.moved().await;
                tokio::time::sleep(GATHERED).await;
            }
            Err(error) => {
                tracing::warn!(%error, "changes are mirrored later");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

fn told(event: LiveEvent) -> RedisCommand {
    RedisCommand::Publish { channel: format!("events:{}", event.tenant), message: event.body.into_bytes() }
}

/// Tells what waits.
async fn tell(clock: &Clock, waiting: &Waiting, breaker: &Breaker, redis: &Arc<RedisPeer>) {
    loop {
        if waiting.is_empty() {
            waiting.came.notified().await;
            continue;
        }
        let context = RequestContext::system(clock.clone(), "mirror");
        let permit = match breaker.admit(context.correlation_id()) {
            Ok(permit) => permit,
            Err(rejected) => {
                let rest = rejected.retry_after.unwrap_or(REST_MAX);
                tokio::time::sleep(rest.clamp(AFTER_FAILURE, REST_MAX)).await;
                continue;
            }
        };
        let some = Arc::new(waiting.take(TOGETHER_MAX));
        let Err(failure) = apply(redis, &some, (permit, "publish")).await else { continue };
        let (key, class, reason) = (redis.key(), failure.class, &failure.detail);
        tracing::warn!(key, class, reason, "Redis was not told what happens");
        // What it takes from nobody would never leave; all else may be told twice: its numbers tell that it is the same.
        if failure.next == Next::GiveUp {
            dropped(some.len());
        } else {
            waiting.give_back(&some);
        }
        tokio::time::sleep(AFTER_FAILURE).await;
    }
}

/// Makes a call on a thread that may block, where the permit goes along.
pub(super) async fn apply(
    redis: &Arc<RedisPeer>,
    some: &Arc<Vec<RedisCommand>>,
    (permit, operation): (Permit, &'static str),
) -> Result<(), Failure> {
    let (redis, some) = (Arc::clone(redis), Arc::clone(some));
    let made = spawn::spawn_blocking(move || call(permit, operation, || redis.apply(&some)));
    let panicked =
        |_| Failure::new(Blame::Call, Next::GiveUp, "panic", "the program failed while it sent this");
    made.await.map_err(panicked)?
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Adds what is newer than all that waits.
    fn add(&self, some: Vec<RedisCommand>) {
        if some.is_empty() {
            return;
        }
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.extend(some);
        let surplus = events.len().saturating_sub(WAITING_MAX);
        events.drain(..surplus);
        drop(events);
        dropped(surplus);
        self.came.notify_one();
    }

    /// Takes the oldest.
    fn take(&self, most: usize) -> Vec<RedisCommand> {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let some = events.len().min(most);
        events.drain(..some).collect()
    }

    /// Puts back what was taken, as far as there is room before what came meanwhile.
    fn give_back(&self, some: &[RedisCommand]) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let room = WAITING_MAX.saturating_sub(events.len()).min(some.len());
        for event in some.iter().rev().take(room) {
            events.push_front(event.clone());
        }
        drop(events);
        dropped(some.len() - room);
    }
}

fn dropped(count: usize) {
    if count > 0 {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        ::metrics::counter!(metrics::MIRROR_DROPPED).increment(count);
    }
}

#[cfg(test)]
mod tests {
    use super::{RedisCommand, WAITING_MAX, Waiting};

    fn events(numbers: std::ops::Range<usize>) -> Vec<RedisCommand> {
        let event = |number: usize| RedisCommand::Delete { key: number.to_string() };
        numbers.map(event).collect()
    }

    #[test]
    fn what_waits_is_told_in_order_and_goes_back_to_its_place() {
        let waiting = Waiting::default();
        waiting.add(events(0..5));
        let taken = waiting.take(2);
        waiting.give_back(&taken);
        assert_eq!(waiting.take(9), events(0..5));
        assert!(waiting.is_empty());
    }

    #[test]
    fn when_there_is_no_room_the_oldest_is_dropped() {
        let waiting = Waiting::default();
        waiting.add(events(0..WAITING_MAX));
        let taken = waiting.take(3);
        waiting.add(events(WAITING_MAX..WAITING_MAX + 2));
        waiting.give_back(&taken);
        waiting.add(events(WAITING_MAX + 2..WAITING_MAX + 3));
        assert_eq!(waiting.take(WAITING_MAX + 9), events(3..WAITING_MAX + 3));
    }
}
