//! The dispatcher: takes what is due from the queues in turn, begins attempts and notes how they end. Beginnings and ends of
//! many are one operation of the store each. What is under way is known to this process alone: a row that says so in the
//! store after a restart was left behind, and its attempt is void.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix_web::web::Data;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    attempt::{Carried, attempt},
    carrier::{Carrier, Passage, Wait},
    slots::{OF_A_QUEUE, Slots},
};
use crate::{
    domain::{Delivery, DeliveryId, DeliveryState, Outcome, TenantId},
    jobs::fallback::Fallback,
    service::{Beginning, DueDelivery, DueQueue, Ending, QueuePlace, ServiceError, Services},
    telemetry::{clock::Clock, context::RequestContext, metrics, spawn},
};

/// Most attempts that begin together.
const TOGETHER_MAX: usize = 64;
/// Queues that are looked at together.
const QUEUES_READ: usize = 64;
/// How long queues are left alone when nobody says that there is something new.
const LOOKED_AFTER: Duration = Duration::from_secs(15);
/// How long to wait after the store failed.
const PATIENCE: Duration = Duration::from_secs(1);

/// Dispatches deliveries.
pub struct Dispatcher {
    services: Data<Services>,
    clock: Clock,
    carrier: Arc<Carrier>,
    stopping: watch::Receiver<bool>,
    slots: Slots,
    ended: mpsc::UnboundedReceiver<Carried>,
    end: mpsc::UnboundedSender<Carried>,
    /// Ends that are not written yet.
    unwritten: Vec<Carried>,
    /// Behind which queue the next turn begins.
    behind: Option<QueuePlace>,
}

/// A dispatcher at work.
pub struct RunningDispatcher {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RunningDispatcher {
    /// Begins nothing new, and waits for what is under way, at most as long as a drain may take.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if self.task.await.is_err() {
            tracing::error!("the dispatcher of deliveries panicked");
        }
    }
}

/// An attempt that may begin.
struct Admitted {
    due: DueDelivery,
    place: QueuePlace,
    context: RequestContext,
    passage: Passage,
}

impl Dispatcher {
    /// Begins to dispatch.
    pub fn start(
        services: Data<Services>,
        clock: Clock,
        carrier: Arc<Carrier>,
        drain: Duration,
    ) -> RunningDispatcher {
        let (stop, stopping) = watch::channel(false);
        let (end, ended) = mpsc::unbounded_channel();
        let dispatcher = Self {
            services,
            clock,
            carrier,
            stopping,
            slots: Slots::default(),
            ended,
            end,
            unwritten: Vec::new(),
            behind: None,
        };
        RunningDispatcher { stop, task: spawn::spawn(dispatcher.run(drain)) }
    }

    async fn run(mut self, drain: Duration) {
        while !*self.stopping.borrow() {
            let pause = match self.turn().await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(%error, "deliveries wait, because the store does");
                    PATIENCE
                }
            };
            let services = self.services.clone();
            tokio::select! {
                _ = self.stopping.changed() => {}
                Some(carried) = self.ended.recv() => self.unwritten.push(carried),
                () = services.delivery_queued() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.drain(drain).await;
    }

    /// Waits for what is under way. What takes longer is left as it is: the next process finds that it was begun.
    async fn drain(&mut self, limit: Duration) {
        let until = self.clock.monotonic() + limit;
        loop {
            if let Err(error) = self.write_ends().await {
                tracing::warn!(%error, "what became of deliveries could not be written");
            }
            let left = until.saturating_sub(self.clock.monotonic());
            if self.slots.under_way() == 0 || left.is_zero() {
                break;
            }
            match tokio::time::timeout(left.min(PATIENCE), self.ended.recv()).await {
                Ok(Some(carried)) => self.unwritten.push(carried),
                Ok(None) => break,
                Err(_) => {}
            }
        }
        if self.slots.under_way() > 0 {
            let left = self.slots.under_way();
            tracing::warn!(
                left,
                "deliveries were under way when the program ended; they are looked at again"
            );
        }
    }

    /// Notes what has ended, and begins what is due. Returns how long there is nothing to do.
    async fn turn(&mut self) -> Result<Duration, ServiceError> {
        self.write_ends().await?;
        let (mut admitted, mut void) = (Vec::new(), Vec::new());
        let (mut pause, first) = (LOOKED_AFTER, self.behind.take());
        let mut behind = first.clone();
        let mut wrapped = first.is_none();
        'round: loop {
            let now = self.clock.now();
            let queues = self.services.due_queues(behind.as_ref(), now, QUEUES_READ, OF_A_QUEUE * 2).await?;
            let is_last = queues.len() < QUEUES_READ;
            for queue in queues {
                behind = Some(queue.place.clone());
                if let Some(next) = queue.next {
                    let wait = u64::try_from(next.millis() - now.millis()).unwrap_or(0);
                    pause = pause.min(Duration::from_millis(wait));
                }
                let rest = self.admit(queue, &mut admitted, &mut void).await?;
                pause = rest.map_or(pause, |rest| pause.min(rest));
                if admitted.len() >= TOGETHER_MAX {
                    // The next turn goes on behind the last queue, so that none is passed over.
                    self.behind.clone_from(&behind);
                    pause = Duration::ZERO;
                    break 'round;
                }
            }
            if is_last {
                if wrapped {
                    break;
                }
                (behind, wrapped) = (None, true);
            }
        }
        if !void.is_empty() {
            self.void(void).await?;
            pause = Duration::ZERO;
        }
        if !admitted.is_empty() {
            self.begin(admitted).await?;
        }
        Ok(pause)
    }

    /// Lets as many of a queue pass as there are slots and its circuit allows. Returns how long it rests otherwise.
    async fn admit(
        &mut self,
        queue: DueQueue,
        admitted: &mut Vec<Admitted>,
        void: &mut Vec<DueDelivery>,
    ) -> Result<Option<Duration>, ServiceError> {
        let now = self.clock.monotonic();
        if let Some(until) = self.slots.resting(&queue.place, now) {
            return Ok(Some(until.saturating_sub(now)));
        }
        for due in queue.due {
            if self.slots.is_running(&queue.place, due.id) {
                continue;
            }
            let Some(delivery) = self.services.stored_delivery(due).await? else { continue };
            if delivery.state == DeliveryState::Running {
                void.push(due);
                continue;
            }
            if self.slots.free(&queue.place) == 0 || admitted.len() >= TOGETHER_MAX {
                return Ok(None);
            }
            let context = self.context(due.tenant, &delivery);
            match self.carrier.admit(&delivery, &context) {
                Ok(passage) => {
                    self.slots.take(&queue.place, due.id);
                    admitted.push(Admitted { due, place: queue.place.clone(), context, passage });
                }
                Err(wait) => {
                    let rest = wait.rest();
                    if self.slots.park(queue.place, now + rest) && matches!(wait, Wait::Circuit { .. }) {
                        Fallback::Wait.count(delivery.service(), 1);
                    }
                    return Ok(Some(rest));
                }
            }
        }
        Ok(None)
    }

    /// The context of an attempt: a request of its own in the trace of what caused the delivery, and correlated with it.
    fn context(&self, tenant: TenantId, delivery: &Delivery) -> RequestContext {
        let context = RequestContext::of_job(
            self.clock.clone(),
            &delivery.own_request_id(),
            &delivery.correlation_id,
            &delivery.traceparent,
            delivery.created_at,
        );
        // The span that was just begun is the attempt's: between it and its cause there is none.
        context.with_actor(delivery.by.clone(), Some(tenant)).with_own_request_id()
    }

    async fn begin(&mut self, admitted: Vec<Admitted>) -> Result<(), ServiceError> {
        let beginnings = admitted.iter().map(|admitted| Beginning {
            tenant: admitted.due.tenant,
            id: admitted.due.id,
            request_id: admitted.context.request_id().to_string(),
        });
        let begun = self.services.begin_attempts(&self.clock, beginnings.collect()).await;
        let begun = match begun {
            Ok(begun) => begun,
            Err(error) => {
                admitted.iter().for_each(|one| self.slots.give_back(&one.place, one.due.id, None));
                return Err(error);
            }
        };
        let mut begun: HashMap<DeliveryId, Delivery> =
            begun.into_iter().map(|(_, delivery)| (delivery.id, delivery)).collect();
        for Admitted { due, place, context, passage } in admitted {
            // Somebody may have stopped it since it was read: its passage is given back unused.
            let Some(delivery) = begun.remove(&due.id) else {
                self.slots.give_back(&place, due.id, None);
                continue;
            };
            let (services, carrier, end) =
                (self.services.clone(), Arc::clone(&self.carrier), self.end.clone());
            count_wait(&delivery);
            spawn::spawn(async move {
                let carried = attempt(&services, &carrier, context, (due.tenant, delivery, place), passage);
                // Nobody hears it once the drain is over; the row says that the attempt was begun.
                let _ = end.send(carried.await);
            });
        }
        Ok(())
    }

    /// Writes all ends there are. Their slots are free once that is done: what waits to be written is bounded by them.
    async fn write_ends(&mut self) -> Result<(), ServiceError> {
        while let Ok(carried) = self.ended.try_recv() {
            self.unwritten.push(carried);
        }
        while !self.unwritten.is_empty() {
            let some = self.unwritten.len().min(TOGETHER_MAX);
            let ends = self.unwritten.iter().take(some).map(|carried| Ending {
                tenant: carried.tenant,
                id: carried.id,
                end: carried.end.clone(),
                chance: self.chance(),
            });
            let ended = self.services.end_attempts(&self.clock, ends.collect()).await?;
            for delivery in &ended {
                count_fallback(delivery);
            }
            for carried in self.unwritten.drain(..some) {
                let arrived = match carried.end.outcome {
                    Outcome::Arrived => Some(true),
                    Outcome::Failed { .. } | Outcome::Unknown => Some(false),
                    Outcome::Paused { .. } | Outcome::Refused | Outcome::Interrupted => None,
                };
                self.slots.give_back(&carried.place, carried.id, arrived);
                if let Outcome::Paused { for_ms } = carried.end.outcome {
                    let until = self.clock.monotonic() + Duration::from_millis(for_ms);
                    self.slots.rest(carried.place, until);
                }
            }
        }
        Ok(())
    }

    async fn void(&self, void: Vec<DueDelivery>) -> Result<(), ServiceError> {
        let chanced = void.into_iter().map(|due| (due, self.chance())).collect();
        for delivery in self.services.void_attempts(&self.clock, chanced).await? {
            tracing::warn!(
                deliveryId = %delivery.id,
                causedBy = delivery.correlation_id,
                "a delivery was under way when the program ended: it may have arrived"
            );
        }
        Ok(())
    }

    /// From 0 to 1, from the random half of an id.
    fn chance(&self) -> f64 {
        let (_, random) = self.clock.new_uuid().as_u64_pair();
        // Its first two bits say which kind of id it is.
        f64::from(u32::try_from((random >> 8) & 0xFFFF_FFFF).unwrap_or(0)) / f64::from(u32::MAX)
    }
}

/// How long it has waited for this attempt since it was due, its circuit's open time included.
fn count_wait(delivery: &Delivery) {
    let begun = delivery.attempts.last().map_or(delivery.due_at, |attempt| attempt.at);
    let waited = u64::try_from(begun.millis() - delivery.due_at.millis()).unwrap_or(0);
    let (queue, job) = (delivery.service().word(), delivery.what.word());
    ::metrics::histogram!(metrics::JOB_QUEUE_WAIT, "queue" => queue, "job" => job)
        .record(Duration::from_millis(waited).as_secs_f64());
}

/// Counts what has taken the place of a delivery.
fn count_fallback(delivery: &Delivery) {
    let service = delivery.service();
    if delivery.taken_over_by.is_some() {
        Fallback::Mail.count(service, 1);
    } else if delivery.is_given_up() {
        Fallback::DeadLetter.count(service, 1);
    }
}
