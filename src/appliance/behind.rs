//! Work behind the answer: what runs beside the server and is stopped after it.

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use tokio::sync::{mpsc::UnboundedReceiver, watch};

use super::{circuits::CircuitNews, outside::Outside};
use crate::{
    config::Outbound,
    domain::OutboundService,
    integrations::redis::RedisPeer,
    jobs::{
        AlertWatch, Carrier, Dispatcher, Exporting, JobRunner, LogExport, Retention, RunningDispatcher,
        RunningJobs, keep_files_stored, keep_transitions, mirror_changes, mirror_results, observe_services,
        publish_changes, show_sizes,
    },
    service::{AlertTelling, AuditSeals, Services},
    telemetry::{
        clock::Clock,
        context::RequestContext,
        metrics::{MetricsHandle, Runtime, watch_runtime},
        spawn,
    },
};

/// How often observations are folded into their histograms.
const METRICS_FOLDED: Duration = Duration::from_secs(5);
/// How often the heads of the audit log that have moved are signed and logged.
const AUDIT_SEALED: Duration = Duration::from_secs(3_600);
/// How often the audit log is told what was refused.
const REFUSALS_TOLD: Duration = Duration::from_secs(60);

/// Work behind the answer, as long as the server runs.
pub(super) struct Jobs {
    runner: RunningJobs,
    dispatcher: RunningDispatcher,
    publisher: tokio::task::JoinHandle<()>,
    watch: tokio::task::JoinHandle<()>,
    export: Option<Exporting>,
    stop_schedules: watch::Sender<bool>,
    schedules: tokio::task::JoinHandle<()>,
}

impl Jobs {
    pub(super) fn start(
        services: &Data<Services>,
        clock: &Clock,
        trash_kept: Option<Duration>,
        (outbound, outside): (&Outbound, Outside),
        telling: AlertTelling,
        metrics: MetricsHandle,
    ) -> Self {
        let (stop_schedules, stopping) = watch::channel(false);
        let retention = Retention::new(services.clone(), clock.clone(), trash_kept);
        let Outside { http, mail, sms, storage, scanner, redis, results_mirrored, collector, exported } =
            outside;
        let breakers = Arc::clone(services.breakers());
        let export = collector.map(|collector| LogExport {
            logs: Arc::clone(services.logs()),
            breaker: breakers.of(OutboundService::Otlp, collector.key()),
            collector,
            signals: exported,
            clock: clock.clone(),
        });
        let carrier = Arc::new(Carrier { http, mail, sms, storage, scanner, redis: redis.clone(), breakers });
        let watch = AlertWatch::new(services.clone(), clock.clone(), Arc::clone(&carrier), telling, metrics);
        Self {
            runner: JobRunner::start(services.clone(), clock.clone()),
            watch: spawn::spawn(watch_outside(watch, Arc::clone(&carrier), clock.clone())),
            export: export.and_then(begin_export),
            dispatcher: Dispatcher::start(services.clone(), clock.clone(), carrier, outbound.drain()),
            publisher: spawn::spawn(publish(services.clone(), clock.clone(), (redis, results_mirrored))),
            stop_schedules,
            schedules: spawn::spawn(retention.run(stopping)),
        }
    }

    pub(super) async fn stop(self) {
        drop(self.export);
        let _ = self.stop_schedules.send(true);
        if self.schedules.await.is_err() {
            tracing::error!("the schedules panicked");
        }
        self.publisher.abort();
        self.watch.abort();
        // Side by side: neither is to wait for the other.
        tokio::join!(self.runner.stop(), self.dispatcher.stop());
    }
}

fn begin_export(export: LogExport) -> Option<Exporting> {
    let begun = export.start().map_err(|error| tracing::error!(%error, "the log is not exported"));
    begun.ok()
}

/// Makes deliveries of changes and of what files lack elsewhere, shows how many wait, and mirrors changes where that is set
/// up.
async fn publish(
    services: Data<Services>,
    clock: Clock,
    (redis, results_mirrored): (Option<Arc<RedisPeer>>, bool),
) {
    let mirrored = async {
        match redis {
            Some(redis) if results_mirrored => {
                let events = mirror_changes(&services, &clock, Arc::clone(&redis));
                tokio::join!(events, mirror_results(&services, &clock, redis));
            }
            Some(redis) => mirror_changes(&services, &clock, redis).await,
            None => {}
        }
    };
    let stored = keep_files_stored(&services, &clock);
    tokio::join!(publish_changes(&services, &clock), show_sizes(&services, &clock), mirrored, stored);
}

/// Tells of what is wrong, finds out what is right again, and shows how late everything comes to its turn.
async fn watch_outside(alerts: AlertWatch, carrier: Arc<Carrier>, clock: Clock) {
    tokio::join!(alerts.run(), carrier.probe_untried(&clock), watch_runtime(Runtime::Background));
}

/// What moves the circuits as time passes, and keeps what becomes of them.
pub(super) struct CircuitKeeper {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl CircuitKeeper {
    pub(super) fn start(
        services: &Data<Services>,
        clock: &Clock,
        news: UnboundedReceiver<CircuitNews>,
    ) -> Self {
        let (stop, stopping) = watch::channel(false);
        Self { stop, task: spawn::spawn(keep_circuits(services.clone(), clock.clone(), news, stopping)) }
    }

    /// Keeps what has become of the circuits by now, and no more.
    pub(super) async fn stop(self) {
        let _ = self.stop.send(true);
        if self.task.await.is_err() {
            tracing::error!("the keeper of circuits panicked");
        }
    }
}

/// Takes up what was kept of the circuits, moves them as time passes, and keeps what becomes of them.
async fn keep_circuits(
    services: Data<Services>,
    clock: Clock,
    news: UnboundedReceiver<CircuitNews>,
    stopping: watch::Receiver<bool>,
) {
    let context = RequestContext::system(clock.clone(), "circuits");
    if let Err(error) = services.resume_circuits(&context).await {
        tracing::error!(%error, "circuits begin closed, because what was kept of them cannot be read");
    }
    let breakers = Arc::clone(services.breakers());
    tokio::select! {
        () = keep_transitions(&services, &clock, news, stopping) => {}
        ((), ()) = async { tokio::join!(breakers.keep_time(), observe_services(&services, &clock)) } => {}
    }
    // What was seen since the last minute is not to be lost with the process.
    if let Err(error) = services.observe_services(context).await {
        tracing::warn!(%error, "what circuit breakers have seen lately was not kept");
    }
}

/// Keeps observations from piling up while nobody reads the metrics.
pub(super) async fn fold_metrics(metrics: MetricsHandle) {
    let mut ticks = tokio::time::interval(METRICS_FOLDED);
    loop {
        ticks.tick().await;
        metrics.upkeep();
    }
}

/// Logs what the audit log is: at the start, and as long as changes come.
pub(super) async fn seal_audit(seals: Arc<AuditSeals>) {
    let mut ticks = tokio::time::interval(AUDIT_SEALED);
    loop {
        ticks.tick().await;
        seals.log_moved().await;
    }
}

/// Tells the audit log of what was refused: as long as something is.
pub(super) async fn tell_refusals(services: Data<Services>, clock: Clock) {
    let mut ticks = tokio::time::interval(REFUSALS_TOLD);
    loop {
        ticks.tick().await;
        services.tell_refusals(&clock).await;
    }
}
